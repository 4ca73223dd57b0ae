"""A span of time as windows of a fitting width, read one after the other while the pages of the next are on their way.

How many rows there are, and when the first was made, is not known at first. So the whole span is one window; where it
turns out to hold more than a bookmark should wait for, it is cut where its own list says, or else in half.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tap_horoshop.ahead import Ahead, Course
from tap_horoshop.paging import Listing, MustBeCut, Window
from tap_horoshop.shop_time import SECOND

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from tap_horoshop.paging import Crowd
    from tap_horoshop.records import Row

WIDEST = 36525 * 86400  # seconds
MOST_GROWTH = 4
SURE = 2  # a guess that was not wrong by more than this factor is worth something
LEFT_OVER = 4  # a rest of less than this part of a window is read with it

T = TypeVar("T")
R = TypeVar("R")


class Piece(NamedTuple):
    """Rows that are new, and the window that is whole with them, where one is."""

    rows: list[Row]
    whole: Window | None = None


def read_span(listing: Listing, span: Window, *, parallel: int) -> Iterator[Piece]:
    """Read a span of time without a gap, each row once, window after window in order of time.

    Memory is flat whatever the size of the shop: of a window no more is kept than which rows were met.

    Args:
        listing: What to read.
        span: From when to when; nothing is read when it ends before it begins.
        parallel: How many requests are under way at the same time.

    Yields:
        Rows as soon as they are read; and at its end each window, read whole.
    """
    plan = Plan(span, listing)
    left_already: set[Hashable] = set()  # with windows that were cut then, and were not met again yet
    with Ahead(listing, plan.coming, parallel=parallel) as ahead:
        while course := plan.next():
            ahead.begin(course)
            came: set[Hashable] = set()
            try:
                for page in listing.read(course.window, ahead, expected=course.expected):
                    came.update(page)
                    yield Piece([row for identity, row in page.items() if identity not in left_already])
            except MustBeCut as finding:
                # What it brought has left already, and comes again with the parts.
                left_already |= came
                plan.cut(course.window, finding.crowd)
                ahead.forget_all()
                continue
            left_already -= came
            plan.take_in(course, len(came))
            yield Piece([], course.window)


class Plan:
    """The windows that are left to read, as wide as the rows met so far suggest.

    Args:
        span: What to read.
        listing: Knows how many rows a window should hold.
    """

    def __init__(self, span: Window, listing: Listing) -> None:
        self._listing = listing
        self._first, self._last = span
        self._made: deque[Course] = deque()
        self._rows_a_second: float | None = None
        self._is_sure = False
        self._crowded_until: dt.datetime | None = None

    def next(self) -> Course | None:
        """Return the window to read now; None at the end."""
        if not self._made:
            self._make()
        return self._made.popleft() if self._made else None

    def coming(self) -> Iterator[Course]:
        """Yield the windows after that; they are made as they are taken, once it is known how wide they should be."""
        yield from list(self._made)
        while self._is_sure and self._make():
            yield self._made[-1]

    def take_in(self, course: Course, rows: int) -> None:
        """Take in how many rows a window held that was read whole."""
        if course.rows_a_second is None:
            if rows:
                self._rows_a_second = rows / course.window.seconds
        elif course.guess:
            # By what it was planned with: a window before it, read since, may have changed that already.
            times = rows / course.guess
            self._rows_a_second = course.rows_a_second * min(max(times, 1 / MOST_GROWTH), MOST_GROWTH)
            self._is_sure = self._is_sure or 1 / SURE <= times <= SURE

    def cut(self, window: Window, crowd: Crowd | None) -> None:
        """Make smaller windows of one that cannot be read in one go, and of all after it."""
        self._made.clear()
        self._first = window.first
        if crowd:
            part = Window(window.first, crowd.until - SECOND)
            self._rows_a_second = crowd.rows / max((crowd.until - crowd.first) / SECOND, 1)
            self._is_sure = True
            self._made.append(Course(part, self._rows_a_second, crowd.rows, is_sure=True))
            self._first = crowd.until
        elif self._rows_a_second is None:
            self._crowded_until = window.last
        else:
            at_least = self._listing.rows_of_a_window / window.seconds
            self._rows_a_second = 2 * max(self._rows_a_second, at_least)
            self._is_sure = self._listing.needs_single_pages

    def _make(self) -> bool:
        if self._first > self._last:
            return False
        self._made.append(self._course())
        self._first = self._made[-1].window.last + SECOND
        return True

    def _course(self) -> Course:
        rest = Window(self._first, self._last)
        if self._rows_a_second is None:
            crowd = self._crowded_until
            # No row was met yet, so where there were too many, they are in what is left of it.
            return Course(Window(self._first, crowd).half() if crowd and crowd >= self._first else rest)
        seconds = int(min(max(self._listing.rows_of_a_window / self._rows_a_second, 1), WIDEST))
        if rest.seconds > seconds + seconds // LEFT_OVER:
            rest = Window(rest.first, rest.first + (seconds - 1) * SECOND)
        guess = int(self._rows_a_second * rest.seconds)
        return Course(rest, self._rows_a_second, guess, self._is_sure)


def in_order(function: Callable[[T], R], arguments: Iterable[T], *, parallel: int) -> Iterator[tuple[T, R]]:
    """Call a function for each argument, a few at the same time, and hand the results out in order."""
    waiting: deque[tuple[T, Future[R]]] = deque()
    threads = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="tap-horoshop")
    try:
        for argument in arguments:
            waiting.append((argument, threads.submit(function, argument)))
            if len(waiting) == parallel:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        # Not waited for when the reading ends early: the client lets no more requests begin then.
        threads.shutdown(wait=False, cancel_futures=True)
