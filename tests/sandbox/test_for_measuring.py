"""What the sandbox has for those who measure: a shop without oddities, and answers that cost it next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_OF = "2026-05-15T12:00:00"


@pytest.fixture(scope="module")
def plain() -> Iterator[Sandbox]:
    with Sandbox(customers=50, orders=2000, as_of=AS_OF, plain=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Sandbox, Sandbox]]:
    with Sandbox(orders=150, as_of=AS_OF) as usual, Sandbox(orders=150, as_of=AS_OF, printed=True) as printed:
        yield usual, printed


def call(sandbox: Sandbox, function: str, **parameters: Any) -> bytes:
    login = {"login": sandbox.username, "password": sandbox.password}
    answer = requests.post(f"{sandbox.shop_url}/api/auth/", json=login, timeout=10).json()
    body = {"token": answer["response"]["token"], **parameters}
    return requests.post(f"{sandbox.shop_url}/api/{function}/", json=body, timeout=10).content


def test_whoever_orders_in_a_plain_shop_has_an_account_by_then(plain: Sandbox) -> None:
    accounts = {row["email"]: row for row in plain.customers()}
    for order in plain.orders():
        account = accounts[order["delivery_email"]]
        assert order["delivery_name"] == account["title"]
        assert order["delivery_phone"] == account["phone"]
    assert {order["stat_status"] for order in plain.orders()} <= {1, 2, 3, 4, 6}


def test_esputnik_takes_every_contact_and_order_of_a_plain_shop_as_it_stands(plain: Sandbox) -> None:
    plain.reset()
    contacts = [
        {
            "firstName": (name := row["title"].split())[0],
            "lastName": name[1],
            "channels": [{"type": "email", "value": row["email"]}, {"type": "sms", "value": row["phone"]}],
        }
        for row in plain.customers()
    ]
    orders = [
        {
            "externalOrderId": str(row["order_id"]),
            "email": row["delivery_email"],
            "phone": row["delivery_phone"],
            "status": "DELIVERED",
            "date": row["stat_created"].replace(" ", "T"),
            "totalCost": row["total_sum"],
            "currency": row["currency"],
            "items": [
                {"externalItemId": line["article"], "name": line["title"], "quantity": line["quantity"], "cost": 1}
                for line in row["products"]
            ],
        }
        for row in plain.orders()
    ]

    def send(path: str, payload: dict[str, Any]) -> requests.Response:
        return requests.post(plain.esputnik_url + path, json=payload, auth=("", plain.api_key), timeout=10)

    answer = send("/v1/contacts", {"dedupeOn": "email", "contacts": contacts}).json()
    assert not answer.get("failedContacts")
    for start in (0, 1000):
        answered = send("/v1/orders", {"orders": orders[start : start + 1000]})
        assert (answered.status_code, answered.content) == (200, b"")
    assert plain.counts()["sent_orders"] == 2000


@pytest.mark.parametrize("function", ["orders/get", "users/export"])
@pytest.mark.parametrize("paging", [{}, {"offset": 30, "limit": 40}, {"offset": 9999, "limit": 40}, {"limit": 0}])
def test_printed_answers_are_byte_for_byte_the_usual_ones(
    pair: tuple[Sandbox, Sandbox], function: str, paging: dict[str, int]
) -> None:
    usual, printed = pair
    for _ in range(2):  # the first time written, the second time kept
        assert call(printed, function, **paging) == call(usual, function, **paging)


def test_printed_answers_follow_changes_switches_and_resets(pair: tuple[Sandbox, Sandbox]) -> None:
    def both_say_the_same() -> bytes:
        one, other = (call(sandbox, "orders/get", limit=500) for sandbox in pair)
        assert one == other
        return one

    said = [both_say_the_same()]
    for city in ("Львів", "Одеса"):
        for sandbox in pair:
            sandbox.reset()
            sandbox.edit_order(10_001, delivery_city=city)
        said.append(both_say_the_same())
    for sandbox in pair:
        sandbox.switch(numbers="strings")
    said.append(both_say_the_same())
    for sandbox in pair:
        sandbox.reset()
    assert both_say_the_same() == said[0]
    assert len(set(said)) == len(said)


def test_printed_answers_tell_requests_for_additional_data_apart(pair: tuple[Sandbox, Sandbox]) -> None:
    for flag in (True, False, True):
        one, other = (call(sandbox, "orders/get", limit=5, additionalData=flag) for sandbox in pair)
        assert one == other
