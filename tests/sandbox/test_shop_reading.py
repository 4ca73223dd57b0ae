"""orders/get and users/export: windows, paging, filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox


def order_ids(answer: Any) -> list[int]:
    return [order["order_id"] for order in answer["response"]["orders"]] if answer["status"] == "OK" else []


def read_all(shop: Callable[..., Any], step: int = 40, **parameters: Any) -> list[int]:
    found: list[int] = []
    while page := order_ids(shop("orders/get", limit=step, offset=len(found), **parameters)):
        found += page
    return found


def test_paging_by_offset_gives_every_order_once(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    assert read_all(shop) == [order["order_id"] for order in fresh.orders()] == list(range(10_001, 10_151))


def test_a_window_includes_both_of_its_ends(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    orders = fresh.orders()
    since, until = orders[30]["stat_created"], orders[60]["stat_created"]
    expected = [order["order_id"] for order in orders if since <= order["stat_created"] <= until]
    found = order_ids(shop("orders/get", limit=500, **{"from": since, "to": until}))
    assert found == expected
    assert {10_031, 10_061} <= set(found)


def test_dates_are_read_in_both_written_forms(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    first = order_ids(shop("orders/get", limit=500, **{"from": "2026-04-01", "to": "2026-04-30"}))
    second = order_ids(shop("orders/get", limit=500, **{"from": "01.04.2026", "to": "30.04.2026 23:59:59"}))
    expected = [order["order_id"] for order in fresh.orders() if order["stat_created"].startswith("2026-04")]
    assert first == second == expected != []


@pytest.mark.parametrize("bound", ["tomorrow", "2026-13-01", "2026-04-01T00:00:00", "2026-04-01 1:2:3"])
def test_a_bound_that_is_no_date_is_an_error(shop: Callable[..., Any], bound: str) -> None:
    answer = shop("orders/get", **{"from": bound})
    assert answer["status"] == "ERROR"
    assert "from" in answer["response"]["message"]


def test_offset_without_limit_is_ignored(shop: Callable[..., Any]) -> None:
    assert order_ids(shop("orders/get", offset=50))[0] == 10_001


def test_limits_and_ids_that_are_no_numbers_are_errors(shop: Callable[..., Any]) -> None:
    assert shop("orders/get", limit="many")["status"] == "ERROR"
    assert shop("orders/get", limit=-1)["status"] == "ERROR"
    assert shop("orders/get", ids=["x"])["status"] == "ERROR"


def test_orders_are_found_by_their_numbers(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.delete_order(10_010)
    assert order_ids(shop("orders/get", ids=[10_020, 10_010, 10_005, 99])) == [10_005, 10_020]
    assert shop("orders/get", ids=[10_010])["status"] == "EMPTY"


def test_orders_are_filtered_by_one_status_or_several(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    by_status = {number: [o["order_id"] for o in fresh.orders() if o["stat_status"] == number] for number in (4, 8)}
    assert order_ids(shop("orders/get", status=8, limit=500)) == by_status[8] != []
    assert order_ids(shop("orders/get", status=[4, "8"], limit=500)) == sorted(by_status[4] + by_status[8])


def test_customers_are_read_by_registration_and_ignore_other_filters(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    customers = fresh.customers()
    since = customers[40]["registered"]
    users = shop("users/export", limit=500, ids=[1001], status=1, **{"from": since})["response"]["users"]
    assert [user["id"] for user in users] == [user["id"] for user in customers if user["registered"] >= since]


def test_new_edited_moved_and_deleted_rows_are_where_a_shop_has_them(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    window = {"from": "2026-04-01 00:00:00", "to": "2026-04-30 23:59:59", "limit": 500}
    before = order_ids(shop("orders/get", **window))
    placed = fresh.place_order(stat_created="2026-04-10 10:00:00", delivery_email="new@example.com")
    fresh.edit_order(before[0], delivery_name="Інше Ім'я")
    fresh.edit_order(before[1], stat_created="2025-12-01 00:00:00")
    fresh.edit_order(10_001, stat_created="2026-04-30 23:59:59")
    fresh.delete_order(before[2])
    after = shop("orders/get", **window)
    assert order_ids(after) == sorted({10_001, placed, *before} - {before[1], before[2]})
    assert next(o for o in after["response"]["orders"] if o["order_id"] == before[0])["delivery_name"] == "Інше Ім'я"
    assert read_all(shop, step=7) == [number for number in range(10_001, placed + 1) if number != before[2]]
    assert fresh.counts()["orders"] == 150


def test_pages_that_cross_a_gap_are_full(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    for number in (10_060, 10_065, 10_066):
        fresh.delete_order(number)
    page = order_ids(shop("orders/get", limit=10, offset=57))
    assert page == [10_058, 10_059, 10_061, 10_062, 10_063, 10_064, 10_067, 10_068, 10_069, 10_070]


def test_a_change_of_status_shows_in_no_timestamp(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    before = shop("orders/get", ids=[10_002])["response"]["orders"][0]
    fresh.set_status(10_002, 4 if before["stat_status"] != 4 else 3)
    after = shop("orders/get", ids=[10_002])["response"]["orders"][0]
    assert {name for name in before if before[name] != after[name]} == {"stat_status"}


def test_additional_data_is_an_object_only_with_the_flag(shop: Callable[..., Any]) -> None:
    without = shop("orders/get", ids=[10_001])["response"]["orders"][0]
    with_flag = shop("orders/get", ids=[10_001], additionalData=True)["response"]["orders"][0]
    assert without["additional_data"] == []
    assert set(with_flag["additional_data"]) == {"recipient_warehouse_ref"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_forms_queries_and_puts_say_the_same_as_json(fresh: Sandbox, token: str, slash: str) -> None:
    address = f"{fresh.shop_url}/api/orders/get{slash}"
    fields = [("token", token), ("ids[]", "10003"), ("ids[]", "10004"), ("limit", "5")]
    answers = [
        requests.put(address, json={"token": token, "ids": [10_003, 10_004], "limit": 5}, timeout=10),
        requests.post(address, data=fields, timeout=10),
        requests.post(address, files=[(name, (None, value)) for name, value in fields], timeout=10),
        requests.get(address, params=fields, timeout=10),
    ]
    assert [order_ids(answer.json()) for answer in answers] == [[10_003, 10_004]] * 4
    assert all(not answer.history for answer in answers)
