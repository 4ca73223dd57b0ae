"""How many records got their present fate when: the numbers of the statistics page, each of which is a list, too.

A record counts once, at the moment since when it has the fate and reason that it has now (`since`): the moment by
which `esputnik-ledger held` and `rejected` choose. All is read off the index of fates, stretch by stretch.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.ledger.store import Ledger

STREAMS: Final = ("contacts", "orders")
TABLES: Final = {"contacts": t.contacts, "orders": t.orders}


class Span(NamedTuple):
    """From a moment on, and before another one, as ledger text; None is open."""

    begin: str | None
    end: str | None


ALWAYS: Final = Span(None, None)
LAST: Final = "9999"
"""After every moment, in the order of every database: a sign such as ~ comes first in some."""


class Standing(NamedTuple):
    """Where records stand: stream, fate, reason or "", and the place of the span in which they came to stand there."""

    stream: str
    fate: str
    reason: str
    place: int


def standing(
    ledger: Ledger, spans: Sequence[Span], *, streams: Sequence[str] = STREAMS, source: str = ""
) -> Counter[Standing]:
    """Count the records of a scope by where they stand, and since when; records outside of all spans are not counted.

    Args:
        ledger: in a scope.
        spans: may not overlap, or records are counted twice.
        streams: of `contacts`, `orders`.
        source: of contacts: only those from there; "" is any.
    """
    counted: Counter[Standing] = Counter()
    with ledger.transaction():
        for stream in streams:
            pairs = known_pairs(ledger, stream)
            if pairs:
                for place, pair, count in ledger.read(_counts(ledger, stream, spans, pairs, source)):
                    if count:
                        counted[Standing(stream, pairs[pair][0], pairs[pair][1], place)] = int(count)
    return counted


def known_pairs(ledger: Ledger, stream: str) -> list[tuple[str, str]]:
    """The pairs of fate and reason (or "") that records of a stream have: found by leaps through the index."""
    table = TABLES[stream]
    scope = table.c.scope_id == ledger.scope.id
    pairs: list[tuple[str, str]] = []
    fate = _next(ledger, table.c.fate, [scope], "")
    while fate is not None:
        of_fate = [scope, table.c.fate == fate]
        # In the order of the index: PostgreSQL would else read all records to find that there is none.
        none = sa.select(sa.literal(1)).where(*of_fate, table.c.reason.is_(None))
        if ledger.read(none.order_by(table.c.reason.desc(), table.c.since.desc()).limit(1)):
            pairs.append((fate, ""))
        reason = _next(ledger, table.c.reason, of_fate, "")
        while reason is not None:
            pairs.append((fate, reason))
            reason = _next(ledger, table.c.reason, of_fate, reason)
        fate = _next(ledger, table.c.fate, [scope], fate)
    return pairs


def _next(ledger: Ledger, column: sa.Column[Any], conditions: list[sa.ColumnElement[bool]], after: str) -> str | None:
    query = sa.select(column).where(*conditions, column > after).order_by(column).limit(1)
    found = ledger.read(query)
    return str(found[0][0]) if found else None


def _counts(
    ledger: Ledger, stream: str, spans: Sequence[Span], pairs: Sequence[tuple[str, str]], source: str
) -> sa.Select[Any]:
    """One count for each span and pair; each is one stretch of the index, so that nothing is sorted."""
    table = TABLES[stream]
    span = _rows("span", ("place", "begin", "end"), [(place, *one) for place, one in enumerate(spans)])
    pair = _rows("pair", ("number", "fate", "reason"), [(n, fate, reason) for n, (fate, reason) in enumerate(pairs)])

    def counted(reason: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.count())
            .select_from(table)
            .where(
                table.c.scope_id == ledger.scope.id,
                table.c.fate == pair.c.fate,
                reason,
                table.c.since >= sa.func.coalesce(span.c.begin, ""),
                table.c.since < sa.func.coalesce(span.c.end, LAST),
                *of_source(table, source),
            )
            .scalar_subquery()
        )

    # IS NOT DISTINCT FROM would be one count, but no index of PostgreSQL's serves it.
    count = sa.case(
        (pair.c.reason == "", counted(table.c.reason.is_(None))), else_=counted(table.c.reason == pair.c.reason)
    )
    return sa.select(span.c.place, pair.c.number, count).select_from(span.join(pair, sa.true()))


def of_source(table: sa.Table, source: str) -> list[sa.ColumnElement[bool]]:
    """What contacts from a source fulfil; "" is any, and orders have none of their own."""
    return [table.c.source == source] if source and "source" in table.c else []


def _rows(name: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> sa.CTE:
    """Values as a table; the first row names the columns."""
    kinds: tuple[sa.types.TypeEngine[Any], ...] = (sa.Integer(), sa.String(), sa.String())
    selects = [
        sa.select(
            *(sa.cast(value, kind).label(column) for column, kind, value in zip(columns, kinds, row, strict=True))
        )
        for row in rows
    ]
    return sa.union_all(*selects).cte(name)
