"""Each position of the switches about consent: who is confirmed, unconfirmed, revived (esputnik-api.md §2, §11b)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox

    Call = Callable[..., requests.Response]

ADDRESS = "a@example.com"
EMAIL = {"type": "email", "value": ADDRESS}
OTHER = {"type": "email", "value": "other@example.com"}


def states(sandbox: Sandbox, position: int = 0) -> dict[str, bool | None]:
    channels = sandbox.sent_contacts()[position]["channels"]
    return {channel["value"]: channel["confirmed"] for channel in channels}


def order(**fields: Any) -> dict[str, Any]:
    usual = {"status": "INITIALIZED", "date": "2026-02-11", "totalCost": 1, "currency": "UAH", "email": ADDRESS}
    return {"orders": [{"externalOrderId": "1", **usual, **fields}]}


def subscribe(esputnik: Call, *channels: Any, **person: Any) -> requests.Response:
    return esputnik("POST", "/v1/contact/subscribe", {"contact": {"channels": list(channels), **person}})


def test_confirmed_route_confirms(fresh: Sandbox, esputnik: Call, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(externalCustomerId="h-1", email=ADDRESS, confirmed=False)
    row = {"externalCustomerId": "h-1", "channels": [EMAIL]}
    fresh.switch(confirmed_route_confirms="no")
    bulk(row)
    esputnik("POST", "/v1/contact", row)
    assert states(fresh) == {ADDRESS: False}
    fresh.switch(confirmed_route_confirms="yes")
    bulk(row, contactFields=["firstName"])
    assert states(fresh) == {ADDRESS: True}


def test_confirmed_route_confirms_by_the_single_call_too(fresh: Sandbox, esputnik: Call) -> None:
    fresh.create_contact(email=ADDRESS, confirmed=False)
    esputnik("POST", "/v1/contact", {"channels": [EMAIL]})
    assert states(fresh) == {ADDRESS: True}


def test_order_confirms(fresh: Sandbox, esputnik: Call) -> None:
    fresh.create_contact(email=ADDRESS, confirmed=False)
    fresh.switch(order_confirms="no")
    esputnik("POST", "/v1/orders", order())
    assert states(fresh) == {ADDRESS: False}
    fresh.switch(order_confirms="yes")
    esputnik("POST", "/v1/orders", order())
    assert states(fresh) == {ADDRESS: True}


def test_put_adds_email(fresh: Sandbox, esputnik: Call) -> None:
    number = fresh.create_contact(email=ADDRESS, confirmed=False)
    fresh.switch(put_adds_email="unconfirmed")
    esputnik("PUT", f"/v1/contact/{number}", {"channels": [EMAIL, OTHER]})
    assert states(fresh) == {ADDRESS: False, OTHER["value"]: False}
    fresh.switch(put_adds_email="confirmed")
    esputnik("PUT", f"/v1/contact/{number}", {"channels": [EMAIL, {**OTHER, "value": "third@example.com"}]})
    assert states(fresh) == {ADDRESS: False, "third@example.com": True}


def test_put_omitted(fresh: Sandbox, esputnik: Call) -> None:
    known: dict[str, Any] = {"externalCustomerId": "h-1", "firstName": "A", "address": {"town": "Київ"}}
    number = fresh.create_contact(email=ADDRESS, phone="380501112233", **known)
    path = f"/v1/contact/{number}"
    fresh.switch(put_omitted="kept")
    esputnik("PUT", path, {"channels": [EMAIL], "lastName": "B"})
    held = fresh.sent_contacts()[0]
    assert {name: held[name] for name in known} == known
    assert (held["lastName"], len(held["channels"])) == ("B", 2)
    fresh.switch(put_omitted="cleared")
    assert esputnik("PUT", path, {"lastName": "C"}).status_code == 400
    esputnik("PUT", path, {"channels": [EMAIL], "lastName": "C"})
    held = fresh.sent_contacts()[0]
    assert (held["firstName"], held["lastName"], held["address"], held["externalCustomerId"]) == (None, "C", {}, None)
    assert states(fresh) == {ADDRESS: True}


def test_subscribe_on_confirmed(fresh: Sandbox, esputnik: Call) -> None:
    fresh.create_contact(email=ADDRESS, confirmed=True)
    fresh.switch(subscribe_on_confirmed="keeps")
    subscribe(esputnik, EMAIL)
    assert states(fresh) == {ADDRESS: True}
    fresh.switch(subscribe_on_confirmed="unconfirms")
    subscribe(esputnik, EMAIL, firstName="A")
    assert states(fresh) == {ADDRESS: False}


def test_subscribe_on_unsubscribed(fresh: Sandbox, esputnik: Call) -> None:
    fresh.create_contact(email=ADDRESS, unsubscribed=True)
    fresh.switch(subscribe_on_unsubscribed="stays")
    subscribe(esputnik, EMAIL)
    assert fresh.sent_contacts()[0]["channels"][0]["unsubscribed"]
    fresh.switch(subscribe_on_unsubscribed="resubscribes")
    subscribe(esputnik, EMAIL, firstName="A")
    assert not fresh.sent_contacts()[0]["channels"][0]["unsubscribed"]


def test_subscribe_on_deleted(fresh: Sandbox, esputnik: Call) -> None:
    number = fresh.create_contact(email=ADDRESS, externalCustomerId="h-1")
    fresh.delete_contact(number)
    fresh.switch(subscribe_on_deleted="refused")
    assert subscribe(esputnik, EMAIL, externalCustomerId="h-1").status_code == 400
    assert subscribe(esputnik, EMAIL).status_code == 400
    fresh.switch(subscribe_on_deleted="revives")
    assert subscribe(esputnik, EMAIL, externalCustomerId="h-1").json() == {"id": number}
    assert not fresh.sent_contacts()[0]["deleted"]
    fresh.delete_contact(number)
    fresh.switch(subscribe_on_deleted="new")
    assert subscribe(esputnik, EMAIL, externalCustomerId="h-1", firstName="A").json() != {"id": number}
    old, new = fresh.sent_contacts()
    assert (old["deleted"], old["externalCustomerId"], new["externalCustomerId"]) == (True, None, "h-1")


def test_subscribe_email(fresh: Sandbox, esputnik: Call) -> None:
    fresh.create_contact(externalCustomerId="h-1", email=ADDRESS, phone="380501112233")
    fresh.switch(subscribe_email="add")
    subscribe(esputnik, OTHER, externalCustomerId="h-1")
    assert states(fresh) == {ADDRESS: True, "380501112233": None, OTHER["value"]: False}
    subscribe(esputnik, {**OTHER, "value": "third@example.com"}, externalCustomerId="h-1")
    assert "third@example.com" not in states(fresh)
    fresh.switch(subscribe_email="replace")
    subscribe(esputnik, {**OTHER, "value": "fourth@example.com"}, externalCustomerId="h-1")
    assert states(fresh) == {"380501112233": None, "fourth@example.com": False}


def test_subscribe_foreign_id(fresh: Sandbox, esputnik: Call) -> None:
    number = fresh.create_contact(externalCustomerId="h-1", email=ADDRESS)
    fresh.switch(subscribe_foreign_id="updates")
    assert subscribe(esputnik, EMAIL, externalCustomerId="h-2").json() == {"id": number}
    assert fresh.sent_contacts()[0]["externalCustomerId"] == "h-1"
    fresh.switch(subscribe_foreign_id="new")
    subscribe(esputnik, EMAIL, externalCustomerId="h-2", firstName="A")
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1", "h-2"]


def test_event_caps(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(event_caps="API")
    subscribe(esputnik, EMAIL)
    fresh.switch(event_caps="Api")
    subscribe(esputnik, EMAIL, firstName="A")
    assert [event["type"] for event in fresh.events()] == ["subscribeFromAPI", "subscribeUpdateFromApi"]
