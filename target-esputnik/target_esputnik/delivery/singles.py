"""One contact in one or two calls: subscribed, updated, or only recorded."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers, fates
from target_esputnik.confirmation import RECORD, SUBSCRIBE, Rule
from target_esputnik.contact_update import merged
from target_esputnik.delivery.lookups import best_of, external_id_of, has_room_for, known_there
from target_esputnik.delivery.outcomes import Outcome
from target_esputnik.errors import ContactGone, DuplicateRequest, NoAnswer, RequestRefused, TargetError
from target_esputnik.identity import keyed_email

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
        if rule.route == RECORD:
            return self._recorded(pending)
        if pending.unticked:
            self.opt_out(pending)
        if rule.route == SUBSCRIBE:
            return self._subscribe(pending)
        return self._update(pending)

    def opt_out(self, pending: Pending) -> None:
        """Stop bulk mail to the address that had been ticked: it may be another one than the shop has now."""
        client, row, draft = self._room.client, pending.row, pending.draft
        emails = [draft.email] if draft.email and row.delivered_email == row.email_key else []
        if not emails:
            there = known_there(client, row.esputnik_id, row.external_id) or {}
            emails = [
                email
                for email in answers.channel_values(there, "email")
                if row.delivered_email in (None, keyed_email(email, self._room.ledger))
            ]
        if emails:
            client.set_unsubscribed(emails, unsubscribed=True)

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
        email = pending.draft.email
        if pending.there is not None and email and not has_room_for(email, pending.there):
            # `subscribe` leaves the channels alone that are there (§2): whether it made room for this one is looked at.
            there = known_there(self._room.client, contact_id, None)
            if email.casefold() not in answers.channel_values(there or {}, "email"):
                return Outcome(
                    fates.REJECTED,
                    fates.REFUSED,
                    esputnik_id=contact_id,
                    answer="eSputnik's contact has two addresses and did not take a third: remove one of them there",
                )
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
        draft = pending.draft
        there = known_there(client, contact_id, row.external_id or draft.external_customer_id)
        if there is None:
            return Outcome(fates.HELD, fates.DELETED_THERE, esputnik_id=contact_id)
        contact_id = answers.contact_id(there) or contact_id
        theirs = external_id_of(there)
        if theirs and theirs != draft.external_customer_id:
            draft = replace(draft, external_customer_id=None)  # it is another shop's, or an import's: not ours
        try:
            client.update_contact(contact_id, merged(there, draft))
        except ContactGone:
            return Outcome(fates.HELD, fates.DELETED_THERE, esputnik_id=contact_id)
        except RequestRefused:
            if theirs or draft.external_customer_id is None:
                raise
            # Our id may belong to another contact there (§3.5): this one keeps what it has, and is his all the same.
            draft = replace(draft, external_customer_id=None)
            client.update_contact(contact_id, merged(there, draft))
        return Outcome(fates.ACCEPTED, esputnik_id=contact_id, external_id=theirs or draft.external_customer_id)
