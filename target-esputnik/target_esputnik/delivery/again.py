"""What an operator sends again: held, rejected, accepted or baseline records, from what the ledger keeps of them.

It is one run like any other: the same rules for buyers, confirmation and doubt, the same lock, the same counts. Only
that a record was chosen by a person, and not by its change, is new.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates, schemas
from target_esputnik.delivery.contacts import ContactDelivery
from target_esputnik.delivery.intake import carried
from target_esputnik.delivery.orders import OrderDelivery
from target_esputnik.delivery.pending import Pending, pending_contact
from target_esputnik.identity import identity_of
from target_esputnik.ledger import selection as selected
from target_esputnik.ledger.base import json_text

if TYPE_CHECKING:
    from target_esputnik.delivery.due import Due
    from target_esputnik.delivery.run import Run
    from target_esputnik.ledger.rows import Contact, Order
    from target_esputnik.ledger.selection import Selection

BATCH: Final = 1000
EXAMPLES: Final = 20

# Why a record that was chosen is left as it is.
CONTENT_GONE: Final = "content_gone"
STILL_UNMAPPED: Final = "still_unmapped"
STILL_INVALID: Final = "still_invalid"
STILL_NO_IDENTITY: Final = "still_no_identity"
ERASED: Final = "erased"
SWITCHED_OFF: Final = "switched_off"
NOTHING_TO_SEND: Final = "nothing_to_send"
WHY_LEFT: Final = (
    CONTENT_GONE,
    STILL_UNMAPPED,
    STILL_INVALID,
    STILL_NO_IDENTITY,
    ERASED,
    SWITCHED_OFF,
    NOTHING_TO_SEND,
)


@dataclass
class Left:
    """Records that were chosen and not sent: how many, and the first of them, by stream and why."""

    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, stream: str, why: str, key: str) -> None:
        """Count one record."""
        self.count[stream, why] += 1
        first = self.first.setdefault((stream, why), [])
        if len(first) < EXAMPLES:
            first.append(key)


class Again:
    """Sends chosen records of the ledger once more.

    Args:
        run: begun, of a kind other than `run`.

    Attributes:
        left: what was chosen and cannot go.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._room = run.room
        self._settings = run.room.settings
        self._contacts = ContactDelivery(run.room)
        self._orders = OrderDelivery(run.room, self._contacts)
        self.left = Left()

    def send(self, selection: Selection) -> None:
        """Send what is meant: contacts first, then orders, each after its buyer.

        Raises:
            Stopping: a signal came; what was sent is settled.
            TargetError: eSputnik is away or refuses the key; what was not sent stays as it was, or waits.
        """
        if "contacts" in selection.streams:
            self._send_contacts(selection)
        if "orders" in selection.streams:
            self._send_orders(selection)

    # ---------------------------------------------------------------- contacts

    def _send_contacts(self, selection: Selection) -> None:
        after = ""
        while rows := selected.contacts_after(self._room.ledger, selection, after, limit=BATCH):
            after = rows[-1].key
            pendings = [pending for row in rows if (pending := self._pending(row)) is not None]
            # Apart from each other: eSputnik restores deleted contacts by the call, not by the contact (§3.3).
            self._contacts.deliver([p for p in pendings if p.restored], until_stopped=True)
            self._contacts.deliver([p for p in pendings if not p.restored], until_stopped=True)
            self._room.check_stop()

    def _pending(self, row: Contact) -> Pending | None:
        """A contact, made ready from its stored record; None where it is left."""
        record = json.loads(row.record) if row.record is not None else None
        why = self._why_contact_is_left(row, record)
        if why is not None or record is None:
            self.left.add("contacts", why or CONTENT_GONE, row.key)
            return None
        restored = row.reason == fates.DELETED_THERE
        if restored:
            row.forget_delivery()
        identity = identity_of(record, self._room.ledger, self._settings.phone_region)
        row.email_key, row.phone_key = identity.email, identity.phone
        pending = pending_contact(row, record, self._settings, self._room.ledger, self._room.live_since)
        pending.restored = restored
        return pending

    def _why_contact_is_left(self, row: Contact, record: dict[str, Any] | None) -> str | None:
        if row.reason == fates.ERASED:
            return ERASED
        if not self._settings.receive_contacts:
            return SWITCHED_OFF
        if record is None:
            return CONTENT_GONE
        if schemas.problems("contacts" if row.registered else "orders", record):
            return STILL_INVALID
        identity = identity_of(record, self._room.ledger, self._settings.phone_region)
        return None if identity.email or identity.phone else STILL_NO_IDENTITY

    # ---------------------------------------------------------------- orders

    def _send_orders(self, selection: Selection) -> None:
        after = -1
        while rows := selected.orders_after(self._room.ledger, selection, after, limit=BATCH):
            after = rows[-1].order_id
            self._orders.deliver([due for row in rows if (due := self._due(row)) is not None])
            self._room.check_stop()

    def _due(self, row: Order) -> Due | None:
        """An order, made due from its stored record; None where it is left."""
        due = carried(row, self._room)
        why = self._why_order_is_left(row, due)
        if why is None and due is not None:
            if row.fate in {fates.ACCEPTED, fates.BASELINE}:
                return _as_it_stands(due)
            row.answer = None  # what eSputnik said to the try before: the operator has decided
            due = self._run.due_again(row)
        if why is not None or due is None:
            self.left.add("orders", why or NOTHING_TO_SEND, str(row.order_id))
            return None
        return due

    def _why_order_is_left(self, row: Order, due: Due | None) -> str | None:
        if row.reason == fates.ERASED:
            return ERASED
        if not self._settings.receive_orders:
            return SWITCHED_OFF
        if due is None:
            return CONTENT_GONE if row.record is None else STILL_INVALID
        if self._room.erased.holds(due.identity):
            return ERASED
        if due.identity.email is None and due.identity.phone is None:
            return STILL_NO_IDENTITY
        sends_last_again = row.fate == fates.ACCEPTED and row.esputnik_status is not None
        return STILL_UNMAPPED if due.reading.planned is None and not sends_last_again else None


def _as_it_stands(due: Due) -> Due:
    """An order that was accepted goes with its last eSputnik status, one that was only recorded with all of its own."""
    row, planned = due.row, due.reading.planned or ()
    if row.fate == fates.BASELINE or row.esputnik_status is None:
        due.to_send = planned
        return due
    due.to_send = (row.esputnik_status,)
    # Should this be cut off, the run that goes on must not send the statuses before it once more.
    before = planned[: planned.index(row.esputnik_status)] if row.esputnik_status in planned else ()
    row.change_status, row.change_sent = due.reading.status, json_text(list(before))
    return due
