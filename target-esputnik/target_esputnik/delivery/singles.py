"""One contact in one or two calls: subscribed, updated, or only recorded."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers, fates
from target_esputnik.confirmation import NEWSLETTER, RECORD, SUBSCRIBE, UPDATE, Rule
from target_esputnik.contact_update import merged
from target_esputnik.delivery.lookups import best_of, external_id_of
from target_esputnik.delivery.outcomes import Outcome
from target_esputnik.errors import ContactGone, DuplicateRequest, NoAnswer, TargetError

if TYPE_CHECKING:
    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom


_PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds between the tries of a contact that is in doubt."""


class Singles:
    """Sends contacts one by one; safe to use from several threads.

    Args:
        room: the run's tools; the ledger is not touched.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room

    def send(self, item: tuple[Pending, Rule]) -> Outcome:
        """Send one contact by its rule. Raises TargetError."""
        pending, rule = item
        if rule.route == RECORD or (rule.route == UPDATE and pending.twin):
            return self._recorded(pending)
        if rule.route == SUBSCRIBE:
            return self._subscribe(pending)
        return self._update(pending)

    def _recorded(self, pending: Pending) -> Outcome:
        there = pending.there or {}
        return Outcome(fates.ACCEPTED, esputnik_id=answers.contact_id(there), external_id=external_id_of(there))

    def _subscribe(self, pending: Pending) -> Outcome:
        settings, client = self._room.settings, self._room.client
        form = settings.historical_form_type if pending.historical else settings.confirmation_form_type
        body: dict[str, Any] = {"contact": pending.draft.payload(), "formType": form}
        if settings.groups:
            body["groups"] = list(settings.groups)
        try:
            contact_id = client.subscribe(body)
        except (DuplicateRequest, NoAnswer) as doubt:
            return self._subscribe_after_doubt(pending, body, doubt)
        return self._subscribed(pending, contact_id)

    def _subscribed(self, pending: Pending, contact_id: int | None) -> Outcome:
        """A contact counts as there only if the answer names him, or a search does: his order may confirm him else."""
        contact_id = contact_id or self._id_there(pending)
        if contact_id is None:
            return Outcome(fates.HELD, fates.UNAVAILABLE, answer="the answer named no contact, and there is none")
        return Outcome(
            fates.ACCEPTED, esputnik_id=contact_id, external_id=pending.draft.external_customer_id, asked=True
        )

    def _subscribe_after_doubt(self, pending: Pending, body: dict[str, Any], doubt: TargetError) -> Outcome:
        """It is not known whether the work was done: look each time before asking the customer again."""
        for pause in _PAUSES:
            try:
                contact_id = self._id_there(pending)
            except TargetError as error:  # it stays in doubt
                raise (doubt if isinstance(doubt, NoAnswer) else error) from None
            if contact_id is not None:
                return self._subscribed(pending, contact_id)
            if isinstance(doubt, DuplicateRequest):
                self._room.client.wait_out_duplicate_guard()
            try:
                return self._subscribed(pending, self._room.client.subscribe(body))
            except (DuplicateRequest, NoAnswer) as again:
                doubt = again
                time.sleep(pause)
        raise doubt

    def _id_there(self, pending: Pending) -> int | None:
        draft = pending.draft
        found = self._room.client.contacts_with(email=draft.email, phone=None if draft.email else draft.phone)
        best = best_of(found, draft.external_customer_id)
        if best and pending.row.delivered and external_id_of(best) != draft.external_customer_id:
            return None  # his new address is there, but as somebody else's: it did not come from him
        return answers.contact_id(best) if best else None

    def _update(self, pending: Pending) -> Outcome:
        client, row = self._room.client, pending.row
        contact_id = answers.contact_id(pending.there) if pending.there else row.esputnik_id
        if contact_id is None:
            return Outcome(fates.HELD, fates.DELETED_THERE)
        try:
            there = self._read(contact_id, pending.draft.external_customer_id)
            contact_id = answers.contact_id(there) or contact_id
            theirs = external_id_of(there)
            draft = pending.draft
            if theirs and theirs != draft.external_customer_id:
                draft = replace(draft, external_customer_id=None)  # it is another shop's, or an import's: not ours
            client.update_contact(contact_id, merged(there, draft))
        except ContactGone:
            return Outcome(fates.HELD, fates.DELETED_THERE, esputnik_id=contact_id)
        if unticked(pending, self._room) and draft.email:
            client.set_unsubscribed([draft.email], unsubscribed=True)
        return Outcome(fates.ACCEPTED, esputnik_id=contact_id, external_id=theirs or draft.external_customer_id)

    def _read(self, contact_id: int, external_id: str | None) -> dict[str, Any]:
        """The contact as eSputnik has it; one that was merged there lives on under another id."""
        client = self._room.client
        try:
            return client.contact(contact_id)
        except ContactGone:
            found = client.contacts_by_external_id(external_id) if external_id else []
            merged_into = answers.contact_id(found[0]) if found else None
            if merged_into in (None, contact_id):
                raise
            return client.contact(merged_into or contact_id)


def unticked(pending: Pending, room: Workroom) -> bool:
    """Whether the newsletter box went from ticked to unticked."""
    by_box = room.settings.email_confirmation == NEWSLETTER
    return by_box and pending.row.newsletter is True and pending.ticked is False
