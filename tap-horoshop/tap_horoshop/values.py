"""Pure: single values of the API, which writes numbers, flags and nothing in several ways (`horoshop-api.md` §6)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

KOPECK = Decimal("0.01")
PLAIN = frozenset({str, int, bool, type(None)})  # of which JSON has all values as they are
BEYOND_MEANING = Decimal(10) ** 18


def text(value: Any) -> str | None:
    """Return a text without blanks around it; an empty one, and what is no text or number, is None."""
    if type(value) is str:  # most are, and this is called forty times for each order
        return value.strip() or None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        value = format(value, "f") if isinstance(value, (float, Decimal)) else str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def decimal(value: Any) -> Decimal | None:
    """Return a number from a JSON number or a numeric string; also `1 250,50`, which a shop's locale may write."""
    if type(value) is Decimal:
        number = value
    elif isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    else:
        try:
            number = Decimal(str(value).strip().replace(" ", "").replace("\u00a0", "").replace(",", "."))
        except InvalidOperation:
            return None
    return number if number.is_finite() and abs(number) < BEYOND_MEANING else None


def money(value: Any) -> float | int | None:
    """Return an amount in the order's currency, exact to the kopeck."""
    if type(value) is int:  # most are, and this is called twenty times for each order
        return value
    amount = decimal(value)
    return None if amount is None else _json_number(amount.quantize(KOPECK, ROUND_HALF_UP))


def number_of(value: Any) -> float | int | None:
    """Return a number that is not money: a percentage, or a quantity of what is sold by weight."""
    if type(value) is int:
        return value
    amount = decimal(value)
    return None if amount is None else _json_number(amount)


def whole(value: Any) -> int | None:
    """Return a whole number from an int, a numeric string or `7.0`."""
    if type(value) is int:
        return value
    amount = decimal(value)
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def flag(value: Any) -> bool | None:
    """Return a yes or no from 0/1, `"0"`/`"1"` or a boolean; None when the API does not say."""
    if isinstance(value, str):
        value = {"1": True, "0": False, "true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, (bool, int, Decimal)) else None


def plain_json(value: Any) -> Any:
    """Return a value as JSON has it, with floats for the exact numbers that the client reads."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, dict):
        return {key: plain_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_json(item) for item in value]
    return value


def _json_number(amount: Decimal) -> float | int:
    number = float(amount)
    if not number.is_integer() and math.isfinite(number):
        return number
    # A float that is large is whole, or endless, where the exact number is not.
    return int(amount) if amount == amount.to_integral_value() else number
