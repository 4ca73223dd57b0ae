"""Subscribe, POST contact, PUT, DELETE, search: one contact at a time (esputnik-api.md §2, §3.2, §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox


def email(value: str) -> dict[str, str]:
    return {"type": "email", "value": value}


def states(held: dict[str, Any]) -> dict[str, bool | None]:
    return {channel["value"]: channel["confirmed"] for channel in held["channels"]}


def types(sandbox: Sandbox) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_subscribe_makes_an_unconfirmed_contact_and_an_event(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    person = {"externalCustomerId": "h-1", "firstName": "Ігор", "channels": [email("a@example.com")]}
    payload = {"contact": person, "groups": ["Buyers"], "subscriptions": ["news"], "formType": "horoshop"}
    answer = esputnik("POST", "/v1/contact/subscribe", payload)
    held = fresh.sent_contacts()[0]
    assert answer.json() == {"id": held["id"]}
    assert states(held) == {"a@example.com": False}
    assert (held["externalCustomerId"], held["groups"], held["subscriptions"]) == ("h-1", ["Buyers"], ["news"])
    event = fresh.events()[0]
    assert (event["type"], event["key"]) == ("subscribeFromApi-horoshop", str(held["id"]))
    assert event["params"] == {"ContactId": held["id"], "EmailAddress": "a@example.com"}


def test_subscribe_without_a_form_has_the_bare_event_and_no_email_of_a_phone(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    esputnik("POST", "/v1/contact/subscribe", {"contact": {"channels": [{"type": "sms", "value": "380501112233"}]}})
    event = fresh.events()[0]
    assert event["type"] == "subscribeFromApi"
    assert set(event["params"]) == {"ContactId"}


@pytest.mark.parametrize(
    "person",
    [
        {"externalCustomerId": "h-1", "channels": [email("new@example.com")]},
        {"externalCustomerId": "h-9", "channels": [email("A@example.com")]},
        {"channels": [{"type": "sms", "value": "+380501112233"}]},
    ],
)
def test_subscribe_finds_by_external_id_then_email_then_phone_and_leaves_channels(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], person: dict[str, Any]
) -> None:
    fresh.create_contact(externalCustomerId="h-1", email="a@example.com", phone="380501112233", confirmed=True)
    esputnik("POST", "/v1/contact/subscribe", {"contact": {**person, "firstName": "New"}, "formType": "f"})
    (held,) = fresh.sent_contacts()
    assert held["firstName"] == "New"
    assert states(held)["a@example.com"] is True
    assert types(fresh) == ["subscribeUpdateFromApi-f"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"contact": {}},
        {"contact": {"channels": [email("bad")]}},
        {"contact": {"channels": [email("a@example.com")], "firstName": "@@@"}},
        {"contact": {"channels": [email("a@example.com")]}, "formType": "a/b"},
    ],
)
def test_a_bad_subscribe_is_refused(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], payload: dict[str, Any]
) -> None:
    assert esputnik("POST", "/v1/contact/subscribe", payload).status_code == 400
    assert (fresh.sent_contacts(), fresh.events()) == ([], [])


def test_the_same_subscribe_within_a_minute_is_a_duplicate(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    payload = {"contact": {"channels": [email("a@example.com")]}}
    answers = [esputnik("POST", "/v1/contact/subscribe", payload) for _ in range(2)]
    fresh.advance(61)
    answers.append(esputnik("POST", "/v1/contact/subscribe", payload))
    assert [answer.status_code for answer in answers] == [200, 409, 200]
    assert answers[1].text == "Duplicated request"
    assert types(fresh) == ["subscribeFromApi", "subscribeUpdateFromApi"]


def test_post_contact_makes_a_confirmed_contact_without_an_event(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    answer = esputnik("POST", "/v1/contact/", {"externalCustomerId": "h-1", "channels": [email("a@example.com")]})
    assert answer.json() == {"id": fresh.sent_contacts()[0]["id"]}
    assert states(fresh.sent_contacts()[0]) == {"a@example.com": True}
    assert fresh.events() == []


def test_post_contact_updates_by_id_or_address_and_restores_the_deleted(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    number = fresh.create_contact(externalCustomerId="h-1", email="a@example.com")
    fresh.delete_contact(number)
    esputnik("POST", "/v1/contact", {"externalCustomerId": "h-1", "channels": [email("b@example.com")]})
    esputnik("POST", "/v1/contact", {"channels": [email("B@example.com")], "firstName": "B"})
    esputnik("POST", "/v1/contact", {"externalCustomerId": "h-2", "channels": [email("b@example.com")]})
    first, second = fresh.sent_contacts()
    assert (first["deleted"], first["firstName"], second["externalCustomerId"]) == (False, "B", "h-2")


def test_put_updates_answers_a_sentence_and_never_creates(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    number = fresh.create_contact(email="a@example.com", firstName="A")
    answer = esputnik("PUT", f"/v1/contact/{number}", {"lastName": "B", "languageCode": "uk"})
    assert answer.text == f"Contact with id='{number}' has been updated"
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    held = fresh.sent_contacts()[0]
    assert (held["firstName"], held["lastName"], held["languageCode"]) == ("A", "B", "uk")
    assert esputnik("PUT", "/v1/contact/1", {"lastName": "B"}).status_code == 404
    assert len(fresh.sent_contacts()) == 1


def test_put_refuses_the_external_id_of_another_contact(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    fresh.create_contact(email="a@example.com", externalCustomerId="h-1")
    number = fresh.create_contact(email="b@example.com")
    assert esputnik("PUT", f"/v1/contact/{number}", {"externalCustomerId": "h-1"}).status_code == 400
    assert esputnik("PUT", f"/v1/contact/{number}", {"externalCustomerId": "h-2"}).status_code == 200
    assert fresh.sent_contacts()[1]["externalCustomerId"] == "h-2"


def test_put_takes_a_contact_wrapped_by_mistake_and_changes_nothing(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    number = fresh.create_contact(email="a@example.com", firstName="A")
    assert esputnik("PUT", f"/v1/contact/{number}", {"contact": {"firstName": "B"}}).status_code == 200
    assert fresh.sent_contacts()[0]["firstName"] == "A"


def test_get_shows_no_state_of_an_email(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    number = fresh.create_contact(email="a@example.com", confirmed=False, externalCustomerId="h-1", groups=["G"])
    answer = esputnik("GET", f"/v1/contact/{number}").json()
    assert answer["channels"] == [email("a@example.com")]
    assert answer["externalCustomerId"] == "h-1"
    assert answer["groups"][0]["name"] == "G"
    assert esputnik("GET", "/v1/contact/1").status_code == 404


def test_delete_by_id_and_by_external_id(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    first = fresh.create_contact(email="a@example.com", externalCustomerId="h-1")
    second = fresh.create_contact(email="b@example.com", externalCustomerId="h-2", firstName="B")
    assert esputnik("DELETE", f"/v1/contact/{first}").text == f"Contact with id='{first}' has been deleted"
    gone = {"externalCustomerId": "h-2", "erase": "true"}
    assert esputnik("DELETE", "/v1/contact", params=gone).status_code == 200
    again = esputnik("DELETE", "/v1/contact", params=gone)
    assert (again.status_code, "not found" in again.text) == (404, True)
    soft, erased = fresh.sent_contacts()
    assert (soft["deleted"], soft["channels"] != []) == (True, True)
    assert (erased["erased"], erased["channels"], erased["firstName"]) == (True, [], None)
    assert esputnik("GET", f"/v1/contact/{second}").status_code == 404


def test_search_is_not_exact_by_email_and_pages_with_a_total(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    for value in ("ann@example.com", "ann@example.com.example.org", "joann@example.com"):
        fresh.create_contact(email=value, firstName="Ann")
    fresh.delete_contact(fresh.create_contact(email="ann@example.com"))
    answer = esputnik("GET", "/v1/contacts", params={"email": "ann@example.com"})
    assert (len(answer.json()), answer.headers["TotalCount"]) == (2, "2")
    page = esputnik("GET", "/v1/contacts", params={"firstname": "ann", "startindex": 2, "maxrows": 1})
    assert (len(page.json()), page.headers["TotalCount"]) == (1, "3")
    assert esputnik("GET", "/v1/contacts", params={"maxrows": 501}).status_code == 400
    assert esputnik("GET", "/v1/contacts", params={"startindex": 0}).status_code == 400


def test_search_by_phone_and_by_external_id(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    number = fresh.create_contact(phone="380501112233", externalCustomerId="h-1", lastName="L")
    fresh.create_contact(email="b@example.com")
    for query in ({"sms": "+380501112233"}, {"externalCustomerId": "h-1"}, {"sms": "380501112233", "lastname": "l"}):
        assert [one["id"] for one in esputnik("GET", "/v1/contacts", params=query).json()] == [number]
    both = {"externalCustomerId": "h-1", "email": "b@example.com"}
    assert esputnik("GET", "/v1/contacts", params=both).status_code == 400


def test_emails_of_contacts_by_ids(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    number = fresh.create_contact(email="a@example.com")
    answer = esputnik("GET", "/v1/contacts/email", params={"ids": f"{number},5"}).json()
    assert answer == {"results": [{"contactId": number, "email": "a@example.com"}]}


def test_files_are_not_fetched(esputnik: Callable[..., requests.Response]) -> None:
    assert esputnik("POST", "/v1/contacts/upload", {"link": "https://example.com/x.csv"}).status_code == 400
