"""Our pair on shops of growing size: time and memory, each run checked."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contest import pipe
from contest.contestants import OURS, TABLE, environment, write_settings
from contest.exactly_once import problems
from contest.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ORDERS_OF_A_CUSTOMER = 20
MOST_GROWTH = 1.2
FLAT_FROM = 20_000


@dataclass(frozen=True)
class Grown:
    """A shop of so many orders, and what the run took."""

    orders: int
    run: pipe.Measured
    broken: tuple[str, ...]


def grow(sizes: Iterable[int]) -> Iterator[Grown]:
    """Yield what our pair takes for shops of these sizes, one after another."""
    ours = next(one for one in TABLE if one.name == OURS)
    for orders in sizes:
        customers = max(orders // ORDERS_OF_A_CUSTOMER, 1)
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as name,
            Work(Path(name), orders, customers) as work,
        ):
            folder = Path(name)
            write_settings(folder, work.addresses)
            run = pipe.run(ours.commands(ours.python(), folder), environment(folder), folder)
            yield Grown(orders, run, tuple(problems(work.counts(), orders=orders, customers=customers)))


def table(grown: Sequence[Grown]) -> str:
    """Return the runs as a table."""
    rows = [
        f"| {one.orders:,} | {one.run.wall:.1f} | {one.run.processor:.1f} | {one.orders / one.run.wall:,.0f} "
        f"| {one.run.megabytes:.0f} |"
        for one in grown
    ]
    head = "| orders | wall, s | processor, s | orders a second | peak memory, both processes, MB |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def growth(grown: Sequence[Grown]) -> str | None:
    """Return a sentence where memory is not flat from 20,000 orders on; None where it is, or was not looked at."""
    large = [one for one in grown if one.orders >= FLAT_FROM]
    if not large or large[-1].run.megabytes <= large[0].run.megabytes * MOST_GROWTH:
        return None
    first, last = large[0], large[-1]
    return (
        f"memory grows from {first.run.megabytes:.0f} MB with {first.orders:,} orders "
        f"to {last.run.megabytes:.0f} MB with {last.orders:,}"
    )
