"""How a run ended, as a state, a sentence and an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.words import say
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from target_esputnik.ledger.rows import Run
    from target_esputnik.ledger.store import Ledger

DONE: Final = 0
FAILED: Final = 1
PERSON: Final = 2
TOO_MANY_REJECTED: Final = 3


@dataclass(frozen=True)
class Verdict:
    """One run's end.

    Attributes:
        state: `ended`, `running`, or `died`: it has no end, and nobody is at work.
        code: the exit code of the contract.
        sentence: to follow "the run".
    """

    state: str
    code: int
    sentence: str


def verdict_of(run: Run, *, at_work: bool, failed_outside: bool = False) -> Verdict:
    """The verdict on a run.

    Args:
        run: the run.
        at_work: whether a run holds the ledger's lock.
        failed_outside: whether Meltano says that the whole failed: to the target, a tap that fails is one that has no
            more to say.
    """
    if run.ended_at is None or run.exit_code is None:
        state = "running" if at_work else "died"
        return Verdict(state, FAILED, say(f"verdict.{state}"))
    if run.exit_code == DONE and failed_outside:
        return Verdict("ended", FAILED, say("verdict.outside"))
    if run.exit_code == DONE:
        sentence = say("verdict.done")
    elif run.exit_code == TOO_MANY_REJECTED:
        sentence = say("verdict.too_many_rejected")
    elif run.exit_code > 128:  # noqa: PLR2004 - 128 + the signal, as shells have it
        sentence = say("verdict.signal")
    else:
        name = "verdict.person" if run.exit_code == PERSON else "verdict.failed"
        sentence = say(name, error=run.error or "unexpected")
    return Verdict("ended", run.exit_code, sentence)


def current_verdict(ledger: Ledger, run: Run, *, failed_outside: bool = False) -> Verdict:
    """The verdict on the newest run; the lock is looked at only where it has no end."""
    return verdict_of(run, at_work=run.ended_at is None and ledger.is_locked(), failed_outside=failed_outside)


COUNTED: Final = {"read": "fates", "derived": "derived", "carried": "carried"}
"""Where a count comes from, and its name in a run's counts."""


def rows_of(run: Run) -> list[tuple[str, str, str, str, int]]:
    """The counts of a run: where from, stream, fate, reason or "", records; none where it has no end."""
    return counted_in(json.loads(run.counts) if run.counts else {})


def counted_in(counts: Mapping[str, Any]) -> list[tuple[str, str, str, str, int]]:
    """The same of counts as `Tally.as_json` gives them."""
    return [
        (source, stream, fate, reason, count)
        for source, name in COUNTED.items()
        for stream, fate, reason, count in counts.get(name, [])
    ]


def count_facts(rows: Iterable[tuple[str, str, str, str, int]]) -> list[dict[str, Any]]:
    """Such rows as JSON."""
    return [
        {"from": source, "stream": stream, "result": fate, "reason": reason or None, "count": count}
        for source, stream, fate, reason, count in rows
    ]


COUNT_COLUMNS: Final = ("stream", "source", "result", "reason", "count")


def count_cells(rows: Iterable[tuple[str, str, str, str, int]]) -> list[tuple[str, ...]]:
    """Such rows as a table of COUNT_COLUMNS."""
    return [
        (name_of("stream", stream), say(f"source.{source}"), name_of("fate", fate), reason, str(count))
        for source, stream, fate, reason, count in rows
    ]


def as_facts(run: Run, verdict: Verdict) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "number": run.number,
        "kind": run.kind,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "state": verdict.state,
        "exit_code": verdict.code,
        "error": run.error,
        "sentence": run.sentence,
        "meltano_run_id": run.meltano_run_id,
        "counts": count_facts(rows_of(run)),
    }
