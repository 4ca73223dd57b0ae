"""The records that an operator means, without their content: what a count of many thousands needs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import CHUNK
from target_esputnik.ledger.selection import conditions_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from target_esputnik.ledger.selection import Selection
    from target_esputnik.ledger.store import Ledger


class BareContact(NamedTuple):
    """A contact; columns as `tables.contacts` has them.

    Attributes:
        kept: whether its record is.
        address: how its email address counts: `confirmed`, `unconfirmed`, or None.
    """

    key: str
    source: str
    fate: str
    reason: str | None
    email_key: str | None
    delivered: bool
    delivered_email: str | None
    newsletter: bool | None
    registered_at: str | None
    kept: bool
    address: str | None


class BareOrder(NamedTuple):
    """An order; columns as `tables.orders` has them.

    Attributes:
        email_key: of its record; "" where that has no usable email, None where there is no record or it was not noted.
        kept: whether its record is.
    """

    order_id: int
    created_at: str
    fate: str
    reason: str | None
    shop_status: int | None
    change_status: int | None
    change_sent: str
    esputnik_status: str | None
    kept: bool
    buyer: str | None
    email_key: str | None


def contacts(ledger: Ledger, selection: Selection) -> Iterator[BareContact]:
    """The contacts that are meant, in no order."""
    query = _with_address(ledger, *conditions_of(ledger, selection, "contacts"))
    yield from map(BareContact._make, ledger.each(query))


def orders(ledger: Ledger, selection: Selection) -> Iterator[BareOrder]:
    """The orders that are meant, in no order."""
    o = t.orders.c
    columns = [o.record.is_not(None) if name == "kept" else o[name] for name in BareOrder._fields]
    query = sa.select(*columns).where(*conditions_of(ledger, selection, "orders"))
    yield from map(BareOrder._make, ledger.each(query))


def contacts_by_key(ledger: Ledger, keys: Collection[str]) -> Iterator[BareContact]:
    """The contacts with these keys."""
    yield from _contacts_by(ledger, t.contacts.c.key, keys)


def contacts_by_email(ledger: Ledger, emails: Collection[str]) -> Iterator[BareContact]:
    """The contacts with these emails (keyed hashes)."""
    yield from _contacts_by(ledger, t.contacts.c.email_key, emails)


def _contacts_by(ledger: Ledger, column: sa.Column[Any], values: Collection[str]) -> Iterator[BareContact]:
    wanted = sorted(values)
    for start in range(0, len(wanted), CHUNK):
        query = _with_address(ledger, column.in_(wanted[start : start + CHUNK]))
        yield from map(BareContact._make, ledger.read(query))


def _with_address(ledger: Ledger, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    c, a = t.contacts.c, t.addresses.c
    columns = [c[name] for name in BareContact._fields[:-2]]
    same = sa.and_(a.scope_id == c.scope_id, a.email_key == c.email_key)
    query = sa.select(*columns, c.record.is_not(None), a.confirmation)
    return query.select_from(t.contacts.outerjoin(t.addresses, same)).where(c.scope_id == ledger.scope.id, *where)
