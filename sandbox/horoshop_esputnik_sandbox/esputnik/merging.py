"""How what a request brings is laid over a contact, route by route (esputnik-api.md §2, §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.esputnik.contacts import MOST_OF_A_TYPE, Channel
from horoshop_esputnik_sandbox.esputnik.incoming import ADDRESS_PARTS, TYPES

if TYPE_CHECKING:
    from collections.abc import Collection

    from horoshop_esputnik_sandbox.esputnik.contacts import Contact
    from horoshop_esputnik_sandbox.esputnik.incoming import Incoming

STANDARD_FIELDS = (
    "firstName", "lastName", "email", "sms", "mobilepush", "webpush", "address", "town", "region", "postcode",
    "contactKey", "ordersInfo", "languageCode", "timeZone",
)  # fmt: skip


def write_listed(contact: Contact, incoming: Incoming, names: Collection[str]) -> None:
    """Write the named standard fields but channels: what the request lacks becomes null (§3.3)."""
    if "firstName" in names:
        contact.first_name = incoming.first_name
    if "lastName" in names:
        contact.last_name = incoming.last_name
    for part in ADDRESS_PARTS:
        if part in names:
            contact.address.pop(part, None)
            if part in incoming.address:
                contact.address[part] = incoming.address[part]
    if "languageCode" in names:
        contact.language_code = _text(incoming, "languageCode")
    if "timeZone" in names:
        contact.time_zone = _text(incoming, "timeZone")
    if "contactKey" in names:
        contact.contact_key = _text(incoming, "contactKey")


def write_given(contact: Contact, incoming: Incoming) -> None:
    """Write what the request brings but channels; what it lacks stays."""
    contact.first_name = incoming.first_name or contact.first_name
    contact.last_name = incoming.last_name or contact.last_name
    contact.address |= incoming.address
    contact.fields |= incoming.fields
    contact.language_code = _text(incoming, "languageCode") or contact.language_code
    contact.time_zone = _text(incoming, "timeZone") or contact.time_zone
    contact.contact_key = _text(incoming, "contactKey") or contact.contact_key


def replace_channels(contact: Contact, incoming: Incoming, kinds: Collection[str], *, confirm: bool) -> None:
    """Make the channels of some types those of the request.

    A new email address becomes confirmed or not; one that stays keeps its state (`confirm_present` may change it).
    """
    kept = [channel for channel in contact.channels if channel.type not in kinds]
    for kind in TYPES:
        if kind in kinds:
            kept += [
                contact.channel(kind, value) or new_channel(kind, value, confirmed=confirm)
                for value in incoming.values(kind)
            ]
    contact.channels = kept


def confirm_present(contact: Contact, values: Collection[str]) -> None:
    """Confirm email addresses that the contact has."""
    for value in values:
        channel = contact.channel("email", value)
        if channel is not None:
            channel.confirmed = True


def add_channel(contact: Contact, channel: Channel) -> bool:
    """Add a channel where there is room; return whether there was."""
    if len(contact.of_type(channel.type)) >= MOST_OF_A_TYPE:
        return False
    contact.channels.append(channel)
    return True


def new_channel(kind: str, value: str, *, confirmed: bool) -> Channel:
    """Return a channel; only an email address has a state."""
    return Channel(kind, value, confirmed if kind == "email" else None)


def _text(incoming: Incoming, name: str) -> str | None:
    return str(incoming.raw[name]) if incoming.raw.get(name) else None
