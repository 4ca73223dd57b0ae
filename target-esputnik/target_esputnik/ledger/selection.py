"""The contacts and orders that an operator means: by stream, fate, reason, time and id."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from target_esputnik import fates
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import LARGEST, columns_for
from target_esputnik.ledger.reports import Period
from target_esputnik.ledger.rows import Contact, Order

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger

BOTH: Final = ("contacts", "orders")
_TABLES: Final = {"contacts": t.contacts, "orders": t.orders}
_KEYS: Final[dict[str, sa.Column[Any]]] = {"contacts": t.contacts.c.key, "orders": t.orders.c.order_id}


@dataclass(frozen=True)
class Selection:
    """What was asked for.

    Attributes:
        fates: any of these.
        streams: of `contacts`, `orders`.
        reasons: any of these; empty: all.
        ids: keys of contacts or ids of orders, as text; empty: all.
        period: since when a record has its fate; or, for `by_creation`, when the order was made.
        by_creation: orders only.
    """

    fates: tuple[str, ...]
    streams: tuple[str, ...] = BOTH
    reasons: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    by_creation: bool = False


class Listed(NamedTuple):
    """A record in a list; `since` is ledger text, `answer` None where it was not asked for."""

    stream: str
    key: str
    fate: str
    reason: str
    since: str
    shop_status: int | None
    kept: bool
    answer: str | None


def counts(ledger: Ledger, selection: Selection) -> Counter[tuple[str, str, str]]:
    """How many records are meant: by stream, fate, and reason or ""."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for stream in selection.streams:
        table = _TABLES[stream]
        query = (
            sa.select(table.c.fate, table.c.reason, sa.func.count())
            .where(*conditions_of(ledger, selection, stream))
            .group_by(table.c.fate, table.c.reason)
        )
        for fate, reason, count in ledger.read(query):
            counted[stream, fate, reason or ""] += count
    return counted


def newest(ledger: Ledger, selection: Selection, *, limit: int, answers: bool) -> list[Listed]:
    """The records that are meant, those with the youngest fate first; `answers`: with what eSputnik said."""
    listed: list[Listed] = []
    # By one fate and reason at a time: each is a stretch of the index that is in order already.
    for stream, fate, reason in sorted(counts(ledger, selection)):
        table = _TABLES[stream]
        status = sa.func.coalesce(t.orders.c.change_status, t.orders.c.shop_status)
        query = (
            sa.select(
                _KEYS[stream],
                table.c.since,
                status if stream == "orders" else sa.null(),
                table.c.record.is_not(None),
                table.c.answer if answers else sa.null(),
            )
            .where(
                *conditions_of(ledger, selection, stream),
                table.c.fate == fate,
                table.c.reason == reason if reason else table.c.reason.is_(None),
            )
            .order_by(table.c.since.desc())
            .limit(min(limit, LARGEST))
        )
        for key, since, shop_status, kept, answer in ledger.read(query):
            listed.append(Listed(stream, str(key), fate, reason, since, shop_status, bool(kept), answer))
    return sorted(listed, key=lambda row: (row.since, row.stream, row.key), reverse=True)[:limit]


def contacts_after(ledger: Ledger, selection: Selection, after: str, *, limit: int) -> list[Contact]:
    """Contacts that are meant, in the order of their keys, beginning after a key."""
    names = columns_for(Contact, t.contacts)
    key: sa.ColumnElement[str] = t.contacts.c.key + "" if _are_few(selection) else t.contacts.c.key
    query = sa.select(*names).where(*conditions_of(ledger, selection, "contacts"), key > after)
    rows = ledger.read(query.order_by(key).limit(limit))
    return [Contact(*row) for row in rows]


def orders_after(ledger: Ledger, selection: Selection, after: int, *, limit: int) -> list[Order]:
    """Orders that are meant, in the order of their ids, beginning after an id."""
    names = columns_for(Order, t.orders)
    number: sa.ColumnElement[int] = t.orders.c.order_id + 0 if _are_few(selection) else t.orders.c.order_id
    query = sa.select(*names).where(*conditions_of(ledger, selection, "orders"), number > after)
    rows = ledger.read(query.order_by(number).limit(limit))
    return [Order(*row) for row in rows]


def _are_few(selection: Selection) -> bool:
    """Whether these are found by their fate and then sorted; a key as it is has SQLite walk through all rows by it."""
    return not selection.ids and set(selection.fates) <= {fates.HELD, fates.REJECTED}


def conditions_of(ledger: Ledger, selection: Selection, stream: str) -> list[sa.ColumnElement[bool]]:
    """What the rows of a stream that are meant fulfil."""
    table = _TABLES[stream]
    moment = t.orders.c.created_at if selection.by_creation else table.c.since
    conditions = [table.c.scope_id == ledger.scope.id, table.c.fate.in_(selection.fates)]
    conditions += selection.period.holds(moment)
    if selection.reasons:
        conditions.append(table.c.reason.in_(selection.reasons))
    if selection.ids:
        ids: list[Any] = list(selection.ids)
        if stream == "orders":
            ids = [int(text) for text in selection.ids if text.isdecimal() and int(text) <= LARGEST]
        conditions.append(_KEYS[stream].in_(ids))
    return conditions
