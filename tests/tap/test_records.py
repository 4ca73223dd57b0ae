"""A row of the API becomes the record that the contract names, whatever PHP made of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from tap_horoshop import schemas
from tap_horoshop.records import (
    BUILT_IN_STATUSES,
    BadRow,
    contact_record,
    order_record,
    parse_statuses,
    status_record,
)
from tap_horoshop.values import flag, money, number_of, text, whole

KYIV = ZoneInfo("Europe/Kyiv")
ORDER: dict[str, Any] = {
    "order_id": 1042,
    "user": 877,
    "delivery_name": "Тестова Олена",
    "delivery_email": "olena@example.com",
    "delivery_phone": "+38 (050) 000-11-22",
    "delivery_city": "Львів",
    "delivery_city_stable": "Львів",
    "delivery_address": "Відділення №5",
    "delivery_type": {"id": 3, "title": "Нова Пошта"},
    "delivery_price": -1,
    "comment": "Подзвоніть",
    "payment_type": {"id": 2, "title": "Оплата при отриманні"},
    "payment_price": 0,
    "payed": 0,
    "total_default": 730,
    "total_sum": Decimal("657.10"),
    "total_quantity": 3,
    "discount_percent": 0,
    "discount_value": 0,
    "coupon_code": "MAY10",
    "coupon_percent": 10,
    "coupon_discount_value": 73,
    "coupon_type": 0,
    "stat_status": 2,
    "stat_created": "2024-05-17 14:03:27",
    "currency": "UAH",
    "order_without_callback": False,
    "manager_comment": None,
    "manager_discount": 0,
    "products": [
        {
            "title": "Чайник",
            "article": "TK-01",
            "price": 420,
            "quantity": 1,
            "total_price": 420,
            "discount_marker": "NONE",
            "type": "product",
            "storage_id": 311,
            "parent_storage_id": None,
            "colour": "red",
        }
    ],
    "additional_data": [],
    "analytics": {"utm_source": "google", "utm_campaign": 20000000001, "gclid": "x"},
    "delivery_data": {
        "tnNumber": "20450000000001",
        "tnStatusName": "В дорозі",
        "estimatedDeliveryDate": "2024-05-20 10:00:00",
        "ownTTNPicked": False,
    },
}
USER: dict[str, Any] = {
    "id": 901,
    "title": "ТОВ Зразок",
    "email": "b2b@example.com",
    "phone": "+38 (044) 000-00-00",
    "country": "",
    "city": "Київ",
    "address": "",
    "registered": "2024-06-01 09:00:00",
    "customer_group_id": 2,
    "balance": 0,
    "balance_currency": "UAH",
    "manager": {"id": 4, "name": "Марія", "phone": ""},
    "site_link": "",
    "company": "ТОВ Зразок",
    "role": "",
}
WEIRD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def order(**changes: Any) -> dict[str, Any]:
    return order_record({**ORDER, **changes}, zone=KYIV, statuses=BUILT_IN_STATUSES)


def contact(**changes: Any) -> dict[str, Any]:
    return contact_record({**USER, **changes}, zone=KYIV)


def test_an_order_becomes_the_record_of_the_contract() -> None:
    record = order()

    assert list(record) == list(schemas.ORDERS["properties"])
    assert record["created_at"] == "2024-05-17T14:03:27+03:00"
    assert (record["status_id"], record["status_title"]) == (2, "В обробці")
    assert (record["first_name"], record["last_name"]) == ("Олена", "Тестова")
    assert (record["total"], record["total_before_discount"], record["coupon_discount"]) == (657.1, 730, 73)
    assert (record["delivery_price"], record["paid"]) == (None, False)
    assert (record["tracking_number"], record["tracking_status"]) == ("20450000000001", "В дорозі")
    assert record["estimated_delivery"] == "2024-05-20T10:00:00+03:00"
    assert (record["utm_source"], record["utm_campaign"], record["utm_term"]) == ("google", "20000000001", "")
    assert record["products"][0]["extra"] == {"colour": "red"}


def test_what_the_contract_has_no_field_for_is_kept_under_extra() -> None:
    extra = order(novelty={"a": [Decimal("1.5")]})["extra"]

    assert extra == {
        "delivery_city_stable": "Львів",
        "coupon_type": 0,
        "order_without_callback": False,
        "additional_data": [],
        "novelty": {"a": [1.5]},
        "analytics": {"gclid": "x"},
        "delivery_data": {"ownTTNPicked": False},
    }
    assert contact(novelty=1)["extra"] == {"site_link": "", "novelty": 1}


def test_a_customer_becomes_the_record_of_the_contract() -> None:
    record = contact(newsletter_subscription="1", note="VIP")

    assert list(record) == list(schemas.CONTACTS["properties"])
    assert record["registered_at"] == "2024-06-01T09:00:00+03:00"
    assert (record["newsletter_subscribed"], record["note"], record["address"]) == (True, "VIP", None)
    assert record["manager"] == {"id": 4, "name": "Марія", "phone": ""}
    assert (record["first_name"], record["last_name"]) == (None, None)


def test_whether_a_customer_wants_newsletters_is_null_when_the_shop_does_not_say() -> None:
    assert contact()["newsletter_subscribed"] is None
    assert contact(newsletter_subscription=0)["newsletter_subscribed"] is False


@pytest.mark.parametrize(("key", "date"), [("order_id", "stat_created"), ("id", "registered")])
def test_a_row_without_a_key_or_a_date_is_refused_and_told_by_key_alone(key: str, date: str) -> None:
    make, number = (order, 1042) if key == "order_id" else (contact, 901)

    with pytest.raises(BadRow, match=f"^a row without a usable {key}$"):
        make(**{key: ""})
    with pytest.raises(BadRow, match=f"^{key} {number}, whose {date} is no date$"):
        make(**{date: "0000-00-00 00:00:00"})


@given(st.dictionaries(st.sampled_from([*ORDER, "novelty"]), WEIRD))
def test_no_order_is_so_strange_that_its_record_breaks_the_schema(changes: dict[str, Any]) -> None:
    try:
        record = order(**changes)
    except BadRow:
        return
    Draft7Validator(schemas.ORDERS, format_checker=FormatChecker()).validate(record)


@given(st.dictionaries(st.sampled_from([*USER, "note", "newsletter_subscription"]), WEIRD))
def test_no_customer_is_so_strange_that_the_record_breaks_the_schema(changes: dict[str, Any]) -> None:
    try:
        record = contact(**changes)
    except BadRow:
        return
    Draft7Validator(schemas.CONTACTS, format_checker=FormatChecker()).validate(record)


def test_html_entities_are_left_as_the_shop_has_them() -> None:
    assert order(comment="a &amp; b")["comment"] == "a &amp; b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.2", 0.2), ("1 250,50", 1250.5), (Decimal("199.745"), 199.75), (-1, -1), ("", None), (None, None),
        (True, None), ("12 грн", None), (Decimal("NaN"), None), ([], None), (799, 799), ("100.00", 100),
    ],
)  # fmt: skip
def test_money_is_exact_to_the_kopeck(value: object, expected: float | None) -> None:
    assert money(value) == expected


@given(st.integers(-(10**11), 10**11))
def test_every_kopeck_survives_json(kopecks: int) -> None:
    amount = Decimal(kopecks) / 100

    assert Decimal(str(json.loads(json.dumps(money(str(amount)))))) == amount


def test_other_values_are_read_in_each_of_their_forms() -> None:
    assert [whole(value) for value in (7, "7", "7.0", Decimal(7), "x", 7.5, None, [])] == [7] * 4 + [None] * 4
    assert [flag(value) for value in (1, "1", True, "true", 0, "0", "no", None, [])] == [True] * 4 + [False] * 2 + [
        None
    ] * 3
    assert [text(value) for value in (" a ", "", None, 5, Decimal(20000000001), True, [])] == [
        "a", None, None, "5", "20000000001", None, None
    ]  # fmt: skip
    assert number_of("0.375") == 0.375


@pytest.mark.parametrize("as_list", [True, False])
def test_statuses_are_read_from_an_object_and_from_a_list(as_list: bool) -> None:
    rows = {"8": {"id": "8", "title": {"en": "Paid", "ua": "Оплачено"}, "is_successful": "1", "color": "red"}}

    statuses = parse_statuses(list(rows.values()) if as_list else rows)

    assert status_record(statuses[8]) == {
        "id": 8,
        "title": "Оплачено",
        "titles": {"en": "Paid", "ua": "Оплачено"},
        "is_successful": True,
        "extra": {"color": "red"},
    }


def test_a_status_without_a_ukrainian_title_has_the_first_there_is() -> None:
    assert parse_statuses([{"id": 9, "title": {"ru": "", "en": "Paid", "ro": "Platit"}}])[9].title == "Paid"
    assert parse_statuses([{"id": 9, "title": "Paid"}])[9].title == "Paid"
    assert parse_statuses("nonsense") == {}
    assert parse_statuses([{"title": {}}, 5, None]) == {}


def test_an_order_with_a_status_that_the_shop_does_not_list_still_comes() -> None:
    record = order(stat_status=77)

    assert (record["status_id"], record["status_title"], record["status_titles"]) == (77, None, {})
