"""What an answer means, row by row of the tables, and which addresses are let in."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from typing import Any

import pytest

from tap_horoshop.answers import HTTP_ACTIONS, WORD_ACTIONS, Action, judge, seconds_to_wait
from tap_horoshop.connection import AddressError, base_url
from tap_horoshop.followed import Followed, SeenOrder, is_due

OK = b'{"status":"OK","response":{"orders":[]}}'
NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(("status", "action"), sorted(HTTP_ACTIONS.items()))
def test_each_row_of_the_table_of_http_statuses(status: int, action: Action) -> None:
    assert judge("orders/get", status, OK, is_shop=True).action is action


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524, 599])
def test_any_fault_of_the_server_is_tried_again(status: int) -> None:
    assert judge("orders/get", status, b"<html>", is_shop=True).action is Action.RETRY
    assert judge("auth", status, b"<html>", is_shop=False).action is Action.RETRY


@pytest.mark.parametrize(
    ("status", "code"),
    [(301, "redirected"), (302, "redirected"), (308, "redirected"), (403, "access_refused"), (404, "api_off"),
     (400, "answer_unexpected"), (418, "answer_unexpected")],
)  # fmt: skip
def test_what_trying_again_cannot_heal_ends_the_run(status: int, code: str) -> None:
    verdict = judge("auth", status, OK, is_shop=False)

    assert verdict.action is Action.FAIL
    assert verdict.error is not None
    assert verdict.error.name == code


@pytest.mark.parametrize(("word", "action"), sorted(WORD_ACTIONS.items()))
def test_each_row_of_the_table_of_words(word: str, action: Action) -> None:
    body = json.dumps({"status": word, "response": []}).encode()

    assert judge("orders/get", 200, body, is_shop=True).action is action


@pytest.mark.parametrize("word", ["ERROR", "UNAUTHORIZED", "AUTHORIZATION_ERROR", "EMPTY"])
def test_a_login_that_is_refused_is_about_credentials_and_not_tried_again(word: str) -> None:
    verdict = judge("auth", 200, json.dumps({"status": word, "response": {"message": "x"}}).encode(), is_shop=False)

    assert verdict.error is not None
    assert (verdict.action, verdict.error.name) == (Action.FAIL, "wrong_credentials")


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>", b"  <HTML>", b"[]", b"{}", b'"x"', b"5"])
def test_an_answer_that_is_no_shop_s_is_told_before_the_first_good_one_only(body: bytes) -> None:
    before, after = (judge("auth", 200, body, is_shop=known) for known in (False, True))

    assert before.error is not None
    assert before.error.name == "not_a_shop"
    assert after.error is None or after.error.name == "answer_unexpected"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5), ("0", 0), ("-3", 0), ("1.5", 1.5), ("Tue, 24 Nov 2026 12:00:30 GMT", 30), ("nan", None),
     ("Tue, 24 Nov 2026 11:00:00 GMT", 0), ("soon", None), ("", None), (None, None), ("999999", 3600)],
)  # fmt: skip
def test_a_pause_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com/", "https://shop.example.com"),
        (" HTTPS://Shop.Example.com:8443 ", "https://shop.example.com:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("крамниця.укр", "https://крамниця.укр"),
    ],
)
def test_an_address_is_brought_to_one_form(given: str, expected: str) -> None:
    assert base_url(given) == expected


@pytest.mark.parametrize(
    "given",
    ["", "http://shop.example.com", "http://10.0.0.1", "ftp://shop.example.com", "https://", "https://a b",
     "https://u:p@shop.example.com", "https://shop.example.com/api", "https://shop.example.com?x=1",
     "https://shop.example.com:port", "https://[::1", "https://[shop]", "sho\u2100p.example.com",
     "http://localhost.example.com", "http://127.0.0.1.example.com"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(AddressError):
        base_url(given)


def test_a_reading_that_is_due_every_hour_is_not_put_off_by_a_scheduler_s_seconds() -> None:
    hour = dt.timedelta(hours=1)

    assert is_due(None, hour, NOW)
    assert is_due(NOW - dt.timedelta(minutes=59, seconds=50), hour, NOW)
    assert not is_due(NOW - dt.timedelta(minutes=30), hour, NOW)
    assert is_due(NOW + hour, hour, NOW), "the clock was wrong before"


def test_a_year_of_followed_orders_makes_a_small_state() -> None:
    followed = Followed({}, bookmark=None, now=NOW, follow=dt.timedelta(days=180))
    for number in range(1, 100_001):
        followed.note(SeenOrder(number, is_over=number % 1000 != 0, created=NOW - dt.timedelta(days=100)))

    state = followed.as_state()

    assert len(json.dumps(state)) < 3000
    again = Followed(state, bookmark=NOW, now=NOW, follow=dt.timedelta(days=180))
    assert again.not_met() == list(range(1, 100_001))
    assert again.as_state() == state


def test_orders_that_two_runs_of_one_second_found_to_be_over_stay_followed() -> None:
    state: dict[str, Any] = {}
    for number in (1, 7):
        followed = Followed(state, bookmark=None, now=NOW, follow=dt.timedelta(days=180))
        followed.note(SeenOrder(number, is_over=True, created=NOW))
        state = followed.as_state()

    assert Followed(state, bookmark=NOW, now=NOW, follow=dt.timedelta(days=180)).not_met() == [1, 7]


def test_followed_orders_take_a_few_bytes_each() -> None:
    tracemalloc.start()
    followed = Followed({}, bookmark=None, now=NOW, follow=dt.timedelta(days=180))
    for number in range(1, 100_001):
        followed.meet(number)
        followed.note(SeenOrder(number, is_over=number % 3 == 0, created=NOW))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(followed.as_state()["over"]) == 1
    assert taken < 10 * 100_000


@pytest.mark.parametrize("response", [None, "", "text", 5, [{"order_id": 1}]])
def test_an_answer_that_holds_nothing_readable_does_not_say_that_there_are_no_rows(response: object) -> None:
    body = json.dumps({"status": "OK", "response": response}).encode()

    verdict = judge("orders/get", 200, body, is_shop=True)

    assert verdict.error is not None
    assert (verdict.action, verdict.error.name) == (Action.FAIL, "answer_unexpected")
