"""One closed time window, read whole and honestly.

The API pages by offset through a list whose order and largest page nobody has documented (`horoshop-api.md` §2.1),
while people delete orders. What is relied on is only what an answer proves:

* Each page begins a few rows before the end of the last one. If its first row was seen, nothing between the two pages
  was skipped, however many rows were deleted or inserted before it; if not, the window is read again.
* The end is where an answer is empty. It is believed when the page before was shorter than another answer of this shop,
  or else when the overlap, read again, brings nothing new: a hidden cap makes pages short too.
* At the end, at least as many different rows were seen as the list has places. A list that is in another order for
  each request fails this, and so does one that ignores `offset`.

A window that cannot be read so is cut in half until each part comes in one answer, true by itself in any order.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tap_horoshop.errors import AnswerUnexpectedError, PagingInconsistentError
from tap_horoshop.records import Row, row_key
from tap_horoshop.shop_time import SECOND, STAMP

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable

OVERLAP = 5
PASSES = 2
LEAST_LARGEST_PAGE = 2  # no server's cap is a single row
ROWS_OF_A_WINDOW = 300

logger = logging.getLogger("tap-horoshop.paging")


class Call(Protocol):
    """`Client.call`."""

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the envelope's `response`."""


class Window(NamedTuple):
    """From a second to a second of the shop's clock, both included, without zone."""

    first: dt.datetime
    last: dt.datetime

    def parts(self, count: int) -> list[Window]:
        """Cut into up to `count` windows that touch, in order; a single second stays whole."""
        seconds = int((self.last - self.first) / SECOND) + 1
        step = max(-(-seconds // count), 1) * SECOND
        parts, first = [], self.first
        while first <= self.last:
            parts.append(Window(first, min(first + step - SECOND, self.last)))
            first += step
        return parts


class TooManyRows(Exception):  # noqa: N818 - asks for smaller windows
    """The window holds more rows than are kept in memory at once."""


class _Inconsistent(Exception):  # noqa: N818 - never leaves this file
    """The pages of one pass do not make one list."""


class Listing:
    """A method of the API that lists rows by time: `orders/get` or `users/export`.

    Args:
        call: `Client.call`.
        method: The method's name.
        rows: The name of the list in its answer.
        key: The field that identifies a row.
        page_size: Rows to ask for at once.
    """

    def __init__(self, call: Call, *, method: str, rows: str, key: str, page_size: int) -> None:
        self._call = call
        self._method = method
        self._rows = rows
        self._key = key
        self._limit = max(page_size, LEAST_LARGEST_PAGE)
        self._largest_page = LEAST_LARGEST_PAGE
        self._needs_single_pages = False

    @property
    def rows_of_a_window(self) -> int:
        """How many rows a window should hold: little memory, and where paging cannot be trusted, one page."""
        return max(self._largest_page // 2, 1) if self._needs_single_pages else max(ROWS_OF_A_WINDOW, self._limit)

    @property
    def most_rows(self) -> float:
        """How many rows are kept in memory before a window is cut."""
        return 2 * max(ROWS_OF_A_WINDOW, self._limit)

    def read(self, window: Window) -> list[Row]:
        """Read all rows of a window, each once.

        Raises:
            TooManyRows: It holds far more than `rows_of_a_window` and can be cut.
            PagingInconsistentError: Not even single seconds can be read whole.
        """
        passes: list[list[Hashable]] = []
        for _ in range(PASSES):
            reading = _Reading(self, window)
            try:
                return reading.run()
            except _Inconsistent as finding:
                logger.info("%s: a window is read again: %s", self._method, finding)
            if reading.ended and reading.places in passes:
                # Twice the same list, so it is in order, and a row stands in it twice.
                return list(reading.seen.values())
            passes.append(reading.places)
        return self._read_in_parts(window)

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

    @property
    def largest_page(self) -> int:
        """The most rows that one answer had in this run: no page that is shorter was cut by a cap."""
        return self._largest_page

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

    def _read_in_parts(self, window: Window) -> list[Row]:
        parts = window.parts(2)
        if len(parts) == 1:
            raise PagingInconsistentError("offset_ignored", method=self._method)
        if not self._needs_single_pages:
            logger.warning("%s cannot be paged reliably in this shop; it is read in smaller windows", self._method)
        self._needs_single_pages = True
        found = {self.identity(row): row for part in parts for row in self.read(part)}
        return list(found.values())


class _Reading:
    """One pass over the pages of a window."""

    def __init__(self, listing: Listing, window: Window) -> None:
        self._listing = listing
        self._window = window
        self._can_be_cut = window.first < window.last
        self.seen: dict[Hashable, Row] = {}
        self.places: list[Hashable] = []
        self.ended = False

    def run(self) -> list[Row]:
        """Go from page to page to the end, and return all rows.

        Raises:
            TooManyRows: See `Listing.read`.
            _Inconsistent: The pages do not make one list; the sentence says how.
        """
        page = self._listing.page(self._window, 0)
        self._append(page, 0)
        while page:
            page = self._next_page(page)
            if self._can_be_cut and len(self.seen) > self._listing.most_rows:
                raise TooManyRows
        self.ended = True
        if len(self.seen) < len(self.places):
            raise _Inconsistent("rows came twice")
        return list(self.seen.values())

    def _next_page(self, page: list[Row]) -> list[Row]:
        """Return the next page with new rows, or an empty one at the end."""
        end = len(self.places)
        if len(page) < self._listing.largest_page:
            beyond = self._listing.page(self._window, end)
            # The same rows again: `offset` is ignored, but a page that no cap has cut is the whole window.
            if not beyond or {self._listing.identity(row) for row in beyond} == self.seen.keys():
                return []
        overlap = min(OVERLAP, self._listing.largest_page - 1, end)
        again = self._listing.page(self._window, end - overlap)
        if not again or self._listing.identity(again[0]) not in self.seen:
            raise _Inconsistent("rows were taken away, or stand in another order")
        if self._is_new(again):
            self._append(again, end - overlap)
            return again
        beyond = self._listing.page(self._window, end)
        if len(again) > overlap or (beyond and not self._is_new(beyond)):
            raise _Inconsistent("a page brought nothing new")
        self._append(beyond, end)
        return beyond

    def _append(self, page: list[Row], offset: int) -> None:
        self.places[offset:] = [self._listing.identity(row) for row in page]
        self.seen.update(zip(self.places[offset:], page, strict=True))

    def _is_new(self, page: list[Row]) -> bool:
        return any(self._listing.identity(row) not in self.seen for row in page)
