"""Whether a run did the work: by the account's own count, not by what the run says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def problems(counts: Mapping[str, Any], *, orders: int, customers: int) -> Iterator[str]:
    """Yield a sentence for each way in which an account does not hold each order and customer, delivered once.

    An account fires one event for every order that it takes, also for one that it has already. So as many orders as
    the shop has, and as many events, mean that each came once.

    Args:
        counts: `counts` of the sandbox, after a run on an empty account.
        orders: of the shop.
        customers: of the shop.
    """
    if counts["sent_orders"] != orders:
        yield f"{counts['sent_orders']:,} of {orders:,} orders were delivered"
    fired = sum(times for kind, times in counts["events"].items() if kind.startswith("order"))
    if fired != counts["sent_orders"]:
        yield f"{counts['sent_orders']:,} orders were delivered {fired:,} times"
    if counts["sent_contacts"] != customers:
        yield f"the account has {counts['sent_contacts']:,} contacts, the shop {customers:,} customers"


def requests_by_side(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return how many requests each API received."""
    sides = {"shop": 0, "esputnik": 0}
    for kind, times in counts["requests"].items():
        sides[kind.partition(" ")[0]] += times
    return sides
