"""POST /v1/contacts: what a bulk call asks, and how each of its rows is written (esputnik-api.md §3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik import incoming, merging
from horoshop_esputnik_sandbox.esputnik.matching import DEDUPE_CHANNELS, DEDUPE_ON, Match, match_for_import

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact, ContactBook
    from horoshop_esputnik_sandbox.esputnik.events import EventLog
    from horoshop_esputnik_sandbox.switches import Switches

MOST_CONTACTS = 3000
CHANNEL_FIELDS = ("email", "sms", "mobilepush", "webpush")
FORBIDDEN_IN_KEYS = re.compile(r"""[<>;"'`’/\\|^?!,]""")
LONGEST_KEY = 100


@dataclass(frozen=True)
class BulkCall:
    """A bulk call, read; `names` are the standard fields that it writes."""

    contacts: list[incoming.Incoming]
    dedupe_on: str
    field_id: int | None
    names: tuple[str, ...]
    custom_ids: tuple[int, ...]
    join: list[str]
    leave: list[str]
    restore: bool
    event_key: str | None


def read_call(payload: dict[str, Any], accepted: list[incoming.Incoming]) -> BulkCall:
    """Return a call with its accepted rows; raises ValueError with a sentence for what is wrong with the whole."""
    dedupe_on = str(payload.get("dedupeOn") or "")
    if dedupe_on not in DEDUPE_ON:
        raise ValueError("dedupeOn is required" if not dedupe_on else "dedupeOn is unknown")
    if dedupe_on == "fieldId" and not payload.get("fieldId"):
        raise ValueError("fieldId is required")
    names = payload.get("contactFields")
    wrong = [name for name in names or [] if name not in merging.STANDARD_FIELDS]
    if wrong:
        raise ValueError("contactFields has an unknown name")
    return BulkCall(
        contacts=accepted,
        dedupe_on=dedupe_on,
        field_id=int(payload["fieldId"]) if payload.get("fieldId") else None,
        names=merging.STANDARD_FIELDS if names is None else tuple(names),
        custom_ids=tuple(int(number) for number in payload.get("customFieldsIDs") or []),
        join=[str(name) for name in payload.get("groupNames") or []],
        leave=[str(name) for name in payload.get("groupNamesExclude") or []],
        restore=payload.get("restoreDeleted") is True,
        event_key=event_key(payload.get("eventKeyForNewContacts")),
    )


def event_key(value: object) -> str | None:
    """Return a key that may name an event type; raises ValueError for forbidden characters or length."""
    key = "" if value is None else str(value)
    if len(key) > LONGEST_KEY or FORBIDDEN_IN_KEYS.search(key):
        raise ValueError("event key has forbidden characters")
    return key or None


class BulkWriter:
    """Writes the rows of a bulk call into the account."""

    def __init__(self, book: ContactBook, events: EventLog, switches: Switches) -> None:
        self._book = book
        self._events = events
        self._switches = switches

    def write(self, call: BulkCall, row: incoming.Incoming) -> Contact | None:
        """Write one row; return its contact, or None when a deleted contact is skipped (rule 6)."""
        match = match_for_import(self._book, row, call.dedupe_on, call.field_id, self._switches)
        if match.contact is None:
            return self._create(call, row)
        if match.contact.deleted and not call.restore:
            return None
        self._update(call, row, match)
        return match.contact

    def _create(self, call: BulkCall, row: incoming.Incoming) -> Contact:
        contact = self._book.new("POST contacts")
        with self._book.changing(contact):
            merging.replace_channels(contact, row, CHANNEL_FIELDS, confirm=True)
            self._write(call, row, contact)
        if call.event_key is not None:
            self._announce(call.event_key, contact, row)
        return contact

    def _update(self, call: BulkCall, row: incoming.Incoming, match: Match) -> None:
        contact = match.contact
        if contact is None:
            return
        with self._book.changing(contact):
            contact.deleted = False
            kinds = {name for name in call.names if name in CHANNEL_FIELDS}
            if self._switches["dedupe_field"] == "kept" and match.by in DEDUPE_CHANNELS.get(call.dedupe_on, ()):
                kinds.discard(match.by)  # "the field used for dedupeOn is itself not updated"
            merging.replace_channels(contact, row, kinds, confirm=True)
            if self._switches["confirmed_route_confirms"] == "yes":
                merging.confirm_present(contact, row.values("email"))
            self._write(call, row, contact)

    def _write(self, call: BulkCall, row: incoming.Incoming, contact: Contact) -> None:
        if row.external_id is not None:
            self._book.give_external_id(contact, row.external_id)
        merging.write_listed(contact, row, call.names)
        for number in call.custom_ids:
            contact.fields.pop(number, None)
            if number in row.fields:
                contact.fields[number] = row.fields[number]
        self._book.join(contact, call.join)
        contact.groups = [name for name in contact.groups if name not in call.leave]

    def _announce(self, key: str, contact: Contact, row: incoming.Incoming) -> None:
        emails, phones = row.values("email"), row.values("sms")
        params: dict[str, Any] = {
            "contactId": contact.id,
            "EmailAddress": next(iter(emails), None),
            "SMS": next(iter(phones), None),
        }
        self._events.fire(key, (emails + phones + [str(contact.id)])[0], contact.id, params)
