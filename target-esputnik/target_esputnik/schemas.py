"""The three streams that the target accepts, and what is wrong with a record.

Pure. Any tap may send them: the key is required, all else may be absent or null, but what is there has its type.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from decimal import InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypedDict

import msgspec
from jsonschema import Draft202012Validator, FormatChecker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]

MOST: Final = 2**63 - 1  # what both databases keep as a whole number
KEY: Schema = {"type": "integer", "minimum": -MOST, "maximum": MOST}
TEXT: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": ["number", "null"]}
WHOLE: Schema = {"type": ["integer", "null"], "minimum": -MOST, "maximum": MOST}
YES_OR_NO: Schema = {"type": ["boolean", "null"]}
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
OBJECT: Schema = {"type": ["object", "null"]}
TITLES: Schema = {"type": ["object", "null"], "additionalProperties": TEXT}


def _fields(kind: Schema, *names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, kind)


def _record(key: str, properties: Mapping[str, Schema]) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {key: KEY, **properties},
        "required": [key],
        "additionalProperties": True,
    }


PERSON: dict[str, Schema] = _fields(
    TEXT, "email", "phone", "full_name", "first_name", "last_name", "middle_name", "country", "city", "address"
)

CONTACT_RECORD: Schema = _record(
    "id",
    {
        **PERSON,
        **_fields(MOMENT, "registered_at"),
        **_fields(YES_OR_NO, "newsletter_subscribed"),
        **_fields(TEXT, "note", "company", "role", "balance_currency"),
        **_fields(WHOLE, "customer_group_id"),
        **_fields(NUMBER, "balance"),
        **_fields(OBJECT, "manager", "extra"),
    },
)

PRODUCT: Schema = {
    "type": "object",
    "properties": {
        **_fields(TEXT, "article", "title", "type", "discount_marker"),
        **_fields(NUMBER, "price", "quantity", "total_price"),
        **_fields(WHOLE, "storage_id"),
        # Of no known type in the shop's API (horoshop-api.md §2.5), and of no use here.
        **_fields({}, "parent_storage_id"),
    },
}

ORDER_RECORD: Schema = _record(
    "order_id",
    {
        **PERSON,
        **_fields(WHOLE, "user_id", "status_id", "delivery_type_id", "payment_type_id"),
        **_fields(MOMENT, "created_at"),
        **_fields(TEXT, "status_title", "delivery_type", "payment_type", "coupon_code", "currency"),
        **_fields(TITLES, "status_titles"),
        **_fields(NUMBER, "delivery_price", "payment_price", "total", "total_before_discount", "quantity"),
        **_fields(NUMBER, "discount_percent", "discount_value", "coupon_percent", "coupon_discount"),
        **_fields(NUMBER, "manager_discount"),
        **_fields(YES_OR_NO, "paid"),
        "products": {"type": ["array", "null"], "items": PRODUCT},
        **_fields(TEXT, "comment", "manager_comment", "tracking_number", "tracking_status", "estimated_delivery"),
        **_fields(TEXT, "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "google_client_id"),
        **_fields(OBJECT, "extra"),
    },
)

ORDER_STATUS_RECORD: Schema = _record(
    "id",
    {**_fields(TEXT, "title"), **_fields(TITLES, "titles"), **_fields(YES_OR_NO, "is_successful")},
)

SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {"contacts": CONTACT_RECORD, "orders": ORDER_RECORD, "order_statuses": ORDER_STATUS_RECORD}
)
"""By the name of the stream."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|([+-]\d\d:\d\d))", re.ASCII)
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    """Whether a text is a real date and time with a zone offset (without one, eSputnik takes the account's zone)."""
    if not isinstance(value, str):
        return True  # another type is the business of `type`
    match = _MOMENT.fullmatch(value)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match.group(1) + (match.group(2) or "+00:00"))
    except ValueError:
        return False
    return True


_VALIDATORS = {stream: Draft202012Validator(schema, format_checker=_FORMATS) for stream, schema in SCHEMAS.items()}
_KNOWN_NAMES = {name for schema in (*SCHEMAS.values(), PRODUCT) for name in schema["properties"]}
_TYPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "string": "text",
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "array": "a list",
        "object": "an object",
    }
)


def can_be_key(value: Any) -> bool:
    """Whether the ledger can know a record by this; true and false are numbers in Python, and none in JSON."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST


def key_text(value: Any) -> str:
    """A key as text; what can be none is never taken for one that is: `"5"` is not the order 5."""
    if can_be_key(value):
        return str(value)
    written = hex(value) if isinstance(value, int) else json.dumps(value, default=str)  # very long ones have no str
    return f"no key: {written}"


def order_key(value: Any) -> int | str:
    """An order's number, if it is one that the ledger can know it by; else `key_text`."""
    return value if can_be_key(value) else key_text(value)


def problems(stream: str, record: Mapping[str, Any]) -> list[str]:
    """What is wrong with a record, a sentence per field: "field `total`: expected a number". Empty: it is valid.

    Values are never part of a sentence: they are people's names and phones.

    Args:
        stream: a name in `SCHEMAS`.
        record: the record as it came.

    Raises:
        KeyError: the stream is none of the three.
    """
    return [] if _is_plainly_valid(stream, record) else _sentences_of(stream, record)


def read(stream: str, written: bytes) -> dict[str, Any] | None:
    """A record as it is written in JSON, if it fits its schema; only with the fields that the schema names.

    None does not mean that it is not valid: see `_is_plainly_valid`.

    Args:
        stream: a name in `SCHEMAS`.
        written: a record in UTF-8.
    """
    plain = _plain(stream)
    try:
        record: dict[str, Any] = plain.decoder.decode(written)
    except msgspec.MsgspecError:
        return None
    return record if plain.is_all_of(record) else None


def _is_plainly_valid(stream: str, record: Any) -> bool:
    """Whether a record fits its schema by the types that JSON brings: nearly all do, and need no sentences.

    What does not may be valid all the same: 5.0 is a whole number, and a decimal is a number.
    """
    plain = _plain(stream)
    try:
        msgspec.convert(record, plain.decoder.type)
    except msgspec.ValidationError:
        return False
    return plain.is_all_of(record)


class _Plain(NamedTuple):
    """What plainly valid records of a stream are known by.

    Attributes:
        decoder: reads one of the right types, in which any field may be absent.
        key: the field that has to be there.
        moments: the fields whose text has to be a moment.
    """

    decoder: msgspec.json.Decoder[Any]
    key: str
    moments: tuple[str, ...]

    def is_all_of(self, record: Mapping[str, Any]) -> bool:
        """Whether also that is right which types do not say."""
        for name in self.moments:
            if not _is_moment(record.get(name)):
                return False
        return self.key in record


@cache
def _plain(stream: str) -> _Plain:
    schema = SCHEMAS[stream]
    moments = tuple(name for name, inner in schema["properties"].items() if "format" in inner)
    return _Plain(msgspec.json.Decoder(_type_of(schema)), schema["required"][0], moments)


def _type_of(schema: Schema) -> Any:
    """The type of what a part of a schema allows, or of less; any field of an object may be absent."""
    if not schema:
        return Any
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    plain: Any
    if kind == "integer":
        plain = Annotated[int, msgspec.Meta(ge=schema["minimum"], le=schema["maximum"])]
    elif kind == "object" and "properties" in schema:
        fields = {name: _type_of(inner) for name, inner in schema["properties"].items()}
        plain = TypedDict("Plain", fields, total=False)  # type: ignore[misc,no-redef]
    elif kind == "object":
        plain = dict[str, _type_of(schema.get("additionalProperties", {}))]  # type: ignore[misc]
    elif kind == "array":
        plain = list[_type_of(schema["items"])]  # type: ignore[misc]
    else:
        plain = {"string": str, "number": int | float, "boolean": bool}[kind]
    return plain | None if "null" in kinds else plain


def _sentences_of(stream: str, record: Mapping[str, Any]) -> list[str]:
    found: Iterable[ValidationError] = _VALIDATORS[stream].iter_errors(record)
    sentences: set[str] = set()
    with suppress(InvalidOperation):  # from a decimal that is no number, after its type was found to be wrong
        for error in found:
            sentences.update(_sentences(error))
    return sorted(sentences)


def _sentences(error: ValidationError) -> list[str]:
    rule: Any = error.validator_value
    record: Any = error.instance
    if error.validator == "required":
        return [f"field `{name}` is missing" for name in rule if name not in record]
    if error.validator == "format":
        return [f"{_place(error)}: expected a date and time with a zone offset"]
    if error.validator in {"minimum", "maximum"}:
        return [f"{_place(error)}: the number is too large"]
    kinds = [rule] if isinstance(rule, str) else rule
    wanted = " or ".join(_TYPE_NAMES[kind] for kind in kinds if kind != "null")
    return [f"{_place(error)}: expected {wanted}"]


def _place(error: ValidationError) -> str:
    """Where in the record; a name that the record itself brought (a language, say) is not repeated."""
    written = ""
    for step in error.absolute_path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif step in _KNOWN_NAMES:
            written += f".{step}" if written else step
        else:
            break
    return f"field `{written}`" if written else "the record"
