"""What a run leaves behind, and what the next one makes of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from past import NOW, UTC, ago, earlier, stamp

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.errors import AnswerUnexpectedError, StateInvalidError

if TYPE_CHECKING:
    from collections.abc import Callable


KYIV = ZoneInfo("Europe/Kyiv")


def kyiv(text: str) -> dt.datetime:
    """Read a stamp of the shop."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=KYIV)


def test_a_state_is_plain_json_with_an_iso_bookmark_in_utc(shop: Sandbox, read: Callable[..., Any]) -> None:
    outcome = read(shop)

    for stream in ("contacts", "orders"):
        value = outcome.bookmark(stream)["replication_key_value"]
        assert value.endswith("+00:00")
        assert abs(dt.datetime.fromisoformat(value) - dt.datetime.now(UTC)) < dt.timedelta(minutes=1)
        assert "progress_markers" not in outcome.bookmark(stream)


def test_the_target_mark_of_its_ledger_is_in_every_state_and_before_the_first_record(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    ledger = {"id": "a1", "run": 7}

    outcome = read(shop, state={"esputnik_ledger": ledger})

    kinds = [message["type"] for message in outcome.messages]
    assert kinds.index("STATE") < kinds.index("RECORD")
    assert len(outcome.states) > 2
    assert all(state["esputnik_ledger"] == ledger for state in outcome.states)
    again = read(shop, state=outcome.state).states[0]
    assert again == {**outcome.state, "bookmarks": again["bookmarks"]}
    assert all(again["bookmarks"][stream] == outcome.bookmark(stream) for stream in ("contacts", "orders"))


def test_contacts_come_since_the_bookmark_and_whole_every_contacts_reread_hours(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    first = read(shop)
    shop.edit_customer(min(first.keys("contacts")), email="new@example.com")
    new = shop.register(email="four@example.com")

    soon = read(shop, state=first.state)
    later = read(shop, state=earlier(first.state, hours=1))

    assert soon.keys("contacts") == [new]
    assert sorted(later.keys("contacts")) == sorted([*first.keys("contacts"), new])
    assert later.by_key("contacts")[min(first.keys("contacts"))]["email"] == "new@example.com"


def test_contacts_come_whole_on_every_run_when_asked_to(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)

    assert len(read(shop, state=first.state, contacts_reread_hours=0).keys("contacts")) == 3


def test_a_reading_of_the_whole_list_that_was_cut_off_goes_on_where_it_was(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop).state
    oldest, middle, newest = sorted(read(shop).by_key("contacts"))
    since = ago(hours=2).isoformat()
    state["bookmarks"]["contacts"]["whole_list"] = {"since": since, "until": ago(days=30).isoformat()}

    outcome = read(shop, state=state)

    assert outcome.keys("contacts") == [middle, newest]
    assert oldest not in outcome.keys("contacts")
    assert outcome.bookmark("contacts")["whole_list"] is None
    assert outcome.bookmark("contacts")["whole_list_read_at"] == since


@pytest.mark.parametrize("part", [0.7, 0.8, 0.9])
def test_a_bookmark_moves_only_past_windows_that_were_read_whole(
    part: float, read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop fails in a first run; what the states promise was emitted, and the next run brings the rest."""
    monkeypatch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", 40)
    with Sandbox(customers=0, orders=400) as sandbox:
        everything = {order["order_id"]: kyiv(order["stat_created"]) for order in sandbox.orders()}
        read(sandbox, page_size=10)
        requests = sum(request["path"] == "/orders/get" for request in sandbox.requests("shop"))
        sandbox.fail(api="shop", path="/orders/get", status=400, after=int(requests * part), times=None)
        failed = read(sandbox, page_size=10, fails=AnswerUnexpectedError)
        sandbox.clear_faults()
        rest = read(sandbox, state=failed.state, page_size=10)

    promised = dt.datetime.fromisoformat(failed.bookmark("orders")["replication_key_value"])
    before = {number for number, created in everything.items() if created <= promised}
    assert 0 < len(before) < len(everything)
    assert before <= set(failed.keys("orders"))
    assert set(failed.keys("orders")) | set(rest.keys("orders")) == set(everything)


def test_a_bookmark_does_not_go_back_when_the_lookback_was_not_read_to_its_end(
    read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", 40)
    with Sandbox(customers=0, orders=400) as sandbox:
        first = read(sandbox, page_size=10)
        sandbox.fail(api="shop", path="/orders/get", status=400, after=65, times=None)

        second = read(sandbox, state=first.state, page_size=10, order_lookback_days=300, fails=AnswerUnexpectedError)

    assert 200 < len(second.keys("orders")) < 400, "several windows were read whole, and not all"
    bookmarks = {state["bookmarks"]["orders"]["replication_key_value"] for state in second.states}
    assert bookmarks == {first.bookmark("orders")["replication_key_value"]}


def test_rows_of_the_future_do_not_move_the_bookmark_there(shop: Sandbox, read: Callable[..., Any]) -> None:
    tomorrow = shop.place_order(stat_created=stamp(NOW + dt.timedelta(days=1)))

    outcome = read(shop)

    assert tomorrow not in outcome.keys("orders")
    assert dt.datetime.fromisoformat(outcome.bookmark("orders")["replication_key_value"]) <= dt.datetime.now(UTC)


def test_an_end_date_in_the_future_does_not_move_the_bookmark_there(shop: Sandbox, read: Callable[..., Any]) -> None:
    outcome = read(shop, end_date=(NOW + dt.timedelta(days=900)).isoformat())

    for stream in ("contacts", "orders"):
        bookmark = outcome.bookmark(stream)["replication_key_value"]
        assert dt.datetime.fromisoformat(bookmark) <= dt.datetime.now(UTC)


def test_a_bookmark_of_the_future_is_taken_as_now(shop: Sandbox, read: Callable[..., Any]) -> None:
    state = read(shop).state
    state["bookmarks"]["orders"]["replication_key_value"] = (NOW + dt.timedelta(days=900)).isoformat()

    outcome = read(shop, state=state)

    assert dt.datetime.fromisoformat(outcome.bookmark("orders")["replication_key_value"]) <= dt.datetime.now(UTC)
    assert len(outcome.keys("orders")) == 2


def test_an_order_that_shows_up_a_little_late_is_still_read(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop, order_lookback_days=0)
    late = (dt.datetime.now(UTC) - dt.timedelta(minutes=2)).astimezone(KYIV)
    number = shop.place_order(stat_created=stamp(late))

    assert number in read(shop, state=first.state, order_lookback_days=0).keys("orders")


def test_a_customer_who_shows_up_a_little_late_is_still_read(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    late = (dt.datetime.now(UTC) - dt.timedelta(minutes=2)).astimezone(KYIV)
    number = shop.register(registered=stamp(late), email="late@example.com")

    assert read(shop, state=first.state).keys("contacts") == [number]


@pytest.mark.parametrize(
    "broken",
    [
        {"bookmarks": []},
        {"bookmarks": {"orders": 3}},
        {"bookmarks": {"orders": {"replication_key_value": "yesterday"}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00+00:00", "followed": []}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00+00:00", "followed": {"open": "x"}}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00Z", "followed": {"missing": {"x": 1}}}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01", "followed": {"missing": {"1": []}}}}},
    ],
)
def test_a_state_that_is_none_of_ours_is_an_error_of_its_own(
    broken: dict[str, Any], shop: Sandbox, read: Callable[..., Any]
) -> None:
    with pytest.raises(StateInvalidError):
        read(shop, state=broken)


@pytest.mark.parametrize("stream", ["contacts", "orders"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-05:00"])
def test_a_bookmark_at_the_end_of_the_calendar_is_no_failure(
    text: str, stream: str, shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop).state
    state["bookmarks"][stream]["replication_key_value"] = text

    bookmark = read(shop, state=state).bookmark(stream)["replication_key_value"]

    assert abs(dt.datetime.fromisoformat(bookmark) - dt.datetime.now(UTC)) < dt.timedelta(minutes=1)


def test_a_whole_list_that_was_cut_off_in_the_future_does_not_keep_new_customers_out(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop).state
    future = (NOW + dt.timedelta(days=9)).isoformat()
    state["bookmarks"]["contacts"]["whole_list"] = {"since": future, "until": future}
    new = shop.register(email="new@example.com")

    assert new in read(shop, state=state).keys("contacts")
