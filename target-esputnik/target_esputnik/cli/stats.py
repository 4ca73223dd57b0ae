"""`stats` and `last-run`: what became of records, in which requests, in which runs."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.run_record import (
    add_meltano_table,
    add_record,
    add_requests_table,
    add_stream_table,
    failed_outside,
    known_to_meltano,
    meltano_facts,
    record_facts,
    took,
)
from target_esputnik.cli.selectors import end_moment, moment, period_of, span
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.verdicts import (
    COUNT_COLUMNS,
    DONE,
    FAILED,
    as_facts,
    count_cells,
    count_facts,
    current_verdict,
    rows_of,
    verdict_of,
)
from target_esputnik.cli.words import say
from target_esputnik.errors import retold
from target_esputnik.ledger import reports
from target_esputnik.meltano_runs import exported_run_id
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.reports import Period, Requests
    from target_esputnik.ledger.rows import Run
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.meltano_runs import MeltanoRun


@ledger_command("stats", example="--last 7d")
@click.option("--from", "begin", callback=moment, metavar="MOMENT", help=say("option.runs_from"))
@click.option("--to", "end", callback=end_moment, metavar="MOMENT", help=say("option.runs_to"))
@click.option("--last", callback=span, metavar="SPAN", help=say("option.last"))
@click.option("--run", "number", type=int, metavar="NUMBER", help=say("option.one_run"))
@click.option("--runs", "shown", type=click.IntRange(min=0), default=10, show_default=True, help=say("option.runs"))
def stats(
    asked: Asked, *, begin: str | None, end: str | None, last: timedelta | None, number: int | None, shown: int
) -> int:
    """Contacts and orders by result and reason, requests by endpoint, runs."""
    period = period_of(begin, end, last)
    with asked.ledger_to_read() as ledger:
        asked.show(_sheet(ledger, period, shown) if number is None else _one_run(ledger, number))
    return DONE


def _one_run(ledger: Ledger, number: int) -> Sheet:
    run = reports.run_with(ledger, number)
    if run is None:
        sheet = Sheet({"number": None})
        sheet.say("stats.no_such_run", number=number)
        return sheet
    requests = reports.requests_of(ledger, run)
    facts = _run_facts(run, requests, known_to_meltano([run]), at_work=run.ended_at is None and ledger.is_locked())
    sheet = Sheet(facts)
    sheet.say("last-run.line", number=number, began=local(run.started_at), verdict=facts["verdict"])
    add_record(sheet, run, requests, facts)
    return sheet


def _sheet(ledger: Ledger, period: Period, shown: int) -> Sheet:
    runs = reports.runs_in(ledger, period)
    requests = reports.requests_by_run(ledger, period)
    stand = reports.fates_now(ledger)
    ended: Counter[tuple[str, str, str, str]] = Counter()
    for run in runs:
        for *what, count in rows_of(run):
            ended[what[0], what[1], what[2], what[3]] += count
    by_endpoint = _summed(line for lines in requests.values() for line in lines)
    newest = ledger.scope.run_number  # of all: one of a period that is over cannot be the one that is at work
    at_work = any(run.ended_at is None and run.number == newest for run in runs[:1]) and ledger.is_locked()
    known = known_to_meltano(runs[:shown])
    listed = [
        _run_facts(run, requests.get(run.id, []), known, at_work=at_work and run is runs[0]) for run in runs[:shown]
    ]
    sheet = Sheet(
        {
            "account": ledger.scope.account_name,
            "shop": ledger.scope.shop,
            "period": {"from": period.begin, "to": period.end},
            "now": [
                {"stream": stream, "result": fate, "reason": reason or None, "count": count}
                for (stream, fate, reason), count in sorted(stand.items())
            ],
            "ended": count_facts((*what, count) for what, count in sorted(ended.items())),
            "requests": [line._asdict() for line in by_endpoint],
            "runs": listed,
            "runs_in_all": len(runs),
        }
    )
    begin = local(period.begin) or say("stats.beginning")
    sheet.say("stats.period", begin=begin, end=local(period.end) or say("stats.now"))
    _tables(sheet, stand, ended, by_endpoint)
    sheet.table(
        say("stats.runs", shown=len(listed), all=len(runs)),
        ("run", "kind", "began", "verdict", "requests", "accepted", "held", "rejected"),
        [_run_row(facts) for facts in listed],
    )
    add_stream_table(sheet, listed)
    add_meltano_table(sheet, listed)
    return sheet


def _tables(
    sheet: Sheet,
    stand: Counter[tuple[str, str, str]],
    ended: Counter[tuple[str, str, str, str]],
    by_endpoint: Sequence[Requests],
) -> None:
    sheet.table(
        say("stats.stand"),
        ("stream", "result", "reason", "count"),
        [
            (name_of("stream", stream), name_of("fate", fate), reason, str(count))
            for (stream, fate, reason), count in sorted(stand.items())
        ],
    )
    sheet.table(
        say("stats.ended"),
        COUNT_COLUMNS,
        count_cells((*what, count) for what, count in sorted(ended.items(), key=lambda item: item[0][1:])),
    )
    add_requests_table(sheet, by_endpoint)


def _summed(lines: Iterable[Requests]) -> list[Requests]:
    requests: Counter[tuple[str, str]] = Counter()
    records: Counter[tuple[str, str]] = Counter()
    for line in lines:
        requests[line.endpoint, line.outcome] += line.requests
        records[line.endpoint, line.outcome] += line.records
    return [reports.Requests(*key, count, records[key]) for key, count in sorted(requests.items())]


def _run_facts(
    run: Run, requests: Sequence[Requests], known: dict[str, MeltanoRun], *, at_work: bool
) -> dict[str, Any]:
    verdict = verdict_of(run, at_work=at_work, failed_outside=failed_outside(run, known))
    by_fate: Counter[str] = Counter()
    for _, _, fate, _, count in rows_of(run):
        by_fate[fate] += count
    facts = as_facts(run, verdict)
    facts["counts"] = dict(by_fate)
    facts |= {"verdict": verdict.sentence, "requests": sum(line.requests for line in requests)}
    return facts | record_facts(run, requests, known)


def _run_row(facts: dict[str, Any]) -> tuple[str, ...]:
    by_fate = facts["counts"]
    counted = (str(by_fate.get(fate, 0)) for fate in ("accepted", "held", "rejected"))
    began = local(facts["started_at"])
    return (str(facts["number"]), facts["kind"], began, facts["verdict"], str(facts["requests"]), *counted)


@ledger_command("last-run", example="")
def last_run(asked: Asked) -> int:
    """The verdict of the last run, as sentence and exit code."""
    with asked.ledger_to_read() as ledger:
        exported = exported_run_id(os.environ)
        run = reports.last_run(ledger) if exported is None else reports.run_of_meltano(ledger, exported)
        if run is None:
            return _no_run(asked, exported)
        known = known_to_meltano([run])
        verdict = current_verdict(ledger, run, failed_outside=failed_outside(run, known))
    meltano = meltano_facts(run, known)
    sheet = Sheet(as_facts(run, verdict) | {"meltano": meltano})
    sheet.say("last-run.line", number=run.number, began=local(run.started_at), verdict=verdict.sentence)
    if run.sentence:
        sheet.parts.append(retold(run.error, run.sentence))
    if meltano is not None:
        ended = took(meltano["seconds"]) or say("verdict.running")
        sheet.say("last-run.meltano", id=run.meltano_run_id, job=meltano["job"], state=meltano["state"], took=ended)
    sheet.table("", COUNT_COLUMNS, count_cells(rows_of(run)))
    asked.show(sheet)
    return verdict.code


def _no_run(asked: Asked, exported: str | None) -> int:
    """None yet; or none of the Meltano run that is asked about, which failed before the target began."""
    code = DONE if exported is None else FAILED
    sheet = Sheet({"number": None, "state": "none" if exported is None else "absent", "exit_code": code})
    sheet.say("last-run.none" if exported is None else "last-run.absent", id=exported)
    asked.show(sheet)
    return code
