"""The runs, and one run: how it ended, whether it heals by itself, what it read, asked and sent, and when."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.run_record import failed_outside, known_to_meltano
from target_esputnik.cli.verdicts import DONE, PERSON, TOO_MANY_REJECTED, rows_of, verdict_of
from target_esputnik.errors import retold
from target_esputnik.ledger import reports
from target_esputnik.ledger.moments import moment_of
from target_esputnik.ledger.run_history import (
    request_counts,
    requests_of,
    runs_before,
    sends_of_run,
)
from target_esputnik.ledger.traffic import ANSWERED
from target_esputnik.web import charts
from target_esputnik.web.visit import NotThere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_esputnik.ledger.rows import Run
    from target_esputnik.ledger.run_history import Asked
    from target_esputnik.web.visit import Visit

RUNS: Final = 50
SENDS: Final = 100
MOST_REQUESTS: Final = 20_000
FATES_SHOWN: Final = ("accepted", "held", "rejected")
SIGNAL: Final = 128


def kind_of(run: Run, *, at_work: bool, outside: bool = False) -> str:
    """How a run ended, in one of: `done`, `running`, `incomplete` (heals by itself), `failed` (needs a person).

    Args:
        run: the run.
        at_work: whether it is going on.
        outside: whether Meltano says that the whole failed, though the target did not.
    """
    if run.ended_at is None or run.exit_code is None:
        return "running" if at_work else "incomplete"
    if run.exit_code == DONE:
        return "incomplete" if outside else "done"
    return "failed" if run.exit_code in {PERSON, TOO_MANY_REJECTED} else "incomplete"


def runs(visit: Visit) -> Mapping[str, Any]:
    """The runs, the newest first; the template is `runs.html`."""
    before = _number(visit.query.get("before", ""))
    found = runs_before(visit.ledger, before, limit=RUNS + 1)
    shown = found[:RUNS]
    asked = request_counts(visit.ledger, shown)
    meltano = known_to_meltano(shown)
    at_work = before is None and any(run.ended_at is None for run in shown[:1]) and visit.ledger.is_locked()
    lines = []
    for place, run in enumerate(shown):
        older = found[place + 1] if place + 1 < len(found) else None
        lines.append(
            _line(visit, run, at_work=at_work and place == 0, outside=failed_outside(run, meltano))
            | {
                "requests": asked.get(run.id, (0, 0)),
                "meltano": meltano.get(run.meltano_run_id or ""),
                "new_settings": older is not None and older.settings_hash != run.settings_hash,
            }
        )
    return {
        "lines": lines,
        "next": visit.same_but(before=shown[-1].number) if len(found) > RUNS else None,
        "first": visit.same_but(before=None) if before is not None else None,
        "fates_shown": FATES_SHOWN,
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def _line(visit: Visit, run: Run, *, at_work: bool, outside: bool) -> dict[str, Any]:
    by_fate: Counter[str] = Counter()
    for _, _, fate, _, count in rows_of(run):
        by_fate[fate] += count
    return {
        "run": run,
        "href": visit.link(f"/run/{run.number}"),
        "kind": kind_of(run, at_work=at_work, outside=outside),
        "verdict": verdict_of(run, at_work=at_work, failed_outside=outside).sentence,
        "seconds": _seconds(run),
        "by_fate": by_fate,
    }


def _seconds(run: Run) -> float | None:
    if run.ended_at is None:
        return None
    return (moment_of(run.ended_at) - moment_of(run.started_at)).total_seconds()


def run(visit: Visit, number: str) -> Mapping[str, Any]:
    """One run; the template is `run.html`. Raises NotThere."""
    asked_for = _number(number)
    found = reports.run_with(visit.ledger, asked_for) if asked_for is not None else None
    if found is None:
        raise NotThere("web.no_run", id=number[:20])
    before = reports.run_with(visit.ledger, found.number - 1)
    at_work = found.ended_at is None and found.number == visit.ledger.scope.run_number and visit.ledger.is_locked()
    requests = requests_of(visit.ledger, found, limit=MOST_REQUESTS)
    after = _number(visit.query.get("after", "")) or 0
    sends = sends_of_run(visit.ledger, found, after=after, limit=SENDS + 1)
    known = known_to_meltano([found])
    return _line(visit, found, at_work=at_work, outside=failed_outside(found, known)) | {
        "sentence": retold(found.error, found.sentence) if found.sentence else "",
        "new_settings": before is not None and before.settings_hash != found.settings_hash,
        "older": visit.link(f"/run/{before.number}") if before else None,
        "newer": visit.link(f"/run/{found.number + 1}") if found.number < visit.ledger.scope.run_number else None,
        "meltano": known.get(found.meltano_run_id or ""),
        "bookmarks": reports.bookmarks_of(found),
        "counts": _counts(found),
        "lanes": _lanes(found, requests, visit),
        "requests": len(requests),
        "more_requests": len(requests) == MOST_REQUESTS,
        "failed_requests": [one for one in requests if one.outcome != ANSWERED][:SENDS],
        "sends": [{"sent": sent, "href": visit.link(f"/{sent.kind}/{sent.key}")} for sent in sends[:SENDS]],
        "next": visit.same_but(after=sends[SENDS - 1].id) if len(sends) > SENDS else None,
        "first": visit.same_but(after=None) if after else None,
    }


def _counts(found: Run) -> list[dict[str, Any]]:
    """What records ended in: from the tap, made from orders, and left by earlier runs."""
    lines: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for source, stream, fate, reason, count in rows_of(found):
        lines[source, stream].append({"fate": fate, "reason": reason, "count": count})
    return [
        {"source": source, "stream": stream, "parts": parts, "sum": sum(part["count"] for part in parts)}
        for (source, stream), parts in lines.items()
    ]


def _lanes(found: Run, requests: Sequence[Asked], visit: Visit) -> list[dict[str, Any]]:
    """The requests on a line of time, a lane for each endpoint."""
    begin = moment_of(found.started_at)
    end = moment_of(found.ended_at) if found.ended_at else visit.now
    ends = [(moment_of(one.at) - begin).total_seconds() + one.seconds for one in requests]
    whole = max([(end - begin).total_seconds(), *ends], default=0.0)
    by_endpoint: dict[str, list[Asked]] = defaultdict(list)
    for one in requests:
        by_endpoint[one.endpoint].append(one)
    lanes = []
    for endpoint, asked in by_endpoint.items():
        moments = [
            (at := (moment_of(one.at) - begin).total_seconds(), at + one.seconds, one.outcome != ANSWERED)
            for one in asked
        ]
        lanes.append(
            {
                "endpoint": endpoint,
                "count": len(asked),
                "failed": sum(one.outcome != ANSWERED for one in asked),
                "records": sum(one.records for one in asked),
                "seconds": sum(one.seconds for one in asked),
                "stretches": charts.lane(moments, whole),
            }
        )
    return lanes
