"""The contacts of an account, and how they are found."""

from __future__ import annotations

from bisect import bisect_left, insort
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_ID = 700_100_001
MOST_OF_A_TYPE = 2  # channels of one type in a contact (esputnik-api.md §3.1)


def digits_of(phone: str) -> str:
    """Return a phone's digits alone."""
    return "".join(sign for sign in phone if sign.isdigit())


def channel_key(kind: str, value: str) -> tuple[str, str]:
    """Return that by which two channels are the same: emails without case, phones by digits."""
    if kind == "email":
        return kind, value.strip().lower()
    return kind, digits_of(value) if kind == "sms" else value


@dataclass(slots=True)
class Channel:
    """A way to reach a contact. `confirmed` is a property of an email address alone; None for other types."""

    type: str
    value: str
    confirmed: bool | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return that by which it is found."""
        return channel_key(self.type, self.value)


@dataclass(slots=True)
class Contact:
    """A contact as the account holds it. `updated` orders contacts by their last change."""

    id: int
    external_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address: dict[str, str] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    language_code: str | None = None
    time_zone: str | None = None
    contact_key: str | None = None
    subscriptions: list[str] = field(default_factory=list)
    deleted: bool = False
    erased: bool = False
    updated: int = 0
    made_by: str = ""

    def of_type(self, kind: str) -> list[Channel]:
        """Return the channels of one type."""
        return [channel for channel in self.channels if channel.type == kind]

    def channel(self, kind: str, value: str) -> Channel | None:
        """Return the channel with that value."""
        key = channel_key(kind, value)
        return next((channel for channel in self.channels if channel.key == key), None)


class ContactBook:
    """All contacts, found by id, external id, email and phone; segments and the list of the unsubscribed."""

    def __init__(self) -> None:
        self._contacts: dict[int, Contact] = {}
        self._by_external_id: dict[str, int] = {}
        self._by_channel: dict[tuple[str, str], set[int]] = {}
        self._emails: list[str] = []  # every email key in order, for searches by how an address begins
        self._changes = 0
        self.groups: dict[str, int] = {}
        self.unsubscribed: set[str] = set()

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._contacts.values())

    def __len__(self) -> int:
        return len(self._contacts)

    def get(self, number: int) -> Contact | None:
        """Return a contact by eSputnik's id, a deleted one too."""
        return self._contacts.get(number)

    def living(self, number: int) -> Contact | None:
        """Return a contact by eSputnik's id unless it is deleted."""
        contact = self._contacts.get(number)
        return None if contact is None or contact.deleted else contact

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the contact with that external id, a deleted one too."""
        number = self._by_external_id.get(external_id)
        return None if number is None else self._contacts[number]

    def by_channel(self, kind: str, value: str) -> list[Contact]:
        """Return the contacts with that email or phone, the last changed first, deleted ones too."""
        numbers = self._by_channel.get(channel_key(kind, value), set())
        return sorted((self._contacts[number] for number in numbers), key=lambda contact: -contact.updated)

    def by_email_prefix(self, prefix: str) -> list[Contact]:
        """Return the contacts with an email that begins so, without regard to case, in the order of their ids."""
        found: set[int] = set()
        place = bisect_left(self._emails, prefix)
        while place < len(self._emails) and self._emails[place].startswith(prefix):
            found |= self._by_channel["email", self._emails[place]]
            place += 1
        return [self._contacts[number] for number in sorted(found)]

    def new(self, made_by: str) -> Contact:
        """Make a blank contact; `made_by` is the route, for people who look at the sandbox."""
        contact = Contact(id=FIRST_ID + len(self._contacts), made_by=made_by)
        self._contacts[contact.id] = contact
        return contact

    @contextmanager
    def changing(self, contact: Contact) -> Iterator[Contact]:
        """Hold a contact while it changes: afterwards it is found by what it then has."""
        for channel in contact.channels:
            self._by_channel.get(channel.key, set()).discard(contact.id)
        if contact.external_id is not None and self._by_external_id.get(contact.external_id) == contact.id:
            del self._by_external_id[contact.external_id]
        try:
            yield contact
        finally:
            self._changes += 1
            contact.updated = self._changes
            for channel in contact.channels:
                self._index(channel.key, contact.id)
            if contact.external_id is not None:
                self._by_external_id[contact.external_id] = contact.id

    def _index(self, key: tuple[str, str], number: int) -> None:
        holders = self._by_channel.get(key)
        if holders is None:
            holders = self._by_channel[key] = set()
            if key[0] == "email":
                insort(self._emails, key[1])
        holders.add(number)

    def give_external_id(self, contact: Contact, external_id: str) -> None:
        """Give a contact an external id; whoever (deleted) had it loses it. Call within `changing`."""
        holder = self.by_external_id(external_id)
        if holder is not None and holder is not contact:
            holder.external_id = None
            del self._by_external_id[external_id]
        contact.external_id = external_id

    def join(self, contact: Contact, names: list[str]) -> None:
        """Put a contact into segments; unknown ones are created."""
        for name in names:
            self.groups.setdefault(name, 3001 + len(self.groups))
            if name not in contact.groups:
                contact.groups.append(name)

    def is_unsubscribed(self, channel: Channel) -> bool:
        """Return whether an address is on the account's unsubscribed list."""
        return channel.type == "email" and channel.key[1] in self.unsubscribed

    def shown(self, contact: Contact) -> dict[str, Any]:
        """Return all that the sandbox knows of a contact: more than the API tells."""
        return {
            "id": contact.id,
            "externalCustomerId": contact.external_id,
            "firstName": contact.first_name,
            "lastName": contact.last_name,
            "address": dict(contact.address),
            "fields": [{"id": number, "value": value} for number, value in contact.fields.items()],
            "groups": list(contact.groups),
            "languageCode": contact.language_code,
            "timeZone": contact.time_zone,
            "contactKey": contact.contact_key,
            "subscriptions": list(contact.subscriptions),
            "deleted": contact.deleted,
            "erased": contact.erased,
            "madeBy": contact.made_by,
            "channels": [
                {
                    "type": channel.type,
                    "value": channel.value,
                    "confirmed": channel.confirmed,
                    "unsubscribed": self.is_unsubscribed(channel),
                }
                for channel in contact.channels
            ],
        }
