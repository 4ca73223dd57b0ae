"""What the ledger knows of one contact or one order: the row, every send, the orders of a buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from target_esputnik.identity import identity_of
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import columns_for
from target_esputnik.ledger.rows import Contact, Order

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger


class Sent(NamedTuple):
    """One thing that was sent, or was about to be; `payload` and `answer` are text, None where they are not kept."""

    at: str
    run: int
    what: str
    why: str | None
    shop_status: int | None
    outcome: str
    reason: str | None
    payload: str | None
    answer: str | None


def contacts_meant(ledger: Ledger, typed: str, phone_region: str) -> list[Contact]:
    """The contacts that a person means by a contact's id, an email or a phone; several may share an address."""
    by_key = ledger.contacts([typed])
    if by_key:
        return list(by_key.values())
    identity = identity_of({"email": typed, "phone": typed}, ledger, phone_region)
    found = {row.key: row for row in ledger.contacts_by_email([identity.email] if identity.email else [])}
    found |= {row.key: row for row in ledger.contacts_by_phone([identity.phone] if identity.phone else [])}
    return [found[key] for key in sorted(found)]


def sends_of(ledger: Ledger, kind: str, key: str) -> list[Sent]:
    """Everything that was sent of a contact or an order (`kind`), oldest first."""
    columns = [t.runs.c.number if name == "run" else t.sends.c[name] for name in Sent._fields]
    query = (
        sa.select(*columns)
        .join(t.runs, t.runs.c.id == t.sends.c.run_id)
        .where(t.sends.c.scope_id == ledger.scope.id, t.sends.c.kind == kind, t.sends.c.key == key)
        .order_by(t.sends.c.id)
    )
    return [Sent(*row) for row in ledger.read(query)]


def orders_of_buyer(ledger: Ledger, key: str) -> list[Order]:
    """The orders that a contact is the buyer of, newest first; orders that were only recorded have no buyer yet."""
    names = columns_for(Order, t.orders)
    # Sorted here: asked to sort, SQLite walks through all orders by their date instead of the buyer's few.
    query = sa.select(*names).where(t.orders.c.scope_id == ledger.scope.id, t.orders.c.buyer == key)
    found = [Order(*row) for row in ledger.read(query)]
    return sorted(found, key=lambda order: (order.created_at, order.order_id), reverse=True)


def status_title(ledger: Ledger, status: int | None) -> str | None:
    """The shop's own title of a status, if the stream `order_statuses` brought it."""
    columns = t.shop_statuses.c
    query = sa.select(columns.title).where(columns.scope_id == ledger.scope.id, columns.id == status)
    found = ledger.read(query) if status is not None else []
    return str(found[0][0]) if found and found[0][0] is not None else None
