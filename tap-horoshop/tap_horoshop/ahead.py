"""Pages asked for before they are needed, a few at the same time.

What is foreseen only saves time: a page that was not is asked for when it is needed, and one that nobody needs is
forgotten. So what a reading finds does not depend on it.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

    from tap_horoshop.paging import Listing, Window
    from tap_horoshop.records import Row

    Place = tuple[Window, int]

ROWS_IN_WAIT = 2000  # no more than these are in memory, besides one answer for each request under way
PAGES_IN_WAIT = 3  # for each request under way: while the end of a window is felt for, the next one goes on
IN_LINE = 2  # requests that begin as soon as another has ended, though rows are being written then
CERTAIN = 0.95  # of the rows that a window is thought to hold
WRONG = 1.1  # times the rows that it was thought to hold: nothing is known of how many more there are
GROWTH = 1.5  # a window of which nothing is known is thought to hold this many times the rows met so far


class Course(NamedTuple):
    """A window that is to be read.

    Attributes:
        window: From when to when.
        rows_a_second: By which its width was chosen; None where nothing is known.
        guess: How many rows it holds by that.
        is_sure: Whether the guess is worth something.
    """

    window: Window
    rows_a_second: float | None = None
    guess: int = 0
    is_sure: bool = False

    @property
    def expected(self) -> int | None:
        """How many rows it is thought to hold; None where nobody knows."""
        return self.guess if self.is_sure else None


class Ahead:
    """The pages of a listing, in the order in which windows are read.

    Args:
        listing: What is read.
        coming: The windows that come after the one that is being read, as far as they are known; made as they are
            taken.
        parallel: How many requests are under way at the same time.
    """

    def __init__(self, listing: Listing, coming: Callable[[], Iterable[Course]], *, parallel: int) -> None:
        self._listing = listing
        self._coming = coming
        self._parallel = parallel
        self._threads = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="tap-horoshop")
        self._asked: dict[Place, Future[list[Row]]] = {}
        self._now: Course | None = None

    def __enter__(self) -> Ahead:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for nothing when the reading ends early: the client lets no more requests begin then."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def begin(self, course: Course) -> None:
        """Take in which window is read from now on."""
        self._now = course

    def page(self, window: Window, offset: int) -> list[Row]:
        """Return the page of a window that begins at a place of its list, and ask for the next ones meanwhile."""
        needed = self._asked.pop((window, offset), None) or self._submit(window, offset)
        while True:
            under_way = [needed, *self._asked.values()]
            under_way = [future for future in under_way if not future.done()]
            under_way += self._ask_for_more(offset, self._parallel + IN_LINE - len(under_way))
            if needed.done():
                return needed.result()
            wait(under_way, return_when=FIRST_COMPLETED)

    def forget(self, window: Window) -> None:
        """Let go of what was asked for of a window and not needed."""
        for place in [place for place in self._asked if place[0] == window]:
            self._asked.pop(place).cancel()

    def forget_all(self) -> None:
        """Let go of all that was asked for: the windows to come are others."""
        for future in self._asked.values():
            future.cancel()
        self._asked.clear()

    def _submit(self, window: Window, offset: int) -> Future[list[Row]]:
        return self._threads.submit(self._listing.page, window, offset)

    def _ask_for_more(self, offset: int, free: int) -> list[Future[list[Row]]]:
        """Begin requests for what is needed next, as many as there is room for."""
        room = min(self._most_in_wait - len(self._asked), free)
        begun: list[Future[list[Row]]] = []
        if room > 0:
            for place in self._foreseen(offset):
                if place not in self._asked:
                    self._asked[place] = self._submit(*place)
                    begun.append(self._asked[place])
                if len(begun) == room:
                    break
        return begun

    @property
    def _most_in_wait(self) -> int:
        return max(min(PAGES_IN_WAIT * self._parallel, ROWS_IN_WAIT // self._listing.largest_page), self._parallel)

    def _foreseen(self, offset: int) -> Iterator[Place]:
        """Yield the pages that come after the one at an offset of the window that is being read."""
        if self._now:
            yield from ((self._now.window, one) for one in self._offsets(self._now, after=offset))
        for course in self._coming():
            yield course.window, 0
            yield from ((course.window, one) for one in self._offsets(course, after=0))

    def _offsets(self, course: Course, *, after: int) -> Iterable[int]:
        overlap = self._listing.overlap
        step = self._listing.largest_page - overlap
        if after % step or self._listing.needs_single_pages:
            # Pages do not come full: this is about the end, or far ahead.
            return ()
        met = after + overlap
        is_known = course.expected is not None and met < WRONG * course.expected
        if is_known:
            return range(after + step, int(CERTAIN * (course.expected or 0)) - overlap, step)
        bold = range(after + step, int(GROWTH * met) - overlap, step)
        return bold[: max(self._parallel // 2, 1)]
