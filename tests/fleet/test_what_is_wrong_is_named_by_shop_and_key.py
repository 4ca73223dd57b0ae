"""Every mistake in shops.yml is found before anything is written, named by shop and key, and no value is shown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from fleet_driver import horoshop_shops, write_yaml
from hypothesis import given
from hypothesis import strategies as st
from meltano.core.schedule import CRON_INTERVALS, is_valid_cron

from horoshop_esputnik_fleet.clashes import may_make_one_id
from horoshop_esputnik_fleet.intervals import INTERVALS, is_interval
from horoshop_esputnik_fleet.names import TAP, TARGET, is_name, key_variable, variable_of
from horoshop_esputnik_fleet.settings_tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "canary-2b7e"
ONE_LEDGER = "not in this file; it is one for all shops: set TARGET_ESPUTNIK_LEDGER_URL in the environment"
IN_VARIABLE = "a secret does not belong into this file; put it into the variable"
PROJECT = "plugins:\n  extractors:\n  - name: tap-horoshop\n  loaders:\n  - name: target-esputnik\n"


def shop(site: str = "tea.example.com", *, account: str = "agency", prefix: str = "", **more: Any) -> dict[str, Any]:
    """A shop as it is written."""
    target = {"external_id_prefix": prefix, **more.pop("target", {})}
    return {"account": account, "tap": {"site_url": site, **more.pop("tap", {})}, "target": target, **more}


def said_of(folder: Path, content: Any) -> list[str]:
    """The lines that a file brings about; it must be refused, and nothing written."""
    (folder / "meltano.yml").write_text(PROJECT, encoding="utf-8")
    if isinstance(content, str):
        (folder / "shops.yml").write_text(content, encoding="utf-8")
    else:
        write_yaml(folder / "shops.yml", content)
    ended = horoshop_shops(folder, "generate")
    assert (ended.code, ended.out) == (2, ""), ended
    assert SECRET not in ended.err
    assert sorted(path.name for path in folder.iterdir()) == ["meltano.yml", "shops.yml"]
    return ended.err.splitlines()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a setting of the tap that there is not": (
        shop(tap={"page_sise": SECRET}),
        "shop tea: tap.page_sise: tap-horoshop has no such setting; page_size?",
    ),
    "a setting of the target that there is not": (
        shop(target={"grups": [SECRET]}),
        "shop tea: target.grups: target-esputnik has no such setting; groups?",
    ),
    "a password": (
        shop(tap={"password": SECRET}),
        f"shop tea: tap.password: {IN_VARIABLE} TAP_HOROSHOP__TEA_PASSWORD",
    ),
    "an API key": (
        shop(target={"api_key": SECRET}),
        f"shop tea: target.api_key: {IN_VARIABLE} ESPUTNIK_AGENCY_API_KEY",
    ),
    "a ledger of its own": (
        shop(target={"ledger_url": f"postgresql+psycopg://u:{SECRET}@h/d"}),
        f"shop tea: target.ledger_url: {ONE_LEDGER}",
    ),
    "another name for the ledger": (
        shop(target={"shop": SECRET}),
        "shop tea: target.shop: not in this file; the shop's name is it",
    ),
    "a variable": (
        shop(tap={"username": f"${SECRET}"}),
        "shop tea: tap.username: holds a $, which Meltano would take for a variable",
    ),
    "a variable in the midst of a list": (
        shop(target={"order_status_mapping": [{"status": f"$A {SECRET}", "send": "DELIVERED"}]}),
        "shop tea: target.order_status_mapping: holds a $, which Meltano would take for a variable",
    ),
    "a value of another type": (shop(tap={"page_size": SECRET}), "shop tea: tap: `page_size` must be a whole number"),
    "a choice that there is not": (
        shop(target={"email_confirmation": SECRET}),
        "shop tea: target: setting email_confirmation must be one of unconfirmed, confirmed, newsletter.",
    ),
    "an address with a path": (
        shop(f"https://tea.example.com/{SECRET}"),
        "shop tea: tap: `site_url` must be the shop's address alone, without a path",
    ),
    "no address": (
        {"account": "agency", "tap": {"username": SECRET}},
        "shop tea: tap: `site_url` is required",
    ),
    "an account that is not listed": (
        shop(account=SECRET),
        "shop tea: account: must be one of agency",
    ),
    "no account": ({"tap": {"site_url": "tea.example.com"}}, "shop tea: account: must be one of agency"),
    "a key that there is not": (
        shop(tapp={"site_url": SECRET}),
        "shop tea: tapp: there is no such key; known are account, schedule, tap, target",
    ),
    "settings that are none": (shop() | {"tap": SECRET}, "shop tea: tap: must hold settings"),
    "a schedule that is none": (
        shop(schedule=SECRET),
        f"shop tea: schedule: must be five fields of cron, or one of {', '.join(sorted(INTERVALS))}",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_one_shop_is_named_alone(tmp_path: Path, mistake: str) -> None:
    wrong, sentence = WRONG[mistake]
    right = shop("coffee.example.com", prefix="c-")
    if "account" in mistake and mistake != "no account":
        assert SECRET in str(wrong)
    content = {"accounts": {"agency": None}, "shops": {"tea": wrong, "coffee": right}}
    assert said_of(tmp_path, content) == [f"shops.yml: {sentence}"]


ELSEWHERE: dict[str, tuple[Any, str]] = {
    "a key of the file": (
        {"shops": {"tea": shop()}, "accounts": {"agency": None}, "shop": {}},
        "shop: there is no such",
    ),
    "no shops": ({"accounts": {"agency": None}}, "shops: none are listed"),
    "no accounts": ({"shops": {"tea": shop()}}, "accounts: none are listed"),
    "an empty file": ("", "shops: none are listed"),
    "a list": ("- a\n", "shops: none are listed"),
    "no YAML": (f"shops: {{tea: [{SECRET}", "shops.yml, line 1: this is no YAML"),
    "a shop twice": (
        f"shops:\n  tea: {{account: {SECRET}}}\n  tea: {{account: {SECRET}}}\n",
        "line 3: something has this name already",
    ),
    "a secret for every shop": (
        {"every_shop": {"tap": {"password": SECRET}}, "accounts": {"agency": None}, "shops": {"tea": shop()}},
        f"every_shop: tap.password: {IN_VARIABLE} TAP_HOROSHOP__<SHOP>_PASSWORD",
    ),
    "a key in an account": (
        {"accounts": {"agency": {"target": {"api_key": SECRET}}}, "shops": {"tea": shop()}},
        f"account agency: target.api_key: {IN_VARIABLE} ESPUTNIK_AGENCY_API_KEY",
    ),
    "a tap of an account": (
        {"accounts": {"agency": {"tap": {}}}, "shops": {"tea": shop()}},
        "account agency: tap: there is no such key; known are target",
    ),
    "a shop that holds nothing": (
        {"accounts": {"agency": None}, "shops": {"tea": None}},
        "shop tea: must hold account, schedule, tap, target",
    ),
}


@pytest.mark.parametrize("mistake", ELSEWHERE)
def test_a_mistake_elsewhere_is_named_by_its_place(tmp_path: Path, mistake: str) -> None:
    content, part = ELSEWHERE[mistake]
    assert any(part in line for line in said_of(tmp_path, content))


@pytest.mark.parametrize(
    "name", ["Tea", "tea_shop", "tea--shop", "-tea", "tea-", "чай", "1tea", "t" * 41, 5, "tea shop"]
)
def test_a_name_that_makes_no_variable_is_refused(tmp_path: Path, name: Any) -> None:
    content = {"accounts": {"agency": None}, "shops": {name: shop()}}
    assert f"shops.yml: shop {name}: this name cannot be used" in said_of(tmp_path, content)[0]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    wrong = [entry for entry, _ in itertools.islice(WRONG.values(), 4)]
    content = {"accounts": {"agency": None}, "shops": {f"shop-{n}": entry for n, entry in enumerate(wrong)}}
    assert [line.split(": ")[1] for line in said_of(tmp_path, content)] == [f"shop shop-{n}" for n in range(4)]


# ---------------------------------------------------------------- shops of one account


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [("", "", True), ("a", "a", True), ("a", "a1", True), ("", "7", True), ("a", "a0", False), ("", "a", False)],
)
def test_prefixes_that_could_make_one_id_are_refused_on_one_account(
    tmp_path: Path, one: str, other: str, clash: bool
) -> None:
    accounts = {"agency": None, "flowers": None}
    shops = {"tea": shop(prefix=one), "coffee": shop("coffee.example.com", prefix=other)}
    apart = {**shops, "coffee": {**shops["coffee"], "account": "flowers"}}
    (tmp_path / "meltano.yml").write_text(PROJECT, encoding="utf-8")
    for content, refused in ((shops, clash), (apart, False)):
        write_yaml(tmp_path / "shops.yml", {"accounts": accounts, "shops": content})
        ended = horoshop_shops(tmp_path, "generate", "--check")
        assert ("shop coffee: target.external_id_prefix" in ended.err, ended.code == 2) == (refused, refused), ended


@given(st.text("a019", max_size=3), st.text("a019", max_size=3))
def test_prefixes_clash_exactly_where_two_numbers_can_make_one_id(one: str, other: str) -> None:
    numbers = [str(number) for number in (*range(1, 120), 901, 910, 911, 919, 990, 991, 999, 1119, 9111, 9199, 1001)]
    together = {one + number for number in numbers} & {other + number for number in numbers}
    if together:
        assert may_make_one_id(one, other)
    if may_make_one_id(one, other):
        short, long = sorted((one, other), key=len)
        assert short + (long.removeprefix(short) + "5") == long + "5"


def test_one_shop_twice_on_one_account_is_refused(tmp_path: Path) -> None:
    shops = {"tea": shop("tea.example.com", prefix="t-"), "coffee": shop("https://TEA.example.com/", prefix="c-")}
    (line,) = said_of(tmp_path, {"accounts": {"agency": None}, "shops": shops})
    assert "shop coffee: tap.site_url: all would be sent twice, it is the address of shop tea" in line


# ---------------------------------------------------------------- names and intervals


def test_no_two_settings_of_any_shops_have_one_variable() -> None:
    shops = ["a", "api", "shop", "tea", "tea-api", "tea-max", "tea-shop", "ledger", "a-external-id", "request"]
    assert all(map(is_name, shops))
    made = [
        variable_of(plugin, name, setting)
        for plugin, table in ((TAP, TABLES["tap"]), (TARGET, TABLES["target"]))
        for name in shops
        for setting in table.schema["properties"]
    ]
    made += [key_variable(name) for name in shops]
    assert len(set(made)) == len(made)


FIELDS = st.from_regex(r"(\*|[0-9]{1,2}|[a-z]{3}|mon|jan)(-([0-9]{1,2}|fri))?(/[0-9])?(,[0-9]{1,2})?", fullmatch=True)


@given(st.lists(FIELDS, min_size=4, max_size=6).map(" ".join))
def test_what_passes_for_an_interval_is_one_to_meltano(interval: str) -> None:
    if is_interval(interval):
        assert is_valid_cron(interval)


def test_every_name_of_an_interval_that_meltano_has_is_known() -> None:
    assert set(CRON_INTERVALS) == INTERVALS
    for interval in ("7 * * * *", "*/15 6-22 * * mon-fri", "0 0 1,15 * *"):
        assert is_interval(interval)
        assert is_valid_cron(interval)
