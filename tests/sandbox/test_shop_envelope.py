"""The shop's login, tokens, envelope and the functions around orders and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox


def test_a_token_is_32_hex_characters_and_lives_600_seconds(
    fresh: Sandbox, shop: Callable[..., Any], token: str
) -> None:
    assert len(token) == 32
    assert int(token, 16)
    fresh.advance(595)
    assert shop("orders/get", limit=1)["status"] == "OK"
    fresh.advance(10)
    assert shop("orders/get", limit=1)["status"] == "UNAUTHORIZED"


def test_two_tokens_are_good_at_once(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    assert shop("auth", login=fresh.username, password=fresh.password)["status"] == "OK"
    assert shop("orders/get", limit=1)["status"] == "OK"


def test_a_wrong_password_is_an_error_with_200_and_no_token(fresh: Sandbox) -> None:
    answer = requests.post(f"{fresh.shop_url}/api/auth/", json={"login": "x", "password": "y"}, timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ERROR", "response": {"message": "User with such username/password not found"}}


def test_a_missing_and_a_wrong_token_have_different_words(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    missing = requests.post(f"{fresh.shop_url}/api/orders/get/", json={}, timeout=10)
    assert (missing.status_code, missing.json()["status"]) == (200, "AUTHORIZATION_ERROR")
    in_header = requests.post(f"{fresh.shop_url}/api/orders/get/", json={}, headers={"token": "x"}, timeout=10)
    assert in_header.json()["status"] == "AUTHORIZATION_ERROR"
    assert shop("orders/get", token="0" * 32)["status"] == "UNAUTHORIZED"


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b"token=1"])
def test_a_body_that_is_no_json_object_is_an_http_error(fresh: Sandbox, body: bytes) -> None:
    answer = requests.post(f"{fresh.shop_url}/api/orders/get/", data=body, timeout=10)
    assert answer.status_code == 200
    assert answer.json()["status"] == "HTTP_ERROR"
    assert answer.json()["response"]["message"] == "Payload is not JSON"


@pytest.mark.parametrize("function", ["orders/export", "Orders/Get", "orders"])
def test_a_function_that_is_not_there_is_undefined(shop: Callable[..., Any], function: str) -> None:
    assert shop(function) == {"status": "UNDEFINED_FUNCTION", "response": []}


def test_addresses_outside_the_api_are_the_storefront(fresh: Sandbox) -> None:
    assert "<html" in requests.get(fresh.shop_url, timeout=10).text


def test_statuses_are_an_object_keyed_by_id_with_titles_by_language(shop: Callable[..., Any]) -> None:
    statuses = shop("orders/get_available_statuses")["response"]["statuses"]
    assert set(statuses) == {"1", "2", "3", "4", "6", "8"}
    assert statuses["8"] == {"id": 8, "title": {"ua": "Оплачено", "en": "Paid"}, "is_successful": 0}
    assert [number for number in statuses if statuses[number]["is_successful"]] == ["3"]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("delivery/export", "delivery"),
        ("delivery/exportTypes", "deliveryTypes"),
        ("payment/export", "payment"),
        ("payment/exportMethods", "paymentMethods"),
        ("currency/export", "currency"),
    ],
)
def test_dictionaries_are_lists_under_their_names(shop: Callable[..., Any], function: str, name: str) -> None:
    assert shop(function)["response"][name]


def test_only_enabled_currencies_are_shown_unless_asked(shop: Callable[..., Any]) -> None:
    assert [one["iso"] for one in shop("currency/export")["response"]["currency"]] == ["UAH"]
    assert shop("currency/export", iso="USD")["status"] == "EMPTY"
    every = shop("currency/export", enabledOnly=False, iso="USD")["response"]["currency"]
    assert [one["iso"] for one in every] == ["USD"]


def test_orders_are_updated_with_a_line_for_each(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    orders = [{"order_id": 10_001, "status": 6, "payed": 1, "tracking_code": "204"}, {"order_id": 5, "status": 3}]
    answer = shop("orders/update", orders=[*orders, {"order_id": 10_002, "status": 77}])
    assert answer["status"] == "WARNING"
    assert [line["status"] for line in answer["response"]["log"]] == ["OK", "ERROR", "ERROR"]
    changed = fresh.orders()[0]
    assert (changed["stat_status"], changed["payed"], changed["delivery_data"]["tnNumber"]) == (6, 1, "204")
    assert shop("orders/update")["status"] == "ERROR"


def test_users_are_imported_by_email(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    known = fresh.customers()[0]["email"]
    users = [{"title": "A", "email": "a@example.com"}, {"title": "B", "email": known.upper()}, {"email": "x"}]
    log = shop("users/import", users=users)["response"]["log"]
    assert [line["info"][0]["code"] for line in log] == [0, 1, 3]
    assert fresh.customers()[0]["title"] == "B"
    assert fresh.customers()[-1]["email"] == "a@example.com"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        ("orders/update", {"orders": [5, {"order_id": "x", "status": "y"}, {"order_id": 10_001, "status": "abc"}]}),
        ("users/import", {"users": [5, {"email": 5, "title": ""}, {"title": "T"}]}),
    ],
)
def test_a_row_that_is_none_has_its_line_in_the_log(
    shop: Callable[..., Any], function: str, parameters: dict[str, Any]
) -> None:
    answer = shop(function, **parameters)
    assert answer["status"] == "WARNING"
    assert [line["status"] for line in answer["response"]["log"]] == ["ERROR"] * 3


def test_an_import_sets_neither_id_nor_date_of_registration(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    user = {"title": "T", "email": "t@example.com", "id": 1001, "registered": "garbage"}
    assert shop("users/import", users=[user])["status"] == "OK"
    assert fresh.customers()[-1]["id"] != 1001
    assert fresh.customers()[-1]["registered"].startswith("20")


def test_a_payload_without_end_is_no_json(fresh: Sandbox) -> None:
    answer = requests.post(f"{fresh.shop_url}/api/orders/get/", data="[" * 100_000, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "HTTP_ERROR")


def test_hooks_answer_201_and_410_and_allow_five_for_an_event(fresh: Sandbox, token: str) -> None:
    def call(function: str, **parameters: Any) -> requests.Response:
        return requests.post(f"{fresh.shop_url}/api/hooks/{function}/", json={"token": token, **parameters}, timeout=10)

    target = {"event": "order_created", "target_url": "https://hook.example.com/x"}
    answers = [call("subscribe", **target) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [200]
    assert answers[0].json() == {"id": 1}
    assert "limit" in answers[5].json()["response"]["message"]
    gone = call("unSubscribe", id=1, target_url=target["target_url"])
    assert (gone.status_code, gone.json()) == (410, {"status": "OK"})
    assert call("unSubscribe", id=1, target_url=target["target_url"]).json()["status"] == "ERROR"
    assert call("subscribe", event="nothing", target_url="x").json()["status"] == "ERROR"
