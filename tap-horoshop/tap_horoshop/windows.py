"""A span of time as windows of a fitting width, read ahead in parallel and handed out in order."""

from __future__ import annotations

import datetime as dt
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tap_horoshop.paging import Listing, TooManyRows, Window
from tap_horoshop.shop_time import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_horoshop.records import Row

FIRST_WIDTH = dt.timedelta(days=30)
WIDEST = dt.timedelta(days=36525)
MOST_GROWTH = 4

T = TypeVar("T")
R = TypeVar("R")


class ReadWindow(NamedTuple):
    """A window and all of its rows."""

    window: Window
    rows: list[Row]


def read_span(listing: Listing, span: Window, *, parallel: int) -> Iterator[ReadWindow]:
    """Read a span of time, window by window, without a gap and in order of time.

    Windows are made as wide as to hold a few pages, so that memory stays flat whatever the size of the shop; as long as
    no rows were met, only one is read at a time, since the fitting width is not known yet.

    Args:
        listing: What to read.
        span: From when to when; nothing is read when it ends before it begins.
        parallel: How many windows are read at the same time.

    Yields:
        The windows, each read whole.
    """
    width = min(FIRST_WIDTH, max(span.last - span.first, SECOND))
    next_first = span.first
    waiting: deque[tuple[Window, Future[list[Row] | None]]] = deque()
    met_rows = False
    with _threads(parallel) as threads:
        while waiting or next_first <= span.last:
            while next_first <= span.last and len(waiting) < (parallel if met_rows else 1):
                window = Window(next_first, _end(next_first, width, span.last))
                waiting.append((window, threads.submit(_rows_unless_too_many, listing, window)))
                next_first = window.last + SECOND
            window, future = waiting.popleft()
            rows = future.result()
            if rows is None:
                parts = window.parts(MOST_GROWTH)
                width = parts[0].last - parts[0].first + SECOND
                begun = [(part, threads.submit(_rows_unless_too_many, listing, part)) for part in parts]
                waiting.extendleft(reversed(begun))
                continue
            met_rows = met_rows or bool(rows)
            width = _next_width(width, window, len(rows), listing.rows_of_a_window)
            yield ReadWindow(window, rows)


def _rows_unless_too_many(listing: Listing, window: Window) -> list[Row] | None:
    """Read a window; None where it must be cut. An error that waited its turn would hold all rows of its traceback."""
    try:
        return listing.read(window)
    except TooManyRows:
        return None


def in_order(function: Callable[[T], R], arguments: Iterable[T], *, parallel: int) -> Iterator[tuple[T, R]]:
    """Call a function for each argument, a few at the same time, and hand the results out in order."""
    waiting: deque[tuple[T, Future[R]]] = deque()
    with _threads(parallel) as threads:
        for argument in arguments:
            waiting.append((argument, threads.submit(function, argument)))
            if len(waiting) == parallel:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


@contextmanager
def _threads(parallel: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are not waited for when the reading ends early: the client lets no more requests begin then."""
    threads = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="tap-horoshop")
    try:
        yield threads
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _end(first: dt.datetime, width: dt.timedelta, last: dt.datetime) -> dt.datetime:
    return last if last - first < width else first + width - SECOND


def _next_width(width: dt.timedelta, window: Window, rows: int, wanted: int) -> dt.timedelta:
    """Aim at the wanted number of rows, but grow and shrink by no more than a factor."""
    factor = MOST_GROWTH if rows == 0 else min(max(wanted / rows, 1 / MOST_GROWTH), MOST_GROWTH)
    grown = (window.last - window.first + SECOND) * factor
    if factor > 1:
        # The last window of a span is cut short; it must not make the next ones narrow.
        grown = max(grown, width)
    return min(max(dt.timedelta(seconds=int(grown / SECOND)), SECOND), WIDEST)
