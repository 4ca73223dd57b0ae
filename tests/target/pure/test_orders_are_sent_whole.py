"""The order that is sent: every field of the contract, nothing blank, nobody unknown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from target_esputnik.orders import NoIdentity, order_content, order_payload

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER: dict[str, Any] = {
    "order_id": 50017,
    "user_id": 877,
    "created_at": "2026-02-11T14:05:00+02:00",
    "status_id": 2,
    "status_title": "В обробці",
    "email": "olena@example.com",
    "phone": "+38 (050) 111-22-33",
    "first_name": "Олена",
    "last_name": "Коваль",
    "country": "",
    "city": "Київ",
    "address": "Відділення 12",
    "delivery_type": "Нова Пошта",
    "delivery_price": 80,
    "payment_type": "Карткою",
    "paid": True,
    "total": 1400.5,
    "total_before_discount": 1500.5,
    "currency": "UAH",
    "products": [
        {"article": "A-77", "title": "Лампа", "price": 750.25, "quantity": 2, "total_price": 1500.5, "type": "product"}
    ],
    "comment": "Подзвоніть\nпісля 18:00",
    "manager_comment": "не дзвонити",
    "tracking_number": "20450000000001",
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "20000000001",
    "utm_term": "",
    "utm_content": None,
}


def payload_of(record: dict[str, Any], **more: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "status": "IN_PROGRESS",
        "external_id_prefix": "shop-",
        "external_customer_id": "shop-1041",
        "store_id": "main",
        "phone_region": "UA",
    }
    return order_payload(record, **{**settings, **more})


def test_every_field_of_the_contract_is_sent() -> None:
    assert payload_of(ORDER) == {
        "externalOrderId": "shop-50017",
        "externalCustomerId": "shop-1041",
        "email": "olena@example.com",
        "phone": "380501112233",
        "firstName": "Олена",
        "lastName": "Коваль",
        "status": "IN_PROGRESS",
        "statusDescription": "В обробці",
        "date": "2026-02-11T14:05:00+02:00",
        "totalCost": 1400.5,
        "shipping": 80,
        "discount": 100,
        "currency": "UAH",
        "deliveryMethod": "Нова Пошта",
        "paymentMethod": "Карткою",
        "deliveryAddress": "Київ, Відділення 12",
        "storeId": "main",
        "source": "online",
        "additionalInfo": {
            "comment": "Подзвоніть\nпісля 18:00",
            "paid": "true",
            "tracking_number": "20450000000001",
            "utm_source": "google",
            "utm_medium": "cpc",
            "utm_campaign": "20000000001",
        },
        "items": [{"externalItemId": "A-77", "name": "Лампа", "quantity": 2, "cost": 700.25}],
    }


@pytest.mark.parametrize("unknown", [None, "", " "])
def test_what_is_not_known_is_not_sent(unknown: str | None) -> None:
    bare = payload_of({"order_id": 1, "phone": "0501112233"}, external_customer_id=unknown, store_id=unknown)

    assert bare == {
        "externalOrderId": "shop-1",
        "phone": "380501112233",
        "status": "IN_PROGRESS",
        "totalCost": 0,
        "source": "online",
    }


def test_an_order_whose_total_is_not_known_costs_what_its_lines_do() -> None:
    assert payload_of(ORDER | {"total": None})["totalCost"] == 1500.5


@pytest.mark.parametrize(
    ("before", "total", "discount"),
    [(730, 657, 73), (730.1, 657, 73.1), (730, 730, None), (700, 730, None), (None, 657, None), (730, None, None)],
)
def test_a_discount_is_what_the_order_lost_from_its_sum(before: Any, total: Any, discount: Any) -> None:
    assert payload_of(ORDER | {"total_before_discount": before, "total": total}).get("discount") == discount


@pytest.mark.parametrize(("price", "shipping"), [(0, 0), (89.5, 89.5), (-1, None), (None, None)])
def test_shipping_is_sent_when_the_shop_knows_it(price: Any, shipping: Any) -> None:
    assert payload_of(ORDER | {"delivery_price": price}).get("shipping") == shipping


@pytest.mark.parametrize(
    ("country", "city", "address", "sent"),
    [
        (None, "Київ", "", "Київ"),
        (None, None, "Відділення 12", "Відділення 12"),
        ("Polska", "Kraków", "Rynek 1", "Polska, Kraków, Rynek 1"),
        (None, "Київ", "київ, вул. Зразкова, 1", "київ, вул. Зразкова, 1"),
        (None, "", " ", None),
    ],
)
def test_a_delivery_address_is_one_line(country: Any, city: Any, address: Any, sent: str | None) -> None:
    assert payload_of(ORDER | {"country": country, "city": city, "address": address}).get("deliveryAddress") == sent


@pytest.mark.parametrize("missing", ["email", "phone"])
def test_one_way_to_reach_the_buyer_is_enough(missing: str) -> None:
    assert missing not in payload_of(ORDER | {missing: None})


@pytest.mark.parametrize(
    ("email", "phone", "with_phone"),
    [(None, None, True), ("", "", True), ("немає", "12345", True), (None, "0501112233", False)],
)
def test_an_order_of_nobody_is_refused_without_naming_anything(email: Any, phone: Any, with_phone: bool) -> None:
    with pytest.raises(NoIdentity) as refusal:
        payload_of(ORDER | {"email": email, "phone": phone}, with_phone=with_phone)

    assert str(refusal.value) == "the order has neither a usable email nor a usable phone"


def test_a_phone_that_is_anothers_is_left_out() -> None:
    assert "phone" not in payload_of(ORDER, with_phone=False)


def test_a_name_that_eSputnik_would_refuse_is_left_out() -> None:  # noqa: N802 - the brand is spelled so
    sent = payload_of(ORDER | {"first_name": "@@@", "last_name": "Коваль!"})

    assert "firstName" not in sent
    assert sent["lastName"] == "Коваль"


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"total": 1}, True),
        ({"delivery_price": 81}, True),
        ({"address": "Відділення 13"}, True),
        ({"phone": "0671112233"}, True),
        ({"last_name": "Коваленко"}, True),
        ({"products": []}, True),
        ({"products": [ORDER["products"][0] | {"quantity": 3}]}, True),
        ({"products": [ORDER["products"][0] | {"storage_id": 3, "extra": {}}]}, False),
        ({"total": 1400.50, "city": " Київ "}, False),
        ({"status_id": 3, "status_title": "Доставлене"}, False),
        ({"comment": "x", "paid": False, "tracking_number": "1", "utm_source": "x"}, False),
    ],
)
def test_content_is_totals_products_buyer_and_address(change: dict[str, Any], differs: bool) -> None:
    assert (order_content(ORDER | change) != order_content(ORDER)) is differs


TEXT = st.none() | st.text() | st.sampled_from([" ", "olena@example.com", "0501112233", "Олена"])
NUMBER = st.none() | st.integers() | st.floats() | st.decimals()
TEXTS = [name for name, value in ORDER.items() if isinstance(value, str | None)]
NUMBERS = ["total", "total_before_discount", "delivery_price"]
PRODUCT = st.fixed_dictionaries({}, optional={"article": TEXT, "title": TEXT, "price": NUMBER, "quantity": NUMBER})
RECORD = st.fixed_dictionaries(
    {"order_id": st.integers()},
    optional={
        **dict.fromkeys(TEXTS, TEXT),
        **dict.fromkeys(NUMBERS, NUMBER),
        "paid": st.none() | st.booleans(),
        "products": st.none() | st.lists(PRODUCT, max_size=3),
    },
)


@given(record=RECORD)
def test_any_order_is_json_without_blanks(holds_a_blank: Callable[[Any], bool], record: dict[str, Any]) -> None:
    sent = payload_of({**record, "email": "olena@example.com"})

    json.dumps(sent, allow_nan=False).encode()
    json.dumps(order_content(record), allow_nan=False)
    assert not holds_a_blank(sent)
    assert sent["externalOrderId"] == f"shop-{record['order_id']}"


AMOUNT = st.one_of(
    st.integers(-(10**13), 10**13),
    st.decimals("-99999.99", "99999.99", places=2).map(float),
    st.decimals("-9.9999", "9.9999", places=4).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)


@example(total=0.125, before=0.625, delivery=None, prices=[])  # half a kopeck, which is rounded up
@example(total=1, before=1, delivery=-0.004, prices=[])  # less than nothing, though it is nothing when rounded
@given(total=AMOUNT, before=AMOUNT, delivery=st.none() | AMOUNT, prices=st.lists(AMOUNT, max_size=3))
def test_an_amount_is_the_same_as_a_number_and_as_text(
    total: float, before: float, delivery: float | None, prices: list[float]
) -> None:
    """Numbers with two decimals, nearly all, are counted in whole kopecks; text goes the exact way."""

    def sent(said: Callable[[float], float | str]) -> dict[str, Any]:
        goods = [{"article": "A", "price": said(price), "quantity": 2, "total_price": said(price)} for price in prices]
        sums = {"total": said(total), "total_before_discount": said(before)}
        price = None if delivery is None else said(delivery)
        return payload_of(ORDER | sums | {"delivery_price": price, "products": goods})

    assert json.dumps(sent(lambda amount: amount)) == json.dumps(sent(repr))
