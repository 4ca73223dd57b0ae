"""Pure: personal data as a hint: enough to recognise what one knows already, too little to learn it.

An email keeps the first letter of its name and of its domain, a phone its last two digits, a person's name its
initials, an address its town. Free text is hidden. A field that is not known counts as personal, so that a new one of
the API is hidden, too.
"""

from __future__ import annotations

from typing import Any, Final

from target_esputnik.cli.shown import HIDDEN, PLAIN

EMAILS: Final = frozenset({"email"})
PHONES: Final = frozenset({"phone", "sms"})
NAMES: Final = frozenset({"first_name", "last_name", "middle_name", "full_name", "firstName", "lastName"})
TOWNS: Final = frozenset({"city", "town", "country"})
KEPT: Final = PLAIN | TOWNS | {"formType", "dedupeOn", "restricted"}
_PARTS_OF_MAIL: Final = 2


def masked(value: Any, name: str = "") -> Any:
    """A JSON value of a record or payload with what is personal hidden; `name` is the field that it stands in."""
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [masked(inner, name) for inner in value]
    if value is None or value == "" or isinstance(value, bool) or name in KEPT:
        return value
    hint = next((hint for names, hint in HINTS if name in names), None)
    return hint(str(value)) if hint is not None else HIDDEN


def _object(value: dict[str, Any]) -> dict[str, Any]:
    """A channel of a contact names in `type` what its `value` is."""
    kind = value.get("type")
    if "value" in value and isinstance(kind, str):
        return {name: masked(inner, kind if name == "value" else name) for name, inner in value.items()}
    return {name: masked(inner, name) for name, inner in value.items()}


def masked_email(text: str) -> str:
    """`olena@example.ua` as `o***@e***.ua`; what is no address is hidden whole."""
    parts = text.strip().split("@")
    if len(parts) != _PARTS_OF_MAIL or not all(parts):
        return HIDDEN
    name, domain = parts
    last = domain.rpartition(".")[2] if "." in domain else ""
    return f"{name[0]}***@{domain[0]}***" + (f".{last}" if last.isalnum() else "")


def masked_phone(text: str) -> str:
    """The last two digits."""
    digits = [character for character in text if character.isdigit()]
    return f"***{''.join(digits[-2:])}" if len(digits) > 4 else HIDDEN  # noqa: PLR2004 - of four, two are half


def initials(text: str) -> str:
    """`Олена Коваль` as `О. К.`."""
    return " ".join(f"{word[0].upper()}." for word in text.split() if word[0].isalpha()) or HIDDEN


HINTS: Final = ((EMAILS, masked_email), (PHONES, masked_phone), (NAMES, initials))
"""What is shown instead of a field of these names."""
