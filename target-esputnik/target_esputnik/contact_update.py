"""A contact that eSputnik already has, with a draft laid over it: the body of `PUT /v1/contact/{id}`.

Pure. What a PUT does to a property that it does not name is not documented, so everything writable that was
read is written back (esputnik-api.md §3.5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from target_esputnik.hygiene import phone_digits
from target_esputnik.text import without_blanks

if TYPE_CHECKING:
    from target_esputnik.contacts import ContactDraft

MOST_CHANNELS_OF_A_TYPE = 2

KEPT_AS_READ: tuple[str, ...] = (
    "externalCustomerId",
    "firstName",
    "lastName",
    "languageCode",
    "timeZone",
    "contactKey",
    "addressBookId",
)
"""Plain properties that a contact may be written with; all others that are read (id, groups, …) are not ours to set."""


def merged(existing: Mapping[str, Any], draft: ContactDraft) -> dict[str, Any]:
    """The contact as it is to be after the update.

    Nothing that is there is lost or blanked. An email channel is never added (an address that is new on a
    contact has to be confirmed, and goes by `subscribe`); a phone is, where it is missing and there is room.

    Args:
        existing: what `GET /v1/contact/{id}` or the search gave, in any of the shapes that eSputnik is known to use.
        draft: what the shop says now.
    """
    said = draft.payload()
    plain = {name: said.get(name) or existing.get(name) for name in KEPT_AS_READ}
    body: dict[str, Any] = without_blanks(
        {
            **plain,
            "address": {**_as_object(existing.get("address")), **said.get("address", {})},
            "fields": _fields_with(draft, existing.get("fields")),
        }
    )
    channels = _channels_with(draft, existing.get("channels"))
    return {**body, "channels": channels} if channels else body


def _channels_with(draft: ContactDraft, existing: Any) -> list[dict[str, Any]]:
    channels = [dict(channel) for channel in _listed(existing) if isinstance(channel, Mapping)]
    if draft.phone is None:
        return channels
    digits = phone_digits(draft.phone)
    phones = [re.sub(r"\D", "", str(channel.get("value", ""))) for channel in channels if _type_of(channel) == "sms"]
    if digits in phones or len(phones) >= MOST_CHANNELS_OF_A_TYPE:
        return channels
    return [*channels, {"type": "sms", "value": digits}]


def _fields_with(draft: ContactDraft, existing: Any) -> list[dict[str, Any]]:
    """Additional fields by id; ids are read as numbers or as text (esputnik-api.md §1.6)."""
    values: dict[str, dict[str, Any]] = {}
    for field in _listed(existing):
        if isinstance(field, Mapping) and field.get("id") is not None:
            values[str(field["id"])] = {"id": field["id"], "value": field.get("value")}
    for field_id, value in draft.custom_fields:
        values[str(field_id)] = {"id": field_id, "value": value}
    return [field for field in values.values() if without_blanks(field).keys() == {"id", "value"}]


def _type_of(channel: Mapping[str, Any]) -> str:
    return str(channel.get("type")).lower()


def _listed(value: Any) -> list[Any]:
    """A list of one may come as its only element (esputnik-api.md §1.6)."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def _as_object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
