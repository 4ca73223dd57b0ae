"""The requests to eSputnik, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import LARGEST
from target_esputnik.ledger.reports import Period

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger

ANSWERED = "answered"
MOST_RUNS = 2**31 - 1


@dataclass(frozen=True)
class Wanted:
    """Which requests are asked for; empty means all.

    Attributes:
        run: a run's number.
        failed: only those that were not answered as hoped.
    """

    run: int | None = None
    endpoints: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    failed: bool = False
    period: Period = field(default_factory=Period)


class Request(NamedTuple):
    """One request, all its tries together; `at` is ledger text."""

    at: str
    run: int
    endpoint: str
    method: str
    status: int | None
    outcome: str
    tries: int
    seconds: float
    records: int


def requests(ledger: Ledger, wanted: Wanted, *, limit: int) -> list[Request]:
    """The newest requests that are asked for."""
    r = t.requests.c
    conditions = [t.runs.c.scope_id == ledger.scope.id, *wanted.period.holds(r.at)]
    chosen = wanted.run is not None or wanted.endpoints or wanted.outcomes or wanted.failed
    # A sum has no index: without a choice the newest are read off the index of moments, and not sorted out of all.
    run_id = r.run_id if chosen else r.run_id + 0
    if wanted.run is not None:
        conditions.append(t.runs.c.number == wanted.run if abs(wanted.run) <= MOST_RUNS else sa.false())
    if wanted.endpoints:
        conditions.append(r.endpoint.in_(wanted.endpoints))
    if wanted.outcomes:
        conditions.append(r.outcome.in_(wanted.outcomes))
    if wanted.failed:
        conditions.append(r.outcome != ANSWERED)
    columns = [t.runs.c.number if name == "run" else r[name] for name in Request._fields]
    query = sa.select(*columns).join(t.runs, t.runs.c.id == run_id).where(*conditions)
    return [Request(*row) for row in ledger.read(query.order_by(r.at.desc(), r.id.desc()).limit(min(limit, LARGEST)))]
