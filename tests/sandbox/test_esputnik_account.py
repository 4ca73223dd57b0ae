"""The account: keys and rights, segments, the unsubscribed, what every request passes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox


@pytest.mark.parametrize("user", ["", "user", "owner@example.com"])
def test_any_user_name_goes_with_the_key(fresh: Sandbox, user: str) -> None:
    answer = requests.get(f"{fresh.esputnik_url}/v1/account/info", auth=(user, fresh.api_key), timeout=10)
    assert answer.json() == {"userEmail": "api-user24001", "organisationName": "Sandbox Org", "orgId": 24001}


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic eDp5"}, {"authorization": "Bearer x"}, {"authorization": "Basic ?"}]
)
def test_a_wrong_key_is_401_in_json_with_a_numeric_status(fresh: Sandbox, headers: dict[str, str]) -> None:
    answer = requests.get(f"{fresh.esputnik_url}/v1/contacts", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (401, 401)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/version", "version"),
        ("/v2/version", "version"),
        ("/v1/balance", "currency"),
        ("/v1/addressbooks", "addressBook"),
    ],
)
def test_diagnostics_answer(esputnik: Callable[..., requests.Response], path: str, name: str) -> None:
    assert esputnik("GET", path).json()[name]


def test_additional_fields_have_ids_names_and_types(esputnik: Callable[..., requests.Response]) -> None:
    groups = esputnik("GET", "/v1/addressbooks").json()["addressBook"]["fieldGroups"]
    assert [field["id"] for group in groups for field in group["fields"]] == [40011, 40012, 40013]
    assert groups[0]["fields"][0]["description"]["required"] == "false"


def test_methods_and_types_that_are_not_there(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    assert esputnik("DELETE", "/v1/contacts").status_code == 405
    assert esputnik("GET", "/v1/nothing").status_code == 404
    auth = ("", fresh.api_key)
    as_form = requests.post(f"{fresh.esputnik_url}/v1/orders", data={"a": "b"}, auth=auth, timeout=10)
    assert as_form.status_code == 415
    json_type = {"content-type": "application/json"}
    for body in ("{", "[]", '"text"'):
        no_object = requests.post(
            f"{fresh.esputnik_url}/v1/orders", data=body, headers=json_type, auth=auth, timeout=10
        )
        assert no_object.status_code == 400


def test_segments_are_listed_joined_and_left(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    first = fresh.create_contact(email="a@example.com", externalCustomerId="h-1", groups=["Buyers", "VIP"])
    second = fresh.create_contact(email="b@example.com", externalCustomerId="h-2")
    (group,) = esputnik("GET", "/v1/groups", params={"name": "buy"}).json()
    path = f"/v1/group/{group['id']}/contacts"
    assert (group["name"], group["type"]) == ("Buyers", "Static")
    assert esputnik("POST", f"{path}/attach", {"contactIds": [second]}).text == "Contacts were attached"
    members = esputnik("GET", path)
    assert ([one["id"] for one in members.json()], members.headers["TotalCount"]) == ([first, second], "2")
    assert esputnik("POST", f"{path}/detach", {"externalCustomerIds": ["h-1"]}).text == "Contacts were detached"
    assert [held["groups"] for held in fresh.sent_contacts()] == [["VIP"], ["Buyers"]]
    esputnik("POST", f"{path}/attach", {"externalCustomerIds": ["h-1"]})
    esputnik("POST", f"{path}/detach", {})
    assert [held["groups"] for held in fresh.sent_contacts()] == [["VIP"], []]


def test_a_segment_that_is_not_there_and_too_many_contacts_are_refused(
    fresh: Sandbox, esputnik: Callable[..., requests.Response]
) -> None:
    fresh.create_contact(email="a@example.com", groups=["G"])
    number = esputnik("GET", "/v1/groups").json()[0]["id"]
    assert esputnik("GET", "/v1/group/1/contacts").status_code == 404
    many = {"contactIds": list(range(501))}
    assert esputnik("POST", f"/v1/group/{number}/contacts/attach", many).status_code == 400
    assert esputnik("POST", f"/v1/group/{number}/contacts/attach", {}).status_code == 400


def test_addresses_are_unsubscribed_and_back(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    fresh.create_contact(email="a@example.com")

    def unsubscribed() -> bool:
        return bool(fresh.sent_contacts()[0]["channels"][0]["unsubscribed"])

    esputnik("POST", "/v1/emails/unsubscribed/add", {"emails": ["A@example.com"]})
    assert unsubscribed()
    esputnik("POST", "/v1/emails/unsubscribed/delete", {"emails": ["a@example.com"]})
    assert not unsubscribed()
    assert esputnik("POST", "/v1/emails/unsubscribed/add", {"emails": "x"}).status_code == 400


def test_categories_of_a_contact(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    number = fresh.create_contact(email="a@example.com")
    path = f"/v1/contact/{number}/subscriptions"
    assert [one["key"] for one in esputnik("GET", "/v1/subscriptions").json()] == ["news", "sales"]
    assert esputnik("PUT", path, {"subscriptions": ["news"]}).status_code == 200
    assert esputnik("GET", path).json() == {"subscriptions": ["news"]}
    assert esputnik("PUT", path, {}).status_code == 400


def test_unknown_properties_are_tolerated(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    channels = [{"type": "email", "value": "a@example.com"}]
    bulk({"externalCustomerId": "h-1", "channels": channels, "email": "x", "nickname": "y"})
    assert len(fresh.sent_contacts()) == 1
