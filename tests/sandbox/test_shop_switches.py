"""Each position of each of the shop's switches does what the table says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox

NOTHING = {"from": "2001-01-01", "to": "2001-01-02"}


def ids(answer: Any) -> list[int]:
    return [order["order_id"] for order in answer["response"]["orders"]]


def first_order(shop: Callable[..., Any], number: int = 10_001, **more: Any) -> Any:
    return shop("orders/get", ids=[number], **more)["response"]["orders"][0]


def test_sort(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(sort="asc")
    up = ids(shop("orders/get", limit=150))
    assert up == sorted(up)
    fresh.switch(sort="desc")
    assert ids(shop("orders/get", limit=150)) == up[::-1]
    assert ids(shop("orders/get", limit=40, offset=20)) == up[::-1][20:60]
    assert ids(shop("orders/get", limit=40, offset=140)) == up[::-1][140:]
    fresh.switch(sort="shuffled")
    mixed = ids(shop("orders/get", limit=150))
    assert mixed not in (up, up[::-1])
    assert sorted(mixed) == up
    assert ids(shop("orders/get", limit=40, offset=20)) == mixed[20:60]


def test_page_cap(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(page_cap=7)
    assert len(ids(shop("orders/get", limit=100))) == 7
    assert len(ids(shop("orders/get", limit=3))) == 3
    fresh.switch(page_cap="none")
    assert len(ids(shop("orders/get", limit=149))) == 149


def test_default_limit(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    assert len(ids(shop("orders/get"))) == 100
    fresh.switch(default_limit=9)
    assert len(ids(shop("orders/get"))) == 9
    fresh.switch(default_limit="none")
    assert len(ids(shop("orders/get"))) == 150


def test_offset(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(offset="honoured")
    assert ids(shop("orders/get", limit=2, offset=50)) == [10_051, 10_052]
    fresh.switch(offset="ignored")
    assert ids(shop("orders/get", limit=2, offset=50)) == [10_001, 10_002]


def test_limit_zero(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(limit_zero="empty")
    assert shop("orders/get", limit=0)["status"] == "EMPTY"
    fresh.switch(limit_zero="unlimited")
    assert len(ids(shop("orders/get", limit=0))) == 150


def test_empty_body(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(empty_body="list")
    assert shop("orders/get", **NOTHING) == {"status": "EMPTY", "response": []}
    fresh.switch(empty_body="object")
    assert shop("orders/get", **NOTHING) == {"status": "EMPTY", "response": {}}
    fresh.switch(empty_body="message")
    assert shop("users/export", **NOTHING)["response"]["message"]
    fresh.switch(empty_body="ok")
    assert shop("users/export", **NOTHING) == {"status": "OK", "response": {"users": []}}


def test_numbers(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(numbers="json")
    plain = first_order(shop)
    assert isinstance(plain["total_sum"], int | float)
    fresh.switch(numbers="strings")
    text = first_order(shop)
    assert text["order_id"] == "10001"
    assert text["total_sum"] == str(plain["total_sum"])
    assert text["products"][0]["price"] == str(plain["products"][0]["price"])
    assert text["order_without_callback"] is True
    assert shop("orders/get_available_statuses")["response"]["statuses"]["3"]["is_successful"] == "1"


def test_blanks(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    number = fresh.place_order(coupon_code="", manager_comment=None)
    fresh.switch(blanks="documented")
    assert (first_order(shop, number)["coupon_code"], first_order(shop, number)["manager_comment"]) == ("", None)
    fresh.switch(blanks="null")
    assert (first_order(shop, number)["coupon_code"], first_order(shop, number)["manager_comment"]) == (None, None)
    fresh.switch(blanks="empty")
    assert (first_order(shop, number)["coupon_code"], first_order(shop, number)["manager_comment"]) == ("", "")


def test_bad_token(fresh: Sandbox) -> None:
    fresh.switch(bad_token="401")
    wrong = requests.post(f"{fresh.shop_url}/api/orders/get/", json={"token": "0"}, timeout=10)
    assert (wrong.status_code, wrong.json()["status"]) == (401, "UNAUTHORIZED")
    fresh.switch(bad_token="200")
    wrong = requests.post(f"{fresh.shop_url}/api/orders/get/", json={"token": "0"}, timeout=10)
    assert (wrong.status_code, wrong.json()["status"]) == (200, "UNAUTHORIZED")


def test_token_ttl_and_window(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(token_ttl=30)

    def new() -> str:
        return str(shop("auth", login=fresh.username, password=fresh.password)["response"]["token"])

    def used_twice_after_20_seconds(token: str) -> list[str]:
        words = []
        for _ in range(2):
            fresh.advance(20)
            words.append(shop("orders/get", token=token)["status"])
        return words

    fresh.switch(token_window="fixed")
    assert used_twice_after_20_seconds(new()) == ["OK", "UNAUTHORIZED"]
    fresh.switch(token_window="sliding")
    assert used_twice_after_20_seconds(new()) == ["OK", "OK"]


def test_expired_token(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.expire_tokens()
    fresh.switch(expired_token="UNAUTHORIZED")
    assert shop("orders/get")["status"] == "UNAUTHORIZED"
    fresh.switch(expired_token="AUTHORIZATION_ERROR")
    assert shop("orders/get")["status"] == "AUTHORIZATION_ERROR"
    assert shop("orders/get", token="0" * 32)["status"] == "UNAUTHORIZED"


def test_delivery_data(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    orders = {order["deliveryOperatorType"]: None for order in (one["delivery_data"] for one in fresh.orders())}
    assert set(orders) == {"novaposhta", None}
    carried, other = (
        next(one["order_id"] for one in fresh.orders() if one["delivery_data"]["deliveryOperatorType"] == carrier)
        for carrier in ("novaposhta", None)
    )

    def found() -> list[Any]:
        return [type(first_order(shop, number)["delivery_data"]) for number in (carried, other)]

    fresh.switch(delivery_data="object")
    assert found() == [dict, dict]
    fresh.switch(delivery_data="null")
    assert found() == [dict, type(None)]
    fresh.switch(delivery_data="list")
    assert found() == [dict, list]


def test_shop_zone(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    def hours_behind(zone: str) -> float:
        stamp = first_order(shop, fresh.place_order())["stat_created"]
        wall = dt.datetime.fromisoformat(stamp).replace(tzinfo=ZoneInfo(zone))
        return abs((dt.datetime.now(dt.timezone.utc) - wall).total_seconds()) / 3600

    fresh.switch(shop_zone="UTC")
    assert hours_behind("UTC") < 0.1
    fresh.switch(shop_zone="Europe/Kyiv")
    assert hours_behind("Europe/Kyiv") < 0.1


def test_update_log(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    def line() -> Any:
        return shop("orders/update", orders=[{"order_id": 10_001, "status": 6}])["response"]["log"][0]

    fresh.switch(update_log="sample")
    assert line() == {"status": "OK", "messages": "UPDATED"}
    fresh.switch(update_log="text")
    assert line() == {"status": "OK", "message": "UPDATED", "order_id": 10_001}


def test_token_sessions(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(token_sessions="several")
    shop("auth", login=fresh.username, password=fresh.password)
    assert shop("orders/get")["status"] == "OK"
    fresh.switch(token_sessions="newest")
    shop("auth", login=fresh.username, password=fresh.password)
    assert shop("orders/get")["status"] == "UNAUTHORIZED"


def test_html_challenge(fresh: Sandbox, token: str) -> None:
    def answer(agent: str) -> requests.Response:
        headers, body = {"user-agent": agent}, {"token": token}
        return requests.post(f"{fresh.shop_url}/api/orders/get/", json=body, headers=headers, timeout=10)

    def challenged(agent: str) -> bool:
        response = answer(agent)
        assert response.status_code == 200
        return "<html" in response.text

    fresh.switch(html_challenge="off")
    assert (challenged("tap/1"), challenged("Mozilla/5.0")) == (False, False)
    fresh.switch(html_challenge="non_browser")
    assert (challenged("tap/1"), challenged("Mozilla/5.0")) == (True, False)
    fresh.switch(html_challenge="always")
    assert (challenged("tap/1"), challenged("Mozilla/5.0")) == (True, True)


def test_statuses_body(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(statuses_body="object")
    as_object = shop("orders/get_available_statuses")["response"]["statuses"]
    fresh.switch(statuses_body="list")
    assert shop("orders/get_available_statuses")["response"]["statuses"] == list(as_object.values())


def test_shop_version(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(shop_version="old")
    assert shop("orders/get_available_statuses")["status"] == "UNDEFINED_FUNCTION"
    fresh.switch(shop_version="current")
    assert shop("orders/get_available_statuses")["status"] == "OK"


def test_additional_data(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    def kinds() -> list[type]:
        return [type(first_order(shop, additionalData=flag)["additional_data"]) for flag in (False, True)]

    fresh.switch(additional_data="documented")
    assert kinds() == [list, dict]
    fresh.switch(additional_data="list")
    assert kinds() == [list, list]
    fresh.switch(additional_data="object")
    assert kinds() == [dict, dict]


def test_date_only_to(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    number = fresh.place_order(stat_created="2020-02-02 10:00:00")
    fresh.switch(date_only_to="end_of_day")
    assert ids(shop("orders/get", to="2020-02-02")) == [number]
    fresh.switch(date_only_to="start_of_day")
    assert shop("orders/get", to="2020-02-02")["status"] == "EMPTY"


def test_comments(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(comments="returned")
    assert "comment" in first_order(shop)
    fresh.switch(comments="absent")
    assert "comment" not in first_order(shop)
    assert "manager_comment" in first_order(shop)


def test_newsletter(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.switch(newsletter="returned")
    assert {"newsletter_subscription", "note"} <= set(shop("users/export", limit=1)["response"]["users"][0])
    fresh.switch(newsletter="absent")
    assert not {"newsletter_subscription", "note"} & set(shop("users/export", limit=1)["response"]["users"][0])


def test_guests(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    guest = fresh.place_order(delivery_name="Гість", delivery_email="guest@example.com", delivery_phone="0501112233")
    order = first_order(shop, guest)

    def users(**window: str) -> list[Any]:
        return list(shop("users/export", limit=500, **window)["response"]["users"])

    fresh.switch(guests="absent")
    assert [user["id"] for user in users()] == list(range(1001, 1061))
    fresh.switch(guests="present")
    found = {user["id"]: user for user in users()}
    assert set(found) == {*range(1001, 1061), *(order["user"] for order in fresh.orders())}
    assert (found[order["user"]]["email"], found[order["user"]]["registered"]) == (
        "guest@example.com",
        order["stat_created"],
    )
    assert order["user"] in [user["id"] for user in users(**{"from": order["stat_created"]})]
    fresh.delete_order(guest)
    assert order["user"] not in [user["id"] for user in users()]


def test_entities(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    number = fresh.place_order(comment="Чай & «кава»")
    fresh.switch(entities="plain")
    assert first_order(shop, number)["comment"] == "Чай & «кава»"
    fresh.switch(entities="escaped")
    assert first_order(shop, number)["comment"] == "Чай &amp; «кава»"


def test_b2b(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    def words() -> set[str]:
        return {shop(function)["status"] for function in ("customer-groups/export", "price-levels/export")}

    fresh.switch(b2b="forbidden")
    assert words() == {"FORBIDDEN"}
    fresh.switch(b2b="undefined")
    assert words() == {"UNDEFINED_FUNCTION"}
    fresh.switch(b2b="empty")
    assert words() == {"EMPTY"}
    fresh.switch(b2b="on")
    assert words() == {"OK"}


def test_api_access(fresh: Sandbox) -> None:
    def answer() -> requests.Response:
        return requests.post(f"{fresh.shop_url}/api/auth/", json={}, allow_redirects=False, timeout=10)

    fresh.switch(api_access="on")
    assert answer().json()["status"] == "ERROR"
    fresh.switch(api_access="off")
    assert answer().status_code == 404
    fresh.switch(api_access="redirect")
    assert answer().headers["location"].startswith("https://platform.example.com/")
    fresh.switch(api_access="storefront")
    assert (answer().status_code, "<html" in answer().text) == (200, True)
