"""A span of time is read without a gap, in order, in windows that fit the shop, few of them in memory at once."""

from __future__ import annotations

import datetime as dt
import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_horoshop.paging import TooManyRows, Window
from tap_horoshop.windows import in_order, read_span

if TYPE_CHECKING:
    from tap_horoshop.records import Row

BEGIN = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - the shop's clock has no zone
SECOND = dt.timedelta(seconds=1)


class Shelf:
    """Stands for a listing: rows at certain seconds; a window with too many of them asks to be cut."""

    rows_of_a_window = 20

    def __init__(self, at: list[int]) -> None:
        self.at = at
        self.lock = threading.Lock()
        self.being_read = 0
        self.most_at_once = 0

    def read(self, window: Window) -> list[Row]:
        """Return the rows of a window."""
        with self.lock:
            self.being_read += 1
            self.most_at_once = max(self.most_at_once, self.being_read)
        first, last = (int((end - BEGIN) / SECOND) for end in window)
        rows = [{"at": at} for at in self.at if first <= at <= last]
        with self.lock:
            self.being_read -= 1
        if len(rows) > 50 and first < last:
            raise TooManyRows
        return rows


@settings(max_examples=60, deadline=None)
@given(
    at=st.lists(st.integers(0, 4 * 365 * 86400), max_size=300),
    crowd=st.integers(0, 120),
    seconds=st.integers(1, 4 * 365 * 86400),
    parallel=st.integers(1, 5),
)
def test_every_second_is_in_exactly_one_window_and_they_come_in_order(
    at: list[int], crowd: int, seconds: int, parallel: int
) -> None:
    shelf = Shelf(at + [seconds // 2] * crowd)
    span = Window(BEGIN, BEGIN + seconds * SECOND)

    read = list(read_span(shelf, span, parallel=parallel))  # type: ignore[arg-type]

    assert read[0].window.first == span.first
    assert read[-1].window.last == span.last
    assert all(b.window.first - a.window.last == SECOND for a, b in pairwise(read))
    assert sorted(row["at"] for one in read for row in one.rows) == sorted(a for a in shelf.at if a <= seconds)
    assert shelf.most_at_once <= parallel


def test_a_span_that_ends_before_it_begins_asks_for_nothing() -> None:
    shelf = Shelf([1])

    assert list(read_span(shelf, Window(BEGIN, BEGIN - SECOND), parallel=2)) == []  # type: ignore[arg-type]
    assert shelf.most_at_once == 0


def test_a_failure_comes_at_its_place_after_the_windows_before_it() -> None:
    def half(number: int) -> int:
        if number == 7:
            raise ValueError
        return number

    results = in_order(half, range(20), parallel=4)

    assert [next(results)[1] for _ in range(7)] == list(range(7))
    with pytest.raises(ValueError, match=r"^$"):
        next(results)


def test_results_come_in_the_order_of_the_arguments() -> None:
    assert [result for _, result in in_order(lambda number: number * 2, range(50), parallel=8)] == list(
        range(0, 100, 2)
    )
