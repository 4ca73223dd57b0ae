"""Phones, and the many ways in which people type them."""

from __future__ import annotations

_OPERATORS = ("50", "67", "63", "66", "68", "73", "93", "95", "96", "97", "98", "99", "91", "92", "94")


def subscriber(number: int) -> str:
    """Return the nine national digits of the sample's subscriber `number`; no two share them.

    Small numbers give 50 000 00 01 and the like: well-formed, and nobody's.
    """
    line, operator = divmod(number, len(_OPERATORS))
    return f"{_OPERATORS[operator]}{line:07}"


FORMS = (
    "+38 (0{}) {}-{}-{}",  # Horoshop's own mask
    "+380{}{}{}{}",
    "380{}{}{}{}",
    "0{}{}{}{}",
    "+380 {} {} {} {}",
    "0{} {} {} {}",
    "0{}-{}-{}-{}",
    "(0{}) {} {} {}",
    "8 (0{}) {}-{}-{}",
    "0{}.{}.{}.{}",
    "80{}{}{}{}",
    "00380{}{}{}{}",
    "тел. 0{}{}{}{}",
    " +38-0{}{}{}{} (Viber)",
)

BAD = ("12345", "немає", "+38 (0", "0000000000", "05000000000000000", "?", "+38 (___) ___-__-__", "0l2345O789")


def typed(digits: str, form: int) -> str:
    """Return a phone as somebody typed it; Horoshop's own mask is the most frequent form."""
    written = FORMS[form % len(FORMS)] if form % 3 else FORMS[0]
    return written.format(digits[:2], digits[2:5], digits[5:7], digits[7:])
