"""What the records in the ledger tell of the shop's API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from target_esputnik.ledger import tables as t

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger

LOOKED_AT: Final = 500
"""So many records of each stream are looked at."""


@dataclass(frozen=True)
class ShopFacts:
    """Counts over some records that the ledger still holds, of orders the newest.

    Attributes:
        contacts: registered customers whose record is there.
        with_newsletter: of them, those that say whether the newsletter box was ticked.
        orders: orders whose record is there.
        with_comment: of them, those with a comment of the buyer.
        of_customers: of them, those whose user is a customer in the ledger.
        statuses: ids of the shop's statuses as it listed them.
    """

    contacts: int
    with_newsletter: int
    orders: int
    with_comment: int
    of_customers: int
    statuses: tuple[int, ...]


def shop_facts(ledger: Ledger) -> ShopFacts:
    """Count. `ledger` is in a scope."""
    scope = ledger.scope.id
    # Newest orders by their index; contacts have none to sort by, and which of them are looked at does not matter.
    contacts = _records(ledger, t.contacts, t.contacts.c.source == "registration")
    orders = _records(ledger, t.orders, newest_by=t.orders.c.created_at)
    users = {str(order["user_id"]) for order in orders if order.get("user_id") is not None}
    of_scope = (t.contacts.c.scope_id == scope, t.contacts.c.source == "registration")
    known = sa.select(t.contacts.c.key).where(*of_scope, t.contacts.c.key.in_(users))
    customers = {key for (key,) in ledger.read(known)}
    listed = sa.select(t.shop_statuses.c.id).where(t.shop_statuses.c.scope_id == scope).order_by(t.shop_statuses.c.id)
    return ShopFacts(
        contacts=len(contacts),
        with_newsletter=sum(contact.get("newsletter_subscribed") is not None for contact in contacts),
        orders=len(orders),
        with_comment=sum(bool(order.get("comment")) for order in orders),
        of_customers=sum(str(order.get("user_id")) in customers for order in orders),
        statuses=tuple(number for (number,) in ledger.read(listed)),
    )


def _records(
    ledger: Ledger, table: sa.Table, *conditions: sa.ColumnElement[bool], newest_by: sa.Column[Any] | None = None
) -> list[dict[str, Any]]:
    query = sa.select(table.c.record).where(
        table.c.scope_id == ledger.scope.id, table.c.record.is_not(None), *conditions
    )
    if newest_by is not None:
        query = query.order_by(newest_by.desc())
    query = query.limit(LOOKED_AT)
    records = [json.loads(text) for (text,) in ledger.read(query)]
    return [record for record in records if isinstance(record, dict)]
