"""One contact at a time: POST contact, PUT, DELETE and subscribe (esputnik-api.md §2, §3.2, §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik import incoming, merging
from horoshop_esputnik_sandbox.esputnik.bulk import CHANNEL_FIELDS, event_key
from horoshop_esputnik_sandbox.esputnik.matching import match_by_address
from horoshop_esputnik_sandbox.esputnik.wording import RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact, ContactBook
    from horoshop_esputnik_sandbox.esputnik.events import EventLog
    from horoshop_esputnik_sandbox.esputnik.incoming import Incoming
    from horoshop_esputnik_sandbox.switches import Switches


class Singles:
    """Writes single contacts into the account."""

    def __init__(self, book: ContactBook, events: EventLog, switches: Switches) -> None:
        self._book = book
        self._events = events
        self._switches = switches

    def read(self, raw: object, *, needs_channel: bool = True) -> Incoming:
        """Return a contact that the rules let in, or refuse the request with 400."""
        try:
            contact = incoming.read(raw)
        except ValueError as unreadable:
            raise RefusalError(400, str(unreadable)) from None
        problem = incoming.problem(contact, self._switches, needs_channel=needs_channel)
        if problem is not None:
            raise RefusalError(400, problem)
        return contact

    def add_or_update(self, row: Incoming) -> Contact:
        """POST contact: by external id (a deleted contact is restored), else by address; confirmed; no event."""
        contact = self._book.by_external_id(row.external_id) if row.external_id else None
        if contact is None:
            contact = match_by_address(self._book, row, ("email", "sms")).contact
            if contact is not None and None not in (contact.external_id, row.external_id):
                contact = None  # it is another customer's: as rule 5 of the bulk call
        contact = contact or self._book.new("POST contact")
        with self._book.changing(contact):
            contact.deleted = False
            if row.external_id is not None:
                self._book.give_external_id(contact, row.external_id)
            kinds = {kind for kind, _ in row.channels}
            merging.replace_channels(contact, row, kinds, confirm=True)
            if self._switches["confirmed_route_confirms"] == "yes":
                merging.confirm_present(contact, row.values("email"))
            merging.write_given(contact, row)
            if self._switches["contact_groups"] == "usable":
                self._book.join(contact, _names(row.raw.get("groups")))
        return contact

    def put(self, number: int, row: Incoming) -> Contact:
        """PUT contact: never creates; refuses an external id that belongs to another contact."""
        contact = self.living(number)
        holder = self._book.by_external_id(row.external_id) if row.external_id else None
        if holder is not None and holder is not contact:
            raise RefusalError(400, "externalCustomerId belongs to another contact")
        clears = self._switches["put_omitted"] == "cleared"
        if clears and not row.channels:
            raise RefusalError(400, "contact must have at least one channel")
        with self._book.changing(contact):
            if clears:
                _clear(contact)
            kinds = CHANNEL_FIELDS if clears else {kind for kind, _ in row.channels}
            confirm = self._switches["put_adds_email"] == "confirmed"
            merging.replace_channels(contact, row, kinds, confirm=confirm)
            if row.external_id is not None:
                self._book.give_external_id(contact, row.external_id)
            merging.write_given(contact, row)
        return contact

    def delete(self, contact: Contact, *, erase: bool) -> None:
        """Delete a contact: softly, or with all that is known of it."""
        with self._book.changing(contact):
            contact.deleted = True
            if erase:
                _clear(contact)
                contact.channels, contact.groups, contact.erased = [], [], True

    def living(self, number: int) -> Contact:
        """Return a contact by its id; 404 if there is none."""
        contact = self._book.living(number)
        if contact is None:
            raise RefusalError(404, f"Contact with id='{number}' not found")
        return contact

    def subscribe(self, payload: dict[str, Any]) -> Contact:
        """POST contact/subscribe: a new email is unconfirmed, channels that are there stay; always an event."""
        row = self.read(payload.get("contact"))
        try:
            form_type = event_key(payload.get("formType"))
        except ValueError as problem:
            raise RefusalError(400, str(problem)) from None
        known = self._subscriber(row)
        contact = known or self._book.new("POST contact/subscribe")
        with self._book.changing(contact):
            contact.deleted = False
            if row.external_id is not None and contact.external_id in (None, row.external_id):
                self._book.give_external_id(contact, row.external_id)
            merging.write_given(contact, row)
            self._channels(contact, row)
            self._book.join(contact, _names(payload.get("groups")))
            keys = [key for key in _names(payload.get("subscriptions")) if key not in contact.subscriptions]
            contact.subscriptions += keys
        self._announce(contact, row, form_type, known=known is not None)
        return contact

    def _subscriber(self, row: Incoming) -> Contact | None:
        """Return whom a subscribe call means: external id, then email, then phone; deleted ones by the switch."""
        contact = self._book.by_external_id(row.external_id) if row.external_id else None
        if contact is None or contact.deleted:
            living = match_by_address(self._book, row, ("email", "sms")).contact
            gone = contact or self._deleted_by_address(row)
            if living is not None and not self._foreign(living, row):
                return living
            if gone is None or self._switches["subscribe_on_deleted"] == "new":
                return None
            if self._switches["subscribe_on_deleted"] == "refused":
                raise RefusalError(400, "Contact was deleted")
            return gone
        return contact

    def _foreign(self, contact: Contact, row: Incoming) -> bool:
        foreign = contact.external_id is not None and row.external_id not in (None, contact.external_id)
        return foreign and self._switches["subscribe_foreign_id"] == "new"

    def _deleted_by_address(self, row: Incoming) -> Contact | None:
        found = (contact for kind, value in row.channels for contact in self._book.by_channel(kind, value))
        return next((contact for contact in found if contact.deleted), None)

    def _channels(self, contact: Contact, row: Incoming) -> None:
        """Lay a subscribe call's channels over: "existing media channels are left as they are"."""
        for kind, value in row.channels:
            present = contact.channel(kind, value)
            if present is None:
                if kind == "email" and self._switches["subscribe_email"] == "replace":
                    contact.channels = [channel for channel in contact.channels if channel.type != "email"]
                merging.add_channel(contact, merging.new_channel(kind, value, confirmed=False))
            elif present.confirmed and self._switches["subscribe_on_confirmed"] == "unconfirms":
                present.confirmed = False
            if kind == "email" and self._switches["subscribe_on_unsubscribed"] == "resubscribes":
                self._book.unsubscribed.discard(value.strip().lower())

    def _announce(self, contact: Contact, row: Incoming, form_type: str | None, *, known: bool) -> None:
        name = f"subscribe{'Update' if known else ''}From{self._switches['event_caps']}"
        params: dict[str, Any] = {"ContactId": contact.id}
        if row.values("email"):
            params["EmailAddress"] = row.values("email")[0]
        self._events.fire(f"{name}-{form_type}" if form_type else name, str(contact.id), contact.id, params)


def _clear(contact: Contact) -> None:
    contact.first_name = contact.last_name = contact.external_id = None
    contact.language_code = contact.time_zone = contact.contact_key = None
    contact.address, contact.fields = {}, {}


def _names(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [str(item.get("name") if isinstance(item, dict) else item) for item in value]
