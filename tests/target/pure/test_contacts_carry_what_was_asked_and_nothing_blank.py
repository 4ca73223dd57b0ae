"""Contacts: which parts go, what is left out, what makes a contact due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_esputnik.contacts import (
    CONTACT_FIELDS,
    ContactDraft,
    contact_from_order,
    contact_from_record,
    sent_source_fields,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OLENA: dict[str, Any] = {
    "id": 1041,
    "email": " olena@example.com ",
    "phone": "(050) 111-22-33",
    "full_name": "Коваль Олена",
    "first_name": "Олена",
    "last_name": "Коваль",
    "city": "Львів",
    "address": "вул. Зразкова, 1",
    "registered_at": "2024-05-17T14:03:20+03:00",
    "newsletter_subscribed": True,
    "customer_group_id": 3,
    "balance": 12.50,
    "note": "  ",
    "manager": {"id": 4},
}
DEFAULT_FIELDS = ("email", "first_name", "last_name")


def draft_of(record: dict[str, Any], *fields: str, custom: tuple[tuple[str, int], ...] = ()) -> ContactDraft:
    return contact_from_record(
        record,
        contact_fields=fields or DEFAULT_FIELDS,
        custom_fields=custom,
        external_id_prefix="shop-",
        phone_region="UA",
    )


def sources_of(record: dict[str, Any], *fields: str, newsletter: bool = False) -> dict[str, Any]:
    return sent_source_fields(
        record, contact_fields=fields or DEFAULT_FIELDS, custom_fields=[("note", 1)], newsletter_matters=newsletter
    )


def test_by_default_email_and_names_go() -> None:
    draft = draft_of(OLENA)

    assert draft.payload() == {
        "externalCustomerId": "shop-1041",
        "firstName": "Олена",
        "lastName": "Коваль",
        "channels": [{"type": "email", "value": "olena@example.com"}],
    }
    assert draft.field_names() == ("email", "firstName", "lastName")
    assert draft.left_out == ()


def test_all_fields_go_when_all_are_asked_for() -> None:
    draft = draft_of(OLENA, *CONTACT_FIELDS, custom=(("customer_group_id", 40011), ("balance", 40012), ("note", 40013)))

    assert draft.payload() == {
        "externalCustomerId": "shop-1041",
        "firstName": "Олена",
        "lastName": "Коваль",
        "channels": [{"type": "email", "value": "olena@example.com"}, {"type": "sms", "value": "380501112233"}],
        "address": {"town": "Львів", "address": "вул. Зразкова, 1"},
        "fields": [{"id": 40011, "value": "3"}, {"id": 40012, "value": "12.5"}],
    }
    assert draft.field_names() == ("address", "email", "firstName", "lastName", "sms", "town")


@pytest.mark.parametrize("email", [None, "", "  ", "немає", "олена@example.com"])
def test_a_phone_goes_where_there_is_no_usable_email(email: str | None) -> None:
    assert draft_of(OLENA | {"email": email}).channels() == [{"type": "sms", "value": "380501112233"}]


def test_a_phone_goes_where_the_email_is_not_asked_for() -> None:
    assert draft_of(OLENA, "first_name").channels() == [{"type": "sms", "value": "380501112233"}]


@pytest.mark.parametrize(
    ("broken", "left_out"),
    [
        ({"first_name": "@@@"}, ("first_name",)),
        ({"last_name": "1234567"}, ("last_name",)),
        ({"email": "olena@", "phone": "12"}, ("email", "phone")),
        ({"email": "olena@"}, ("email",)),
        ({"phone": "12"}, ()),  # was not to be sent
        ({"email": None, "phone": None}, ()),  # nothing there is nothing left out
        ({"note": "ok", "manager": {"id": 4}}, ("manager",)),
    ],
)
def test_a_part_that_cannot_be_cleaned_is_left_out_and_named(broken: dict[str, Any], left_out: tuple[str, ...]) -> None:
    draft = draft_of(OLENA | {"manager": None} | broken, custom=(("manager", 7), ("note", 8)))

    assert draft.left_out == left_out
    assert ("firstName" in draft.payload()) is ("first_name" not in left_out)
    assert ("lastName" in draft.payload()) is ("last_name" not in left_out)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("текст", "текст"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1e-07, "0.0000001"),
        (1e16, None),
        (10**15, "1000000000000000"),
        (10**50, None),
        (None, None),
        ("", None),
        (float("nan"), None),
        (float("inf"), None),
        ([1], None),
    ],
)
def test_an_additional_field_is_text_or_not_sent(value: Any, sent: str | None) -> None:
    draft = draft_of({"id": 1, "role": value}, custom=(("role", 5),))

    assert draft.custom_fields == (((5, sent),) if sent is not None else ())


ORDER: dict[str, Any] = {
    "order_id": 50017,
    "user_id": 877,
    "email": "olena@example.com",
    "phone": "+380501112233",
    "first_name": "Олена",
    "last_name": "Коваль",
    "city": "Київ",
    "address": "Відділення 12",
}


def test_a_guest_has_no_external_id() -> None:
    buyer = contact_from_order(ORDER, contact_fields=DEFAULT_FIELDS, phone_region="UA")

    assert "externalCustomerId" not in buyer.payload()
    assert buyer.payload()["firstName"] == "Олена"


def test_a_buyer_tied_to_a_customer_carries_his_id() -> None:
    buyer = contact_from_order(
        ORDER, contact_fields=DEFAULT_FIELDS, phone_region="UA", external_customer_id="shop-1041"
    )

    assert buyer.payload()["externalCustomerId"] == "shop-1041"


@pytest.mark.parametrize("identity_only", [True, False])
def test_a_buyers_email_always_goes(identity_only: bool) -> None:
    buyer = contact_from_order(ORDER, contact_fields=["phone"], phone_region="UA", identity_only=identity_only)

    assert buyer.email == "olena@example.com"


def test_identity_alone_is_one_channel_and_no_name() -> None:
    with_email = contact_from_order(ORDER, contact_fields=CONTACT_FIELDS, phone_region="UA", identity_only=True)
    without = contact_from_order(
        ORDER | {"email": ""}, contact_fields=CONTACT_FIELDS, phone_region="UA", identity_only=True
    )

    assert with_email.payload() == {"channels": [{"type": "email", "value": "olena@example.com"}]}
    assert without.payload() == {"channels": [{"type": "sms", "value": "380501112233"}]}


def test_sources_are_the_shops_values_of_what_is_sent() -> None:
    assert sources_of(OLENA) == {
        "email": "olena@example.com",
        "first_name": "Олена",
        "last_name": "Коваль",
        "note": None,
    }


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ({"first_name": "Оля"}, True),
        ({"email": "Olena@example.com"}, True),
        ({"note": "new"}, True),
        ({"first_name": "  Олена "}, False),
        ({"note": None}, False),
        ({"note": ""}, False),
        ({"phone": "067"}, False),
        ({"city": "Київ"}, False),
        ({"newsletter_subscribed": False}, False),
        ({"balance": 1}, False),
    ],
)
def test_only_a_source_that_is_sent_makes_a_contact_due(change: dict[str, Any], due: bool) -> None:
    assert (sources_of(OLENA | change) != sources_of(OLENA)) is due


def test_the_newsletter_box_counts_when_it_decides() -> None:
    changed = OLENA | {"newsletter_subscribed": False}

    assert sources_of(changed, newsletter=True) != sources_of(OLENA, newsletter=True)


@pytest.mark.parametrize("fields", [("email",), ("first_name",)])
def test_a_phone_counts_where_it_is_the_channel(fields: tuple[str, ...]) -> None:
    record = OLENA | ({"email": None} if fields == ("email",) else {})

    assert sources_of(record | {"phone": "0671112233"}, *fields) != sources_of(record, *fields)


def test_an_address_counts_with_its_city() -> None:
    assert sources_of(OLENA, "email", "address")["city"] == "Львів"


def test_a_record_without_the_optional_fields_has_the_same_sources_as_one_with_nulls() -> None:
    nulls: dict[str, Any] = dict.fromkeys(OLENA) | {"id": 1}

    assert sources_of({"id": 1}, *CONTACT_FIELDS) == sources_of(nulls, *CONTACT_FIELDS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SOURCE = {name: JSON | st.sampled_from([OLENA[name]]) for name in OLENA if name != "id"}
RECORD = st.fixed_dictionaries({"id": st.integers()}, optional=SOURCE)


@given(record=RECORD, fields=st.sets(st.sampled_from(CONTACT_FIELDS)))
def test_a_payload_is_json_and_holds_no_blank(
    holds_a_blank: Callable[[Any], bool], record: dict[str, Any], fields: set[str]
) -> None:
    draft = draft_of(record, *fields, custom=tuple((name, place) for place, name in enumerate(OLENA)))

    json.dumps(draft.payload(), allow_nan=False).encode()
    json.dumps(sources_of(record, *fields))
    assert not holds_a_blank(draft.payload())
    assert bool(draft.channels()) is bool({"email", "sms"} & set(draft.field_names()))
