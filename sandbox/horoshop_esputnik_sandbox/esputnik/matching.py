"""Which contact a request means: the search and merge rules (esputnik-api.md §3.3, §3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact, ContactBook
    from horoshop_esputnik_sandbox.esputnik.incoming import Incoming
    from horoshop_esputnik_sandbox.switches import Switches

DEDUPE_CHANNELS = {
    "email": ("email",),
    "sms": ("sms",),
    "email_or_sms": ("sms", "email"),  # "checks sms, then email"
    "mobilepush": ("mobilepush",),
    "push": ("mobilepush",),
    "webpush": ("webpush",),
}
DEDUPE_ON = (*DEDUPE_CHANNELS, "id", "fieldId", "externalCustomerId")
COMPARED = 50  # characters of a custom field that `fieldId` compares


@dataclass(frozen=True)
class Match:
    """The contact that was found, and by what: `external_id`, a type of channel, `id` or `fieldId`."""

    contact: Contact | None = None
    by: str = ""


def match_for_import(
    book: ContactBook, contact: Incoming, dedupe_on: str, field_id: int | None, switches: Switches
) -> Match:
    """Return the contact that a row of a bulk call means, by rules 1 to 6 of §3.3; a deleted one too (rule 6)."""
    if contact.external_id is not None:
        known = book.by_external_id(contact.external_id)
        if known is not None:
            return Match(known, "external_id")
        if switches["dedupe_fallback"] == "ignored":
            return Match()
    if dedupe_on == "id":
        number = contact.raw.get("id", "")
        return Match(book.living(int(number)) if str(number).isdecimal() else None, "id")
    if dedupe_on == "fieldId":
        return Match(_by_field(book, contact, field_id), "fieldId")
    kinds = DEDUPE_CHANNELS.get(dedupe_on, ())
    if dedupe_on == "externalCustomerId" and switches["dedupe_unknown_id"] == "address":
        kinds = ("email", "sms")
    for kind in kinds:
        for value in contact.values(kind):
            found = _free(book, kind, value, contact.external_id)
            if found is not None:
                return Match(found, kind)
    return Match()


def match_by_address(book: ContactBook, contact: Incoming, kinds: tuple[str, ...]) -> Match:
    """Return the living contact that has one of the request's addresses, whatever its external id."""
    for kind in kinds:
        for value in contact.values(kind):
            living = [known for known in book.by_channel(kind, value) if not known.deleted]
            if living:
                same = [known for known in living if known.external_id in (None, contact.external_id)]
                return Match((same or living)[0], kind)
    return Match()


def _free(book: ContactBook, kind: str, value: str, external_id: str | None) -> Contact | None:
    """Return the last changed contact with that address (rule 3) that no other external id holds (rules 4, 5)."""
    for known in book.by_channel(kind, value):
        if not known.deleted and (external_id is None or known.external_id in (None, external_id)):
            return known
    return None


def _by_field(book: ContactBook, contact: Incoming, field_id: int | None) -> Contact | None:
    wanted = contact.fields.get(field_id or 0, "")[:COMPARED]
    if not wanted:
        return None
    return next(
        (known for known in book if not known.deleted and known.fields.get(field_id or 0, "")[:COMPARED] == wanted),
        None,
    )
