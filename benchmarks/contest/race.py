"""All contestants on the same work, in turns, each run checked."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from contest import pipe
from contest.calibration import factors, pulse
from contest.contestants import OURS, environment, keep_state, write_settings
from contest.exactly_once import problems, requests_by_side
from contest.figures import middle, rotated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contest.contestants import Contestant
    from contest.figures import Figures
    from contest.work import Work

    Say = Callable[[str], None]


@dataclass
class Race:
    """What was found with one delay.

    Attributes:
        delay: seconds that every answer took more.
        figures: by contestant; those of our second run, with nothing changed, under `AGAIN`.
        requests: to the shop and to eSputnik, by contestant.
        server: the sandbox's processor seconds in a run, by contestant.
        broken: what was not delivered exactly once, a sentence each.
    """

    delay: float
    figures: dict[str, Figures] = field(default_factory=dict)
    requests: dict[str, dict[str, int]] = field(default_factory=dict)
    server: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


AGAIN = "this project, second run"


def race(work: Work, contestants: Sequence[Contestant], *, delay: float, rounds: int, say: Say) -> Race:
    """Run each contestant `rounds` times; the first round is only for warming up, and counts for nothing."""
    found = Race(delay)
    by_name = {one.name: one for one in contestants}
    pythons = {one.name: one.python() for one in contestants}
    pulses: list[float] = []
    runs: list[tuple[str, pipe.Measured]] = []

    def measure(name: str, folder: Path) -> None:
        before = work.processor_seconds()
        pulses.append(pulse().processor)
        commands = by_name[OURS if name == AGAIN else name].commands(pythons[OURS if name == AGAIN else name], folder)
        runs.append((name, pipe.run(commands, environment(folder), folder)))
        found.server[name] = work.processor_seconds() - before
        say(f"{name}: {runs[-1][1].wall:.2f} s, processor {runs[-1][1].processor:.2f} s")

    for place, name in enumerate(rotated(list(by_name), rounds + 1)):
        if place == len(by_name):
            pulses.clear()
            runs.clear()
        work.begin(delay)
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        try:
            write_settings(folder, work.addresses)
            measure(name, folder)
            counts = work.counts()
            found.requests[name] = requests_by_side(counts)
            wrong = problems(counts, orders=work.orders, customers=work.customers)
            found.broken += [f"{name}, delay {delay:g} s: {sentence}" for sentence in wrong]
            if name == OURS:
                keep_state(folder)
                measure(AGAIN, folder)
                after, first = work.counts(), found.requests[OURS]
                found.requests[AGAIN] = {side: n - first[side] for side, n in requests_by_side(after).items()}
                wrong = problems(after, orders=work.orders, customers=work.customers)
                found.broken += [f"{AGAIN}, delay {delay:g} s: {sentence}" for sentence in wrong]
        finally:
            shutil.rmtree(folder)
    pulses.append(pulse().processor)
    _judge(found, runs, factors(pulses))
    return found


def _judge(found: Race, runs: Sequence[tuple[str, pipe.Measured]], speeds: Sequence[float]) -> None:
    by_name: dict[str, list[tuple[pipe.Measured, float]]] = defaultdict(list)
    for (name, run), speed in zip(runs, speeds, strict=True):
        by_name[name].append((run, speed))
    for name, measured in by_name.items():
        waiting = found.delay > 0
        found.figures[name] = middle([run for run, _ in measured], [speed for _, speed in measured], waiting=waiting)
