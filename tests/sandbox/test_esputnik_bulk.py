"""POST contacts and importstatus: sessions, merge rules, what is written (esputnik-api.md §3.3, §3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from horoshop_esputnik_sandbox import Sandbox


def contact(external_id: str | None = None, email: str | None = None, phone: str | None = None, **more: Any) -> Any:
    channels = [{"type": kind, "value": value} for kind, value in (("email", email), ("sms", phone)) if value]
    return {**({"externalCustomerId": external_id} if external_id else {}), "channels": channels, **more}


def emails(held: dict[str, Any]) -> list[str]:
    return [channel["value"] for channel in held["channels"] if channel["type"] == "email"]


def by_id(sandbox: Sandbox, number: int) -> dict[str, Any]:
    return next(held for held in sandbox.sent_contacts() if held["id"] == number)


def test_a_new_contact_is_confirmed_and_written_whole(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    address = {"region": "Київська", "town": "Київ", "address": "Садова 7", "postcode": "01001"}
    row = contact("h-1", "a@example.com", "380501112233", firstName="Олена", lastName="Коваль", address=address)
    status = bulk(row, groupNames=["Buyers"])
    held = fresh.sent_contacts()[0]
    assert status["mapping"] == [{"dedupeValue": "h-1", "contactId": held["id"]}]
    assert (held["externalCustomerId"], held["firstName"], held["lastName"]) == ("h-1", "Олена", "Коваль")
    assert held["address"] == address
    assert held["groups"] == ["Buyers"]
    assert held["channels"] == [
        {"type": "email", "value": "a@example.com", "confirmed": True, "unsubscribed": False},
        {"type": "sms", "value": "380501112233", "confirmed": None, "unsubscribed": False},
    ]
    assert fresh.events() == []


def test_rows_are_written_when_the_import_finishes_not_before(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    fresh.switch(import_polls=2)
    payload = {"dedupeOn": "email", "contacts": [contact(None, "a@example.com")]}
    answer = esputnik("POST", "/v1/contacts", payload).json()
    assert answer["id"] == 0
    statuses = []
    for _ in range(3):
        held = len(fresh.sent_contacts())
        statuses.append((held, esputnik("GET", f"/v1/importstatus/{answer['asyncSessionId']}").json()["status"]))
    assert statuses == [(0, "STARTED"), (0, "IMPORTING"), (0, "FINISHED")]
    assert len(fresh.sent_contacts()) == 1
    assert fresh.imports()[0]["polls"] == 3


def test_an_import_that_nobody_polls_finishes_by_the_clock(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    esputnik("POST", "/v1/contacts", {"dedupeOn": "email", "contacts": [contact(None, "a@example.com")]})
    assert fresh.sent_contacts() == []
    fresh.advance(61)
    assert len(fresh.sent_contacts()) == 1


def test_an_unknown_import_is_not_found(esputnik: Callable[..., requests.Response]) -> None:
    assert esputnik("GET", "/v1/importstatus/nobody").status_code == 404


def test_a_known_external_id_is_updated(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    number = fresh.create_contact(externalCustomerId="h-1", email="old@example.com", firstName="Old")
    bulk(contact("h-1", "new@example.com", firstName="New"), contactFields=["firstName"])
    held = by_id(fresh, number)
    assert (held["firstName"], emails(held)) == ("New", ["old@example.com"])
    assert len(fresh.sent_contacts()) == 1


def test_an_unknown_external_id_takes_the_contact_with_the_address(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    number = fresh.create_contact(email="A@example.com")
    bulk(contact("h-1", "a@example.com"), dedupeOn="email")
    assert by_id(fresh, number)["externalCustomerId"] == "h-1"
    assert len(fresh.sent_contacts()) == 1


def test_of_several_with_the_address_the_last_changed_is_taken(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(email="a@example.com")
    last = fresh.create_contact(email="a@example.com")
    bulk(contact("h-1", "a@example.com"), dedupeOn="email")
    assert by_id(fresh, last)["externalCustomerId"] == "h-1"


def test_of_two_with_the_address_the_one_without_an_external_id_is_taken(
    fresh: Sandbox, bulk: Callable[..., Any]
) -> None:
    free = fresh.create_contact(email="a@example.com")
    fresh.create_contact(email="a@example.com", externalCustomerId="other")
    bulk(contact("h-1", "a@example.com"), dedupeOn="email")
    assert by_id(fresh, free)["externalCustomerId"] == "h-1"


def test_an_address_of_another_external_id_makes_a_new_contact(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(email="a@example.com", externalCustomerId="other")
    fresh.create_contact(email="a@example.com", externalCustomerId="another")
    bulk(contact("h-1", "a@example.com"), dedupeOn="email")
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["other", "another", "h-1"]


@pytest.mark.parametrize("restore", [False, True])
def test_a_deleted_contact_is_skipped_or_restored(fresh: Sandbox, bulk: Callable[..., Any], *, restore: bool) -> None:
    number = fresh.create_contact(email="a@example.com", externalCustomerId="h-1", firstName="Old")
    fresh.delete_contact(number)
    bulk(contact("h-1", "a@example.com", firstName="New"), restoreDeleted=restore)
    held = by_id(fresh, number)
    assert (held["deleted"], held["firstName"]) == ((False, "New") if restore else (True, "Old"))
    assert (len(fresh.sent_contacts()), fresh.imports()[0]["skipped"]) == (1, int(not restore))


@pytest.mark.parametrize(
    ("dedupe_on", "row"),
    [
        ("sms", contact(None, None, "+38 050 111 22 33")),
        ("email_or_sms", contact(None, "a@example.com", "380670000000")),
        ("email_or_sms", contact(None, "z@example.com", "380501112233")),
        ("id", contact(None, "z@example.com", id=700_100_001)),
        ("fieldId", contact(None, "z@example.com", fields=[{"id": 40011, "value": "x"}])),
    ],
)
def test_contacts_are_found_by_every_dedupe(fresh: Sandbox, bulk: Callable[..., Any], dedupe_on: str, row: Any) -> None:
    fields = [{"id": 40011, "value": "x"}]
    fresh.create_contact(email="a@example.com", phone="380501112233", fields=fields)
    bulk({**row, "firstName": "Found"}, dedupeOn=dedupe_on, fieldId=40011, contactFields=["firstName"])
    assert [held["firstName"] for held in fresh.sent_contacts()] == ["Found"]


def test_listed_fields_that_a_contact_lacks_become_null_and_others_stay(
    fresh: Sandbox, bulk: Callable[..., Any]
) -> None:
    known = {"firstName": "F", "lastName": "L", "address": {"town": "Київ", "postcode": "1"}}
    fresh.create_contact(externalCustomerId="h-1", email="a@example.com", phone="380501112233", **known)
    bulk(contact("h-1", "a@example.com"), contactFields=["firstName", "sms", "town"])
    held = fresh.sent_contacts()[0]
    assert (held["firstName"], held["lastName"], held["address"]) == (None, "L", {"postcode": "1"})
    assert [channel["type"] for channel in held["channels"]] == ["email"]


def test_without_a_list_all_fields_are_written(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(externalCustomerId="h-1", email="a@example.com", phone="380501112233", firstName="F")
    bulk(contact("h-1", "a@example.com", lastName="L"))
    held = fresh.sent_contacts()[0]
    assert (held["firstName"], held["lastName"], len(held["channels"])) == (None, "L", 1)


def test_custom_fields_are_written_only_if_listed(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fields = [{"id": 40011, "value": "1"}, {"id": 40012, "value": "2"}]
    bulk(contact("h-1", "a@example.com", fields=fields), customFieldsIDs=[40012])
    assert fresh.sent_contacts()[0]["fields"] == [{"id": 40012, "value": "2"}]
    bulk(contact("h-1", "a@example.com", fields=[{"id": 40012, "value": "3"}]))
    assert fresh.sent_contacts()[0]["fields"] == [{"id": 40012, "value": "2"}]


def test_a_listed_custom_field_that_a_contact_lacks_is_cleared(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fields = [{"id": 40011, "value": "1"}, {"id": 40012, "value": "2"}]
    fresh.create_contact(externalCustomerId="h-1", email="a@example.com", fields=fields)
    bulk(contact("h-1", "a@example.com"), customFieldsIDs=[40012])
    assert fresh.sent_contacts()[0]["fields"] == [{"id": 40011, "value": "1"}]


def test_segments_are_joined_and_left(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    bulk(contact("h-1", "a@example.com"), groupNames=["A", "B"])
    bulk(contact("h-1", "a@example.com"), groupNames=["B", "C"], groupNamesExclude=["A"])
    assert fresh.sent_contacts()[0]["groups"] == ["B", "C"]


def test_only_new_contacts_fire_the_event(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    fresh.create_contact(externalCustomerId="h-1", email="a@example.com")
    bulk(contact("h-1", "a@example.com"), contact("h-2", "b@example.com"), eventKeyForNewContacts="newOne")
    assert [(event["type"], event["key"]) for event in fresh.events()] == [("newOne", "b@example.com")]


BAD_ROWS: list[Any] = [
    contact("h-2", "b@example.com", firstName="@@@"),
    contact("h-2", "b@example.com", lastName="Коваль!"),
    contact("h-2"),
    contact("h-2", "b.example.com"),
    contact("h-2", None, "123"),
    {"externalCustomerId": "h-2", "channels": [{"type": "email", "value": f"{n}@example.com"} for n in range(3)]},
    {"externalCustomerId": "h-2", "channels": [{"type": "telegram", "value": "x"}]},
]


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_a_bad_row_is_listed_and_its_neighbour_lands(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], bad: Any
) -> None:
    payload = {"dedupeOn": "externalCustomerId", "contacts": [contact("h-1", "a@example.com"), bad]}
    answer = esputnik("POST", "/v1/contacts", payload)
    assert (answer.status_code, answer.json()["failedContacts"]) == (200, [bad])
    fresh.advance(61)
    assert [held["externalCustomerId"] for held in fresh.sent_contacts()] == ["h-1"]


@pytest.mark.parametrize(
    "problem",
    [
        {"contacts": []},
        {"contacts": [contact("x", "a@example.com")] * 3001},
        {"dedupeOn": ""},
        {"dedupeOn": "name"},
        {"dedupeOn": "fieldId"},
        {"contactFields": ["nickname"]},
        {"eventKeyForNewContacts": "a,b"},
    ],
)
def test_a_bad_bulk_call_is_refused_whole(
    fresh: Sandbox, esputnik: Callable[..., requests.Response], problem: dict[str, Any]
) -> None:
    payload = {"dedupeOn": "externalCustomerId", "contacts": [contact("h-1", "a@example.com")], **problem}
    assert esputnik("POST", "/v1/contacts", payload).status_code == 400
    assert fresh.imports() == []


def test_3000_contacts_are_not_too_many(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    bulk(*(contact(f"h-{n}", f"n{n}@example.com") for n in range(3000)))
    assert fresh.counts()["sent_contacts"] == 3000
