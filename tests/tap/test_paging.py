"""A window is read whole, each row once, by whatever order, cap and offset the shop has, while rows come and go."""

from __future__ import annotations

import datetime as dt
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tap_horoshop.errors import AnswerUnexpectedError, PagingInconsistentError
from tap_horoshop.paging import Listing, Window
from tap_horoshop.shop_time import STAMP
from tap_horoshop.windows import read_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_horoshop.paging import Call

START = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - the shop's clock has no zone
HOUR = Window(START, START + dt.timedelta(minutes=59, seconds=59))
SORTS = ("asc", "desc", "shuffled", "anew")


class Shelf:
    """The shop's side of a listing, in memory: what the API answers, and what people do between two requests."""

    def __init__(
        self,
        rows: dict[int, dt.datetime],
        *,
        sort: str = "asc",
        cap: int | None = None,
        honours_offset: bool = True,
        changes: dict[int, list[tuple[str, int]]] | None = None,
    ) -> None:
        self.rows = dict(rows)
        self.sort = sort
        self.cap = cap
        self.honours_offset = honours_offset
        self.changes = changes or {}
        self.requests = 0
        self.untouched = set(rows)
        self.random = random.Random(7)  # noqa: S311 - a shuffled list is no secret
        self.lock = threading.Lock()

    def call(self, _method: str, **asked: Any) -> dict[str, Any]:
        """Answer a request, as `Client.call` would bring it."""
        with self.lock:
            return self.answer(**asked)

    def answer(self, **asked: Any) -> dict[str, Any]:
        """Answer one request after the other."""
        self.requests += 1
        for what, number in self.changes.pop(self.requests, []):
            if what == "delete":
                self.rows.pop(number, None)
                self.untouched.discard(number)
            else:
                self.rows[number] = START + dt.timedelta(seconds=number * 7 % 3600)
        first, last = (dt.datetime.fromisoformat(asked[name]) for name in ("from", "to"))
        found = [number for number, at in self.rows.items() if first <= at <= last]
        found.sort(reverse=self.sort == "desc")
        if self.sort == "shuffled":
            found.sort(key=lambda number: hash((number, 3)) % 1009)
        if self.sort == "anew":
            self.random.shuffle(found)
        begin = asked["offset"] if self.honours_offset else 0
        page = found[begin : begin + min(asked["limit"], self.cap or asked["limit"])]
        rows = [{"id": number, "made": self.rows[number].strftime(STAMP)} for number in page]
        return {"things": rows} if page else {}

    def listing(self, page_size: int = 10) -> Listing:
        """Return the listing that reads from here."""
        return listing_of(self.call, page_size)


def spread(count: int) -> dict[int, dt.datetime]:
    return {number: START + dt.timedelta(seconds=number * 7 % 3600) for number in range(1, count + 1)}


def listing_of(call: Call, page_size: int = 10) -> Listing:
    return Listing(call, method="things/get", rows="things", key="id", stamp="made", page_size=page_size)


def read(listing: Listing, window: Window = HOUR, parallel: int = 4) -> list[int]:
    """Read a window; returns the keys of its rows."""
    return [row["id"] for piece in read_span(listing, window, parallel=parallel) for row in piece.rows]


@pytest.fixture(autouse=True, scope="module", params=[20, 5000])
def _rows_of_a_window(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read in small windows and in large ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", request.param)
        yield


@pytest.mark.parametrize(
    ("sort", "cap", "honours_offset"),
    [
        *((sort, cap, honours) for sort in SORTS for cap in (None, 2, 3, 7, 10) for honours in (True, False)),
        # One row at a time says something only about a list in order.
        *((sort, 1, True) for sort in SORTS if sort != "anew"),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 10, 11, 20, 95, 300])
@pytest.mark.parametrize("parallel", [1, 4])
def test_every_row_comes_exactly_once(
    sort: str, cap: int | None, honours_offset: bool, count: int, parallel: int
) -> None:
    shelf = Shelf(spread(count), sort=sort, cap=cap, honours_offset=honours_offset)

    found = read(shelf.listing(), parallel=parallel)

    assert sorted(found) == sorted(shelf.rows)


@settings(max_examples=300, deadline=None)
@given(
    count=st.integers(0, 60),
    parallel=st.integers(1, 4),
    sort=st.sampled_from(SORTS),
    cap=st.sampled_from([None, 4, 9]),
    page_size=st.integers(2, 25),
    changes=st.dictionaries(
        st.integers(1, 12),
        st.lists(st.tuples(st.sampled_from(["delete", "insert"]), st.integers(1, 90)), min_size=1, max_size=8),
        max_size=4,
    ),
)
def test_no_row_is_skipped_or_doubled_while_others_are_deleted_and_inserted(
    count: int, parallel: int, sort: str, cap: int | None, page_size: int, changes: dict[int, list[tuple[str, int]]]
) -> None:
    assume(sort != "anew" or not changes)  # nothing in the answers need show what was skipped then
    for steps in changes.values():
        steps[:] = [(what, number + 60 if what == "insert" else number) for what, number in steps]
    shelf = Shelf(spread(count), sort=sort, cap=cap, changes=changes)

    found = read(shelf.listing(page_size), parallel=parallel)

    assert len(found) == len(set(found))
    assert shelf.untouched <= set(found)


def test_a_new_row_among_those_that_were_seen_shows_another_order_though_the_count_is_right() -> None:
    """Row 14 went where nobody looks any more, and row 1 was deleted: as many rows as places."""
    lists = [[*range(1, 16)], [2, 3, 4, 14, 5, 6, 11, 8, 9, 10, 12, 13, 15, 7]]

    def call(_method: str, **asked: Any) -> dict[str, Any]:
        rows = lists.pop(0) if lists else [*range(2, 16)]
        page = rows[asked["offset"] :][: asked["limit"]]
        return {"things": [{"id": number, "made": START.strftime(STAMP)} for number in page]}

    assert sorted(read(listing_of(call), parallel=1)) == [*range(1, 16)]


def test_rows_that_came_twice_show_that_others_were_skipped_though_each_page_begins_with_rows_that_were_seen() -> None:
    """Behind its first page the list is in another order: 1 and 2 come again, 14 and 15 went to the front."""
    in_order, asked_for = [*range(1, 16)], []
    anew = [3, 4, 5, 14, 15, 6, 7, 8, 9, 10, 1, 2, 11, 12, 13]

    def call(_method: str, **asked: Any) -> dict[str, Any]:
        asked_for.append(asked["offset"])
        is_first_reading = asked_for.count(0) == 1
        rows = anew if asked["offset"] and is_first_reading else in_order
        page = rows[asked["offset"] :][: asked["limit"]]
        return {"things": [{"id": number, "made": START.strftime(STAMP)} for number in page]}

    assert sorted(read(listing_of(call), parallel=1)) == in_order


@pytest.mark.parametrize("deleted", [1, 5, 6, 9])
@pytest.mark.parametrize("before_request", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("parallel", [1, 4])
def test_rows_deleted_between_two_pages_skip_no_other(deleted: int, before_request: int, parallel: int) -> None:
    changes = {before_request: [("delete", number) for number in range(1, deleted + 1)]}
    shelf = Shelf(spread(35), changes=changes)

    found = read(shelf.listing(), parallel=parallel)

    assert set(range(deleted + 1, 36)) <= set(found)
    assert len(found) == len(set(found))


def test_a_row_deleted_between_a_full_page_and_its_empty_successor_hides_no_other() -> None:
    # The cap shows 10 of 11 rows; the deletion moves the eleventh to a place that was already read.
    shelf = Shelf(spread(11), cap=10, changes={2: [("delete", 3)]})

    assert 11 in read(shelf.listing(page_size=100))


def test_a_shop_that_ignores_offset_within_one_second_is_an_error_and_no_endless_loop() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 40), START), honours_offset=False)

    with pytest.raises(PagingInconsistentError):
        read(shelf.listing())
    assert shelf.requests < 200


def test_a_row_that_the_list_has_twice_is_no_reason_to_fail() -> None:
    def call(method: str, **asked: Any) -> dict[str, Any]:
        if not asked["from"] <= START.strftime(STAMP) <= asked["to"]:
            return {}
        places = [1, 2, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        return {"things": [{"id": number} for number in places[asked["offset"] :][: asked["limit"]]]}

    assert read(listing_of(call, page_size=5)) == list(range(1, 13))


def test_a_second_that_cannot_be_cut_is_read_whatever_it_holds() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 3001), START))

    assert len(read(shelf.listing(page_size=100), Window(START, START))) == 3000


def test_ids_are_asked_for_again_until_the_shop_brings_none() -> None:
    asked: list[list[int]] = []

    def call(method: str, **parameters: Any) -> dict[str, Any]:
        asked.append(parameters["ids"])
        there = [number for number in parameters["ids"] if number % 5]
        return {"things": [{"id": str(number)} for number in there[:3]]}

    found = listing_of(call).by_ids(list(range(1, 11)))

    assert sorted(found) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert asked[-1] == [5, 10]


def test_rows_that_were_not_asked_for_are_no_proof_that_the_asked_ones_are_gone() -> None:
    listing = listing_of(lambda _method, **_: {"things": [{"id": 7}]})

    with pytest.raises(AnswerUnexpectedError):
        listing.by_ids([1, 2])


@given(seconds=st.integers(1, 5000))
def test_the_half_of_a_window_begins_with_it_and_is_shorter_unless_it_is_a_single_second(seconds: int) -> None:
    window = Window(START, START + dt.timedelta(seconds=seconds - 1))

    half = window.half()

    assert half.first == window.first
    assert half.seconds == max(seconds // 2, 1)


def test_a_page_that_was_answered_after_the_next_one_hides_no_row_of_the_two() -> None:
    """The page at 15 is asked for ahead; it is answered, then six rows before it vanish, then the page at 10 is."""
    shelf = Shelf(spread(35))
    next_is_answered = threading.Event()
    answered: list[int] = []

    def call(method: str, **parameters: Any) -> dict[str, Any]:
        offset = parameters["offset"]
        if offset == 10 and offset not in answered and next_is_answered.wait(5):
            shelf.changes[shelf.requests + 1] = [("delete", number) for number in range(1, 7)]
        answer = shelf.call(method, **parameters)
        answered.append(offset)
        if offset == 15:
            next_is_answered.set()
        return answer

    found = read(listing_of(call))

    assert answered.index(15) < answered.index(10)
    assert set(range(7, 36)) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("response", [{"orders": []}, {"things": None}, {"things": "x"}, {"message": "try later"}])
def test_an_answer_without_the_list_is_no_proof_that_there_are_no_rows(response: dict[str, Any]) -> None:
    listing = listing_of(lambda _method, **_: response)

    with pytest.raises(AnswerUnexpectedError):
        read(listing)
    with pytest.raises(AnswerUnexpectedError):
        listing.by_ids([1, 2])
