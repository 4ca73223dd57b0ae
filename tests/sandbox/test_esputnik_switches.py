"""Each position of eSputnik's other switches does what the table says."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox

    Call = Callable[..., requests.Response]

ADDRESS = "a@example.com"
EMAIL = {"type": "email", "value": ADDRESS}
GOOD = {"externalCustomerId": "h-1", "channels": [EMAIL]}
BAD = {"externalCustomerId": "h-2", "firstName": "@@@", "channels": [EMAIL]}


def order(number: str = "1", **fields: Any) -> dict[str, Any]:
    usual = {"status": "INITIALIZED", "date": "2026-02-11", "totalCost": 1, "currency": "UAH", "email": ADDRESS}
    return {"externalOrderId": number, **usual, **fields}


def orders(esputnik: Call, *sent: Any) -> requests.Response:
    return esputnik("POST", "/v1/orders", {"orders": list(sent)})


def contacts(esputnik: Call, *rows: Any, **call: Any) -> Any:
    payload = {"dedupeOn": "externalCustomerId", **call, "contacts": list(rows)}
    return esputnik("POST", "/v1/contacts", payload).json()


def test_single_element(fresh: Sandbox, esputnik: Call, bulk: Callable[..., Any]) -> None:
    fresh.switch(single_element="list")
    assert isinstance(contacts(esputnik, GOOD, BAD)["failedContacts"], list)
    assert isinstance(orders(esputnik, order(currency="")).json()["failedOrders"], list)
    fresh.switch(single_element="object")
    assert contacts(esputnik, GOOD, BAD)["failedContacts"]["externalCustomerId"] == "h-2"
    assert orders(esputnik, order(currency="")).json()["failedOrders"]["externalOrderId"] == "1"
    assert bulk(GOOD)["mapping"]["dedupeValue"] == "h-1"
    assert isinstance(esputnik("GET", "/v1/addressbooks").json()["addressBook"]["fieldGroups"], dict)
    assert len(contacts(esputnik, BAD, BAD)["failedContacts"]) == 2
    # The search answers an array by documentation: only members of objects collapse.
    assert isinstance(esputnik("GET", "/v1/contacts", params={"externalCustomerId": "h-1"}).json(), list)


def test_ids(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(ids="numbers")
    assert isinstance(esputnik("POST", "/v1/contact", GOOD).json()["id"], int)
    fresh.switch(ids="strings")
    assert isinstance(esputnik("POST", "/v1/contact", GOOD).json()["id"], str)


def test_error_body(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(error_body="text")
    refused = esputnik("POST", "/v1/contact", BAD)
    assert refused.text.startswith("firstName is invalid")
    fresh.switch(error_body="json")
    body = esputnik("POST", "/v1/contact", BAD).json()
    assert (body["status"], body["error"], body["path"]) == (400, "Bad Request", "/api/v1/contact")
    assert body["message"].startswith("firstName is invalid")


def test_failed_contacts(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(failed_contacts="contact")
    assert contacts(esputnik, BAD)["failedContacts"] == [BAD]
    fresh.switch(failed_contacts="reason")
    (failed,) = contacts(esputnik, BAD)["failedContacts"]
    assert failed.pop("message").startswith("firstName is invalid")
    assert failed == BAD
    fresh.switch(failed_contacts="id")
    without_id = {"firstName": "@@@", "channels": [EMAIL]}
    assert contacts(esputnik, BAD, without_id)["failedContacts"] == ["h-2", ADDRESS]
    fresh.switch(failed_contacts="vanish")
    assert "failedContacts" not in contacts(esputnik, BAD)


def test_bulk_problem(fresh: Sandbox, esputnik: Call) -> None:
    payload = {"contacts": [GOOD]}
    fresh.switch(bulk_problem="400")
    assert esputnik("POST", "/v1/contacts", payload).status_code == 400
    fresh.switch(bulk_problem="message")
    answer = esputnik("POST", "/v1/contacts", payload)
    assert (answer.status_code, answer.json()) == (200, {"id": 0, "errorMessage": "dedupeOn is required"})


def polled(esputnik: Call, session: str, times: int) -> list[str]:
    return [esputnik("GET", f"/v1/importstatus/{session}").json()["status"] for _ in range(times)]


def test_import_polls(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(import_polls=0)
    assert polled(esputnik, contacts(esputnik, GOOD)["asyncSessionId"], 1) == ["FINISHED"]
    fresh.switch(import_polls=3)
    session = contacts(esputnik, GOOD)["asyncSessionId"]
    assert polled(esputnik, session, 4) == ["STARTED", "IMPORTING", "IMPORTING", "FINISHED"]


def test_import_errors_and_their_work(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    second = {"externalCustomerId": "h-2", "channels": [{"type": "email", "value": "b@example.com"}]}
    fresh.switch(import_errors=2, import_error_work="none")
    assert bulk(GOOD, second)["status"] == "ERROR"
    assert fresh.sent_contacts() == []
    fresh.switch(import_error_work="half")
    assert bulk(GOOD, second)["status"] == "ERROR"
    assert len(fresh.sent_contacts()) == 1
    assert bulk(GOOD, second)["status"] == "FINISHED"
    assert len(fresh.sent_contacts()) == 2


def test_import_error_mark(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    marked = {"channels": [{"type": "email", "value": "poison@example.com"}]}
    fresh.switch(import_error_mark="marked")
    assert [bulk(GOOD, marked, dedupeOn="email")["status"] for _ in range(2)] == ["ERROR", "ERROR"]
    assert bulk(GOOD)["status"] == "FINISHED"
    fresh.switch(import_error_mark="none")
    assert bulk(marked, dedupeOn="email")["status"] == "FINISHED"


def test_import_mapping(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.switch(import_mapping="returned")
    assert len(bulk(GOOD)["mapping"]) == 1
    fresh.switch(import_mapping="absent")
    assert "mapping" not in bulk(GOOD)


def test_dedupe_fallback(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(email=ADDRESS)
    fresh.switch(dedupe_fallback="ignored")
    bulk(GOOD, dedupeOn="email")
    assert len(fresh.sent_contacts()) == 2
    fresh.reset()
    fresh.create_contact(email=ADDRESS)
    fresh.switch(dedupe_fallback="fallback")
    bulk(GOOD, dedupeOn="email")
    assert len(fresh.sent_contacts()) == 1


def test_dedupe_unknown_id(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(email=ADDRESS)
    fresh.switch(dedupe_unknown_id="address")
    second = {"type": "email", "value": "b@example.com"}
    bulk({**GOOD, "channels": [EMAIL, second]})
    assert [channel["value"] for channel in fresh.sent_contacts()[0]["channels"]] == [ADDRESS, "b@example.com"]
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1"]
    fresh.switch(dedupe_unknown_id="new")
    bulk({**GOOD, "externalCustomerId": "h-2"})
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1", "h-2"]


def test_dedupe_field(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    def after_a_second_email() -> list[str]:
        fresh.create_contact(email=ADDRESS)
        second = {"type": "email", "value": "b@example.com"}
        bulk({"channels": [EMAIL, second]}, dedupeOn="email", contactFields=["email"])
        found = [channel["value"] for channel in fresh.sent_contacts()[0]["channels"]]
        fresh.reset()
        return found

    fresh.switch(dedupe_field="kept")
    assert after_a_second_email() == [ADDRESS]
    fresh.switch(dedupe_field="updated")
    assert after_a_second_email() == [ADDRESS, "b@example.com"]


def test_contact_groups(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(contact_groups="ignored")
    esputnik("POST", "/v1/contact", {**GOOD, "groups": [{"name": "G"}]})
    assert fresh.sent_contacts()[0]["groups"] == []
    fresh.switch(contact_groups="usable")
    esputnik("POST", "/v1/contact", {**GOOD, "groups": [{"name": "G"}]})
    assert fresh.sent_contacts()[0]["groups"] == ["G"]


def test_search_email_and_case(fresh: Sandbox, esputnik: Call) -> None:
    for value in ("ann@example.com", "ann@example.com.example.org", "joann@example.com", "Ann@example.com"):
        fresh.create_contact(email=value)

    def found() -> int:
        return len(esputnik("GET", "/v1/contacts", params={"email": "ann@example.com"}).json())

    counts = []
    fresh.switch(search_email="exact", search_case="insensitive")
    counts.append(found())
    fresh.switch(search_email="prefix")
    counts.append(found())
    fresh.switch(search_email="contains")
    counts.append(found())
    assert counts == [2, 3, 4]
    fresh.switch(search_case="sensitive")
    assert found() == 3
    fresh.switch(search_email="exact")
    assert found() == 1


def test_search_none(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(search_none="list")
    assert esputnik("GET", "/v1/contacts", params={"email": ADDRESS}).json() == []
    fresh.switch(search_none="empty")
    assert esputnik("GET", "/v1/contacts", params={"email": ADDRESS}).content == b""


def test_account_info(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(account_info="with_org")
    assert "orgId" in esputnik("GET", "/v1/account/info").json()
    fresh.switch(account_info="without_org")
    assert "orgId" not in esputnik("GET", "/v1/account/info").json()


def statuses_of(esputnik: Call, path: str, times: int) -> list[requests.Response]:
    return [esputnik("GET", path) for _ in range(times)]


def test_rate_limit_and_search_rate_limit(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(rate_limit=0, search_rate_limit="none")
    assert esputnik("GET", "/v1/version").status_code == 429
    assert esputnik("GET", "/v1/contacts").status_code == 200
    fresh.switch(rate_limit="none", search_rate_limit=0)
    assert esputnik("GET", "/v1/version").status_code == 200
    assert esputnik("GET", "/v1/contacts").status_code == 429


def test_the_pace_is_counted_anew_each_second(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(rate_limit=1)
    time.sleep(1 - time.time() % 1)
    statuses = [answer.status_code for answer in statuses_of(esputnik, "/v1/version", 3)]
    fresh.advance(1)
    assert [*statuses, esputnik("GET", "/v1/version").status_code] == [200, 429, 429, 200]


def test_retry_after(fresh: Sandbox, esputnik: Call) -> None:
    fresh.switch(rate_limit=0, retry_after="none")
    assert "retry-after" not in esputnik("GET", "/v1/version").headers
    fresh.switch(retry_after="seconds")
    assert esputnik("GET", "/v1/version").headers["retry-after"] == "1"
    fresh.switch(retry_after="date")
    moment = parsedate_to_datetime(esputnik("GET", "/v1/version").headers["retry-after"])
    assert -1 <= moment.timestamp() - time.time() <= 2


def test_key_scope(fresh: Sandbox, esputnik: Call) -> None:
    def allowed() -> list[bool]:
        answers = [
            esputnik("GET", "/v1/account/info"),
            esputnik("GET", "/v1/contacts"),
            esputnik("POST", "/v1/contact", GOOD),
            esputnik("POST", "/v2/event", {"eventTypeKey": "x", "keyValue": "k"}),
            orders(esputnik, order()),
        ]
        assert {answer.status_code for answer in answers} <= {200, 401, 403}
        return [answer.status_code == 200 for answer in answers]

    fresh.switch(key_scope="full")
    assert allowed() == [True, True, True, True, True]
    fresh.switch(key_scope="contacts")
    assert allowed() == [True, True, True, True, False]
    fresh.switch(key_scope="contacts_write")
    assert allowed() == [True, False, True, True, False]
    fresh.switch(key_scope="events")
    assert allowed() == [True, False, False, True, False]
    fresh.switch(key_scope="messages")
    assert allowed() == [True, False, False, False, False]
    fresh.switch(key_scope="disabled")
    assert allowed() == [False] * 5


def test_phones(fresh: Sandbox, esputnik: Call) -> None:
    short = {"channels": [{"type": "sms", "value": "123"}]}
    fresh.switch(phones="digits")
    assert esputnik("POST", "/v1/contact", short).status_code == 400
    fresh.switch(phones="any")
    assert esputnik("POST", "/v1/contact", short).status_code == 200
