"""Emails, phones and names: as people type them in, as eSputnik takes them out.

Pure. Each function takes anything and gives a usable value or None; it never raises, and cleaning twice changes
nothing. The rules of names live in `names`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from target_esputnik.names import clean_first_name, clean_last_name, is_valid_first_name, is_valid_last_name
from target_esputnik.text import REMEMBERED, clean_text, without_invisible

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "clean_email",
    "clean_first_name",
    "clean_last_name",
    "clean_phone",
    "email_key",
    "is_valid_first_name",
    "is_valid_last_name",
    "phone_digits",
]

LONGEST_FIELD = 500
"""Nobody's address or phone is longer; whatever is has to be something else, and costs time to search."""


def clean_email(raw: object) -> str | None:
    """An address that mail can be sent to, as it was typed but for outer spaces; None if it is not one.

    Of several in one field the first, if all of them are usable. Whether the domain exists is not asked.
    """
    text = clean_text(raw)
    return None if text is None or len(text) > LONGEST_FIELD else _email_in(text)


@lru_cache(maxsize=REMEMBERED)
def _email_in(text: str) -> str | None:
    pieces = [without_invisible(piece).strip() for piece in re.split("[,;]", text)]
    addresses = [piece for piece in pieces if piece]
    if addresses and all(_is_address(address) for address in addresses):
        return addresses[0]
    return None


def email_key(email: str) -> str:
    """The form in which two addresses are compared: without case."""
    return unicodedata.normalize("NFC", email.strip().casefold())


def clean_phone(raw: object, region: str) -> str | None:
    """A phone in E.164 ("+380501112233"); of several in one field the first usable; None if there is none.

    Args:
        raw: what somebody typed.
        region: ISO 3166 code of the country that numbers without a country code belong to ("UA").
    """
    text = clean_text(raw)
    return None if text is None or len(text) > LONGEST_FIELD else _phone_in(text, region.upper())


@lru_cache(maxsize=REMEMBERED)
def _phone_in(text: str, region: str) -> str | None:
    typed = without_invisible(unicodedata.normalize("NFKC", text))
    number = next(_valid_numbers(typed, region), None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else None


def phone_digits(e164: str) -> str:
    """The phone as eSputnik's channels and orders hold it: digits with the country code (esputnik-api.md §3.1)."""
    return e164.removeprefix("+")


def _is_address(text: str) -> bool:
    try:
        # No letters beyond ASCII before the @: hardly any mail server takes them, and here they are typing
        # mistakes in the wrong keyboard layout. test_environment allows `.test`, where rehearsals live.
        validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True)
    except EmailNotValidError:
        return False
    return "." in text.rpartition("@")[2]


_BETWEEN_PHONES = re.compile(r"[,;/|\\\n\t]|\s(?:або|или|or|та|і|и)\s", re.IGNORECASE)
_LETTER_FOR_ZERO = re.compile(r"(?:(?<=\d)|(?<=^)|(?<=[(+\s]))[oOоО](?=[\d(-])")
_PHONE_SHAPED = re.compile(r"\+?[\d(][\d\s().–—−-]{5,}")


def _valid_numbers(typed: str, region: str) -> Iterator[phonenumbers.PhoneNumber]:
    """The numbers that the field may hold, from left to right."""
    for part in _BETWEEN_PHONES.split(_LETTER_FOR_ZERO.sub("0", typed)):
        for shaped in _PHONE_SHAPED.findall(part):
            for candidate in (shaped, *_first_of_two(shaped, region)):
                yield from filter(None, (_parsed(reading, region) for reading in _readings(candidate, region)))


def _first_of_two(shaped: str, region: str) -> Iterator[str]:
    """The left one of two whole numbers with nothing but a space between them."""
    for gap in re.finditer(r"\s+", shaped):
        left, right = shaped[: gap.start()], shaped[gap.end() :]
        if _parsed(left, region) and _parsed(right, region):
            yield left


def _readings(candidate: str, region: str) -> Iterator[str]:
    """What a typed number may stand for; the likeliest first."""
    if region == "UA":
        yield from _ukrainian_readings(candidate)
    yield candidate


def _ukrainian_readings(candidate: str) -> Iterator[str]:
    """Numbers that Ukrainians write in ways that no numbering plan knows.

    The country code is thought of as +38 with the 0 of the trunk prefix behind it, and forms print that +38 in
    front of whatever is typed. The 8 is the trunk prefix of before 2009.
    """
    digits = re.sub(r"\D", "", candidate)
    doubled = re.fullmatch(r"38(?:38)?(380\d{9}|0\d{9})|380(380\d{9})", digits)
    if doubled:
        national = doubled.group(1) or doubled.group(2)
        yield "+380" + national[-9:]
    if re.fullmatch(r"80\d{9}", digits):
        yield "+3" + digits
    # "+38 50 111 22 33" is +380…; read as it stands it would begin like +385, which is Croatia.
    if re.match(r"\+?\s*38[\s().-]", candidate) and re.fullmatch(r"38\d{9}", digits):
        yield "+380" + digits[2:]


def _parsed(reading: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The number, if it is one in some numbering plan."""
    try:
        number = phonenumbers.parse(reading, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
