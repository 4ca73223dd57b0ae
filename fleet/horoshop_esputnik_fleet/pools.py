"""How many shops of an account may run at once, as Airflow's pools: its limit of requests is shared by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik.settings_schema import CONFIG_JSONSCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from horoshop_esputnik_fleet.shop import Shop

SETTING: Final = "max_requests_per_second"


def pool_of(account: str) -> str:
    """The pool of an account."""
    return f"esputnik-{account}"


def pools(shops: Sequence[Shop], requests_per_second: int) -> dict[str, dict[str, Any]]:
    """The pools of all accounts of some shops, as `airflow pools import` reads them.

    Args:
        shops: all of them.
        requests_per_second: what eSputnik allows one account.

    Returns:
        {name: {slots, description, include_deferred}}: so many slots as shops of it can send at their highest rate.
    """
    return {
        pool_of(account): {
            "slots": max(1, requests_per_second // highest),
            "description": f"{requests_per_second} requests a second, at most {highest} a shop",
            "include_deferred": False,
        }
        for account, (_, highest) in _highest(shops).items()
    }


def too_fast(shops: Sequence[Shop], requests_per_second: int) -> Iterator[str]:
    """Yield a sentence for each account of which a single shop may send more than is allowed."""
    for account, (shop, highest) in _highest(shops).items():
        if highest > requests_per_second:
            yield (
                f"account {account}: the shop {shop} alone may send {highest} requests a second, "
                f"more than {requests_per_second}; lower its {SETTING}"
            )


def _highest(shops: Sequence[Shop]) -> dict[str, tuple[str, int]]:
    """Of each account the shop that may send most, and how many requests a second."""
    found: dict[str, tuple[str, int]] = {}
    for shop in shops:
        rate = int(shop.target.get(SETTING, CONFIG_JSONSCHEMA["properties"][SETTING]["default"]))
        if shop.account not in found or rate > found[shop.account][1]:
            found[shop.account] = (shop.name, rate)
    return found
