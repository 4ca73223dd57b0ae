"""What people ask the ledger: what was sent, what was not, and how the runs ended.

Every report is answered from indices, so that it takes a fraction of a second on a million rows; `tables.py` has them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import columns_for
from target_esputnik.ledger.rows import Run

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger

TITLE_TRIES = 50


@dataclass(frozen=True)
class KnownScope:
    """An eSputnik account and a shop that the ledger has rows of; times are ledger text."""

    account: str
    account_name: str
    shop: str
    live_since: str
    created_at: str


@dataclass(frozen=True)
class Period:
    """From a moment on, and before another one, as ledger text; None is open."""

    begin: str | None = None
    end: str | None = None

    def holds(self, column: sa.Column[Any]) -> list[sa.ColumnElement[bool]]:
        """The conditions that a column of moments must meet."""
        conditions: list[sa.ColumnElement[bool]] = []
        if self.begin is not None:
            conditions.append(column >= self.begin)
        if self.end is not None:
            conditions.append(column < self.end)
        return conditions


class ShopStatus(NamedTuple):
    """A status of the shop, as the stream `order_statuses` brought it, or as an order named it."""

    id: int
    title: str | None
    titles: dict[str, str]
    is_successful: bool
    listed: bool


class Requests(NamedTuple):
    """Requests to one endpoint that ended in one way, and the records that they carried."""

    endpoint: str
    outcome: str
    requests: int
    records: int


# ---------------------------------------------------------------- accounts and shops


def scopes_of(ledger: Ledger, shop: str, account_prefix: str) -> list[KnownScope]:
    """The accounts that the ledger knows for a shop.

    Args:
        ledger: open; it need not be in a scope.
        shop: the setting.
        account_prefix: of the settings: a sandbox's accounts and real ones do not mix.
    """
    names = columns_for(KnownScope, t.scopes)
    rows = ledger.read(sa.select(*names).where(t.scopes.c.shop == shop).order_by(t.scopes.c.id))
    known = [KnownScope(*row) for row in rows]
    sandbox = bool(account_prefix)
    return [scope for scope in known if scope.account.startswith("loopback:") == sandbox]


def version(ledger: Ledger) -> str:
    """The revision of the ledger's tables."""
    return str(ledger.read(sa.select(sa.text("version_num")).select_from(sa.text("alembic_version")))[0][0])


# ---------------------------------------------------------------- runs


def last_run(ledger: Ledger) -> Run | None:
    """The newest run of the target; commands that send are not meant."""
    found = _runs(ledger, [t.runs.c.kind == "run"], limit=1)
    return found[0] if found else None


def last_runs(ledger: Ledger, *, limit: int) -> list[Run]:
    """The newest runs of the target, the newest first; commands that send are not meant."""
    return _runs(ledger, [t.runs.c.kind == "run"], limit=limit)


def run_with(ledger: Ledger, number: int) -> Run | None:
    """One run, by its number; None if there is none."""
    found = _runs(ledger, [t.runs.c.number == number], limit=1)
    return found[0] if found else None


def run_of_meltano(ledger: Ledger, meltano_run_id: str) -> Run | None:
    """The newest run of the target that was part of a run of Meltano's; None if there is none."""
    found = _runs(ledger, [t.runs.c.kind == "run", t.runs.c.meltano_run_id == meltano_run_id], limit=1)
    return found[0] if found else None


def run_of_read(ledger: Ledger, read: str) -> int | None:
    """The number of the newest run that took states of this read of an Airbyte source; None if none is known."""
    columns = t.runs.c
    took = columns.bookmark_before.contains(read, autoescape=True), columns.wrote_state.is_not(sa.false())
    query = sa.select(sa.func.max(columns.number)).where(columns.scope_id == ledger.scope.id, *took)
    number = ledger.read(query)[0][0]
    return None if number is None else int(number)


def runs_in(ledger: Ledger, period: Period) -> list[Run]:
    """Every run and sending command that began in a period, newest first."""
    return _runs(ledger, period.holds(t.runs.c.started_at), limit=None)


def _runs(ledger: Ledger, conditions: list[sa.ColumnElement[bool]], limit: int | None) -> list[Run]:
    query = sa.select(*columns_for(Run, t.runs)).where(t.runs.c.scope_id == ledger.scope.id, *conditions)
    rows = ledger.read(query.order_by(t.runs.c.number.desc()).limit(limit))
    return [Run(*row) for row in rows]


def bookmarks_of(run: Run) -> dict[str, tuple[str | None, str | None]]:
    """Up to where a run's tap had read before it and after it: {stream: two bookmarks, as the tap writes them}.

    A run whose STATE was not written has no bookmark after it: the next one reads on from the one before.
    """
    before, after = _marks(run.bookmark_before), _marks(run.bookmark_after)
    return {stream: (before.get(stream), after.get(stream)) for stream in sorted(before | after)}


def _marks(bookmarks: str | None) -> dict[str, str]:
    by_stream = json.loads(bookmarks) if bookmarks else {}
    values = {stream: marks.get("replication_key_value") for stream, marks in by_stream.items()}
    return {stream: str(value) for stream, value in values.items() if value is not None}


# ---------------------------------------------------------------- what became of records and requests


def fates_now(ledger: Ledger) -> Counter[tuple[str, str, str]]:
    """How many contacts and orders stand where now: by stream, fate, and reason or ""."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for stream, table in (("contacts", t.contacts), ("orders", t.orders)):
        query = (
            sa.select(table.c.fate, table.c.reason, sa.func.count())
            .where(table.c.scope_id == ledger.scope.id)
            .group_by(table.c.fate, table.c.reason)
        )
        for fate, reason, count in ledger.read(query):
            counted[stream, fate, reason or ""] += count
    return counted


def requests_by_run(ledger: Ledger, period: Period) -> dict[int, list[Requests]]:
    """Requests of the runs that began in a period: {id of the run: by endpoint and outcome}."""
    runs = sa.select(t.runs.c.id).where(t.runs.c.scope_id == ledger.scope.id, *period.holds(t.runs.c.started_at))
    return _requests(ledger, t.requests.c.run_id.in_(runs))


def requests_of(ledger: Ledger, run: Run) -> list[Requests]:
    """Requests of one run, by endpoint and outcome."""
    return _requests(ledger, t.requests.c.run_id == run.id).get(run.id, [])


def _requests(ledger: Ledger, of_runs: sa.ColumnElement[bool]) -> dict[int, list[Requests]]:
    # Grouped by run first: that is the order of the index, so that nothing has to be sorted.
    columns = (t.requests.c.run_id, t.requests.c.endpoint, t.requests.c.outcome)
    query = sa.select(*columns, sa.func.count(), sa.func.sum(t.requests.c.records)).where(of_runs).group_by(*columns)
    by_run: dict[int, list[Requests]] = {}
    for run_id, endpoint, outcome, count, records in ledger.read(query):
        by_run.setdefault(run_id, []).append(Requests(endpoint, outcome, int(count), int(records)))
    return by_run


# ---------------------------------------------------------------- the shop's statuses


OrderStatuses = Counter[tuple["int | None", "int | None"]]
"""Orders by the shop's status that was last recorded, and by the one that is being delivered."""


def order_statuses(ledger: Ledger) -> OrderStatuses:
    """How many orders are in which of the shop's statuses."""
    columns = (t.orders.c.shop_status, t.orders.c.change_status)
    query = sa.select(*columns, sa.func.count()).where(t.orders.c.scope_id == ledger.scope.id).group_by(*columns)
    return Counter({(recorded, changing): count for recorded, changing, count in ledger.read(query)})


def by_current_status(seen: OrderStatuses) -> Counter[int]:
    """The same by the status that the shop gave last."""
    counted: Counter[int] = Counter()
    for pair, count in seen.items():
        status = _current(pair)
        if status is not None:
            counted[status] += count
    return counted


def shop_statuses(ledger: Ledger, seen: OrderStatuses) -> list[ShopStatus]:
    """The shop's statuses by id: those that it lists, and those that orders were seen in.

    Args:
        ledger: in a scope.
        seen: of `order_statuses`; titles of statuses that are not listed come from one of their orders.
    """
    s = t.shop_statuses.c
    found = {
        row.id: ShopStatus(row.id, row.title, json.loads(row.titles), bool(row.is_successful), listed=True)
        for row in ledger.read(sa.select(s.id, s.title, s.titles, s.is_successful).where(s.scope_id == ledger.scope.id))
    }
    for pair in seen:
        status = _current(pair)
        if status is not None and (status not in found or found[status].title is None):
            title, titles = _titles_by_an_order(ledger, pair, status)
            listed = status in found
            found[status] = ShopStatus(status, title, titles, is_successful=False, listed=listed)
    return [found[status] for status in sorted(found)]


def _current(pair: tuple[int | None, int | None]) -> int | None:
    return pair[1] if pair[1] is not None else pair[0]


def _titles_by_an_order(
    ledger: Ledger, pair: tuple[int | None, int | None], status: int
) -> tuple[str | None, dict[str, str]]:
    o = t.orders.c
    same = [
        column.is_(None) if value is None else column == value
        for column, value in zip((o.shop_status, o.change_status), pair, strict=True)
    ]
    # A few of them are enough: their records may all be gone, and then there is no title to find.
    for (text,) in ledger.read(sa.select(o.record).where(o.scope_id == ledger.scope.id, *same).limit(TITLE_TRIES)):
        record = json.loads(text) if text else {}
        if record.get("status_id") == status:
            titles = record.get("status_titles")
            return record.get("status_title"), titles if isinstance(titles, dict) else {}
    return None, {}
