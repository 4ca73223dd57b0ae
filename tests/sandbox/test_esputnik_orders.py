"""Orders and events (esputnik-api.md §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox


def order(number: str = "1", **fields: Any) -> dict[str, Any]:
    usual = {"status": "INITIALIZED", "date": "2026-02-11T14:05:00+02:00", "totalCost": 10.5, "currency": "UAH"}
    return {"externalOrderId": number, "email": "a@example.com", **usual, **fields}


def events(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(event["type"], event["key"]) for event in sandbox.events()]


def test_an_order_for_an_unknown_buyer_makes_a_confirmed_contact_and_an_event(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    sent = order("50", externalCustomerId="h-1", phone="380501112233", firstName="О", lastName="К")
    answer = esputnik("POST", "/v1/orders", {"orders": [sent]})
    assert (answer.status_code, answer.content) == (200, b"")
    (held,) = fresh.sent_contacts()
    assert [(c["value"], c["confirmed"]) for c in held["channels"]] == [
        ("380501112233", None),
        ("a@example.com", True),
    ][::-1]
    assert (held["firstName"], held["externalCustomerId"], held["groups"]) == ("О", "h-1", [])
    (stored,) = fresh.sent_orders()
    assert {name: stored[name] for name in sent} == sent
    assert stored["contactId"] == held["id"]
    event = fresh.events()[0]
    assert (event["type"], event["key"], event["contactId"]) == ("orderINITIALIZED", "50", held["id"])


@pytest.mark.parametrize(
    "identity",
    [{"externalCustomerId": "h-1", "email": ""}, {"email": "A@example.com"}, {"email": None, "phone": "+380501112233"}],
)
def test_a_known_buyer_is_found_and_not_changed(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], identity: dict[str, Any]
) -> None:
    number = fresh.create_contact(
        externalCustomerId="h-1", email="a@example.com", phone="380501112233", confirmed=False, firstName="A"
    )
    before = fresh.sent_contacts()
    esputnik("POST", "/v1/orders", {"orders": [order(**identity, firstName="B")]})
    assert fresh.sent_contacts() == before
    assert fresh.sent_orders()[0]["contactId"] == number


def test_an_order_gives_its_external_id_to_a_contact_that_has_none(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    fresh.create_contact(email="a@example.com")
    esputnik("POST", "/v1/orders", {"orders": [order(externalCustomerId="h-1")]})
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1"]


def test_an_order_of_a_deleted_contact_makes_a_new_confirmed_one(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    number = fresh.create_contact(externalCustomerId="h-1", email="a@example.com", confirmed=False)
    fresh.delete_contact(number)
    esputnik("POST", "/v1/orders", {"orders": [order(externalCustomerId="h-1")]})
    old, new = fresh.sent_contacts()
    assert (old["deleted"], new["externalCustomerId"], new["channels"][0]["confirmed"]) == (True, "h-1", True)


def test_the_same_number_updates_the_order_and_each_status_fires(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    for status in ("INITIALIZED", "IN_PROGRESS", "DELIVERED", "CANCELLED", "ABANDONED_SHOPPING_CART"):
        esputnik("POST", "/v1/orders", {"orders": [order("7", status=status)]})
    assert [one["status"] for one in fresh.sent_orders()] == ["ABANDONED_SHOPPING_CART"]
    assert events(fresh) == [
        (f"order{status}", "7")
        for status in ("INITIALIZED", "IN_PROGRESS", "DELIVERED", "CANCELLED", "ABANDONED_SHOPPING_CART")
    ]
    assert len(fresh.sent_contacts()) == 1


BAD: list[Any] = [
    order("bad", totalCost=None),
    order("bad", currency=""),
    order("bad", status="PAID"),
    order("bad", date="yesterday"),
    order("bad", totalCost="ten"),
    order("bad", totalCost="NaN"),
    order("bad", discount=[]),
    order("bad", email=None),
    order("bad", email="nobody"),
    order("bad", phone="1"),
    order("bad", items={"0": {}}),
    order("bad", items=["x"]),
    order("bad", items=[{"externalItemId": "", "quantity": 1}]),
    order("bad", items=[{"externalItemId": "A"}]),
    order("bad", items=[{"externalItemId": "A", "quantity": 1.5}]),
    order("bad", items=[{"externalItemId": "A", "quantity": True}]),
    order("bad", items=[{"externalItemId": "A", "quantity": 1, "cost": "x"}]),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_order_is_listed_and_its_neighbour_lands(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], bad: Any
) -> None:
    answer = esputnik("POST", "/v1/orders", {"orders": [bad, order("good")]})
    assert answer.status_code == 200
    assert [failed["externalOrderId"] for failed in answer.json()["failedOrders"]] == ["bad"]
    assert [one["externalOrderId"] for one in fresh.sent_orders()] == ["good"]
    assert events(fresh) == [("orderINITIALIZED", "good")]


@pytest.mark.parametrize(
    "fine",
    [
        {"date": "2017-05-14T10:11:10.7022176+03:00"},
        {"date": "2026-02-11T12:05:00Z"},
        {"date": "2026-02-11T12:05:00.123+02:00"},
        {"date": "2026-02-11"},
        {"shipping": "", "taxes": 0, "discount": 1.5},
        {"items": [{"externalItemId": "A", "quantity": 2, "cost": 5.25, "name": "Лампа"}]},
        {"additionalInfo": {"comment": "x"}, "source": "online", "unknown": 1, "currency": "PLN", "firstName": "@@@"},
    ],
)
def test_what_was_accepted_in_practice_is_accepted(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], fine: dict[str, Any]
) -> None:
    assert esputnik("POST", "/v1/orders", {"orders": [order(**fine)]}).content == b""
    assert len(fresh.sent_orders()) == 1


@pytest.mark.parametrize("payload", [{}, {"orders": []}, {"orders": [order()] * 1001}, {"orders": {}}])
def test_a_request_without_orders_or_with_too_many_is_refused(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], payload: Any
) -> None:
    assert esputnik("POST", "/v1/orders", payload).status_code == 400
    assert fresh.sent_orders() == []


def test_1000_orders_are_not_too_many(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    assert esputnik("POST", "/v1/orders", {"orders": [order(str(n)) for n in range(1000)]}).status_code == 200
    assert fresh.counts()["sent_orders"] == 1000


def test_orders_are_deleted_by_number_or_within_a_day(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    dates = {"1": "2026-02-11T10:00:00Z", "2": "2026-02-11T11:00:00Z", "3": "2026-02-13T11:00:00Z"}
    esputnik("POST", "/v1/orders", {"orders": [order(number, date=date) for number, date in dates.items()]})
    assert esputnik("DELETE", "/v1/orders", params={"externalOrderId": "1"}).status_code == 200
    within = {"from": "2026-02-11T00:00:00", "to": "2026-02-12T00:00:00"}
    assert esputnik("DELETE", "/v1/orders", params=within).status_code == 200
    assert [one["externalOrderId"] for one in fresh.sent_orders()] == ["3"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "2026-02-11T00:00:00"},
        {"from": "2026-02-11", "to": "2026-02-12"},
        {"from": "2026-02-12T00:00:00", "to": "2026-02-11T00:00:00"},
        {"from": "2026-02-11T00:00:00", "to": "2026-02-12T00:00:01"},
    ],
)
def test_a_deletion_that_is_not_as_documented_is_refused(
    esputnik: Callable[..., requests.Response], query: dict[str, str]
) -> None:
    assert esputnik("DELETE", "/v1/orders", params=query).status_code == 400


def test_events_of_every_version_are_noted_and_answer_nothing(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    pairs = [{"name": "email", "value": "a@example.com"}]
    answers = [
        esputnik("POST", "/v1/event", {"eventTypeKey": "one", "keyValue": "k", "params": pairs}),
        esputnik("POST", "/v2/event", {"eventTypeKey": "two", "params": pairs}),
        esputnik("POST", "/v3/event", {"eventTypeKey": "three", "params": {"email": "a@example.com"}}),
        esputnik("POST", "/v1/past_events", {"events": [{"eventTypeKey": "old", "params": pairs}]}),
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 4
    assert events(fresh) == [("one", "k"), *((name, "a@example.com") for name in ("two", "three", "old"))]
    esputnik("DELETE", "/v1/past_events", params={"eventTypeKey": "old"})
    assert [name for name, _ in events(fresh)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("version", "event"),
    [
        ("v1", {"keyValue": "k"}),
        ("v1", {"eventTypeKey": "x", "params": [{"name": "email", "value": "a@example.com"}]}),
        ("v2", {"eventTypeKey": "x"}),
        ("v2", {"eventTypeKey": "a?b", "keyValue": "k"}),
    ],
)
def test_an_event_without_type_or_key_is_refused(
    esputnik: Callable[..., requests.Response], version: str, event: dict[str, Any]
) -> None:
    assert esputnik("POST", f"/{version}/event", event).status_code == 400
