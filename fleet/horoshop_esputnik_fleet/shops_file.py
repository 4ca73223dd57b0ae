"""`shops.yml`, read and checked whole: every problem at once, by shop and key, and never with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from horoshop_esputnik_fleet.clashes import clashes
from horoshop_esputnik_fleet.intervals import INTERVALS, is_interval
from horoshop_esputnik_fleet.names import LONGEST, is_name
from horoshop_esputnik_fleet.settings_tables import TABLES, tap_problems, target_problems, unknown_or_misplaced
from horoshop_esputnik_fleet.shop import HOURLY, Shop, ShopsError
from horoshop_esputnik_fleet.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OF_FILE: Final = ("every_shop", "accounts", "shops")
OF_EVERY_SHOP: Final = ("schedule", "tap", "target")
OF_ACCOUNT: Final = ("target",)
OF_SHOP: Final = ("account", "schedule", "tap", "target")


def read_shops(path: Path) -> list[Shop]:
    """The shops of a file, in its order.

    Raises:
        ShopsError: with everything that is wrong with the file.
    """
    content = read_yaml(path)
    found = list(_problems_of_form(content))
    if found:
        raise ShopsError([f"{path.name}: {problem}" for problem in found])
    shops = [_shop(content, name) for name in content["shops"]]
    found = [problem for shop in shops for problem in _problems_of(shop)] + list(clashes(shops))
    if found:
        raise ShopsError([f"{path.name}: {problem}" for problem in found])
    return shops


def _shop(content: dict[str, Any], name: str) -> Shop:
    """A shop with what it shares filled in; what is nearer outranks what is farther."""
    every, own = content.get("every_shop") or {}, content["shops"][name]
    account = (content.get("accounts") or {}).get(own["account"]) or {}

    def settings(part: str) -> dict[str, Any]:
        return {**(every.get(part) or {}), **(account.get(part) or {}), **(own.get(part) or {})}

    interval = own.get("schedule") or every.get("schedule") or HOURLY
    return Shop(name, own["account"], interval, settings("tap"), settings("target"))


# ---------------------------------------------------------------- the form


def _problems_of_form(content: Any) -> Iterator[str]:
    if not isinstance(content, dict) or not isinstance(content.get("shops"), dict) or not content["shops"]:
        yield "shops: none are listed"
        return
    yield from _unknown("", content, OF_FILE)
    accounts = content.get("accounts")
    if not isinstance(accounts, dict) or not accounts:
        yield "accounts: none are listed; each shop names the eSputnik account that it belongs to"
        accounts = {}
    if content.get("every_shop") is not None:
        yield from _problems_of_place("every_shop", content["every_shop"], OF_EVERY_SHOP)
    for name, account in accounts.items():
        yield from _problems_of_name("account", name)
        if account is not None:
            yield from _problems_of_place(f"account {name}", account, OF_ACCOUNT, account=str(name))
    for name, shop in content["shops"].items():
        yield from _problems_of_name("shop", name)
        owner = shop.get("account") if isinstance(shop, dict) else None
        yield from _problems_of_place(f"shop {name}", shop, OF_SHOP, shop=str(name), account=str(owner or "<account>"))
        if isinstance(shop, dict) and (not isinstance(owner, str) or owner not in accounts):
            yield f"shop {name}: account: must be one of {', '.join(map(str, accounts)) or 'those below accounts'}"


def _problems_of_name(kind: str, name: Any) -> Iterator[str]:
    if not isinstance(name, str) or not is_name(name):
        yield (
            f"{kind} {name}: this name cannot be used: small Latin letters, digits and single hyphens, "
            f"a letter first, up to {LONGEST}"
        )


def _problems_of_place(
    where: str, place: Any, allowed: tuple[str, ...], *, shop: str = "<shop>", account: str = "<account>"
) -> Iterator[str]:
    """What is wrong with the keys of a shop, of an account, or of every shop."""
    if not isinstance(place, dict):
        yield f"{where}: must hold {', '.join(allowed)}"
        return
    yield from _unknown(where, place, allowed)
    if place.get("schedule") is not None and not is_interval(place["schedule"]):
        yield f"{where}: schedule: must be five fields of cron, or one of {', '.join(sorted(INTERVALS))}"
    for part in TABLES:
        settings = place.get(part)
        if isinstance(settings, dict):
            found = unknown_or_misplaced(part, settings, shop=shop, account=account)
            yield from (f"{where}: {problem}" for problem in found)
        elif settings is not None:
            yield f"{where}: {part}: must hold settings"


def _unknown(where: str, place: dict[Any, Any], allowed: tuple[str, ...]) -> Iterator[str]:
    before = f"{where}: " if where else ""
    for key in place:
        if key not in allowed:
            yield f"{before}{key}: there is no such key; known are {', '.join(allowed)}"


# ---------------------------------------------------------------- each shop, whole


def _problems_of(shop: Shop) -> Iterator[str]:
    """What tap and target would say of a shop's settings."""
    for problem in [*tap_problems(shop.tap), *target_problems(shop.target)]:
        yield f"shop {shop.name}: {problem}"
