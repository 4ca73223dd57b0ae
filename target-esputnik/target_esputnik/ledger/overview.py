"""All shops of a ledger side by side: where their records stand, and how each one's newest run ended.

One question for all of them, however many they are: an agency has hundreds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import columns_for
from target_esputnik.ledger.rows import Run
from target_esputnik.ledger.run_history import NumberedScope, all_scopes
from target_esputnik.ledger.standing import TABLES

if TYPE_CHECKING:
    from target_esputnik.ledger.store import Ledger

Counts = Counter[tuple[str, str]]
"""Records by stream and fate."""


class ShopStand(NamedTuple):
    """How one shop stands.

    Attributes:
        known: the account and shop.
        run: the target's newest run; commands that send are not meant. None where there was none.
        at_work: whether that run is going on.
        counts: its records by stream and fate.
    """

    known: NumberedScope
    run: Run | None
    at_work: bool
    counts: Counts


def all_shops(ledger: Ledger) -> list[ShopStand]:
    """Every account and shop, by the names of the shops; which scope `ledger` is in afterwards is left open."""
    runs, counts = _newest_runs(ledger), _counts(ledger)
    scopes = sorted(all_scopes(ledger), key=lambda one: (one.scope.shop, one.scope.account_name, one.id))
    return [ShopStand(one, run := runs.get(one.id), _is_at_work(ledger, one, run), counts[one.id]) for one in scopes]


def _newest_runs(ledger: Ledger) -> dict[int, Run]:
    of_target = t.runs.c.kind == "run"
    newest = (
        sa.select(t.runs.c.scope_id, sa.func.max(t.runs.c.number).label("number"))
        .where(of_target)
        .group_by(t.runs.c.scope_id)
        .subquery()
    )
    here = sa.and_(t.runs.c.scope_id == newest.c.scope_id, t.runs.c.number == newest.c.number)
    query = sa.select(t.runs.c.scope_id, *columns_for(Run, t.runs)).select_from(t.runs.join(newest, here))
    return {row[0]: Run(*row[1:]) for row in ledger.read(query)}


def _counts(ledger: Ledger) -> defaultdict[int, Counts]:
    counted: defaultdict[int, Counts] = defaultdict(Counter)
    for stream, table in TABLES.items():
        columns = table.c.scope_id, table.c.fate
        for scope, fate, count in ledger.read(sa.select(*columns, sa.func.count()).group_by(*columns)):
            counted[scope][stream, fate] += int(count)
    return counted


def _is_at_work(ledger: Ledger, one: NumberedScope, run: Run | None) -> bool:
    """Whether a run is going on; the lock is looked at only where it has no end."""
    if run is None or run.ended_at is not None:
        return False
    ledger.enter_scope(one.scope.account, one.scope.account_name, one.scope.shop, create=False)
    return ledger.is_locked()
