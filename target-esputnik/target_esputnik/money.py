"""Money and quantities as exact decimals, and back to JSON numbers.

Pure. Records come from JSON, where a price is a number, a decimal or, in some shops, text (horoshop-api.md §2.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from target_esputnik.text import REMEMBERED

KOPECK = Decimal("0.01")
FINEST = Decimal("1e-12")
BEYOND_MONEY = 10**12
"""No price and no quantity is so large; whatever is, is not one (and `1e999999999` is valid JSON)."""

LONGEST_WHOLE = 10**40


def exact(value: object) -> Decimal | None:
    """The number as it was written, or None if it is no number that money can be counted in."""
    kind = type(value)
    if kind is float or kind is int:  # nearly always
        return _exact(value)
    if kind is bool or not isinstance(value, (int, float, Decimal, str)):
        return None
    return _exact.__wrapped__(value)


@lru_cache(maxsize=REMEMBERED, typed=True)
def _exact(value: float | Decimal | str) -> Decimal | None:
    if isinstance(value, int) and abs(value) >= BEYOND_MONEY:  # Python refuses to write very long integers out
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    # Rounded, because `1e-999999999` is valid JSON too.
    return number.quantize(FINEST) if number.is_finite() and number.copy_abs() < BEYOND_MONEY else None


def kopecks_of(value: object) -> int | None:
    """A JSON number in kopecks, if it is a number with two decimals at most; None: `exact` tells what else it is.

    No decimal is made: of a total, nearly every order brings another one.
    """
    kind = type(value)
    if (kind is not float and kind is not int) or not -BEYOND_MONEY < value < BEYOND_MONEY:  # type: ignore[operator]
        return None
    kopecks: int = value * 100 if kind is int else round(value * 100)  # type: ignore[operator]
    return kopecks if kind is int or kopecks / 100 == value else None


def number_of(kopecks: int) -> int | float:
    """The same as `as_number`, of an amount in kopecks."""
    return kopecks / 100 if kopecks % 100 else kopecks // 100


def in_kopecks(number: Decimal) -> Decimal:
    """The number rounded to two decimals, halves away from zero."""
    return number.quantize(KOPECK, ROUND_HALF_UP)


@lru_cache(maxsize=REMEMBERED)
def as_number(amount: Decimal) -> int | float:
    """The amount as a JSON number with at most two decimals; whole ones without a decimal point."""
    rounded = in_kopecks(amount)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def plain(number: Decimal) -> str:
    """The number in digits, without an exponent or zeros that say nothing: "0.35", "1200"."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def whole(number: int) -> str | None:
    """A whole number (an id, a count) in digits; None for one so long that Python refuses to write it."""
    return str(number) if abs(number) < LONGEST_WHOLE else None


def as_source(value: Any) -> Any:
    """A value of the shop in one spelling, for comparing two versions of a record.

    Outer and repeated spaces, and the difference between absent, blank and not-a-number, are evened out.
    """
    kind = type(value)
    if kind is str:
        return " ".join(value.split()) or None
    if kind is float:
        return _plain_float(value)
    if value is None or kind is bool:
        return value
    return whole(value) if kind is int else _other_as_source(value)


def _plain_float(value: float) -> str | None:
    if value and kopecks_of(value) is not None:
        return repr(value).removesuffix(".0")
    return _plain_number(value)


def _plain_number(value: float | Decimal) -> str | None:
    number = exact(value)
    return None if number is None else plain(number)


def _other_as_source(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, Mapping):
        return {str(name): as_source(inner) for name, inner in sorted(value.items(), key=lambda item: str(item[0]))}
    if isinstance(value, list | tuple):
        return [as_source(inner) for inner in value]
    return value
