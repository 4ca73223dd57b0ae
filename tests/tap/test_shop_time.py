"""The shop's clock has no zone; no hour of the year makes a row late, lost or in the wrong order."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_horoshop.shop_time import (
    EARLIEST,
    LATEST,
    bookmark_text,
    earliest_instant,
    first_wall_clock_since,
    parse_instant,
    parse_stamp,
    wall_clock,
    with_offset,
)

KYIV = ZoneInfo("Europe/Kyiv")
UTC = dt.timezone.utc
INSTANTS = st.datetimes(dt.datetime(2019, 1, 1), dt.datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from([KYIV, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])
# Kyiv's clocks change in these nights; each of their minutes is tried with each of the two hours after it.
NIGHTS = [dt.datetime(2026, 3, 28, 22, tzinfo=UTC), dt.datetime(2026, 10, 24, 22, tzinfo=UTC)]
MINUTES = [night + dt.timedelta(minutes=minute) for night in NIGHTS for minute in range(5 * 60)]
LATER = [dt.timedelta(minutes=minutes) for minutes in range(0, 121, 5)]


@given(INSTANTS, ZONES, st.integers(0, 7200))
def test_what_is_made_after_a_bookmark_is_never_stamped_before_the_next_window(
    bookmark: dt.datetime, zone: ZoneInfo, seconds: int
) -> None:
    made = bookmark + dt.timedelta(seconds=seconds)

    assert first_wall_clock_since(bookmark, zone) <= wall_clock(made, zone)


def test_the_same_in_every_minute_of_the_nights_of_the_change() -> None:
    for bookmark in MINUTES:
        for later in LATER:
            assert first_wall_clock_since(bookmark, KYIV) <= wall_clock(bookmark + later, KYIV)


def test_a_window_that_ends_in_such_a_night_leaves_no_gap_before_the_next() -> None:
    """The window ends by the shop's clock; the bookmark made of it begins the next window."""
    for end in MINUTES:
        last = wall_clock(end, KYIV)
        bookmark = min(earliest_instant(last, KYIV), end)

        assert all(first_wall_clock_since(bookmark, KYIV) <= wall_clock(end + later, KYIV) for later in LATER)
        assert first_wall_clock_since(bookmark, KYIV) <= last


def test_a_window_that_ends_at_a_time_that_the_clock_never_shows_leaves_no_gap_either() -> None:
    for minute in range(5 * 60):
        last = dt.datetime(2026, 3, 29, 1) + dt.timedelta(minutes=minute)  # noqa: DTZ001

        assert first_wall_clock_since(earliest_instant(last, KYIV), KYIV) <= last


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-01-15 10:00:00", "2026-01-15T10:00:00+02:00"),
        ("2026-07-15 10:00:00", "2026-07-15T10:00:00+03:00"),
        ("2026-10-25 03:30:00", "2026-10-25T03:30:00+03:00"),  # twice that night: the first
        ("2026-03-29 03:30:00", "2026-03-29T03:30:00+02:00"),  # not at all that night
    ],
)
def test_a_stamp_leaves_with_the_offset_of_its_day(wall: str, expected: str) -> None:
    moment = parse_stamp(wall)

    assert moment is not None
    assert with_offset(moment, KYIV) == expected


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", "soon", None, 5, "2026-13-01 00:00:00", [], {}])
def test_what_is_no_date_is_none(text: object) -> None:
    assert parse_stamp(text) is None


@given(INSTANTS)
def test_a_bookmark_is_written_in_one_form_and_read_back(instant: dt.datetime) -> None:
    text = bookmark_text(instant)

    assert len(text) == len("2026-01-01T00:00:00+00:00")
    assert text.endswith("+00:00")
    assert parse_instant(text, KYIV) == instant.replace(microsecond=0)


@given(INSTANTS, INSTANTS)
def test_bookmarks_sort_as_texts_as_they_do_in_time(one: dt.datetime, other: dt.datetime) -> None:
    assert (bookmark_text(one) < bookmark_text(other)) == (one.replace(microsecond=0) < other.replace(microsecond=0))


@pytest.mark.parametrize("offset", ["", "Z", "+14:00", "-12:00"])
@pytest.mark.parametrize(("text", "expected"), [("0001-01-01T00:00:00", EARLIEST), ("9999-12-31T23:59:59", LATEST)])
def test_what_people_write_for_always_and_never_can_be_counted_on_from(
    text: str, expected: dt.datetime, offset: str
) -> None:
    assert parse_instant(text + offset, KYIV) == expected
