"""What eSputnik has already: a contact with the address, twins of one address, phones of somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers, fates
from target_esputnik.contact_update import MOST_CHANNELS_OF_A_TYPE
from target_esputnik.errors import ContactGone, RequestRefused, TargetError
from target_esputnik.identity import keyed_phone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_esputnik.client import EsputnikClient
    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom
    from target_esputnik.ledger.rows import Contact

CHUNK: Final = 200
"""Contacts that are looked up, sent and settled together; a stop waits for one chunk at the most."""


class Lookups:
    """Looks contacts up for one run.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room

    def find(self, part: Sequence[Pending]) -> list[TargetError | None]:
        """Find eSputnik's contact for each; returns the error of each that could not be looked up."""
        found = self._room.in_parallel(self._look_up, part)
        self.find_twins([p for p in part if p.looked_up])
        return found

    def _look_up(self, pending: Pending) -> None:
        """Find eSputnik's contact for a pending one; the channel is compared exactly."""
        client, draft, row = self._room.client, pending.draft, pending.row
        if row.delivered and row.registered:
            pending.there = known_there(client, row.esputnik_id, row.external_id)
        else:
            found: list[dict[str, Any]] = []
            if draft.email:
                found = client.contacts_with(email=draft.email)
            elif draft.phone:
                found = client.contacts_with(phone=draft.phone)
            pending.there = best_of(found, draft.external_customer_id)
        pending.looked_up = True

    def find_twins(self, pendings: Sequence[Pending]) -> None:
        """Mark those whose address is another account's of this shop, to which eSputnik's contact belongs.

        The two would overwrite each other for ever, so the second one is recorded only. It is the ledger that knows: a
        bulk call looks nobody up, and would make a second contact with the address. By the address alone: a family
        with one phone is several contacts.
        """
        asked = [p for p in pendings if p.row.registered and p.row.email_key and not (p.restored or p.row.has_address)]
        owners: dict[str, list[Contact]] = {}
        for row in self._room.ledger.contacts_by_email(p.row.email_key for p in asked if p.row.email_key):
            if row.registered and row.delivered and not row.only_recorded and not row.erased:
                owners.setdefault(row.email_key or "", []).append(row)
        for pending in asked:
            others = [owner for owner in owners.get(pending.row.email_key or "", ()) if owner.key != pending.row.key]
            # Who registers anew after he was deleted is made; who was but recorded beside the deleted one is not.
            there = [owner for owner in others if pending.recorded_before or owner.reason != fates.DELETED_THERE]
            if there:
                pending.twin, pending.looked_up = True, True
                pending.there = {"id": there[0].esputnik_id, "externalCustomerId": there[0].external_id}

    def leave_out_taken_phones(self, pendings: Sequence[Pending]) -> None:
        """Take out of a draft a phone that belongs to another contact: `subscribe` matches by phone, too (§3.5)."""
        ledger = self._room.ledger
        asked = [p for p in pendings if p.draft.email and p.draft.phone and not p.row.delivered]
        keys = {p.row.key: keyed_phone(p.draft.phone, ledger) for p in asked if p.draft.phone}
        owners: dict[str, set[str]] = {}
        for row in ledger.contacts_by_phone(keys.values()):
            if row.delivered:
                owners.setdefault(row.phone_key or "", set()).add(row.key)
        unknown = [p for p in asked if not owners.get(keys[p.row.key], set()) - {p.row.key}]
        there = self._room.in_parallel(lambda p: self._room.client.contacts_with(phone=p.draft.phone), unknown)
        for pending, found in zip(unknown, there, strict=True):
            if isinstance(found, RequestRefused):  # a number that cannot be asked for is not sent, either
                owners.setdefault(keys[pending.row.key], set()).add("refused")
                continue
            if isinstance(found, TargetError):
                raise found
            own = answers.contact_id(pending.there) if pending.there else None
            if any(answers.contact_id(contact) != own for contact in found):
                owners.setdefault(keys[pending.row.key], set()).add("at eSputnik")
        for pending in asked:
            if owners.get(keys[pending.row.key], set()) - {pending.row.key}:
                pending.draft = replace(pending.draft, phone=None)
                if not pending.row.registered:
                    pending.row.phone_taken, pending.row.phone_key = keys[pending.row.key], None


def rounds(pendings: Sequence[Pending]) -> Iterator[list[Pending]]:
    """Slices in which no address and no phone stands twice.

    Of two accounts with one address, or a family with one phone, the second must be looked up when the first is there:
    `subscribe` would lay the one over the other (§3.5).
    """
    left = list(pendings)
    while left:
        round_: list[Pending] = []
        later: list[Pending] = []
        seen: set[str] = set()
        for pending in left:
            marks = {mark for mark in (pending.row.email_key, pending.draft.phone) if mark}
            if len(round_) < CHUNK and not marks & seen:
                round_.append(pending)
                seen |= marks
            else:
                later.append(pending)
        yield round_
        left = later


def best_of(found: Sequence[dict[str, Any]], external_id: str | None) -> dict[str, Any] | None:
    """Of several contacts with one address: ours, else one that is nobody's, else the first."""
    ranked = sorted(found, key=lambda c: (external_id_of(c) != external_id, external_id_of(c) is not None))
    return ranked[0] if ranked else None


def known_there(client: EsputnikClient, esputnik_id: int | None, external_id: str | None) -> dict[str, Any] | None:
    """A contact that was delivered before, whole; one that was merged there lives on under another id.

    None where it was deleted.
    """
    if esputnik_id is not None:
        try:
            return client.contact(esputnik_id)
        except ContactGone:
            pass
    found = client.contacts_by_external_id(external_id) if external_id else []
    number = answers.contact_id(found[0]) if found else None
    if number in (None, esputnik_id):
        return None
    try:
        return client.contact(number or 0)
    except ContactGone:
        return None


def has_room_for(email: str, there: dict[str, Any] | None) -> bool:
    """Whether a contact carries an address, or can take one more (§3.1)."""
    emails = set(answers.channel_values(there, "email")) if there else set()
    return email.casefold() in emails or len(emails) < MOST_CHANNELS_OF_A_TYPE


def external_id_of(contact: dict[str, Any]) -> str | None:
    """The external id that a contact carries, if any."""
    value = contact.get("externalCustomerId")
    return str(value) if value not in (None, "") else None
