"""Whether the ledger, the stand-in of eSputnik and the shop agree after each run of the demo."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.statuses import DEFAULT_STATUS_MAP

from demo_changes import Changes
from demo_views import SHOP_ZONE, Arrived, Remembered

Row = dict[str, Any]


def disagreements(sandbox: Sandbox, arrived: Arrived, remembered: Remembered, live_since: datetime) -> Iterator[str]:
    """Yield a sentence for everything in which shop, ledger and eSputnik differ after a run."""
    if len(arrived.orders) != remembered.of("orders", "accepted"):
        yield f"{len(arrived.orders)} orders arrived, the ledger has {remembered.of('orders', 'accepted')} as accepted"
    yield from orders_that_differ(sandbox.orders(), arrived.orders)
    yield from outcomes_that_differ(sandbox.orders(), remembered, live_since)
    yield from customers_that_differ(sandbox.customers(), arrived, remembered)
    if confirmed := arrived.confirmed_emails():
        yield f"{confirmed} email addresses are confirmed, and nobody asked for it"
    yield from (f"fired twice: {event}" for event in arrived.events_fired_twice())


def orders_that_differ(in_shop: list[Row], arrived: list[Row]) -> Iterator[str]:
    """Yield a sentence for each order that eSputnik has otherwise than the shop."""
    by_id = {str(order["order_id"]): order for order in in_shop}
    for order in arrived:
        number, original = order["externalOrderId"], by_id[order["externalOrderId"]]
        if order["status"] != DEFAULT_STATUS_MAP[original["stat_status"]][-1]:
            yield f"order {number} is {order['status']}, in the shop it has status {original['stat_status']}"
        if round(float(order["totalCost"]) - float(original["total_sum"]), 2):
            yield f"order {number} costs {order['totalCost']}, in the shop {original['total_sum']}"


def outcomes_that_differ(in_shop: list[Row], remembered: Remembered, live_since: datetime) -> Iterator[str]:
    """Yield a sentence if the ledger has another number of orders in an outcome than the shop's own rows give."""
    expected = Counter(expected_outcome(order, live_since) for order in in_shop)
    counted = {
        "baseline": remembered.of("orders", "baseline"),
        "held": remembered.of("orders", "held"),
        "tried": remembered.of("orders", "accepted") + remembered.of("orders", "rejected"),
    }
    for outcome, number in counted.items():
        if number != expected[outcome]:
            yield f"orders {outcome}: the ledger has {number}, by the shop's own rows it is {expected[outcome]}"


def expected_outcome(order: Row, live_since: datetime) -> str:
    """Return what the rules make of an order that is read for the first time."""
    created = datetime.strptime(order["stat_created"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHOP_ZONE)
    if created < live_since:
        return "baseline"
    return "tried" if order["stat_status"] in DEFAULT_STATUS_MAP else "held"


def customers_that_differ(in_shop: list[Row], arrived: Arrived, remembered: Remembered) -> Iterator[str]:
    """Yield a sentence if other customers are in eSputnik than the ledger says.

    Accounts that share an address are one contact in eSputnik, with the external id of one of them.
    """
    known, addresses = arrived.by_external_id(), arrived.addresses()
    there = sum(str(one["id"]) in known or (one["email"] or "").lower() in addresses for one in in_shop)
    if there != remembered.customers():
        yield f"{there} customers are there, the ledger has {remembered.customers()} as accepted"


def changes_that_differ(changes: Changes, sandbox: Sandbox, came: Arrived) -> Iterator[str]:
    """Yield a sentence for each change in the shop that did not come exactly as it was made, and for anything else.

    Args:
        changes: what was done to the shop.
        sandbox: the shop, to compare names with.
        came: what came by the run after the changes.
    """
    expected = sorted(str(number) for number in (*changes.moved, *changes.placed))
    if came.orders_written() != expected:
        yield f"orders sent: {came.orders_written()}, changed: {expected}"
    known, customers = came.by_external_id(), {one["id"]: one for one in sandbox.customers()}
    for account in (*changes.edited, *changes.registered):
        contact = known.get(str(account))
        if contact is None or plain(contact["firstName"]) not in plain(customers[account]["title"]):
            yield f"account {account} is not in eSputnik as it is in the shop"
    written = len([one for one in came.writes if "/contact" in one["path"]])
    if written != len(changes.edited) + len(changes.registered) + changes.new_buyers:
        yield f"{written} requests wrote contacts"


def plain(name: str) -> str:
    """Return a name with one kind of apostrophe: eSputnik takes one, people type several."""
    return name.translate({ord("’"): "'", ord("ʼ"): "'"})
