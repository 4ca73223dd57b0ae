"""Pure: numbers as shapes. Charts are inline SVG in a box of fixed units that the page stretches; text is HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT: Final = 100
STEP: Final = 10
GAP: Final = 2
LEAST: Final = 2
"""So high is the smallest part of a bar that is not nothing: one rejected order among thousands must be seen."""

BINS: Final = 300


class Part(NamedTuple):
    """A part of a bar: what it shows, and its path."""

    name: str
    path: str


def bars(columns: Sequence[Sequence[tuple[str, int]]]) -> list[list[Part]]:
    """Stacked bars, one a column, from the bottom up; the highest fills the box.

    Args:
        columns: for each bar its parts, by name and number.
    """
    highest = max((sum(count for _, count in column) for column in columns), default=0)
    return [_bar(place, column, highest) for place, column in enumerate(columns)]


def _bar(place: int, column: Sequence[tuple[str, int]], highest: int) -> list[Part]:
    counted = [(name, count) for name, count in column if count > 0]
    heights = [max(HEIGHT * count / highest, LEAST) for _, count in counted]
    excess = sum(heights) - HEIGHT
    if excess > 0:  # what small parts gained, the largest gives
        heights[heights.index(max(heights))] -= excess
    left, width = place * STEP + GAP / 2, STEP - GAP
    parts = []
    bottom = float(HEIGHT)
    for (name, _), height in zip(counted, heights, strict=True):
        top = bottom - height
        parts.append(Part(name, f"M{left:g} {top:.4g}h{width}v{height:.4g}h-{width}z"))
        bottom = top
    return parts


@dataclass(frozen=True)
class Stretch:
    """A stretch of a timeline's lane, in thousandths of its width."""

    left: float
    width: float
    failed: bool


def lane(moments: Sequence[tuple[float, float, bool]], whole: float) -> list[Stretch]:
    """Requests as stretches of one lane; those that would lie upon each other are one.

    Args:
        moments: of each request its begin and end in seconds since the run's begin, and whether it failed.
        whole: the run's seconds.
    """
    bins: dict[int, bool] = {}
    for begin, end, failed in moments:
        first = _bin(begin, whole)
        for place in range(first, max(first, _bin(end, whole)) + 1):
            bins[place] = bins.get(place, False) or failed
    stretches: list[Stretch] = []
    for place in sorted(bins):
        last = stretches[-1] if stretches else None
        unit = 1000 / BINS
        if last is not None and last.failed == bins[place] and abs(last.left + last.width - place * unit) < unit / 2:
            stretches[-1] = Stretch(last.left, last.width + unit, last.failed)
        else:
            stretches.append(Stretch(place * unit, unit, bins[place]))
    return stretches


def _bin(seconds: float, whole: float) -> int:
    return min(max(int(seconds / whole * BINS) if whole > 0 else 0, 0), BINS - 1)
