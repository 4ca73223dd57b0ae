"""The runs one by one, and what each of them asked and sent; and since when nothing has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from target_esputnik.fates import ACCEPTED
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import columns_for
from target_esputnik.ledger.reports import KnownScope
from target_esputnik.ledger.rows import Run
from target_esputnik.ledger.standing import TABLES, known_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.ledger.store import Ledger


class NumberedScope(NamedTuple):
    """An account and shop, with the number that the ledger has it under."""

    id: int
    scope: KnownScope


class Asked(NamedTuple):
    """A request on a run's timeline: when it began (ledger text), how long it took, and how it ended."""

    at: str
    seconds: float
    endpoint: str
    outcome: str
    status: int | None
    tries: int
    records: int


class SentThing(NamedTuple):
    """One thing that a run sent, or was about to send; `id` tells where the next page begins."""

    id: int
    at: str
    kind: str
    key: str
    what: str
    outcome: str
    reason: str | None


class Freshness(NamedTuple):
    """The newest of a stream, as ledger text; None where there is none.

    Attributes:
        accepted: when eSputnik last took a record.
        settled: since when the youngest record stands where it stands.
        made: when the shop's newest record was made.
    """

    accepted: str | None
    settled: str | None
    made: str | None


def all_scopes(ledger: Ledger) -> list[NumberedScope]:
    """Every account and shop that the ledger knows, by its number; `ledger` need not be in a scope."""
    names = columns_for(KnownScope, t.scopes)
    rows = ledger.read(sa.select(t.scopes.c.id, *names).order_by(t.scopes.c.id))
    return [NumberedScope(row[0], KnownScope(*row[1:])) for row in rows]


def runs_before(ledger: Ledger, number: int | None, *, limit: int) -> list[Run]:
    """The newest runs, or those before a number; sending commands are runs, too."""
    names = columns_for(Run, t.runs)
    query = sa.select(*names).where(t.runs.c.scope_id == ledger.scope.id)
    if number is not None:
        query = query.where(t.runs.c.number < number)
    rows = ledger.read(query.order_by(t.runs.c.number.desc()).limit(limit))
    return [Run(*row) for row in rows]


def requests_of(ledger: Ledger, run: Run, *, limit: int) -> list[Asked]:
    """A run's requests in the order of time, up to so many."""
    r = t.requests.c
    query = sa.select(*(r[name] for name in Asked._fields)).where(r.run_id == run.id).order_by(r.at, r.id).limit(limit)
    return [Asked(*row) for row in ledger.read(query)]


def request_counts(ledger: Ledger, runs: Sequence[Run]) -> dict[int, tuple[int, int]]:
    """How many requests runs made, and how many of them were not answered as hoped: {id of the run: (all, failed)}."""
    r = t.requests.c
    failed = sa.func.sum(sa.case((r.outcome == "answered", 0), else_=1))
    query = sa.select(r.run_id, sa.func.count(), failed).where(r.run_id.in_([run.id for run in runs]))
    return {run_id: (int(count), int(bad)) for run_id, count, bad in ledger.read(query.group_by(r.run_id))}


def sends_of_run(ledger: Ledger, run: Run, *, after: int, limit: int) -> list[SentThing]:
    """What a run sent, in the order in which it went, beginning after an id."""
    s = t.sends.c
    # A sum has no index: sends are found by their moments, since there is no index of them by run.
    conditions = [s.run_id == run.id, s.id + 0 > after, s.at >= run.started_at]
    if run.ended_at is not None:
        conditions.append(s.at <= run.ended_at)
    query = sa.select(*(s[name] for name in SentThing._fields)).where(*conditions).order_by(s.id + 0).limit(limit)
    return [SentThing(*row) for row in ledger.read(query)]


def freshness(ledger: Ledger, stream: str) -> Freshness:
    """The newest of contacts or orders."""
    table = TABLES[stream]
    youngest: list[tuple[str, str]] = []
    with ledger.transaction():
        for fate, reason in known_pairs(ledger, stream):
            of_pair = table.c.reason == reason if reason else table.c.reason.is_(None)
            query = sa.select(table.c.since).where(table.c.scope_id == ledger.scope.id, table.c.fate == fate, of_pair)
            # In the order of the index, reason and all: see `listing.py`.
            (row,) = ledger.read(query.order_by(table.c.reason.desc(), table.c.since.desc()).limit(1))
            youngest.append((row[0], fate))
        made = None
        if stream == "orders":
            o = t.orders.c
            made = ledger.read(sa.select(sa.func.max(o.created_at)).where(o.scope_id == ledger.scope.id))[0][0]
    accepted = max((since for since, fate in youngest if fate == ACCEPTED), default=None)
    return Freshness(accepted, max((since for since, _ in youngest), default=None), made)


def statuses_updated(ledger: Ledger) -> str | None:
    """When the shop last listed its order statuses; ledger text."""
    s = t.shop_statuses.c
    found = ledger.read(sa.select(sa.func.max(s.updated_at)).where(s.scope_id == ledger.scope.id))
    return None if found[0][0] is None else str(found[0][0])
