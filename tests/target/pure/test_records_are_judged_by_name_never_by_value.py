"""Record schemas: what passes, and what is said of what does not."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from target_esputnik.schemas import _FORMATS, CONTACT_RECORD, ORDER_RECORD, ORDER_STATUS_RECORD, SCHEMAS, problems

KEYS = {"contacts": "id", "orders": "order_id", "order_statuses": "id"}
SECRET = "olena-7781@example.com"


@pytest.mark.parametrize("schema", [CONTACT_RECORD, ORDER_RECORD, ORDER_STATUS_RECORD])
def test_the_schemas_are_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    json.dumps(schema)


@pytest.mark.parametrize("stream", KEYS)
def test_a_key_is_enough(stream: str) -> None:
    nulls = dict.fromkeys(SCHEMAS[stream]["properties"])

    assert problems(stream, {KEYS[stream]: 1}) == []
    assert problems(stream, nulls | {KEYS[stream]: 1}) == []
    assert problems(stream, {KEYS[stream]: 1, "of_another_tap": {"a": [1]}}) == []


@pytest.mark.parametrize("stream", KEYS)
@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({}, "field `{key}` is missing"),
        ({"{key}": None}, "field `{key}`: expected a whole number"),
        ({"{key}": SECRET}, "field `{key}`: expected a whole number"),
        ({"{key}": True}, "field `{key}`: expected a whole number"),
        ({"{key}": 1.5}, "field `{key}`: expected a whole number"),
    ],
)
def test_a_record_needs_its_key(stream: str, record: dict[str, Any], sentence: str) -> None:
    key = KEYS[stream]

    assert problems(stream, {name.format(key=key): value for name, value in record.items()}) == [
        sentence.format(key=key)
    ]


@pytest.mark.parametrize(
    ("stream", "broken", "sentence"),
    [
        ("contacts", {"email": ["olena-7781"]}, "field `email`: expected text"),
        ("contacts", {"phone": 7781}, "field `phone`: expected text"),
        ("contacts", {"newsletter_subscribed": SECRET}, "field `newsletter_subscribed`: expected true or false"),
        ("contacts", {"newsletter_subscribed": 1}, "field `newsletter_subscribed`: expected true or false"),
        ("contacts", {"balance": SECRET}, "field `balance`: expected a number"),
        ("contacts", {"manager": SECRET}, "field `manager`: expected an object"),
        ("orders", {"total": SECRET}, "field `total`: expected a number"),
        ("orders", {"total": True}, "field `total`: expected a number"),
        ("orders", {"status_id": SECRET}, "field `status_id`: expected a whole number"),
        ("orders", {"products": SECRET}, "field `products`: expected a list"),
        ("orders", {"products": [{}, SECRET]}, "field `products[1]`: expected an object"),
        ("orders", {"products": [{}, {}, {"price": SECRET}]}, "field `products[2].price`: expected a number"),
        ("orders", {"status_titles": {SECRET: 7781}}, "field `status_titles`: expected text"),
        ("order_statuses", {"titles": {"ua": ["7781"]}}, "field `titles`: expected text"),
        ("order_statuses", {"is_successful": SECRET}, "field `is_successful`: expected true or false"),
    ],
)
def test_a_wrong_type_is_named_by_field_only(stream: str, broken: dict[str, Any], sentence: str) -> None:
    said = problems(stream, {KEYS[stream]: 1, **broken})

    assert said == [sentence]
    assert "7781" not in "".join(said)


def test_every_wrong_field_is_named_once() -> None:
    assert problems("orders", {"total": "x", "paid": "y", "products": [{"price": "z"}]}) == [
        "field `order_id` is missing",
        "field `paid`: expected true or false",
        "field `products[0].price`: expected a number",
        "field `total`: expected a number",
    ]


@pytest.mark.parametrize(
    "moment",
    [
        "2024-05-17T14:03:20+03:00",
        "2024-05-17T14:03:20Z",
        "2024-05-17T14:03:20.123456+00:00",
        "2024-02-29T00:00:00-11:00",
        "2024-05-17T14:03:20.1Z",
        "2024-05-17T14:03:20.123456789Z",
    ],
)
def test_a_moment_has_an_offset(moment: str) -> None:
    assert problems("orders", {"order_id": 1, "created_at": moment}) == []


@pytest.mark.parametrize(
    "moment",
    [
        "2024-05-17T14:03:20",
        "2024-05-17 14:03:20",
        "2024-05-17",
        "17.05.2024",
        "2023-02-29T00:00:00Z",
        "",
        "7781",
        "2024-05-17T25:03:20Z",
        "2024-05-17T14:03:20+99:00",
        "2024-05-17T14:03:20+03:00 ",
        "٢٠٢٤-05-17T14:03:20Z",
    ],
)
def test_a_moment_without_one_or_that_never_was_is_refused(moment: str) -> None:
    assert problems("contacts", {"id": 1, "registered_at": moment}) == [
        "field `registered_at`: expected a date and time with a zone offset"
    ]


def test_decimals_are_numbers() -> None:
    """The SDK reads every JSON number with a point as a decimal."""
    assert problems("orders", {"order_id": 1, "total": Decimal("10.50"), "products": [{"price": Decimal(1)}]}) == []


def test_an_unknown_stream_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError):
        problems("invoices", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just(SECRET), inner, max_size=3),
    max_leaves=5,
)


@given(
    stream=st.sampled_from(sorted(KEYS)),
    record=st.dictionaries(
        st.sampled_from(sorted({name for schema in SCHEMAS.values() for name in schema["properties"]})), JSON
    ),
)
def test_whatever_comes_the_verdict_holds_no_value(stream: str, record: dict[str, Any]) -> None:
    assert SECRET not in "".join(problems(stream, record))


@given(
    stream=st.sampled_from(sorted(KEYS)),
    record=st.dictionaries(
        st.sampled_from(sorted({name for schema in SCHEMAS.values() for name in schema["properties"]})),
        JSON | st.sampled_from(["2024-05-17T14:03:20Z", "2024-05-17", 2**63, -(2**63) - 1, 1.0, [{"price": "x"}]]),
    )
    | st.lists(st.integers(), max_size=1),
)
def test_the_quick_check_and_the_one_that_has_the_words_agree(stream: str, record: Any) -> None:
    slow = Draft202012Validator(SCHEMAS[stream], format_checker=_FORMATS)
    try:
        is_valid = slow.is_valid(record)
    except InvalidOperation:  # a decimal that is no number, where one is compared
        is_valid = False
    assert (problems(stream, record) == []) == is_valid


def test_a_decimal_that_is_no_number_costs_its_own_record_only() -> None:
    sentences = problems("orders", {"order_id": 1, "delivery_type_id": Decimal("NaN")})
    assert sentences == ["field `delivery_type_id`: expected a whole number"]
