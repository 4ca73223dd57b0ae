"""One closed time window, read whole and honestly.

The API pages by offset through a list whose order and largest page nobody has documented (`horoshop-api.md` §2.1),
while people delete orders. What is relied on is only what an answer proves:

* Each page begins a few rows before the end of the last one. If its first row was seen, nothing between the two pages
  was skipped, however many rows were deleted or inserted before it, and whichever of the two was answered first; if
  not, or if a new row stands among those that were seen, the window is read again.
* The end is where an answer is empty. It is believed when the page before was shorter than another answer of this shop,
  or else when the overlap, read again, brings nothing new: a hidden cap makes pages short too.
* At the end, at least as many different rows were seen as the list has places. A list that is in another order for
  each request fails this, and so does one that ignores `offset`. Only if rows are deleted meanwhile from a list that
  is in another order each time may chance hide a row, until the next run's overlap.

A window that cannot be read so asks to be cut, until each part comes in one answer, true by itself in any order. So
does one that holds far more rows than a bookmark should wait for, which is seen early by an answer from far ahead in
the list. Rows leave as soon as they are read; that the window is whole is known at its end.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tap_horoshop.errors import AnswerUnexpectedError, PagingInconsistentError
from tap_horoshop.records import Row, row_key
from tap_horoshop.shop_time import SECOND, STAMP, parse_stamp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Iterator

OVERLAP = 5
PASSES = 2
LEAST_LARGEST_PAGE = 2  # no server's cap is a single row
ROWS_OF_A_WINDOW = 5000
SURPRISE = 1.5  # this many times the expected rows of a window call for a look at how many more there are

logger = logging.getLogger("tap-horoshop.paging")


class Call(Protocol):
    """`Client.call`."""

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the envelope's `response`."""


class Pages(Protocol):
    """Where the pages of a window come from: `Ahead`."""

    def page(self, window: Window, offset: int) -> list[Row]:
        """Return the page of a window that begins at a place of its list."""

    def forget(self, window: Window) -> None:
        """Let go of the window's pages that were asked for ahead: they are too many, or too old."""


class Window(NamedTuple):
    """From a second to a second of the shop's clock, both included, without zone."""

    first: dt.datetime
    last: dt.datetime

    @property
    def seconds(self) -> int:
        """How long it is; a single second is 1."""
        return int((self.last - self.first) / SECOND) + 1

    def half(self) -> Window:
        """Return its first half; of a single second, itself."""
        return Window(self.first, self.first + max(self.seconds // 2 - 1, 0) * SECOND)


class Crowd(NamedTuple):
    """So many rows of a window lie from one moment until before another, as far as its list tells."""

    rows: int
    first: dt.datetime
    until: dt.datetime


class MustBeCut(Exception):  # noqa: N818 - asks for smaller windows
    """The window is to be read in parts; `crowd` may tell where."""

    def __init__(self, crowd: Crowd | None = None) -> None:
        super().__init__()
        self.crowd = crowd


class _Inconsistent(Exception):  # noqa: N818 - never leaves this file
    """The pages of one pass do not make one list."""


class Listing:
    """A method of the API that lists rows by time: `orders/get` or `users/export`.

    Args:
        call: `Client.call`.
        method: The method's name.
        rows: The name of the list in its answer.
        key: The field that identifies a row.
        stamp: The field that rows are listed by. It tells where to cut, and nothing depends on it.
        page_size: Rows to ask for at once.
    """

    def __init__(self, call: Call, *, method: str, rows: str, key: str, stamp: str, page_size: int) -> None:
        self._call = call
        self._method = method
        self._rows = rows
        self._key = key
        self._stamp = stamp
        self._limit = max(page_size, LEAST_LARGEST_PAGE)
        self._largest_page = LEAST_LARGEST_PAGE
        self.needs_single_pages = False

    @property
    def rows_of_a_window(self) -> int:
        """How many rows a window should hold: few bookmarks, and where paging cannot be trusted, one page."""
        return max(self._largest_page // 2, 1) if self.needs_single_pages else max(ROWS_OF_A_WINDOW, self._limit)

    @property
    def largest_page(self) -> int:
        """The most rows that one answer had in this run: no page that is shorter was cut by a cap."""
        return self._largest_page

    @property
    def overlap(self) -> int:
        """How many rows of a page are read again with the next."""
        return min(OVERLAP, self._largest_page - 1)

    def read(self, window: Window, pages: Pages, *, expected: int | None) -> Iterator[dict[Hashable, Row]]:
        """Read all rows of a window, each once.

        Args:
            window: What to read.
            pages: Where its pages come from.
            expected: How many rows it is thought to hold; None where nobody knows.

        Yields:
            Rows by their identity, as soon as they are read. The window is whole when there are no more.

        Raises:
            MustBeCut: It holds far more rows than expected, or cannot be paged through.
            PagingInconsistentError: Not even a single second can be read whole.
        """
        found: set[Hashable] = set()
        passes: list[list[Hashable]] = []
        for _ in range(PASSES):
            reading = _Reading(self, window, pages, expected)
            try:
                for page in reading.run():
                    fresh = {identity: row for identity, row in page.items() if identity not in found}
                    found.update(fresh)
                    yield fresh
            except _Inconsistent as finding:
                logger.info("%s: a window is read again: %s", self._method, finding)
            else:
                return
            finally:
                pages.forget(window)
            if reading.ended and reading.places in passes:
                # Twice the same list, so it is in order, and a row stands in it twice.
                return
            passes.append(reading.places)
        if window.first == window.last:
            raise PagingInconsistentError("offset_ignored", method=self._method)
        if not self.needs_single_pages:
            logger.warning("%s cannot be paged reliably in this shop; it is read in smaller windows", self._method)
        self.needs_single_pages = True
        raise MustBeCut

    def by_ids(self, ids: list[int]) -> dict[int, Row]:
        """Read rows by their keys, whatever the largest page: what did not come is asked for again.

        Returns:
            The rows that the shop has, by key.

        Raises:
            AnswerUnexpectedError: The shop answers with other rows than those asked for.
        """
        found: dict[int, Row] = {}
        waiting = list(ids)
        while waiting:
            rows = self._ask(ids=waiting, offset=0, limit=max(self._limit, len(waiting)))
            keys = {key: row for row in rows if (key := row_key(row, self._key)) is not None}
            came = [key for key in waiting if key in keys]
            if not came and rows:
                raise AnswerUnexpectedError("other_rows", method=self._method)
            if not came:
                break
            found.update((key, keys[key]) for key in came)
            waiting = [key for key in waiting if key not in keys]
        return found

    def page(self, window: Window, offset: int) -> list[Row]:
        """Ask for one page of a window."""
        bounds = {"from": window.first.strftime(STAMP), "to": window.last.strftime(STAMP)}
        rows = self._ask(**bounds, offset=offset, limit=self._limit)
        self._largest_page = max(self._largest_page, len(rows))
        return rows

    def stamps(self, rows: list[Any]) -> list[dt.datetime]:
        """Return when rows were made, as far as they say."""
        values = (row.get(self._stamp) for row in rows if isinstance(row, dict))
        return [moment for value in values if (moment := parse_stamp(value))]

    def identity(self, row: Row) -> Hashable:
        """Return what a row is recognised by; one without a key, by all that it holds."""
        key = row_key(row, self._key)
        return repr(row) if key is None else key

    def _ask(self, **parameters: Any) -> list[Row]:
        response = self._call(self._method, **parameters)
        rows = response.get(self._rows)
        if isinstance(rows, dict):
            return list(rows.values())
        if isinstance(rows, list):
            return rows
        if response:
            # Taken for no rows, it would move the bookmark past rows that nobody has seen.
            raise AnswerUnexpectedError("no_rows", method=self._method)
        return []


class _Reading:
    """One pass over the pages of a window."""

    def __init__(self, listing: Listing, window: Window, pages: Pages, expected: int | None) -> None:
        self._listing = listing
        self._window = window
        self._pages = pages
        self._can_be_cut = window.first < window.last
        self._surprising = 0 if expected is None else int(expected * SURPRISE)
        self._first_stamps: list[dt.datetime] = []
        self.seen: set[Hashable] = set()
        self.places: list[Hashable] = []
        self.ended = False

    def run(self) -> Iterator[dict[Hashable, Row]]:
        """Go from page to page to the end; yields the rows of each that are new.

        Raises:
            MustBeCut: See `Listing.read`.
            _Inconsistent: The pages do not make one list; the sentence says how.
        """
        page = self._ask(0)
        if self._listing.needs_single_pages and self._can_be_cut and len(page) >= self._listing.largest_page:
            raise MustBeCut
        self._first_stamps = self._listing.stamps(page)
        offset = 0
        while page:
            yield self._taken(page, offset)
            if offset and self._can_be_cut and len(self.places) > self._surprising:
                self._look_far_ahead()
            page, offset = self._next_page(page)
        self.ended = True
        if len(self.seen) < len(self.places):
            raise _Inconsistent("rows came twice")

    def _next_page(self, page: list[Row]) -> tuple[list[Row], int]:
        """Return the next page with new rows and its place, or an empty one at the end."""
        end = len(self.places)
        if len(page) < self._listing.largest_page:
            beyond = self._ask(end)
            # The same rows again: `offset` is ignored, but a page that no cap has cut is the whole window.
            if not beyond or {self._listing.identity(row) for row in beyond} == self.seen:
                return [], end
        overlap = min(self._listing.overlap, end)
        again = self._ask(end - overlap)
        known = [self._listing.identity(row) in self.seen for row in again[:overlap]]
        if not known or not known[0] or known != sorted(known, reverse=True):
            raise _Inconsistent("rows were taken away, or stand in another order")
        if self._is_new(again):
            return again, end - overlap
        beyond = self._ask(end)
        if len(again) > overlap or (beyond and not self._is_new(beyond)):
            raise _Inconsistent("a page brought nothing new")
        return beyond, end

    def _look_far_ahead(self) -> None:
        """See whether the list goes on for another window's worth of rows.

        Raises:
            MustBeCut: It does.
        """
        offset = len(self.places) + self._listing.rows_of_a_window
        beyond = self._ask(offset)
        if beyond and not any(self._listing.identity(row) in self.seen for row in beyond):
            raise MustBeCut(self._crowd_before(offset, self._listing.stamps(beyond)))
        self._surprising = offset

    def _crowd_before(self, offset: int, stamps: list[dt.datetime]) -> Crowd | None:
        """Tell when the rows before a place of the list were made, if it seems to be in order of time."""
        if not stamps or not self._first_stamps or min(stamps) < max(self._first_stamps):
            return None
        crowd = Crowd(offset, min(self._first_stamps), min(stamps))
        return crowd if self._window.first < crowd.until <= self._window.last else None

    def _ask(self, offset: int) -> list[Row]:
        return self._pages.page(self._window, offset)

    def _taken(self, page: list[Row], offset: int) -> dict[Hashable, Row]:
        identities = [self._listing.identity(row) for row in page]
        self.places[offset:] = identities
        new = {identity: row for identity, row in zip(identities, page, strict=True) if identity not in self.seen}
        self.seen.update(new)
        return new

    def _is_new(self, page: list[Row]) -> bool:
        return any(self._listing.identity(row) not in self.seen for row in page)
