"""A contact as a request brings it: read, and checked by the documented rules (esputnik-api.md §3.1, §3.6)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik.contacts import MOST_OF_A_TYPE, digits_of
from horoshop_esputnik_sandbox.esputnik.names import first_name_problem, last_name_problem

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.switches import Switches

TYPES = ("email", "sms", "mobilepush", "webpush", "viber")
ADDRESS_PARTS = ("region", "town", "address", "postcode")
FEWEST_DIGITS, MOST_DIGITS = 5, 15
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+")


@dataclass(frozen=True)
class Incoming:
    """What a request says of one contact. `has` are the names of members that it brought."""

    raw: dict[str, Any]
    external_id: str | None
    first_name: str | None
    last_name: str | None
    channels: tuple[tuple[str, str], ...]
    address: dict[str, str]
    fields: dict[int, str]
    has: frozenset[str]

    def values(self, kind: str) -> list[str]:
        """Return the values of channels of one type."""
        return [value for type_, value in self.channels if type_ == kind]


def read(raw: object) -> Incoming:
    """Return a contact object as sent; raises ValueError with a sentence when it is none."""
    if not isinstance(raw, dict):
        raise ValueError("contact must be an object")  # noqa: TRY004 - the caller answers a sentence, not a type
    channels = raw.get("channels") or []
    if not isinstance(channels, list) or not all(isinstance(channel, dict) for channel in channels):
        raise ValueError("channels must be a list of objects")
    address = raw.get("address")
    fields = raw.get("fields") or []
    if not isinstance(fields, list) or not all(isinstance(item, dict) for item in fields):
        raise ValueError("fields must be a list of objects")
    external_id = raw.get("externalCustomerId")
    return Incoming(
        raw=raw,
        external_id=None if external_id in (None, "") else str(external_id),
        first_name=_text(raw.get("firstName")),
        last_name=_text(raw.get("lastName")),
        channels=tuple((_type(channel), str(channel.get("value") or "").strip()) for channel in channels),
        address={part: str(address[part]) for part in ADDRESS_PARTS if address.get(part)}
        if isinstance(address, dict)
        else {},
        fields={int(item["id"]): str(item.get("value", "")) for item in fields if str(item.get("id", "")).isdecimal()},
        has=frozenset(raw),
    )


def problem(contact: Incoming, switches: Switches, *, needs_channel: bool = True) -> str | None:
    """Return why the API refuses a contact, or None if it takes it. A bad name refuses the whole contact."""
    if contact.first_name is not None and (wrong := first_name_problem(contact.first_name)):
        return f"firstName is invalid: {wrong}"
    if contact.last_name is not None and (wrong := last_name_problem(contact.last_name)):
        return f"lastName is invalid: {wrong}"
    if needs_channel and not contact.channels:
        return "contact must have at least one channel"
    for kind, count in Counter(kind for kind, _ in contact.channels).items():
        if kind not in TYPES:
            return f"channel type {kind} is unknown"
        if count > MOST_OF_A_TYPE:
            return f"more than {MOST_OF_A_TYPE} channels of type {kind}"
    return next(filter(None, (channel_problem(kind, value, switches) for kind, value in contact.channels)), None)


def channel_problem(kind: str, value: str, switches: Switches) -> str | None:
    """Return why a channel's value is refused, or None."""
    if not value:
        return f"{kind} is empty"
    if kind == "email" and _EMAIL.fullmatch(value) is None:
        return "email is invalid"
    wrong_length = not FEWEST_DIGITS <= len(digits_of(value)) <= MOST_DIGITS
    if kind == "sms" and switches["phones"] == "digits" and wrong_length:
        return "sms is invalid"
    return None


def _type(channel: dict[str, Any]) -> str:
    return str(channel.get("type") or "").lower()


def _text(value: object) -> str | None:
    """Return a name; a blank one says nothing (the vendor's own plugins send "" and " ")."""
    text = "" if value is None else str(value).strip()
    return text or None
