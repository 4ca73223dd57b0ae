"""One run in `stats`: Meltano's run that it was part of, what became of each stream, requests, and bookmarks."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.sheet import local
from target_esputnik.cli.verdicts import COUNT_COLUMNS, count_cells, count_facts, rows_of
from target_esputnik.cli.words import say
from target_esputnik.ledger import reports
from target_esputnik.meltano_runs import meltano_runs_of
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from target_esputnik.cli.sheet import Sheet
    from target_esputnik.ledger.reports import Requests
    from target_esputnik.ledger.rows import Run
    from target_esputnik.meltano_runs import MeltanoRun

FAIL: Final = "FAIL"
"""Meltano's own word."""


def known_to_meltano(runs: Collection[Run]) -> dict[str, MeltanoRun]:
    """What Meltano knows of the runs that it began, by its id; nothing where its database cannot be read."""
    return meltano_runs_of({run.meltano_run_id for run in runs if run.meltano_run_id}, os.environ)


def failed_outside(run: Run, known: dict[str, MeltanoRun]) -> bool:
    """Whether Meltano knows that a run failed which the target ended well: then it was the tap."""
    found = known.get(run.meltano_run_id or "")
    return found is not None and found.state == FAIL


def meltano_facts(run: Run, known: dict[str, MeltanoRun]) -> dict[str, Any] | None:
    """Meltano's run as JSON; None where it is not known."""
    found = known.get(run.meltano_run_id or "")
    if found is None:
        return None
    return {
        "job": found.job,
        "state": found.state,
        "started_at": found.started_at,
        "ended_at": found.ended_at,
        "seconds": found.seconds,
        "trigger": found.trigger,
    }


def record_facts(run: Run, requests: Sequence[Requests], known: dict[str, MeltanoRun]) -> dict[str, Any]:
    """What `stats --json` adds to a run's facts."""
    return {
        "meltano": meltano_facts(run, known),
        "ended": count_facts(rows_of(run)),
        "requests_by_endpoint": [line._asdict() for line in requests],
        "bookmarks": [
            {"stream": stream, "before": before, "after": after}
            for stream, (before, after) in reports.bookmarks_of(run).items()
        ],
    }


def took(seconds: float | None) -> str:
    """A time that something took, as a clock shows it: 0:00:12."""
    return "" if seconds is None else str(timedelta(seconds=round(seconds)))


# ---------------------------------------------------------------- many runs


def add_meltano_table(sheet: Sheet, runs: Sequence[dict[str, Any]]) -> None:
    """A row for each run that Meltano knows; `runs` are facts."""
    sheet.table(
        say("stats.meltano"),
        ("run", "job", "meltano_state", "began", "ended", "took", "trigger"),
        [(str(facts["number"]), *_meltano_cells(facts["meltano"])) for facts in runs if facts["meltano"] is not None],
    )


def _meltano_cells(meltano: dict[str, Any]) -> tuple[str, ...]:
    began, ended = local(meltano["started_at"]), local(meltano["ended_at"])
    return (meltano["job"], meltano["state"], began, ended, took(meltano["seconds"]), meltano["trigger"] or "")


def add_stream_table(sheet: Sheet, runs: Sequence[dict[str, Any]]) -> None:
    """A row for each run and stream: what became of it, and the bookmarks around it; `runs` are facts."""
    rows = []
    for facts in runs:
        marks = {mark["stream"]: mark for mark in facts["bookmarks"]}
        streams = sorted({row["stream"] for row in facts["ended"]} | marks.keys())
        for stream in streams:
            mark = marks.get(stream, {"before": None, "after": None})
            ended = [row for row in facts["ended"] if row["stream"] == stream]
            name = name_of("stream", stream)
            rows.append((str(facts["number"]), name, _in_words(ended), mark["before"] or "", mark["after"] or ""))
    sheet.table(say("stats.by_stream"), ("run", "stream", "result", "bookmark_before", "bookmark_after"), rows)


def _in_words(ended: Sequence[dict[str, Any]]) -> str:
    """Counts on one line: `40 accepted, 2 held (unmapped_status); made from orders: 17 accepted`."""
    parts = []
    for source in ("read", "derived", "carried"):
        counted = ", ".join(
            f"{row['count']} {name_of('fate', row['result'])}" + (f" ({row['reason']})" if row["reason"] else "")
            for row in ended
            if row["from"] == source
        )
        if counted:
            parts.append(counted if source == "read" else f"{say(f'source.{source}')}: {counted}")
    return "; ".join(parts)


# ---------------------------------------------------------------- one run


def add_record(sheet: Sheet, run: Run, requests: Sequence[Requests], facts: dict[str, Any]) -> None:
    """All of one run, table by table; `facts` are its own."""
    if run.meltano_run_id:
        sheet.say("stats.meltano_id", id=run.meltano_run_id)
    add_meltano_table(sheet, [facts])
    sheet.table(say("stats.ended_in_run"), COUNT_COLUMNS, count_cells(rows_of(run)))
    add_requests_table(sheet, requests)
    sheet.table(
        say("stats.bookmarks"),
        ("stream", "bookmark_before", "bookmark_after"),
        [(name_of("stream", mark["stream"]), mark["before"] or "", mark["after"] or "") for mark in facts["bookmarks"]],
    )


def add_requests_table(sheet: Sheet, requests: Sequence[Requests]) -> None:
    """Requests by endpoint and outcome."""
    sheet.table(
        say("stats.requests"),
        ("endpoint", "outcome", "requests", "records"),
        [(line.endpoint, line.outcome, str(line.requests), str(line.records)) for line in requests],
    )
