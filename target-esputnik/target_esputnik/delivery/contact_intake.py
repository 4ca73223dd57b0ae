"""Contacts that arrive: checked, compared with what the ledger knows, and given their fate or their turn.

Works on batches, so that the ledger is asked once for many records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from target_esputnik import fates, schemas
from target_esputnik.delivery.pending import box_of, changed, source_hashes
from target_esputnik.identity import Identity, identity_of
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import now_text, parsed, text_of
from target_esputnik.ledger.rows import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from target_esputnik.delivery.workroom import Workroom
    from target_esputnik.tally import Tally

Record = dict[str, Any]
_One = TypeVar("_One")
_Key = TypeVar("_Key", str, int | str)


class ContactIntake:
    """Takes in contacts of one run.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self.room = room
        self._doubtful: set[str] = set()

    def take(self, records: Sequence[Record]) -> None:
        """Write down contacts; those that are due wait as `backlog`, with their record."""
        tally, ledger = self.room.tally, self.room.ledger
        tally.read["contacts"] += len(records)
        versions = newest(tally, "contacts", records, lambda record: schemas.key_text(record["id"]))
        rows = ledger.contacts(versions)
        # An update without an answer, or an import, may have been done: who was changed back since is sent once more.
        self._doubtful = ledger.contacts_in_doubt(key for key, row in rows.items() if row.delivered and row.waits)
        written: list[Contact] = []
        for key, record in versions.items():
            if not schemas.can_be_key(record["id"]):
                tally.settled("contacts", fates.REJECTED, fates.INVALID)
                tally.rejected_on_reading()
                continue  # it has no place in the ledger; the count and the log line are all that can be kept
            known = rows.get(key)
            if known is not None and known.read_run == ledger.run.number and known.fate == fates.HELD:
                tally.superseded("contacts", known)
            row = self._erased_contact(key, record, known) or self._contact(key, record, known)
            if row is not None:
                written.append(row)
        ledger.write_contacts(written)

    def _contact(self, key: str, record: Record, known: Contact | None) -> Contact | None:
        """The row to write, its fate counted; None where nothing is to be written."""
        room, settings, ledger = self.room, self.room.settings, self.room.ledger
        row = known or Contact(key=key, source="registration", since=now_text(), read_run=ledger.run.number)
        problems = schemas.problems("contacts", record)
        if problems:
            return self._reject_contact(row, record, fates.INVALID, problems)
        if row.fate == fates.HELD and row.reason == fates.DELETED_THERE:
            row.read_run = ledger.run.number
            room.tally.settled("contacts", fates.HELD, row.reason)
            return row
        identity = identity_of(record, ledger, settings.phone_region)
        row.registered_at = moment_or_none(record.get("registered_at"))
        if not settings.receive_contacts:
            return self._contact_off(row, record, known, identity)
        hashes = source_hashes(record, settings, ledger)
        tried = row.waits and row.reason != fates.BACKLOG
        if row.delivered and not changed(row, record, hashes, settings) and not tried and key not in self._doubtful:
            return self._unchanged_contact(row)
        if identity.email is None and identity.phone is None:
            return self._reject_contact(row, record, fates.NO_IDENTITY, [])
        row.email_key, row.phone_key = identity.email, identity.phone
        return self._due_contact(row, record, ledger.version_of(hashes))

    def _erased_contact(self, key: str, record: Record, known: Contact | None) -> Contact | None:
        """A person who was erased on request: nothing of the record is kept but who he is, as keyed hashes.

        None where he is somebody else.
        """
        ledger, erased = self.room.ledger, self.room.erased
        if not erased:
            return None
        identity = identity_of(record, ledger, self.room.settings.phone_region)
        row = known or Contact(key=key, source="registration", since=now_text(), read_run=ledger.run.number)
        if not row.erased and (not erased.holds(identity) or _is_as_known(known, identity)):
            return None
        self.room.tally.settled("contacts", fates.HELD, fates.ERASED)
        row.erase(now_text())
        row.read_run = ledger.run.number
        if row.email_key is None and row.phone_key is None:
            row.email_key, row.phone_key = identity.email, identity.phone
        elif identity.email is not None and not erased.holds(Identity(identity.email, None)):
            # He has another address by now, and may order with it: it is his, too.
            guest = Contact(Identity(identity.email, None).guest_key, "order", now_text(), row.read_run)
            guest.email_key = identity.email
            guest.erase(now_text())
            if not any(not other.erased for other in ledger.contacts_by_email([identity.email])):
                ledger.write_contacts([guest])
                erased.add(Identity(identity.email, None))
        erased.add(Identity(row.email_key, row.phone_key))
        return row

    def _unchanged_contact(self, row: Contact) -> Contact | None:
        """What eSputnik has is what the shop has; it may have been changed and changed back in the meantime."""
        self.room.tally.settled("contacts", fates.UNCHANGED)
        if row.fate == fates.ACCEPTED:
            return None
        row.fate, row.reason, row.since, row.version = fates.ACCEPTED, None, now_text(), None
        return row

    def _due_contact(self, row: Contact, record: Record, version: str) -> Contact | None:
        tally = self.room.tally
        if row.fate == fates.REJECTED and row.version == version:
            tally.settled("contacts", fates.REJECTED, row.reason)
            return None
        if not (row.waits and row.version == version):
            row.since = now_text()
        row.fate, row.reason, row.version, row.answer = fates.HELD, fates.BACKLOG, version, None
        row.record, row.read_run = json_text(record), self.room.ledger.run.number
        tally.settled("contacts", fates.HELD, fates.BACKLOG)
        return row

    def _contact_off(self, row: Contact, record: Record, known: Contact | None, identity: Identity) -> Contact | None:
        """Receive contacts is off: who he is, and his box, are remembered for his orders; nothing is sent."""
        tally = self.room.tally
        box = row.newsletter if row.delivered else box_of(record)  # of a delivered one: as it was last accepted
        same = known is not None and (known.email_key, known.phone_key, known.newsletter) == (
            identity.email,
            identity.phone,
            box,
        )
        if same and not row.waits:
            tally.settled("contacts", fates.UNCHANGED)
            return None
        row.email_key, row.phone_key, row.newsletter = identity.email, identity.phone, box
        if not row.delivered:
            row.fate, row.reason, row.since, row.record = fates.BASELINE, fates.SWITCHED_OFF, now_text(), None
        tally.settled("contacts", fates.BASELINE if not row.delivered else fates.UNCHANGED, fates.SWITCHED_OFF)
        return row

    def _reject_contact(self, row: Contact, record: Record, reason: str, problems: Sequence[str]) -> Contact | None:
        tally = self.room.tally
        version = self.room.ledger.version_of(record)
        if row.fate == fates.REJECTED and row.version == version:
            tally.settled("contacts", fates.REJECTED, row.reason)
            return None
        row.fate, row.reason, row.since, row.version = fates.REJECTED, reason, now_text(), version
        row.record, row.answer, row.read_run = json_text(record), "; ".join(problems), self.room.ledger.run.number
        tally.settled("contacts", fates.REJECTED, reason)
        tally.rejected_on_reading()
        return row


def newest(tally: Tally, stream: str, records: Sequence[_One], key_of: Callable[[_One], _Key]) -> dict[_Key, _One]:
    """The last version of each key; earlier ones of the same batch are superseded."""
    last: dict[_Key, _One] = {}
    for record in records:
        key = key_of(record)
        if key in last:
            tally.settled(stream, fates.SUPERSEDED)
            del last[key]
        last[key] = record
    return last


def moment_or_none(value: Any) -> str | None:
    """A moment of a record as ledger text; None where it is none."""
    try:
        return text_of(parsed(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_as_known(known: Contact | None, identity: Identity) -> bool:
    """Whether the ledger has him under this very identity: somebody else than the erased one, then."""
    return known is not None and (known.email_key, known.phone_key) == (identity.email, identity.phone)
