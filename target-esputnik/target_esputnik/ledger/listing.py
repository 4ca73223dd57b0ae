"""The records behind a number, one page after another: those with the youngest fate first.

A page begins after a record, not after so many rows: what comes in between shifts nothing, and the thousandth page is
found as fast as the first.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import CHUNK
from target_esputnik.ledger.standing import ALWAYS, LAST, TABLES, Span, known_pairs, of_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.ledger.store import Ledger

KINDS: Final = {"contacts": "contact", "orders": "order"}
NOTHING: Final = "-"
"""Stands for records without a reason, where one is chosen by."""


@dataclass(frozen=True)
class Listed:
    """Which records are listed.

    Attributes:
        stream: `contacts` or `orders`.
        fate: only these; "" is all.
        reason: only these; "" is all, NOTHING those without one.
        span: since when they stand where they stand.
        source: of contacts, only those: `registration` or `order`; "" is all.
    """

    stream: str
    fate: str = ""
    reason: str = ""
    span: Span = ALWAYS
    source: str = ""

    def takes(self, fate: str, reason: str) -> bool:
        """Whether records of a fate and reason (or "") are meant."""
        return self.fate in {"", fate} and self.reason in {"", reason or NOTHING}


class Place(NamedTuple):
    """Where a page ends: the moment and the key of its last record; the next page begins after it."""

    since: str
    key: str


class Row(NamedTuple):
    """A record in the list.

    Attributes:
        since: ledger text.
        source: of a contact: `registration` or `order`; of an order: who bought: `registration` (a customer), `order`
            (a guest), or "" where it was never looked for.
        record: the shop's record as JSON text, None where it is not kept.
        answer: as `tables` says.
        attempts: how often something of it was sent, or was about to be.
    """

    key: str
    since: str
    fate: str
    reason: str
    source: str
    shop_status: int | None
    esputnik_status: str | None
    record: str | None
    answer: str | None
    attempts: int


def page(ledger: Ledger, listed: Listed, *, after: Place | None, limit: int) -> list[Row]:
    """Up to `limit` records, beginning after a place."""
    with ledger.transaction():
        pairs = [pair for pair in known_pairs(ledger, listed.stream) if listed.takes(*pair)]
        streams = [_stretch(ledger, listed, pair, after, limit) for pair in pairs]
        rows = list(itertools.islice(heapq.merge(*streams, key=_order_of(listed.stream), reverse=True), limit))
        attempts = _attempts(ledger, listed.stream, [row.key for row in rows])
    return [row._replace(attempts=attempts[row.key]) for row in rows]


def _order_of(stream: str) -> Any:
    def place(row: Row) -> tuple[str, Any]:
        return row.since, int(row.key) if stream == "orders" else row.key

    return place


def _stretch(ledger: Ledger, listed: Listed, pair: tuple[str, str], after: Place | None, limit: int) -> list[Row]:
    """The first records of one fate and reason: a stretch of the index that is in order already."""
    table = TABLES[listed.stream]
    key: sa.ColumnElement[Any] = t.orders.c.order_id if listed.stream == "orders" else t.contacts.c.key
    if listed.stream == "contacts" and ledger.speaks("postgresql"):
        key = sa.collate(key, "C")  # in the order of the letters' codes, as SQLite and Python have it
    fate, reason = pair
    conditions = [
        table.c.scope_id == ledger.scope.id,
        table.c.fate == fate,
        table.c.reason == reason if reason else table.c.reason.is_(None),
        table.c.since >= (listed.span.begin or ""),
        table.c.since < (listed.span.end or LAST),
        *of_source(table, listed.source),
    ]
    if after is not None:
        last: Any = int(after.key) if listed.stream == "orders" else after.key
        # The first half alone chooses a stretch of the index; the second leaves out what stood on the page before.
        conditions += [table.c.since <= after.since, sa.or_(table.c.since < after.since, key < last)]
    query = sa.select(*_columns(listed.stream)).where(*conditions)
    # By the reason, too, though it is the same for all: PostgreSQL takes IS NULL for no order, and would sort them all.
    rows = ledger.read(query.order_by(table.c.reason.desc(), table.c.since.desc(), key.desc()).limit(limit))
    return [_row(listed.stream, pair, row) for row in rows]


def _row(stream: str, pair: tuple[str, str], columns: Any) -> Row:
    key, since, source, status, esputnik_status, record, answer = columns
    if stream == "orders":
        source = "" if source is None else "order" if source.startswith("guest:") else "registration"
    return Row(str(key), since, *pair, source, status, esputnik_status, record, answer, attempts=0)


def _columns(stream: str) -> list[sa.ColumnElement[Any]]:
    if stream == "contacts":
        c = t.contacts.c
        return [c.key, c.since, c.source, sa.null(), sa.null(), c.record, c.answer]
    o = t.orders.c
    status = sa.func.coalesce(o.change_status, o.shop_status)
    return [o.order_id, o.since, o.buyer, status, o.esputnik_status, o.record, o.answer]


def _attempts(ledger: Ledger, stream: str, keys: Sequence[str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    s = t.sends.c
    for begin in range(0, len(keys), CHUNK):
        query = (
            sa.select(s.key, sa.func.count())
            .where(s.scope_id == ledger.scope.id, s.kind == KINDS[stream], s.key.in_(keys[begin : begin + CHUNK]))
            .group_by(s.key)
        )
        counted.update({key: int(count) for key, count in ledger.read(query)})
    return counted
