"""Which rows are old, and may be forgotten: the same conditions for who counts them and who deletes them."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from target_esputnik.ledger import tables as t

Conditions = list[sa.ColumnElement[bool]]

SETTLED: Final = ("accepted", "unchanged", "baseline")
UNSETTLED: Final = ("sending", "in_doubt")
KINDS: Final = ("contact", "order")


def old_payloads(scope: int, before: str) -> list[tuple[sa.Table, sa.Column[Any], Conditions]]:
    """The tables with personal data, the column of its content, and which rows were settled before a moment."""
    rows: list[tuple[sa.Table, sa.Column[Any], Conditions]] = []
    for table in (t.contacts, t.orders):
        settled = [table.c.scope_id == scope, table.c.fate.in_(SETTLED), table.c.updated_at < before]
        rows.append((table, table.c.record, [*settled, t.has_content(table)]))
    sends = t.sends.c
    settled = [sends.scope_id == scope, sends.at < before, sends.outcome.not_in(UNSETTLED)]
    return [*rows, (t.sends, sends.payload, [*settled, t.has_content(t.sends)])]


def old_rows(scope: int, before: str) -> dict[str, tuple[sa.Table, Conditions]]:
    """Requests, settled sends, ended imports and runs from before a moment, in the order in which they can go.

    The target's newest run stays, and the newest that wrote a STATE, whatever their age: the state that the tap keeps
    is of that one, and a ledger without it would seem to be lost. So does a run that something which stays belongs to.
    What was sent of a record after it was in doubt stays with the doubt, or that would seem to be the last word.
    """
    runs, requests, sends, imports = t.runs.c, t.requests.c, t.sends.c, t.imports.c
    ours = sa.select(runs.id).where(runs.scope_id == scope)
    newest_run = sa.select(sa.func.max(runs.number)).where(runs.scope_id == scope, runs.kind == "run")
    newest = newest_run.scalar_subquery()
    of_state = newest_run.where(runs.wrote_state.is_not(sa.false())).scalar_subquery()
    doubt = t.sends.alias().c
    in_doubt = sa.select(doubt.key).where(doubt.scope_id == scope, doubt.outcome.in_(UNSETTLED))
    old_request = requests.at < before
    old_send = sa.and_(sends.at < before, sends.outcome.not_in(UNSETTLED), sends.key.not_in(in_doubt))
    old_import = sa.and_(imports.state != "running", imports.ended_at < before)
    # Three questions, since each has an index: as one, `not old_send` reads every send of every old run.
    of_scope = sa.select(sends.run_id).where(sends.scope_id == scope)
    stays = [
        sa.exists().where(requests.run_id == runs.id, sa.not_(old_request)),
        sa.exists().where(sends.run_id == runs.id, sends.at >= before),
        runs.id.in_(of_scope.where(sends.outcome.in_(UNSETTLED))),
        runs.id.in_(of_scope.where(sends.kind.in_(KINDS), sends.key.in_(in_doubt))),
        sa.exists().where(imports.run_id == runs.id, sa.not_(sa.func.coalesce(old_import, sa.false()))),
    ]
    old_run = [runs.started_at < before, runs.ended_at.is_not(None), runs.number != newest]
    old_run.append(sa.func.coalesce(runs.number != of_state, sa.true()))
    return {
        "requests": (t.requests, [requests.run_id.in_(ours), old_request]),
        "sends": (t.sends, [sends.scope_id == scope, old_send]),
        "imports": (t.imports, [imports.scope_id == scope, old_import]),
        "runs": (t.runs, [runs.scope_id == scope, *old_run, *map(sa.not_, stays)]),
    }
