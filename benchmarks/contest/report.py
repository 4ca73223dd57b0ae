"""What was found, as tables and sentences for docs/performance.md, and whether the bars hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contest.contestants import FLOOR, OURS, TABLE, VANILLA
from contest.figures import ratios
from contest.race import AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from contest.figures import Figures
    from contest.race import Race

MOST_MEGABYTES = 160
MOST_START = 0.6


@dataclass(frozen=True)
class Bar:
    """A promise and what was measured; it holds while `measured` is not over `most`."""

    what: str
    measured: float
    most: float

    @property
    def holds(self) -> bool:
        """Whether it is kept."""
        return self.measured <= self.most

    def line(self) -> str:
        """Return it as a row of a table."""
        return f"| {self.what} | {self.most:g} | {self.measured:.2f} | {'yes' if self.holds else '**no**'} |"


def race_bars(quick: Race, slow: Race) -> list[Bar]:
    """Return the bars of the comparison. `quick` is without a delay, `slow` with one."""
    figures, waited = quick.figures, slow.figures
    first = figures[OURS]
    return [
        Bar("wall, 50 ms, of the vanilla pair's", waited[OURS].wall / waited[VANILLA].wall, 0.25),
        Bar("wall, 50 ms, of the asyncio floor's", waited[OURS].wall / waited[FLOOR].wall, 1.6),
        Bar("wall, 0 ms, of the vanilla pair's", first.wall / figures[VANILLA].wall, 0.45),
        Bar("processor, 0 ms, of the vanilla pair's", first.processor / figures[VANILLA].processor, 0.40),
        Bar("processor of a second run, of the first one's", figures[AGAIN].processor / first.processor, 0.5),
        Bar("peak memory, both processes, MB", first.megabytes, MOST_MEGABYTES),
    ]


def start_bars(seconds: Mapping[str, float]) -> list[Bar]:
    """Return the bar of each command's start; `seconds` are middle times."""
    return [
        Bar(f"start of {command.replace(' ', ' with ')}, s", taken, MOST_START) for command, taken in seconds.items()
    ]


def bars_table(bars: Sequence[Bar]) -> str:
    """Return the bars as a table."""
    return "\n".join(["| bar | at most | measured | kept |", "|---|---|---|---|", *(bar.line() for bar in bars)])


def race_table(quick: Race, slow: Race) -> str:
    """Return what each contestant took: figures, and in brackets their ratio to the vanilla pair's."""
    head = (
        f"| | wall, 0 ms, s | processor, s | wall, {slow.delay * 1000:g} ms, s | peak memory, MB "
        "| requests to the shop | to eSputnik | spread |"
    )
    shown = [
        {name: figure.wall for name, figure in quick.figures.items()},
        {name: figure.processor for name, figure in quick.figures.items()},
        {name: figure.wall for name, figure in slow.figures.items()},
    ]
    compared = [ratios(values, VANILLA) for values in shown]
    rows = []
    for name in [*(one.name for one in TABLE), AGAIN]:
        cells = [f"{values[name]:.2f} ({ratio[name]:.2f})" for values, ratio in zip(shown, compared, strict=True)]
        asked, figure = quick.requests[name], quick.figures[name]
        rest = [f"{figure.megabytes:.0f}", str(asked["shop"]), str(asked["esputnik"]), f"{figure.spread:.2f}"]
        rows.append(f"| {' | '.join([name, *cells, *rest])} |")
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])


def compared(quick: Race, slow: Race) -> dict[str, dict[str, float]]:
    """Return the ratios to the vanilla pair that the picture shows: by series, by contestant."""

    def of(race: Race, figure: str) -> dict[str, float]:
        names: dict[str, Figures] = race.figures
        return ratios({one.name: getattr(names[one.name], figure) for one in TABLE}, VANILLA)

    return {
        "wall, 0 ms": of(quick, "wall"),
        "processor": of(quick, "processor"),
        f"wall, {slow.delay * 1000:g} ms a request": of(slow, "wall"),
    }


def put(path: Path, part: str, text: str) -> None:
    """Write text between the marks of a part of a document, and leave the rest of it alone.

    Raises:
        ValueError: the document has no such part.
    """
    before = path.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- measured: {part} -->\n).*?(<!-- /measured: {part} -->)", re.DOTALL)
    if not marked.search(before):
        raise ValueError(f"{path.name} has no part {part}")
    path.write_text(marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", before), encoding="utf-8")
