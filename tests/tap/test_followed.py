"""The latest status of every order that is followed arrives: read again by time, then by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from past import ago, earlier, ids_asked_for, stamp

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.errors import AnswerUnexpectedError

if TYPE_CHECKING:
    from collections.abc import Callable


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


def test_a_state_that_follows_no_order_yet_makes_up_for_it_once(shop: Sandbox, read: Callable[..., Any]) -> None:
    """A state of an older version, or one that a person wrote: open orders from before the lookback are not lost."""
    state = {"bookmarks": {"orders": {"replication_key_value": ago(days=1).isoformat()}}}
    old_open = min(order["order_id"] for order in shop.orders())

    first = read(shop, state=state)
    second = read(shop, state=first.state)
    shop.set_status(old_open, 6)
    third = read(shop, state=earlier(second.state, hours=25))

    assert len(first.keys("orders")) == 4
    assert old_open not in second.keys("orders")
    assert third.by_key("orders")[old_open]["status_id"] == 6


@pytest.mark.parametrize("before", [{"follow_days": 0}, {"follow_days": 60}, {"start_date": ago(days=50).isoformat()}])
def test_orders_that_are_followed_only_by_the_settings_of_now_are_found(
    before: dict[str, Any], shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop, **before).state
    old_open, old_over, *_ = sorted(order["order_id"] for order in shop.orders())
    state = read(shop, state=state).state

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(state, hours=25))

    assert ids_asked_for(shop, asked) == [old_open, old_over]


def test_an_order_whose_status_is_no_longer_final_by_the_settings_is_followed_again(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    state = read(shop, final_statuses=[2, 3, 4]).state
    state = read(shop, state=earlier(state, days=15), final_statuses=[2, 3, 4]).state
    old_open = min(order["order_id"] for order in shop.orders())
    state = read(shop, state=state).state

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(state, hours=25))

    assert old_open in ids_asked_for(shop, asked)


def test_what_is_followed_by_new_settings_is_looked_for_until_a_run_has_read_it_all(
    read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", 40)
    with Sandbox(customers=0, orders=400) as sandbox:
        since = stamp(ago(days=179))
        wanted = {order["order_id"] for order in sandbox.orders() if order["stat_created"] > since}
        state = read(sandbox, page_size=10, follow_days=0).state
        sandbox.fail(api="shop", path="/orders/get", status=400, after=40, times=None)
        failed = read(sandbox, page_size=10, state=state, fails=AnswerUnexpectedError)
        sandbox.clear_faults()

        assert len(failed.states) > 3
        assert not wanted <= set(failed.keys("orders"))
        assert wanted <= set(read(sandbox, page_size=10, state=failed.state).keys("orders"))


def test_a_first_run_that_was_cut_off_counts_as_no_reading_of_the_followed_orders(
    shop: Sandbox, read: Callable[..., Any]
) -> None:
    first = read(shop)
    cut_off = earlier(first.state, days=3)
    cut_off["bookmarks"]["orders"]["followed"]["read_at"] = None
    old_open = min(first.keys("orders"))
    shop.set_status(old_open, 6)

    assert read(shop, state=cut_off).by_key("orders")[old_open]["status_id"] == 6


@pytest.mark.parametrize("why", ["end_date", "no date"])
def test_a_followed_order_that_cannot_be_emitted_today_is_followed_on(
    why: str, shop: Sandbox, read: Callable[..., Any]
) -> None:
    first = read(shop)
    old_open = min(first.keys("orders"))
    asked = len(shop.requests("shop"))
    if why == "end_date":
        second = read(shop, state=earlier(first.state, hours=25), end_date=ago(days=120).isoformat())
    else:
        row = {"order_id": old_open, "stat_created": "0000-00-00 00:00:00"}
        body = {"status": "OK", "response": {"orders": [row]}}
        known = read(shop, state=first.state)
        # By time, then once by ids.
        time_calls = sum(r["path"] == "/orders/get" for r in shop.requests("shop")[asked:])
        shop.fail(api="shop", path="/orders/get", status=200, body=body, after=time_calls, times=1)
        second = read(shop, state=earlier(known.state, hours=25))
        shop.clear_faults()
    assert old_open not in second.keys("orders")

    asked = len(shop.requests("shop"))
    read(shop, state=earlier(second.state, hours=25))

    assert old_open in ids_asked_for(shop, asked)
