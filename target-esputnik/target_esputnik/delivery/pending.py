"""A contact that is to be delivered: its row in the ledger, and what it is to become in eSputnik."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_esputnik import answers, contacts
from target_esputnik.confirmation import NEWSLETTER, Facts

if TYPE_CHECKING:
    from target_esputnik.ledger.rows import Address, Contact
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings


@dataclass
class Pending:
    """One contact on its way.

    Attributes:
        row: as the ledger has it; the delivery changes it.
        draft: what it is to become.
        hashes: keyed hash by source field, to be remembered when it is accepted.
        ticked: the newsletter box; None when the shop does not say.
        historical: he registered, or bought last, before `live_since`.
        there: eSputnik's contact for him, if one was found.
        looked_up: whether that was looked up at all.
        twin: eSputnik's contact belongs to another account of the same shop.
        recorded_before: until now eSputnik's contact for him was another's.
        lost: the ledger was lost once, and does not know him: his address may be there, unconfirmed.
        unticked: the newsletter box went from ticked to unticked.
        restored: it was deleted in eSputnik, and an operator wants it made again.
        why: the confirmation rule that chose its route, once it is chosen.
    """

    row: Contact
    draft: contacts.ContactDraft
    hashes: dict[str, str]
    ticked: bool | None
    historical: bool
    there: dict[str, Any] | None = None
    looked_up: bool = False
    twin: bool = False
    recorded_before: bool = False
    lost: bool = False
    unticked: bool = False
    restored: bool = False
    why: str | None = None

    def facts(self, mode: str, address: Address | None) -> Facts:
        """What the choice of the route needs."""
        return Facts(
            mode=mode,
            registered=self.row.registered,
            has_email=self.draft.email is not None,
            ticked=self.ticked,
            address=address.confirmation if address else None,
            known=self.row.delivered,
            email_is_new=self.row.delivered_email != self.row.email_key and not self._has_address_there(),
            there=(self.there is not None) if self.looked_up else None,
            twin=self.twin,
            is_anothers=self._is_anothers(),
            lost=self.lost,
        )

    def _is_anothers(self) -> bool:
        """Whether the contact that was found by a phone alone is somebody else, as far as can be seen."""
        if self.there is None or self.draft.email is not None:
            return False
        # With another external id on it eSputnik makes him a contact of his own (§3.3, rule 5).
        free = self.there.get("externalCustomerId") in (None, "")
        return free and any(answers.channel_values(self.there, "email"))

    def _has_address_there(self) -> bool:
        """Whether eSputnik's contact carries the address: a *subscribe* whose answer was lost has brought it there."""
        email = (self.draft.email or "").casefold()
        return self.there is not None and email in answers.channel_values(self.there, "email")


def source_hashes(record: dict[str, Any], settings: Settings, ledger: Ledger) -> dict[str, str]:
    """Keyed hashes of the source fields that are sent: a contact is due when one of them changes."""
    sent = contacts.sent_source_fields(
        record,
        contact_fields=settings.contact_fields,
        custom_fields=settings.custom_fields,
        newsletter_matters=settings.email_confirmation == NEWSLETTER,
    )
    # A blank source field has no hash: a setting that adds a field makes only those due who have something in it.
    return {name: ledger.version_of([name, value])[:16] for name, value in sent.items() if value is not None}


def changed(row: Contact, record: dict[str, Any], hashes: dict[str, str], settings: Settings) -> bool:
    """Whether a source field that is sent differs from what was last accepted; one no longer sent does not count."""
    accepted: dict[str, str] = json.loads(row.hashes) if row.hashes else {}
    sent = contacts.sent_source_fields(
        record,
        contact_fields=settings.contact_fields,
        custom_fields=settings.custom_fields,
        newsletter_matters=settings.email_confirmation == NEWSLETTER,
    )
    return any(hashes.get(name) != accepted.get(name) for name in sent)


def box_of(record: dict[str, Any]) -> bool | None:
    """The newsletter box; None where the shop does not say."""
    ticked = record.get("newsletter_subscribed")
    return ticked if isinstance(ticked, bool) else None


def is_historical(row: Contact, live_since: str) -> bool:
    """Whether a contact registered, or a guest bought last, before `live_since` (ledger text)."""
    return row.registered_at is None or row.registered_at < live_since


def is_of_a_lost_ledger(row: Contact, ledger: Ledger) -> bool:
    """Whether a contact, or his address as a guest's, may have been delivered by a ledger that was lost since.

    Also where he registered after the loss: he may have ordered before it.
    """
    return row.registered and not row.delivered and ledger.scope.baseline_before is not None


def pending_contact(
    row: Contact, record: dict[str, Any], settings: Settings, ledger: Ledger, live_since: str
) -> Pending:
    """A row and its record, made ready.

    Args:
        row: a registered contact with a record of `contacts`, or a guest with the record of his newest due order.
        record: as it was read.
        settings: which fields are sent.
        ledger: for the keyed hashes.
        live_since: as ledger text.
    """
    if row.registered:
        draft = contacts.contact_from_record(
            record,
            contact_fields=settings.contact_fields,
            custom_fields=settings.custom_fields,
            external_id_prefix=settings.external_id_prefix,
            phone_region=settings.phone_region,
        )
        hashes = source_hashes(record, settings, ledger)
        ticked = box_of(record)
    else:
        draft = contacts.contact_from_order(
            record,
            contact_fields=settings.contact_fields,
            phone_region=settings.phone_region,
            identity_only=not settings.receive_contacts,
        )
        hashes, ticked = {}, None
    return Pending(
        row,
        draft,
        hashes,
        ticked,
        historical=is_historical(row, live_since),
        lost=is_of_a_lost_ledger(row, ledger),
        unticked=settings.email_confirmation == NEWSLETTER and row.newsletter is True and ticked is False,
    )
