"""An update of a contact that eSputnik has: what is there stays, what the shop says is laid over it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_esputnik.contact_update import merged
from target_esputnik.contacts import ContactDraft
from target_esputnik.hygiene import phone_digits

OLENA = ContactDraft(
    email="olena@example.com",
    phone="+380501112233",
    first_name="Олена",
    last_name="Коваль",
    town="Львів",
    address="вул. Зразкова, 1",
)

EXISTING: dict[str, Any] = {
    "id": 700100041,
    "firstName": "Lena",
    "lastName": "K",
    "externalCustomerId": "old-1",
    "channels": [
        {"type": "email", "value": "other@example.com"},
        {"type": "sms", "value": "380671112233"},
        {"type": "mobilepush", "value": "token", "device": {"appId": "a"}},
    ],
    "address": {"region": "Lvivska", "town": "Lviv", "postcode": "79000"},
    "fields": [{"id": 40011, "value": "old"}, {"id": 40099, "value": "keep"}],
    "groups": [{"id": 1, "name": "VIP", "type": "Static"}],
    "languageCode": "uk",
    "timeZone": "Europe/Kyiv",
    "ordersInfo": {"count": 3},
}


def test_an_update_keeps_what_is_there_and_lays_the_draft_over_it() -> None:
    draft = replace(OLENA, external_customer_id="shop-1041", custom_fields=((40011, "3"),))

    assert merged(EXISTING, draft) == {
        "externalCustomerId": "shop-1041",
        "firstName": "Олена",
        "lastName": "Коваль",
        "languageCode": "uk",
        "timeZone": "Europe/Kyiv",
        "channels": [*EXISTING["channels"], {"type": "sms", "value": "380501112233"}],
        "address": {"region": "Lvivska", "town": "Львів", "postcode": "79000", "address": "вул. Зразкова, 1"},
        "fields": [{"id": 40011, "value": "3"}, {"id": 40099, "value": "keep"}],
    }


def test_an_empty_draft_writes_back_what_was_read() -> None:
    body = merged(EXISTING, ContactDraft())

    assert body == {name: value for name, value in EXISTING.items() if name not in {"id", "groups", "ordersInfo"}}


@pytest.mark.parametrize(
    ("phones", "after"),
    [
        ([], ["380501112233"]),
        (["380671112233"], ["380671112233", "380501112233"]),
        (["+380501112233"], ["+380501112233"]),
        (["380671112233", "380681112233"], ["380671112233", "380681112233"]),
    ],
)
def test_a_phone_is_added_where_it_is_missing_and_there_is_room(phones: list[str], after: list[str]) -> None:
    existing = {"channels": [{"type": "sms", "value": phone} for phone in phones]}
    body = merged(existing, ContactDraft(email="new@example.com", phone="+380501112233"))

    assert [channel["value"] for channel in body["channels"]] == after


def test_a_list_of_one_that_came_as_an_object_is_read_as_a_list() -> None:
    existing = {"channels": {"type": "email", "value": "a@example.com"}, "fields": {"id": "40011", "value": "x"}}
    body = merged(existing, ContactDraft(custom_fields=((40011, "y"),)))

    assert body == {
        "channels": [{"type": "email", "value": "a@example.com"}],
        "fields": [{"id": 40011, "value": "y"}],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CHANNEL = st.fixed_dictionaries(
    {"type": st.sampled_from(["email", "sms", "webpush", "webPush"]), "value": st.text(min_size=1, max_size=13)}
)
EXISTING_CONTACT = st.fixed_dictionaries(
    {},
    optional={
        "channels": st.lists(CHANNEL, max_size=5) | CHANNEL | st.none(),
        "fields": JSON | st.lists(st.fixed_dictionaries({"id": st.integers(1, 9), "value": st.text()})),
        "address": JSON,
        "firstName": st.text(),
        "languageCode": st.text(),
        "id": st.integers(),
        "groups": JSON,
    },
)
DRAFT = st.builds(
    ContactDraft,
    external_customer_id=st.none() | st.just("shop-1041"),
    email=st.none() | st.just("olena@example.com"),
    phone=st.none() | st.just("+380501112233"),
    first_name=st.none() | st.just("Олена"),
    town=st.none() | st.just("Львів"),
    custom_fields=st.just(()) | st.just(((3, "text"),)),
)


@given(existing=EXISTING_CONTACT, draft=DRAFT)
def test_an_update_never_loses_a_channel_or_adds_an_email(existing: dict[str, Any], draft: ContactDraft) -> None:
    body = merged(existing, draft)
    before = existing.get("channels") or []
    before = [before] if isinstance(before, dict) else before
    after = body.get("channels", [])
    added = after[len(before) :]

    assert after[: len(before)] == before
    assert added in ([], [{"type": "sms", "value": phone_digits(draft.phone or "")}])
    assert not body.keys() & {"id", "groups"}
    assert merged({**existing, **body}, draft) == body
    json.dumps(body, allow_nan=False)
