"""A day in the shop, for the demo: 10 orders move on, 3 new ones come in, 2 accounts are edited, 1 guest registers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from horoshop_esputnik_sandbox import Sandbox

from demo_views import SHOP_ZONE

NEXT_STATUS = {1: 2, 2: 3, 6: 3}  # new → in progress → delivered; shipping → delivered: each sends something new
PLAIN_EMAIL = re.compile(r"[a-z0-9.]+@[a-z.]+")
ORDERS_THAT_MOVE, ORDERS_THAT_COME, ACCOUNTS_EDITED = 10, 3, 2


@dataclass
class Changes:
    """What was done to the shop.

    Attributes:
        moved: order id → its new status.
        placed: ids of the new orders.
        edited: ids of the accounts that were edited.
        registered: ids of the accounts that were made.
        new_buyers: how many of the new orders are by people whom eSputnik does not know.
    """

    moved: dict[int, int] = field(default_factory=dict)
    placed: list[int] = field(default_factory=list)
    edited: list[int] = field(default_factory=list)
    registered: list[int] = field(default_factory=list)
    new_buyers: int = 0


def make_changes(sandbox: Sandbox, since: datetime) -> Changes:
    """Change the shop.

    Args:
        sandbox: the running stand-ins.
        since: orders that move were created later.
    """
    orders, customers = sandbox.orders(), sandbox.customers()
    arrived = {str(order["externalOrderId"]) for order in sandbox.sent_orders()}
    since_there = since.astimezone(SHOP_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    recent = [one for one in orders if str(one["order_id"]) in arrived and one["stat_created"] > since_there]
    changes = Changes()
    for order in first(ORDERS_THAT_MOVE, (one for one in recent if one["stat_status"] in NEXT_STATUS)):
        changes.moved[order["order_id"]] = NEXT_STATUS[order["stat_status"]]
        sandbox.set_status(order["order_id"], NEXT_STATUS[order["stat_status"]])
    edit_accounts(sandbox, customers, changes)
    place_orders(sandbox, customers, changes)
    register_guest(sandbox, recent, customers, changes)
    return changes


def edit_accounts(sandbox: Sandbox, customers: list[dict[str, Any]], changes: Changes) -> None:
    """Let two registered customers change their names."""
    names = ("Марʼяна Коваленко", "Остап Шевчук")
    known = [one for one in customers if PLAIN_EMAIL.fullmatch(one["email"] or "") and one["title"]]
    for customer, name in zip(first(ACCOUNTS_EDITED, known), names, strict=True):
        sandbox.edit_customer(customer["id"], title=name)
        changes.edited.append(customer["id"])


def place_orders(sandbox: Sandbox, customers: list[dict[str, Any]], changes: Changes) -> None:
    """Let a registered customer, a guest with an email and a guest with only a phone order something."""
    customer = next(one for one in reversed(customers) if PLAIN_EMAIL.fullmatch(one["email"] or ""))
    buyers = (
        {"delivery_name": customer["title"], "delivery_email": customer["email"], "delivery_phone": customer["phone"]},
        {"delivery_name": "Софія Мельник", "delivery_email": "sofia.demo@example.com", "delivery_phone": ""},
        {"delivery_name": "Тарас Бойко", "delivery_email": "", "delivery_phone": "+38 (050) 000-99-01"},
    )
    for buyer in first(ORDERS_THAT_COME, buyers):
        changes.placed.append(sandbox.place_order(**buyer, stat_status=1))
    changes.new_buyers = len(buyers) - 1


def register_guest(
    sandbox: Sandbox, recent: list[dict[str, Any]], customers: list[dict[str, Any]], changes: Changes
) -> None:
    """Let a guest who has ordered make an account, with the address that he ordered with."""
    accounts = {(one["email"] or "").lower() for one in customers}
    guest = next(
        order
        for order in recent
        if PLAIN_EMAIL.fullmatch(order["delivery_email"] or "") and order["delivery_email"] not in accounts
    )
    account = sandbox.register(
        title=guest["delivery_name"], email=guest["delivery_email"], phone=guest["delivery_phone"]
    )
    changes.registered.append(account)


def first(number: int, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first rows.

    Raises:
        LookupError: there are fewer; the sample shop is too small for the demo.
    """
    found = [row for row, _ in zip(rows, range(number), strict=False)]
    if len(found) < number:
        raise LookupError(f"the sample shop has only {len(found)} of {number} rows that the demo needs")
    return found
