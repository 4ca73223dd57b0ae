"""Phones, and the many ways in which people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_OPERATORS = ("50", "67", "63", "66", "68", "73", "93", "95", "96", "97", "98", "99", "91", "92", "94")


def subscriber(number: int) -> str:
    """Return the nine national digits of the sample's subscriber `number`; no two share them.

    Small numbers give 50 000 00 01 and the like: well-formed, and nobody's.
    """
    line, operator = divmod(number, len(_OPERATORS))
    return f"{_OPERATORS[operator]}{line:07}"


def _grouped(digits: str) -> tuple[str, str, str, str]:
    return digits[:2], digits[2:5], digits[5:7], digits[7:]


def _horoshop(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"+38 (0{a}) {b}-{c}-{d}"


def _spaced(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"+380 {a} {b} {c} {d}"


def _local_spaced(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"0{a} {b} {c} {d}"


def _local_dashed(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"0{a}-{b}-{c}-{d}"


def _bracketed(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"(0{a}) {b} {c} {d}"


def _old_trunk(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"8 (0{a}) {b}-{c}-{d}"


def _dotted(digits: str) -> str:
    a, b, c, d = _grouped(digits)
    return f"0{a}.{b}.{c}.{d}"


FORMS: tuple[Callable[[str], str], ...] = (
    _horoshop,
    lambda digits: f"+380{digits}",
    lambda digits: f"380{digits}",
    lambda digits: f"0{digits}",
    _spaced,
    _local_spaced,
    _local_dashed,
    _bracketed,
    _old_trunk,
    _dotted,
    lambda digits: f"80{digits}",
    lambda digits: f"00380{digits}",
    lambda digits: f"тел. 0{digits}",
    lambda digits: f" +38-0{digits} (Viber)",
)

BAD = ("12345", "немає", "+38 (0", "0000000000", "05000000000000000", "?", "+38 (___) ___-__-__", "0l2345O789")


def typed(digits: str, form: int) -> str:
    """Return a phone as somebody typed it. Horoshop's own mask is the most frequent form."""
    return FORMS[form % len(FORMS)](digits) if form % 3 else _horoshop(digits)
