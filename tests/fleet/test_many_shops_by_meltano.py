"""Shops that share accounts, one ledger and one Meltano project: each is delivered whole, and none costs another."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from fleet_driver import Fleet, horoshop_shops

from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, key_variable, plugin_of, variable_of
from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT_OF = {"tea": "agency", "coffee": "agency", "mate": "agency", "roses": "flowers", "tulips": "flowers"}
SHARED = "olena.bondar@example.com"
"""Somebody who has an account in the three shops of the agency."""


@pytest.fixture(scope="module")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


@pytest.fixture(params=["sqlite", "postgresql"])
def fleet(request: pytest.FixtureRequest, project: IsolatedProject, tmp_path: Path) -> Iterator[Fleet]:
    """Give five shops of two accounts, with one ledger for all. Their customers have the same phones, shop by shop."""
    switches = {"rate_limit": "none", "search_rate_limit": "none"}
    with contextlib.ExitStack() as running:
        shops = {
            name: running.enter_context(Sandbox(customers=12, orders=20, seed=seed, plain=True, switches=switches))
            for seed, name in enumerate(ACCOUNT_OF, start=1)
        }
        shops["roses"].switch(account_info="without_org")  # else both accounts would have one id
        for name in ("tea", "coffee", "mate"):
            shops[name].register(title="Олена Бондар", email=SHARED, phone="+380501112233")
        accounts = {"agency": shops["tea"], "flowers": shops["roses"]}
        fleet = Fleet(project, shops, accounts, ACCOUNT_OF, _places(request, tmp_path))
        fleet.generate()
        assert fleet.meltano("state", "list")[0] == 0  # makes Meltano's tables, before several want them at once
        yield fleet


def _places(request: pytest.FixtureRequest, folder: Path) -> dict[str, str]:
    """Where the ledger and Meltano's own state lie: in a file each, or in a database each."""
    if request.param == "sqlite":
        ledger, meltano = (f"sqlite:///{folder}/{name}/{name}.db" for name in ("ledger", "meltano"))
        (folder / "meltano").mkdir()
    else:
        ledger, meltano = (request.getfixturevalue("new_database")().url for _ in range(2))
    return {"TARGET_ESPUTNIK_LEDGER_URL": ledger, "MELTANO_DATABASE_URI": meltano}


def arrived(fleet: Fleet, shop: str) -> dict[str, int]:
    """What is in a shop's account of it, by the sandboxes' own counts; fails where anything is there twice."""
    account = fleet.accounts[ACCOUNT_OF[shop]]
    orders = [one for one in account.sent_orders() if one["externalOrderId"].startswith(f"{shop}-")]
    assert len({one["externalOrderId"] for one in orders}) == len(orders)
    assert {one["storeId"] for one in orders} <= {shop}
    emails = [address for one in account.sent_contacts() for address in _addresses(one)]
    assert len(set(emails)) == len(emails)
    of_shop = {customer["email"] for customer in fleet.shops[shop].customers()}
    return {"contacts": len(of_shop & set(emails)), "orders": len(orders)}


def _addresses(contact: dict[str, Any]) -> list[str]:
    return [channel["value"] for channel in contact["channels"] if channel["type"] == "email"]


def there_is(fleet: Fleet, shop: str) -> dict[str, int]:
    """What a shop has."""
    return {"contacts": len(fleet.shops[shop].customers()), "orders": len(fleet.shops[shop].orders())}


def writes(fleet: Fleet) -> int:
    """How often anything was written to either account."""
    accounts = fleet.accounts.values()
    return sum(one["method"] != "GET" for account in accounts for one in account.requests("esputnik"))


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
        assert arrived(fleet, shop) == there_is(fleet, shop)

    assert fleet.run("mate")[0] == 0
    seen = overview(fleet)
    for shop, line in seen.items():
        here = arrived(fleet, shop)
        assert here == there_is(fleet, shop)
        for stream, count in here.items():
            assert line["now"][stream] == {"accepted": count, "held": 0, "rejected": 0}
        assert line["last_run"]["exit_code"] == 0
    assert {line["account"]["id"] for line in seen.values()} == {"24001", seen["roses"]["account"]["id"]}
    assert seen["tea"]["account"] != seen["roses"]["account"]
    nobody_is_taken(fleet)

    before = writes(fleet)
    assert fleet.run("coffee")[0] == 0
    assert fleet.meltano("schedule", "run", job_of("tulips"))[0] == 0
    assert writes(fleet) == before


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
        contacts = {address: one for one in account.sent_contacts() for address in _addresses(one)}
        found = {address: one["externalCustomerId"] for address, one in contacts.items() if address != SHARED}
        assert found == owners
        for one in account.sent_orders():
            assert owners[one["email"]].split("-")[0] == one["externalOrderId"].split("-")[0]
        confirmed = [one for one in account.sent_contacts() if any(c["confirmed"] for c in one["channels"])]
        assert confirmed == []
    shared = [one for one in fleet.accounts["agency"].sent_contacts() if SHARED in _addresses(one)]
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
        assert writes(fleet) == 0
        if "PASSWORD" in missing:
            assert len(fleet.shops["tea"].requests("shop")) == read
        ended = horoshop_shops(fleet.project.root, "variables", environment=fleet.secrets() | {missing: None})
        assert (ended.code, f"MISSING  {missing}" in ended.out) == (2, True)
    assert fleet.run("tea")[0] == 0
    assert arrived(fleet, "tea") == there_is(fleet, "tea")


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_the_loaders_commands_are_those_of_its_shop(fleet: Fleet) -> None:
    assert fleet.run("coffee")[0] == 0
    order = fleet.shops["coffee"].orders()[0]["order_id"]
    found = fleet.command(plugin_of(TARGET, "coffee"), "orders", str(order))
    assert found["id"] == order
    code, log = fleet.meltano("invoke", f"{plugin_of(TARGET, 'tea')}:orders", str(order))
    assert (code, "knows nothing of the shop tea" in log) == (2, True), log
