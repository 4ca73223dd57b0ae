"""From runs to figures: medians, and ratios to one contestant."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contest.pipe import Measured


@dataclass(frozen=True)
class Figures:
    """The middle of several runs; seconds at the middle speed of the machine.

    Attributes:
        wall: seconds by the clock.
        processor: seconds.
        megabytes: peak of resident memory.
        spread: the slowest run's clock over the fastest one's.
    """

    wall: float
    processor: float
    megabytes: float
    spread: float


def middle(runs: Sequence[Measured], factors: Sequence[float], *, waiting: bool) -> Figures:
    """Return the middle of runs.

    Args:
        runs: of one contestant.
        factors: of each run (`calibration.factors`).
        waiting: most of the time was waiting for a network, which does not depend on the machine's speed; then the
            clock is taken as it is.
    """
    walls = [run.wall if waiting else run.wall * factor for run, factor in zip(runs, factors, strict=True)]
    processors = [run.processor * factor for run, factor in zip(runs, factors, strict=True)]
    memory = median(run.megabytes for run in runs)
    return Figures(median(walls), median(processors), memory, max(walls) / min(walls))


def rotated(names: Sequence[str], rounds: int) -> Iterable[str]:
    """Yield each name once a round; each round begins one further, so that nobody is always the first."""
    for start in range(rounds):
        for place in range(len(names)):
            yield names[(start + place) % len(names)]


def ratios(values: Mapping[str, float], base: str) -> dict[str, float]:
    """Return each value over that of `base`."""
    return {name: value / values[base] for name, value in values.items()}
