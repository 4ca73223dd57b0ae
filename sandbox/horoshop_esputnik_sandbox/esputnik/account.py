"""An eSputnik account: what it holds, and the rooms that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik.access import RateLimit
from horoshop_esputnik_sandbox.esputnik.bulk import BulkWriter
from horoshop_esputnik_sandbox.esputnik.contacts import ContactBook
from horoshop_esputnik_sandbox.esputnik.events import EventLog
from horoshop_esputnik_sandbox.esputnik.guard import DuplicateGuard
from horoshop_esputnik_sandbox.esputnik.imports import Imports
from horoshop_esputnik_sandbox.esputnik.merging import add_channel, new_channel
from horoshop_esputnik_sandbox.esputnik.orders import OrderBook
from horoshop_esputnik_sandbox.esputnik.singles import Singles

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact
    from horoshop_esputnik_sandbox.switches import Switches


class Account:
    """Contacts, imports, orders and events of one account; `brief` keeps counts instead of orders' contents."""

    def __init__(self, clock: Clock, switches: Switches, *, brief: bool) -> None:
        self.switches = switches
        self.book = ContactBook()
        self.events = EventLog(clock, counts_only=brief)
        self.imports = Imports(BulkWriter(self.book, self.events, switches), clock, switches)
        self.singles = Singles(self.book, self.events, switches)
        self.orders = OrderBook(self.book, self.events, switches, brief=brief)
        self.guard = DuplicateGuard(clock, switches)
        self.rate = RateLimit(clock, switches)

    def place(self, fields: dict[str, Any]) -> Contact:
        """Put a contact into the account beforehand, in any state.

        `fields` are those of a contact as `shown` by the book; a channel may say `confirmed` (an email's is True unless
        said) and `unsubscribed`; `email`, `phone`, `confirmed`, `unsubscribed` are a short way to say one channel each.
        """
        channels = list(fields.get("channels") or [])
        state = {name: fields[name] for name in ("confirmed", "unsubscribed") if name in fields}
        if fields.get("email"):
            channels.append({"type": "email", "value": fields["email"], **state})
        if fields.get("phone"):
            channels.append({"type": "sms", "value": fields["phone"]})
        contact = self.book.new("control")
        with self.book.changing(contact):
            contact.first_name, contact.last_name = fields.get("firstName"), fields.get("lastName")
            contact.address = dict(fields.get("address") or {})
            contact.fields = {int(item["id"]): str(item["value"]) for item in fields.get("fields") or []}
            contact.language_code, contact.time_zone = fields.get("languageCode"), fields.get("timeZone")
            contact.deleted = bool(fields.get("deleted"))
            self.book.join(contact, list(fields.get("groups") or []))
            if fields.get("externalCustomerId") is not None:
                self.book.give_external_id(contact, str(fields["externalCustomerId"]))
            for channel in channels:
                confirmed = channel.get("confirmed", True) is not False
                add_channel(contact, new_channel(channel["type"], channel["value"], confirmed=confirmed))
                if channel.get("unsubscribed"):
                    self.book.unsubscribed.add(channel["value"].strip().lower())
        return contact
