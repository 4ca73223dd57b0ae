"""Shops that share accounts, one ledger and one Meltano project: each is delivered whole, and none costs another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fleet_driver import ACCOUNT_OF, SHARED, addresses, horoshop_shops

from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, key_variable, plugin_of, variable_of

if TYPE_CHECKING:
    from fleet_driver import Fleet


def overview(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """The lines of `esputnik-ledger shops`, asked of the plugin that all inherit from, which has no key."""
    return {line["shop"]: line for line in fleet.command(TARGET, "shops")["shops"]}


def test_each_shop_is_delivered_whole_and_one_that_fails_costs_no_other(fleet: Fleet) -> None:
    ended = fleet.run_all(variable_of(TAP, "mate", "password"), "wrong")
    assert ended == {"tea": 0, "coffee": 0, "mate": 1, "roses": 0, "tulips": 0}
    seen = overview(fleet)
    assert {shop: line["last_run"]["exit_code"] for shop, line in seen.items()} == ended
    assert "in the tap" in seen["mate"]["last_run"]["verdict"]
    for shop in set(ACCOUNT_OF) - {"mate"}:
        assert fleet.arrived(shop) == fleet.there_is(shop)

    assert fleet.run("mate")[0] == 0
    seen = overview(fleet)
    for shop, line in seen.items():
        here = fleet.arrived(shop)
        assert here == fleet.there_is(shop)
        for stream, count in here.items():
            assert line["now"][stream] == {"accepted": count, "held": 0, "rejected": 0}
        assert line["last_run"]["exit_code"] == 0
    assert {line["account"]["id"] for line in seen.values()} == {"24001", seen["roses"]["account"]["id"]}
    assert seen["tea"]["account"] != seen["roses"]["account"]
    nobody_is_taken(fleet)

    before = fleet.writes()
    assert fleet.run("coffee")[0] == 0
    assert fleet.meltano("schedule", "run", job_of("tulips"))[0] == 0
    assert fleet.writes() == before


def nobody_is_taken(fleet: Fleet) -> None:
    """Each contact has the id of a customer of his own; whom three shops share is one contact, of one of them."""
    for name, account in fleet.accounts.items():
        owners = {
            customer["email"]: f"{shop}-{customer['id']}"
            for shop, sandbox in fleet.shops.items()
            if ACCOUNT_OF[shop] == name
            for customer in sandbox.customers()
            if customer["email"] != SHARED
        }
        contacts = {address: one for one in account.sent_contacts() for address in addresses(one)}
        found = {address: one["externalCustomerId"] for address, one in contacts.items() if address != SHARED}
        assert found == owners
        for one in account.sent_orders():
            assert owners[one["email"]].split("-")[0] == one["externalOrderId"].split("-")[0]
        confirmed = [one for one in account.sent_contacts() if any(c["confirmed"] for c in one["channels"])]
        assert confirmed == []
    shared = [one for one in fleet.accounts["agency"].sent_contacts() if SHARED in addresses(one)]
    assert len(shared) == 1
    asked = [event for event in fleet.accounts["agency"].events() if event["contactId"] == shared[0]["id"]]
    assert len(asked) == 1


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_what_a_shop_lacks_is_not_taken_from_another(fleet: Fleet) -> None:
    """Meltano's plugins inherit what they are not told: a password that is sent to another shop, or another's key."""
    of_others = {
        "TAP_HOROSHOP_USERNAME": fleet.shops["coffee"].username,
        "TAP_HOROSHOP_PASSWORD": fleet.shops["coffee"].password,
        "TARGET_ESPUTNIK_API_KEY": fleet.accounts["flowers"].api_key,
    }
    for missing, said in (
        (variable_of(TAP, "tea", "password"), "`password` is required"),
        (key_variable("agency"), "setting api_key is required"),
    ):
        read = len(fleet.shops["tea"].requests("shop"))
        code, log = fleet.run("tea", **of_others, **{missing: ""})
        assert (code, said in log) == (1, True), log
        assert fleet.writes() == 0
        if "PASSWORD" in missing:
            assert len(fleet.shops["tea"].requests("shop")) == read
        ended = horoshop_shops(fleet.project.root, "variables", environment=fleet.secrets() | {missing: None})
        assert (ended.code, f"MISSING  {missing}" in ended.out) == (2, True)
    assert fleet.run("tea")[0] == 0
    assert fleet.arrived("tea") == fleet.there_is("tea")


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_a_job_of_several_steps_ends_with_the_first_that_fails_and_goes_on_with_the_next_run(fleet: Fleet) -> None:
    pairs = [f"{plugin_of(TAP, shop)} {plugin_of(TARGET, shop)}" for shop in ("tea", "coffee")]
    assert fleet.meltano("job", "add", "both", "--tasks", json.dumps(pairs))[0] == 0
    assert fleet.meltano("schedule", "add", "both", "--job", "both", "--interval", "@daily")[0] == 0
    try:
        assert fleet.meltano("run", "both", **{variable_of(TAP, "tea", "password"): "wrong"})[0] == 1
        assert fleet.writes() == 0
        assert fleet.meltano("schedule", "run", "both")[0] == 0
    finally:
        fleet.meltano("schedule", "remove", "both")
        fleet.meltano("job", "remove", "both")
    assert {shop: fleet.arrived(shop) for shop in ("tea", "coffee")} == {
        shop: fleet.there_is(shop) for shop in ("tea", "coffee")
    }


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_the_loaders_commands_are_those_of_its_shop(fleet: Fleet) -> None:
    assert fleet.run("coffee")[0] == 0
    order = fleet.shops["coffee"].orders()[0]["order_id"]
    found = fleet.command(plugin_of(TARGET, "coffee"), "orders", str(order))
    assert found["id"] == order
    code, log = fleet.meltano("invoke", f"{plugin_of(TARGET, 'tea')}:orders", str(order))
    assert (code, "knows nothing of the shop tea" in log) == (2, True), log
