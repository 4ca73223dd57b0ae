"""What a run leaves behind, and what the next one makes of it."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.errors import AnswerUnexpectedError, StateInvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UTC = dt.timezone.utc
KYIV = ZoneInfo("Europe/Kyiv")
NOW = dt.datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> dt.datetime:
    return NOW - dt.timedelta(**span)


def stamp(moment: dt.datetime) -> str:
    """Write a moment as the shop does: some hours off do no harm where days are counted."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def kyiv(text: str) -> dt.datetime:
    """Read a stamp of the shop."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=KYIV)


def earlier(state: dict[str, Any], **span: float) -> dict[str, Any]:
    """Return a state as if the run that wrote it had been so much earlier."""

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {moved(key): moved(item) for key, item in value.items()}
        if isinstance(value, str) and value.endswith("+00:00"):
            return (dt.datetime.fromisoformat(value) - dt.timedelta(**span)).isoformat()
        return value

    return dict(moved(copy.deepcopy(state)))


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop with two old orders (one open, one over), two in the lookback and three customers."""
    with Sandbox(customers=0, orders=0) as running:
        for days, status in ((100, 2), (90, 3), (10, 1), (1, 3)):
            running.place_order(stat_created=stamp(ago(days=days)), stat_status=status)
        for days in (200, 20, 2):
            running.register(registered=stamp(ago(days=days)), email=f"u{days}@example.com")
        yield running


def ids_asked_for(sandbox: Sandbox, since: int) -> list[int]:
    bodies = [r["body"] for r in sandbox.requests("shop")[since:] if r["path"] == "/orders/get"]
    return sorted(number for body in bodies for number in body.get("ids", []))


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


def test_the_second_run_reads_the_lookback_and_no_older_order(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    ids = sorted(first.keys("orders"))
    new = shop.place_order()

    second = read(shop, state=first.state)

    assert sorted(second.keys("orders")) == sorted([*ids[2:], new])


def test_a_status_that_changes_within_the_lookback_arrives(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    young = sorted(first.keys("orders"))[2]
    shop.set_status(young, 6)

    assert read(shop, state=first.state).by_key("orders")[young]["status_id"] == 6


def test_three_runs_bring_the_latest_status_of_every_followed_order(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    old_open, old_over, young, new = sorted(first.keys("orders"))
    for number in (old_open, old_over, young, new):
        shop.set_status(number, 6)

    second = read(shop, state=earlier(first.state, hours=25))
    for number in (old_open, young):
        shop.set_status(number, 4)
    third = read(shop, state=earlier(second.state, hours=25))

    assert {n: o["status_id"] for n, o in second.by_key("orders").items()} == dict.fromkeys(
        (old_open, old_over, young, new), 6
    )
    assert {n: o["status_id"] for n, o in third.by_key("orders").items()} == {
        old_open: 4, old_over: 6, young: 4, new: 6
    }  # fmt: skip
    assert all(len(run.keys("orders")) == len(set(run.keys("orders"))) for run in (first, second, third))


def test_followed_orders_are_read_every_follow_reread_hours(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    old = sorted(first.keys("orders"))[:2]

    sooner = read(shop, state=earlier(first.state, hours=23))
    later = read(shop, state=earlier(first.state, hours=24))

    assert not set(old) & set(sooner.keys("orders"))
    assert set(old) <= set(later.keys("orders"))


def test_the_hours_count_from_the_last_reading_of_the_followed_orders(shop: Sandbox, read: Callable[..., Any]) -> None:
    second = read(shop, state=earlier(read(shop).state, hours=25))

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, hours=20))

    assert ids_asked_for(shop, asked) == []


def test_an_order_that_is_over_is_followed_for_14_days_more(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    old_open, old_over = sorted(first.keys("orders"))[:2]

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(first.state, days=13))
    assert ids_asked_for(shop, asked) == [old_open, old_over]

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(first.state, days=15))
    assert ids_asked_for(shop, asked) == [old_open]


def test_the_14_days_begin_when_an_order_was_first_seen_over_not_at_each_reading(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop).state
    old_open, old_over = sorted(read(shop).keys("orders"))[:2]
    for _ in range(2):
        state = read(shop, state=earlier(state, days=8)).state

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(state, days=2))

    assert ids_asked_for(shop, asked) == [old_open]
    assert old_over not in ids_asked_for(shop, asked)


def test_an_order_that_has_been_over_for_long_is_not_followed_anew_when_the_lookback_meets_it(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop).state
    for days in (15, 0):
        state = read(shop, state=earlier(state, days=days), order_lookback_days=200).state

    asked = len(shop.requests("shop"))
    outcome = read(shop, state=earlier(state, days=2), order_lookback_days=0)

    old_over = 90
    created = {o["order_id"]: o["stat_created"] for o in shop.orders()}
    assert stamp(ago(days=old_over)) not in [created[number] for number in ids_asked_for(shop, asked)]
    assert ids_asked_for(shop, asked)
    assert outcome.keys("orders")


def test_an_order_that_leaves_the_lookback_open_is_followed_by_id(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    leaving = sorted(first.keys("orders"))[2]
    shop.set_status(leaving, 6)

    second = read(shop, state=earlier(first.state, hours=25), order_lookback_days=3)

    assert second.by_key("orders")[leaving]["status_id"] == 6


def test_an_order_that_ended_before_it_left_the_lookback_is_followed_until_14_days_are_over(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    first = read(shop)
    young = sorted(first.keys("orders"))[2]
    shop.set_status(young, 3)
    second = read(shop, state=first.state)

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, days=10), order_lookback_days=0)
    assert young in ids_asked_for(shop, asked)

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, days=15), order_lookback_days=0)
    assert young not in ids_asked_for(shop, asked)


def test_an_order_older_than_follow_days_is_followed_no_longer(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop)
    old_open, old_over = sorted(first.keys("orders"))[:2]
    state = earlier(first.state, hours=25)
    second = read(shop, state=state, follow_days=95)

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, hours=25), follow_days=95)

    assert ids_asked_for(shop, asked) == [old_over]
    assert old_open not in ids_asked_for(shop, asked)


def test_nothing_is_followed_when_follow_days_is_0(shop: Sandbox, read: Callable[..., Any]) -> None:
    first = read(shop, follow_days=0)

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(first.state, days=2), follow_days=0)

    assert ids_asked_for(shop, asked) == []


def test_final_statuses_are_the_setting_and_those_that_the_shop_calls_successful(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    old_open, old_over = sorted(read(shop).keys("orders"))[:2]

    state = read(shop, final_statuses=[2]).state

    open_ids = state["bookmarks"]["orders"]["followed"]["open"]
    over = "".join(state["bookmarks"]["orders"]["followed"]["over"].values())
    assert str(old_open) not in open_ids
    assert str(old_over) not in open_ids
    assert over


def test_an_id_that_the_shop_no_longer_knows_is_dropped_after_three_tries_with_a_log_line(
    shop: Sandbox, read: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    outcome = read(shop)
    old_open = min(outcome.keys("orders"))
    shop.delete_order(old_open)

    for tried in range(3):
        assert "no longer knows" not in caplog.text, f"after {tried} tries"
        asked = len(shop.requests("shop"))
        outcome = read(shop, state=earlier(outcome.state, hours=25))
        assert old_open in ids_asked_for(shop, asked)

    assert f"no longer knows 1 followed orders, and they are dropped: {old_open}" in caplog.text
    asked = len(shop.requests("shop"))
    read(shop, state=earlier(outcome.state, hours=25))
    assert old_open not in ids_asked_for(shop, asked)


def test_an_order_that_is_known_again_has_three_new_tries(shop: Sandbox, read: Callable[..., Any]) -> None:
    state = read(shop).state
    followed = state["bookmarks"]["orders"]["followed"]
    old_open = int(followed["open"].split(",")[0])
    followed["missing"] = {str(old_open): 2}

    again = read(shop, state=earlier(state, hours=25)).bookmark("orders")["followed"]

    assert again["missing"] == {}


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
        sandbox.fail(api="shop", path="/orders/get", status=400, after=20, times=None)

        second = read(sandbox, state=first.state, page_size=10, order_lookback_days=300, fails=AnswerUnexpectedError)

    assert second.keys("orders")
    assert len(second.states) > 2
    bookmarks = {state["bookmarks"]["orders"]["replication_key_value"] for state in second.states}
    assert bookmarks == {first.bookmark("orders")["replication_key_value"]}


def test_a_followed_order_from_before_the_start_date_is_not_emitted_and_followed_no_longer(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    first = read(shop)
    old_open, old_over = sorted(first.keys("orders"))[:2]

    second = read(shop, state=earlier(first.state, hours=25), start_date=ago(days=95).isoformat())

    assert old_open not in second.keys("orders")
    assert old_over in second.keys("orders")
    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, hours=25))
    assert old_open not in ids_asked_for(shop, asked)


def test_rows_of_the_future_do_not_move_the_bookmark_there(shop: Sandbox, read: Callable[..., Any]) -> None:
    tomorrow = shop.place_order(stat_created=stamp(NOW + dt.timedelta(days=1)))

    outcome = read(shop)

    assert tomorrow not in outcome.keys("orders")
    assert dt.datetime.fromisoformat(outcome.bookmark("orders")["replication_key_value"]) <= dt.datetime.now(UTC)


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


@pytest.mark.parametrize(
    "broken",
    [
        {"bookmarks": []},
        {"bookmarks": {"orders": 3}},
        {"bookmarks": {"orders": {"replication_key_value": "yesterday"}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00+00:00", "followed": []}}},
        {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00+00:00", "followed": {"open": "x"}}}},
    ],
)
def test_a_state_that_is_none_of_ours_is_an_error_of_its_own(
    broken: dict[str, Any], shop: Sandbox, read: Callable[..., Any]
) -> None:
    with pytest.raises(StateInvalidError):
        read(shop, state=broken)


def test_a_state_with_a_bookmark_alone_is_enough(shop: Sandbox, read: Callable[..., Any]) -> None:
    state = {"bookmarks": {"orders": {"replication_key_value": ago(days=1).isoformat()}}}

    outcome = read(shop, state=state)

    assert len(outcome.keys("orders")) == 2
    assert outcome.bookmark("orders")["followed"]["over"]
