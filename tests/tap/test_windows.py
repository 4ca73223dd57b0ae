"""A span of time is read without a gap, in order, with few requests, and little of it is in memory at once."""

from __future__ import annotations

import datetime as dt
import threading
import tracemalloc
import weakref
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_horoshop.ahead import PAGES_IN_WAIT, ROWS_IN_WAIT
from tap_horoshop.errors import AnswerUnexpectedError
from tap_horoshop.paging import ROWS_OF_A_WINDOW, Listing, Window
from tap_horoshop.shop_time import STAMP
from tap_horoshop.windows import in_order, read_span

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - the shop's clock has no zone
SECOND = dt.timedelta(seconds=1)
YEAR = 365 * 86400
LONG = Window(BEGIN - 50 * YEAR * SECOND, BEGIN + 3 * YEAR * SECOND)


class Row(dict[str, Any]):
    """A row of which can be told whether somebody holds it still."""

    __hash__ = object.__hash__


class Shelf:
    """The shop's side of a listing: rows at certain seconds, and what reading them took."""

    def __init__(self, at: list[int], *, newest_first: bool = False, cap: int = 10**9) -> None:
        self.at = sorted(at)
        self.newest_first = newest_first
        self.cap = cap
        self.lock = threading.Lock()
        self.requests = 0
        self.in_memory: weakref.WeakSet[Row] = weakref.WeakSet()
        self.most_in_memory = 0
        self.under_way = 0
        self.most_under_way = 0
        self.fails_after: int | None = None

    def call(self, _method: str, **asked: Any) -> dict[str, Any]:
        """Answer a request."""
        with self.lock:
            self.requests += 1
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            if self.fails_after is not None and self.requests > self.fails_after:
                raise AnswerUnexpectedError("no_rows", method="things/get")
        first, last = (int((dt.datetime.fromisoformat(asked[end]) - BEGIN) / SECOND) for end in ("from", "to"))
        begin, end = bisect_left(self.at, first), bisect_left(self.at, last + 1)
        size = min(asked["limit"], self.cap)
        places = range(begin, end)[:: -1 if self.newest_first else 1][asked["offset"] :][:size]
        rows = [
            Row(id=place, at=self.at[place], made=(BEGIN + self.at[place] * SECOND).strftime(STAMP)) for place in places
        ]
        with self.lock:
            self.under_way -= 1
            self.in_memory.update(rows)
            self.most_in_memory = max(self.most_in_memory, len(self.in_memory))
        return {"things": rows} if rows else {}

    def listing(self, page_size: int = 100) -> Listing:
        """Return the listing that reads from here."""
        return Listing(self.call, method="things/get", rows="things", key="id", stamp="made", page_size=page_size)


def growing(count: int) -> list[int]:
    """Return seconds within three years; three times as many in the last as in the first."""
    return [int(3 * YEAR * (index / count) ** 0.7) for index in range(count)]


@pytest.fixture
def _small_windows() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", 20)
        yield


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("newest_first", [True, False])
def test_every_second_is_in_exactly_one_window_and_they_come_in_order(newest_first: bool) -> None:
    @settings(max_examples=100, deadline=None)
    @given(
        at=st.lists(st.integers(0, 4 * YEAR), max_size=300),
        crowd=st.integers(0, 120),
        seconds=st.integers(1, 4 * YEAR),
        parallel=st.integers(1, 5),
    )
    def prove(at: list[int], crowd: int, seconds: int, parallel: int) -> None:
        shelf = Shelf(at + [seconds // 2] * crowd, newest_first=newest_first)
        span = Window(BEGIN, BEGIN + seconds * SECOND)

        read = list(read_span(shelf.listing(10), span, parallel=parallel))

        whole = [piece.whole for piece in read if piece.whole]
        assert whole[0].first == span.first
        assert whole[-1].last == span.last
        assert all(b.first - a.last == SECOND for a, b in pairwise(whole))
        assert sorted(row["at"] for piece in read for row in piece.rows) == [a for a in shelf.at if a <= seconds]
        assert shelf.most_under_way <= parallel

    prove()


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("newest_first", [True, False])
def test_when_a_window_is_told_to_be_whole_all_rows_up_to_its_end_have_come(newest_first: bool) -> None:
    shelf = Shelf(growing(700), newest_first=newest_first)
    came: set[int] = set()
    ends = []

    for piece in read_span(shelf.listing(10), LONG, parallel=3):
        came.update(row["at"] for row in piece.rows)
        if piece.whole:
            end = int((piece.whole.last - BEGIN) / SECOND)
            assert {at for at in shelf.at if at <= end} <= came
            ends.append(end)

    assert len(ends) > 20


@pytest.mark.parametrize("count", [10_000, 20_000, 100_000])
@pytest.mark.parametrize(("newest_first", "cap", "spare"), [(False, 100, 20), (True, 100, 60), (False, 30, 20)])
def test_few_requests_bring_no_new_row(count: int, newest_first: bool, cap: int, spare: int) -> None:
    """At most two for each window, and a number that does not grow with the shop, until its density is known."""
    shelf = Shelf(growing(count), newest_first=newest_first, cap=cap)

    rows = [row["id"] for piece in read_span(shelf.listing(), LONG, parallel=4) for row in piece.rows]

    assert sorted(rows) == list(range(count))
    windows = count / ROWS_OF_A_WINDOW
    assert shelf.requests <= count / (min(cap, 100) - 5) + 3.5 * windows + spare


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 2), (50, 3), (100, 3), (190, 6)])
def test_a_small_span_takes_a_handful_of_requests(count: int, requests: int) -> None:
    shelf = Shelf(growing(count))

    assert sum(len(piece.rows) for piece in read_span(shelf.listing(), LONG, parallel=4)) == count
    assert shelf.requests <= requests


@pytest.mark.parametrize("page_size", [100, 500])
@pytest.mark.parametrize("newest_first", [True, False])
def test_few_rows_are_in_memory_at_once_whatever_a_window_holds(page_size: int, newest_first: bool) -> None:
    shelf = Shelf(growing(60_000), newest_first=newest_first)
    taken = 0

    for piece in read_span(shelf.listing(page_size), LONG, parallel=4):
        taken += len(piece.rows)
        if taken > 20_000:
            threading.Event().wait(0.002)  # as a target that is slower than the shop

    assert taken == 60_000
    # What waits, what is under way, the page that was read last and the one before.
    assert shelf.most_in_memory <= max(ROWS_IN_WAIT, 4 * page_size) + (4 + 2 + 2) * page_size


@pytest.mark.parametrize("newest_first", [True, False])
def test_what_is_remembered_of_rows_that_left_does_not_grow_with_the_shop(newest_first: bool) -> None:
    """The first window, the whole span, is cut; which of its rows have left is known only until they are met again."""
    shelf = Shelf(growing(80_000), newest_first=newest_first)
    tracemalloc.start()
    try:
        assert sum(len(piece.rows) for piece in read_span(shelf.listing(), LONG, parallel=4)) == 80_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # The rows in wait take most of that; the keys of all rows would take another six.
    assert peak < 5 * 2**20


def test_a_span_that_ends_before_it_begins_asks_for_nothing() -> None:
    shelf = Shelf([1])

    assert list(read_span(shelf.listing(), Window(BEGIN, BEGIN - SECOND), parallel=2)) == []
    assert shelf.requests == 0


def test_a_failure_comes_after_what_was_read_before_it_and_ends_the_reading() -> None:
    shelf = Shelf(growing(20_000))
    shelf.fails_after = 120
    read = []

    with pytest.raises(AnswerUnexpectedError):
        read.extend(read_span(shelf.listing(), LONG, parallel=4))  # the list keeps what came before
    assert shelf.requests <= 120 + PAGES_IN_WAIT * 4  # what was asked for ahead of the failure's place
    assert sum(piece.whole is not None for piece in read) > 0
    assert len({row["id"] for piece in read for row in piece.rows}) > 9000


def test_a_failure_comes_at_its_place_after_the_results_before_it() -> None:
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
