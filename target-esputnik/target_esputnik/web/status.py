"""The one sentence on top of the first page: what is the matter, the worst first, and where to look."""

from __future__ import annotations

import itertools
import statistics
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from target_esputnik import fates
from target_esputnik.cli.run_record import failed_outside, known_to_meltano
from target_esputnik.cli.verdicts import FAILED, PERSON
from target_esputnik.ledger import reports
from target_esputnik.ledger.moments import moment_of
from target_esputnik.ledger.run_history import freshness
from target_esputnik.ledger.standing import STREAMS
from target_esputnik.web.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_esputnik.ledger.rows import Run
    from target_esputnik.web.visit import Visit

BAD: Final = "bad"
WAITING: Final = "waiting"
GOOD: Final = "good"
QUIET: Final = "quiet"
RUNS_FOR_A_RHYTHM: Final = 12
GAPS_MISSED: Final = 3
LEAST_SILENCE: Final = 2 * 3600.0
SIGNAL: Final = 128


class Note(NamedTuple):
    """One thing to say.

    Attributes:
        level: `bad` (needs a person), `waiting`, `good` or `quiet`.
        text: the sentence.
        href: where it leads; None where there is nothing to see.
    """

    level: str
    text: str
    href: str | None = None


def needing_a_person(visit: Visit) -> frozenset[str]:
    """The reasons of held records that no run ends by itself."""
    doubtful = {fates.IN_DOUBT} if visit.house.settings.in_doubt_orders == "hold" else set()
    return frozenset({fates.UNMAPPED_STATUS, fates.DELETED_THERE} | doubtful)


def status_of(visit: Visit, counted: Mapping[tuple[str, str, str], int]) -> dict[str, Any]:
    """The sentence, and what else is to be said, less and less bad.

    Args:
        visit: of the first page.
        counted: the records of the period by stream, fate and reason.
    """
    runs = reports.last_runs(visit.ledger, limit=RUNS_FOR_A_RHYTHM)
    notes = [*_of_runs(visit, runs), *_of_records(visit, counted)]
    if not runs:
        notes = [Note(QUIET, say("web.status.no_run"))]
    elif not any(note.level == BAD for note in notes):
        notes.append(_all_well(visit, runs, waiting=any(note.level == WAITING for note in notes)))
    notes.sort(key=lambda note: (BAD, GOOD, WAITING, QUIET).index(note.level))
    return {"first": notes[0], "others": notes[1:], "last": runs[0] if runs else None}


def _of_runs(visit: Visit, runs: Sequence[Run]) -> list[Note]:
    """The newest run if it is going on or failed; and whether none came for too long."""
    if not runs:
        return []
    newest, notes = runs[0], []
    href = visit.link(f"/run/{newest.number}")
    if newest.exit_code is None:
        at_work = visit.ledger.is_locked()
        word = "web.status.running" if at_work else "web.status.died"
        notes.append(Note(QUIET if at_work else WAITING, say(word, ago=visit.tell.ago(newest.started_at)), href))
    elif newest.exit_code == PERSON:
        notes.append(Note(BAD, say("web.status.person", ago=visit.tell.ago(newest.ended_at)), href))
    elif newest.exit_code == FAILED or newest.exit_code > SIGNAL or failed_outside(newest, known_to_meltano([newest])):
        notes.append(Note(WAITING, say("web.status.incomplete", ago=visit.tell.ago(newest.ended_at)), href))
    usual = rhythm_of(runs)
    silent = (visit.now - moment_of(newest.ended_at or newest.started_at)).total_seconds()
    if usual is not None and newest.exit_code is not None and silent > max(GAPS_MISSED * usual, LEAST_SILENCE):
        told = say("web.status.silent", ago=visit.tell.ago(newest.started_at), usual=visit.tell.span(usual))
        notes.append(Note(BAD, told, visit.link("/runs")))
    return notes


def rhythm_of(runs: Sequence[Run]) -> float | None:
    """The seconds that usually lie between two runs; None where there are too few to tell."""
    begun = sorted(moment_of(run.started_at) for run in runs)
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(begun)]
    return statistics.median(gaps) if len(gaps) > 1 else None


def _of_records(visit: Visit, counted: Mapping[tuple[str, str, str], int]) -> list[Note]:
    """Rejected records, and held ones; those that a person must see to apart from those that go by themselves."""
    mine = needing_a_person(visit)
    notes = []
    for stream in reversed(STREAMS):  # orders first: they are what a shop lives on
        rejected = sum(n for (one, fate, _), n in counted.items() if (one, fate) == (stream, fates.REJECTED))
        held = {r: n for (one, fate, r), n in counted.items() if (one, fate) == (stream, fates.HELD) and n}
        if rejected:
            name = f"web.status.rejected.{stream}"
            notes.append(_note(visit, BAD, name, count=rejected, stream=stream, fate=fates.REJECTED))
        for reason in sorted(set(held) & mine):
            name = f"web.status.held.{stream}"
            told = _note(visit, BAD, name, count=held[reason], stream=stream, fate=fates.HELD, reason=reason)
            notes.append(told)
        healing = sum(n for reason, n in held.items() if reason not in mine | {fates.ERASED})
        if healing:
            name = f"web.status.healing.{stream}"
            notes.append(_note(visit, WAITING, name, count=healing, stream=stream, fate=fates.HELD))
    return notes


def _note(visit: Visit, level: str, name: str, *, count: int, stream: str, fate: str, reason: str = "") -> Note:
    words = say(f"web.reason.{reason}") if reason else ""
    why = {"why": words[:1].lower() + words[1:]} if reason else {}
    href = visit.link(f"/{stream}", result=fate, reason=reason, **visit.chosen.query)
    return Note(level, say(name, count=count, shown=visit.tell.number(count), **why), href)


def _all_well(visit: Visit, runs: Sequence[Run], *, waiting: bool) -> Note:
    last = max(filter(None, (freshness(visit.ledger, stream).accepted for stream in STREAMS)), default=None)
    if last is None:
        ended = next((run.ended_at for run in runs if run.ended_at), runs[0].started_at)
        return Note(GOOD, say("web.status.nothing_due", ago=visit.tell.ago(ended)))
    word = "web.status.all_but_waiting" if waiting else "web.status.all_delivered"
    return Note(GOOD, say(word, ago=visit.tell.ago(last)))
