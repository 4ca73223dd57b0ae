"""Shops of one eSputnik account that would take each other's contacts and orders."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tap_horoshop.connection import AddressError, base_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from horoshop_esputnik_fleet.shop import Shop


def clashes(shops: Sequence[Shop]) -> Iterator[str]:
    """A sentence for each pair of shops that cannot share their account as they are."""
    addresses = {shop.name: _address(shop) for shop in shops}
    for one, other in itertools.combinations(shops, 2):
        if one.account != other.account:
            continue
        both = f"shop {other.name}: {{}} shop {one.name}, on the same account {one.account}"
        if may_make_one_id(one.prefix, other.prefix):
            yield both.format("target.external_id_prefix: could make the same ids as that of")
        if addresses[one.name] is not None and addresses[one.name] == addresses[other.name]:
            yield both.format("tap.site_url: all would be sent twice, it is the address of")


def may_make_one_id(one: str, other: str) -> bool:
    """Whether a number behind one prefix may be the same text as a number behind the other.

    `a` and `a1` differ, and yet order 15 of the one is order 5 of the other. No number begins with 0.
    """
    short, long = sorted((one, other), key=len)
    rest = long.removeprefix(short)
    return long.startswith(short) and (not rest or (rest.isascii() and rest.isdigit() and rest[0] != "0"))


def _address(shop: Shop) -> str | None:
    try:
        return base_url(str(shop.tap.get("site_url", ""))).lower()
    except AddressError:
        return None
