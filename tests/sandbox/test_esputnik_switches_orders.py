"""Each position of the switches about orders and repeated requests does what the table says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox

    Call = Callable[..., requests.Response]

ADDRESS = "a@example.com"
EMAIL = {"type": "email", "value": ADDRESS}
GOOD = {"externalCustomerId": "h-1", "channels": [EMAIL]}


def order(number: str = "1", **fields: Any) -> dict[str, Any]:
    usual = {"status": "INITIALIZED", "date": "2026-02-11", "totalCost": 1, "currency": "UAH", "email": ADDRESS}
    return {"externalOrderId": number, **usual, **fields}


def orders(esputnik: Call, *sent: Any) -> requests.Response:
    return esputnik("POST", "/v1/orders", {"orders": list(sent)})


def test_oversize(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(oversize="400")
    assert orders(esputnik, *[order()] * 1001).status_code == 400
    fresh.switch(oversize="413")
    assert orders(esputnik, *[order()] * 1001).status_code == 413


def test_malformed_order(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(malformed_order="per_row")
    assert orders(esputnik, order("1"), order("2", date="x")).status_code == 200
    assert len(fresh.sent_orders()) == 1
    fresh.switch(malformed_order="whole_request")
    assert orders(esputnik, order("3"), order("2", date="x")).status_code == 400
    assert orders(esputnik, order("3"), order("2", status="x")).status_code == 400
    assert len(fresh.sent_orders()) == 1
    assert orders(esputnik, order("3"), order("2", currency="")).status_code == 200
    assert len(fresh.sent_orders()) == 2


def test_failed_orders(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(failed_orders="object")
    (failed,) = orders(esputnik, order(currency="")).json()["failedOrders"]
    assert failed == {"externalOrderId": "1", "message": "currency is required"}
    fresh.switch(failed_orders="id")
    assert orders(esputnik, order(currency="")).json()["failedOrders"] == ["1"]
    fresh.switch(failed_orders="unmatched")
    assert orders(esputnik, order(currency="")).json()["failedOrders"] == [{"message": "currency is required"}]


def test_duplicate_guard(fresh: Sandbox, esputnik: Call) -> None:
    def twice(path: str, payload: Any) -> list[int]:
        fresh.advance(61)
        return [esputnik("POST", path, payload).status_code for _ in range(2)]

    subscribe = ("/v1/contact/subscribe", {"contact": {"channels": [EMAIL]}})
    fresh.switch(duplicate_guard="off")
    assert twice(*subscribe) == [200, 200]
    fresh.switch(duplicate_guard="subscribe")
    assert twice(*subscribe) == [200, 409]
    assert twice("/v1/orders", {"orders": [order()]}) == [200, 200]
    fresh.switch(duplicate_guard="all")
    assert twice(*subscribe) == [200, 409]
    assert twice("/v1/orders", {"orders": [order()]}) == [200, 409]
    assert twice("/v1/contacts", {"dedupeOn": "email", "contacts": [GOOD]}) == [200, 409]
    assert orders(esputnik, order(totalCost=2)).status_code == 200


def test_duplicate_guard_arms(fresh: Sandbox, esputnik: Call) -> None:
    def after_a_500() -> int:
        fresh.advance(61)
        fresh.fail(api="esputnik", path="/v1/orders", status=500)
        assert orders(esputnik, order()).status_code == 500
        return orders(esputnik, order()).status_code

    fresh.switch(duplicate_guard="all", duplicate_guard_arms="accepted")
    assert after_a_500() == 200
    fresh.switch(duplicate_guard_arms="received")
    assert after_a_500() == 409


def test_order_event_repeat(fresh: Sandbox, esputnik: Call) -> None:
    def events_of_two() -> int:
        before = len(fresh.events())
        for cost in (1, 2):
            orders(esputnik, order("9", totalCost=cost))
        return len(fresh.events()) - before

    fresh.switch(order_event_repeat="fires")
    assert events_of_two() == 2
    fresh.switch(order_event_repeat="silent")
    assert events_of_two() == 0
    orders(esputnik, order("9", status="DELIVERED"))
    assert fresh.events()[-1]["type"] == "orderDELIVERED"


def test_order_omitted(fresh: Sandbox, esputnik: Call) -> None:
    orders(esputnik, order(deliveryMethod="Нова Пошта"))
    fresh.switch(order_omitted="kept")
    orders(esputnik, order(status="DELIVERED"))
    assert fresh.sent_orders()[0]["deliveryMethod"] == "Нова Пошта"
    fresh.switch(order_omitted="cleared")
    orders(esputnik, order(status="DELIVERED"))
    assert "deliveryMethod" not in fresh.sent_orders()[0]


def test_order_answer(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(order_answer="empty")
    assert orders(esputnik, order()).content == b""
    fresh.switch(order_answer="json")
    assert orders(esputnik, order()).json() == {"failedOrders": []}
    fresh.switch(order_answer="full")
    assert orders(esputnik, order()).json() == {"id": 0, "asyncSessionId": None, "failedOrders": []}


def test_order_match(fresh: Sandbox, esputnik: Call) -> None:
    by_phone = fresh.create_contact(phone="380501112233")
    by_email = fresh.create_contact(email=ADDRESS)
    fresh.switch(order_match="phone_first")
    orders(esputnik, order("1", phone="380501112233"))
    fresh.switch(order_match="email_first")
    orders(esputnik, order("2", phone="380501112233"))
    assert [one["contactId"] for one in fresh.sent_orders()] == [by_phone, by_email]


def test_order_foreign_id(fresh: Sandbox, esputnik: Call) -> None:
    known = fresh.create_contact(email=ADDRESS, externalCustomerId="h-1")
    fresh.switch(order_foreign_id="matches")
    orders(esputnik, order("1", externalCustomerId="h-2"))
    assert [one["contactId"] for one in fresh.sent_orders()] == [known]
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1"]
    fresh.switch(order_foreign_id="new")
    orders(esputnik, order("2", externalCustomerId="h-2"))
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1", "h-2"]


def test_order_names(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(order_names="unchecked")
    assert orders(esputnik, order(firstName="@@@")).content == b""
    fresh.switch(order_names="checked")
    assert orders(esputnik, order(firstName="@@@")).json()["failedOrders"]
    assert orders(esputnik, order(lastName="x!")).json()["failedOrders"]
    assert orders(esputnik, order(firstName=" ", lastName="Коваль")).content == b""


def test_currencies(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(currencies="any")
    assert orders(esputnik, order(currency="PLN")).content == b""
    fresh.switch(currencies="documented")
    assert orders(esputnik, order(currency="PLN")).json()["failedOrders"]
    assert orders(esputnik, order(currency="EUR")).content == b""
