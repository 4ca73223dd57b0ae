"""A window is read whole, each row once, by whatever order, cap and offset the shop has, while rows come and go."""

from __future__ import annotations

import datetime as dt
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_horoshop.errors import AnswerUnexpectedError, PagingInconsistentError
from tap_horoshop.paging import Listing, TooManyRows, Window
from tap_horoshop.shop_time import STAMP

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

    def call(self, _method: str, **asked: Any) -> dict[str, Any]:
        """Answer a request, as `Client.call` would bring it."""
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
        return {"things": [{"id": number} for number in page]} if page else {}

    def listing(self, page_size: int = 10) -> Listing:
        """Return the listing that reads from here."""
        return Listing(self.call, method="things/get", rows="things", key="id", page_size=page_size)


def spread(count: int) -> dict[int, dt.datetime]:
    return {number: START + dt.timedelta(seconds=number * 7 % 3600) for number in range(1, count + 1)}


def keys(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("sort", "cap", "honours_offset"),
    [
        *((sort, cap, honours) for sort in SORTS for cap in (None, 2, 3, 7, 10) for honours in (True, False)),
        # One row at a time says something only about a list in order.
        *((sort, 1, True) for sort in SORTS if sort != "anew"),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 10, 11, 20, 95])
def test_every_row_comes_exactly_once(sort: str, cap: int | None, honours_offset: bool, count: int) -> None:
    shelf = Shelf(spread(count), sort=sort, cap=cap, honours_offset=honours_offset)

    found = keys(shelf.listing().read(HOUR))

    assert sorted(found) == sorted(shelf.rows)


@settings(max_examples=300, deadline=None)
@given(
    count=st.integers(0, 60),
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
    count: int, sort: str, cap: int | None, page_size: int, changes: dict[int, list[tuple[str, int]]]
) -> None:
    for steps in changes.values():
        steps[:] = [(what, number + 60 if what == "insert" else number) for what, number in steps]
    shelf = Shelf(spread(count), sort=sort, cap=cap, changes=changes)

    found = keys(shelf.listing(page_size).read(HOUR))

    assert len(found) == len(set(found))
    assert shelf.untouched <= set(found)


@pytest.mark.parametrize("deleted", [1, 5, 6, 9])
@pytest.mark.parametrize("before_request", [2, 3, 4])
def test_rows_deleted_between_two_pages_skip_no_other(deleted: int, before_request: int) -> None:
    changes = {before_request: [("delete", number) for number in range(1, deleted + 1)]}
    shelf = Shelf(spread(35), changes=changes)

    found = set(keys(shelf.listing().read(HOUR)))

    assert set(range(deleted + 1, 36)) <= found


def test_a_row_deleted_between_a_full_page_and_its_empty_successor_hides_no_other() -> None:
    # The cap shows 10 of 11 rows; the deletion moves the eleventh to a place that was already read.
    shelf = Shelf(spread(11), cap=10, changes={2: [("delete", 3)]})

    assert 11 in keys(shelf.listing(page_size=100).read(HOUR))


def test_a_shop_that_ignores_offset_within_one_second_is_an_error_and_no_endless_loop() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 40), START), honours_offset=False)

    with pytest.raises(PagingInconsistentError):
        shelf.listing().read(HOUR)
    assert shelf.requests < 200


def test_a_row_that_the_list_has_twice_is_no_reason_to_fail() -> None:
    def call(method: str, **asked: Any) -> dict[str, Any]:
        if asked["from"] > START.strftime(STAMP):
            return {}
        places = [1, 2, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        return {"things": [{"id": number} for number in places[asked["offset"] :][: asked["limit"]]]}

    found = Listing(call, method="things/get", rows="things", key="id", page_size=5).read(HOUR)

    assert keys(found) == list(range(1, 13))


def test_a_window_with_too_many_rows_asks_to_be_cut() -> None:
    with pytest.raises(TooManyRows):
        Shelf(spread(3000)).listing(page_size=100).read(HOUR)


def test_a_second_that_cannot_be_cut_is_read_whatever_it_holds() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 3001), START))

    found = shelf.listing(page_size=100).read(Window(START, START))

    assert len(keys(found)) == 3000


def test_ids_are_asked_for_again_until_the_shop_brings_none() -> None:
    asked: list[list[int]] = []

    def call(method: str, **parameters: Any) -> dict[str, Any]:
        asked.append(parameters["ids"])
        there = [number for number in parameters["ids"] if number % 5]
        return {"things": [{"id": str(number)} for number in there[:3]]}

    found = Listing(call, method="things/get", rows="things", key="id", page_size=10).by_ids(list(range(1, 11)))

    assert sorted(found) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert asked[-1] == [5, 10]


def test_rows_that_were_not_asked_for_are_no_proof_that_the_asked_ones_are_gone() -> None:
    listing = Listing(
        lambda _method, **_: {"things": [{"id": 7}]}, method="things/get", rows="things", key="id", page_size=10
    )

    with pytest.raises(AnswerUnexpectedError):
        listing.by_ids([1, 2])


@given(seconds=st.integers(1, 5000), count=st.integers(1, 9))
def test_the_parts_of_a_window_touch_and_cover_it(seconds: int, count: int) -> None:
    window = Window(START, START + dt.timedelta(seconds=seconds - 1))

    parts = window.parts(count)

    assert (parts[0].first, parts[-1].last) == window
    assert len(parts) <= count
    assert all(b.first - a.last == dt.timedelta(seconds=1) for a, b in pairwise(parts))


@pytest.mark.parametrize("response", [{"orders": []}, {"things": None}, {"things": "x"}, {"message": "try later"}])
def test_an_answer_without_the_list_is_no_proof_that_there_are_no_rows(response: dict[str, Any]) -> None:
    listing = Listing(lambda _method, **_: response, method="things/get", rows="things", key="id", page_size=10)

    with pytest.raises(AnswerUnexpectedError):
        listing.read(HOUR)
    with pytest.raises(AnswerUnexpectedError):
        listing.by_ids([1, 2])
