"""A shop is read whole, in the right order, under every reading of its API."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SWITCHES: list[dict[str, Any]] = [
    {"sort": "desc"},
    {"sort": "shuffled"},
    {"page_cap": 30},
    {"page_cap": 7, "sort": "shuffled"},
    {"page_cap": 2, "sort": "desc"},
    {"offset": "ignored"},
    {"offset": "ignored", "page_cap": 30, "sort": "desc"},
    {"empty_body": "object"},
    {"empty_body": "message"},
    {"empty_body": "ok"},
    {"numbers": "strings"},
    {"blanks": "null"},
    {"blanks": "empty"},
    {"bad_token": "401"},
    {"token_sessions": "newest"},
    {"token_sessions": "newest", "expired_token": "AUTHORIZATION_ERROR", "bad_token": "401"},
    {"guests": "present"},
    {"delivery_data": "null"},
    {"delivery_data": "list"},
    {"shop_zone": "UTC"},
    {"html_challenge": "non_browser"},
    {"statuses_body": "list"},
    {"shop_version": "old"},
    {"additional_data": "object"},
    {"newsletter": "absent"},
    {"comments": "absent"},
    {"entities": "escaped"},
    {"date_only_to": "start_of_day"},
    {"b2b": "on"},
]


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda given: ",".join(f"{k}={v}" for k, v in given.items()))
def test_a_shop_is_read_whole_under_every_reading_of_its_api(
    switches: dict[str, Any], read: Callable[..., Any]
) -> None:
    settings = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64)"} if "html_challenge" in switches else {}
    with Sandbox(customers=60, orders=150, switches=switches) as sandbox:
        outcome = read(sandbox, page_size=40, **settings)

        assert sorted(outcome.keys("orders")) == sorted(int(order["order_id"]) for order in sandbox.orders())
        users = {int(user["id"]) for user in sandbox.customers()}
        guests = {int(order["user"]) for order in sandbox.orders()} if "guests" in switches else set()
        assert sorted(outcome.keys("contacts")) == sorted(users | guests)
    assert all(isinstance(order["total"], (int, float)) for order in outcome.records("orders"))
    assert all(isinstance(order["utm_campaign"], str) for order in outcome.records("orders"))


def test_statuses_come_first_then_all_contacts_then_orders(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    order = [m["stream"] for m in read(sandbox).messages if m["type"] == "RECORD"]

    assert list(dict.fromkeys(order)) == ["order_statuses", "contacts", "orders"]
    assert order == sorted(order, key=["order_statuses", "contacts", "orders"].index)


def test_each_request_names_both_ends_of_its_window_to_the_second_and_none_ends_after_the_start(
    sandbox: Sandbox, read: Callable[..., Any]
) -> None:
    before = dt.datetime.now(dt.timezone.utc)
    read(sandbox)
    after = dt.datetime.now(dt.timezone.utc)
    bodies = [r["body"] for r in sandbox.requests("shop") if r["path"] in {"/orders/get", "/users/export"}]

    spans = [(dt.datetime.fromisoformat(body["from"]), dt.datetime.fromisoformat(body["to"])) for body in bodies]
    assert bodies
    assert all(len(body["from"]) == len(body["to"]) == len("2026-01-01 00:00:00") for body in bodies)
    assert all(first <= last for first, last in spans)
    latest = max(last for _, last in spans)
    hours = (latest - after.replace(tzinfo=None)).total_seconds() / 3600
    assert before <= after
    assert hours <= 3.01, "Kyiv is at most 3 hours ahead"


def test_a_shop_older_than_4_0_has_the_five_built_in_statuses(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    sandbox.switch(shop_version="old")

    assert read(sandbox).keys("order_statuses") == [1, 2, 3, 4, 6]


def test_a_token_that_expires_in_mid_paging_is_renewed_and_no_row_is_lost(read: Callable[..., Any]) -> None:
    with Sandbox(customers=20, orders=300) as sandbox:
        # Far enough apart for all requests under way to be answered between two of them: a call logs in once.
        for after in (3, 20, 40):
            sandbox.fail(api="shop", path="/orders/get", kind="expire_token", after=after, times=1)

        outcome = read(sandbox, page_size=10)

        assert sorted(outcome.keys("orders")) == sorted(order["order_id"] for order in sandbox.orders())
        logins = sum(request["path"] == "/auth" for request in sandbox.requests("shop"))
    assert logins == 4


def test_a_token_is_asked_for_once_by_all_threads(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    read(sandbox, max_parallel_requests=8)

    assert sum(request["path"] == "/auth" for request in sandbox.requests("shop")) == 1


@pytest.mark.parametrize("sort", ["asc", "desc", "shuffled"])
def test_rows_deleted_and_placed_during_the_read_hide_no_other(sort: str, read: Callable[..., Any]) -> None:
    with Sandbox(customers=5, orders=300, switches={"sort": sort}) as sandbox:
        ids = [order["order_id"] for order in sandbox.orders()]
        gone = ids[:7] + ids[-4:]
        for step, number in enumerate(gone):
            change = [["delete_order", {"id": number}], ["place_order", {}]]
            sandbox.fail(api="shop", path="/orders/get", kind="change", do=change, after=2 + 2 * step, times=1)

        outcome = read(sandbox, page_size=20)

    found = outcome.keys("orders")
    assert len(found) == len(set(found))
    assert set(ids) - set(gone) <= set(found)


def test_bounds_on_time_are_kept_to_the_second(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    for stamp in ("2026-05-01 09:59:59", "2026-05-01 10:00:00", "2026-05-02 10:00:00", "2026-05-02 10:00:01"):
        sandbox.place_order(stat_created=stamp)
        sandbox.register(registered=stamp)

    outcome = read(sandbox, start_date="2026-05-01T07:00:00Z", end_date="2026-05-02T10:00:00")

    for stream, field in (("orders", "created_at"), ("contacts", "registered_at")):
        moments = sorted(record[field] for record in outcome.records(stream))
        assert (moments[0], moments[-1]) == ("2026-05-01T10:00:00+03:00", "2026-05-02T10:00:00+03:00")


def test_an_end_date_without_a_time_is_the_whole_day(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    sandbox.place_order(stat_created="2026-05-02 23:59:59")
    sandbox.place_order(stat_created="2026-05-03 00:00:00")

    moments = [record["created_at"] for record in read(sandbox, end_date="2026-05-02").records("orders")]

    assert max(moments) == "2026-05-02T23:59:59+03:00"


def test_values_of_no_known_kind_are_left_blank_and_the_order_still_comes(
    sandbox: Sandbox, read: Callable[..., Any]
) -> None:
    order = sandbox.orders()[3]["order_id"]
    sandbox.edit_order(order, products=[], delivery_type=[], analytics=[], payment_type=None, comment=None)

    record = read(sandbox).by_key("orders")[order]

    assert (record["products"], record["delivery_type"], record["payment_type_id"], record["utm_source"]) == (
        [],
        None,
        None,
        "",
    )


def test_only_selected_streams_are_asked_for(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    catalog = json.loads(TapHoroshop(validate_config=False, setup_mapper=False).catalog_json_text)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] == "contacts"
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")

    outcome = tap_process(settings(sandbox), "--catalog", str(tmp_path / "catalog.json"))

    assert set(outcome.counts()) == {"contacts"}
    assert {r["path"] for r in sandbox.requests("shop")} == {"/auth", "/users/export"}


def test_fields_that_nobody_wants_may_be_left_out(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    catalog = json.loads(TapHoroshop(validate_config=False, setup_mapper=False).catalog_json_text)
    unwanted = {"status_id", "created_at", "registered_at", "phone"}
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = not unwanted & set(entry["breadcrumb"])
            entry["metadata"].pop("inclusion", None)
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")

    outcome = tap_process(settings(sandbox), "--catalog", str(tmp_path / "catalog.json"))

    assert outcome.exit_code == 0
    assert outcome.counts() == {"order_statuses": 6, "contacts": 50, "orders": 100}
    assert not any({"status_id", "phone"} & set(order) for order in outcome.records("orders"))
    assert outcome.bookmark("orders")["followed"]["over"]
