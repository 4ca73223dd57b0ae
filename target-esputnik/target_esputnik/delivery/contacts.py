"""Contacts on their way: look up, choose the route, send, remember. Bulk imports are in `imports.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers, fates
from target_esputnik.confirmation import (
    BULK,
    LOOK_UP,
    NEWSLETTER,
    RECORD,
    SUBSCRIBE,
    UPDATE,
    Rule,
    address_after,
    rule_for,
)
from target_esputnik.contact_update import merged
from target_esputnik.delivery.imports import Imports
from target_esputnik.delivery.outcomes import Outcome, outcome_of, send_outcome
from target_esputnik.delivery.workroom import slices
from target_esputnik.errors import ContactGone, DuplicateRequest, TargetError
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Address, Send
from target_esputnik.ledger.store import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom

CHUNK: Final = 200
"""Contacts that are looked up, sent and settled together; a stop waits for one chunk at the most."""


class ContactDelivery:
    """Delivers contacts of one run.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room
        self._mode = room.settings.email_confirmation
        self._imports = Imports(room)

    def deliver(self, pendings: Sequence[Pending], *, until_stopped: bool = False) -> None:
        """Deliver contacts, each by its route, and wait for imports to end.

        Rows and counts say what became of each. One refused contact costs no other.

        Args:
            pendings: in any order.
            until_stopped: look for a signal between chunks.

        Raises:
            TargetError: eSputnik is away or refuses the key; contacts not reached wait in the ledger.
        """
        for chunk in slices(pendings, max(CHUNK, self._room.settings.contact_batch_size)):
            self._deliver_chunk(chunk, until_stopped=until_stopped)

    def resume_imports(self) -> None:
        """See to the end the imports that earlier runs left running.

        Their contacts then go once more with the backlog: which of them an import took is not known for sure, and
        a contact that is sent again is harmless by its key.
        """
        for session in self._room.ledger.running_imports():
            self._imports.wait_for(session)
            rows = self._room.ledger.contacts(session.keys).values()
            waiting = [row for row in rows if row.fate == fates.HELD and row.reason == fates.UNFINISHED]
            for row in waiting:
                row.reason, row.since = fates.BACKLOG, now_text()
            self._room.ledger.write_contacts(waiting)

    # ---------------------------------------------------------------- one chunk

    def _deliver_chunk(self, chunk: Sequence[Pending], *, until_stopped: bool) -> None:
        ledger = self._room.ledger
        addresses = ledger.addresses(p.row.email_key for p in chunk if p.row.email_key)
        by_route: dict[str, list[tuple[Pending, Rule]]] = {BULK: [], SUBSCRIBE: [], UPDATE: [], RECORD: []}
        undecided: list[Pending] = []
        for pending in chunk:
            rule = self._rule(pending, addresses)
            if rule.route == LOOK_UP or (rule.route == UPDATE and pending.row.esputnik_id is None):
                undecided.append(pending)
            else:
                by_route[rule.route].append((pending, rule))
        self._send_bulks(by_route[BULK], addresses)
        singles = by_route[SUBSCRIBE] + by_route[UPDATE]
        for part in slices(singles, CHUNK):
            self._settle_part(part, addresses, until_stopped=until_stopped)
        for asked in _rounds(undecided):
            self._look_up_and_send(asked, addresses, until_stopped=until_stopped)

    def _rule(self, pending: Pending, addresses: dict[str, Address]) -> Rule:
        return rule_for(pending.facts(self._mode, addresses.get(pending.row.email_key or "")))

    def _look_up_and_send(self, part: Sequence[Pending], addresses: dict[str, Address], *, until_stopped: bool) -> None:
        found = self._room.in_parallel(self._look_up, part)
        failed = [error for error in found if isinstance(error, TargetError)]
        decided = [p for p, result in zip(part, found, strict=True) if not isinstance(result, TargetError)]
        self._find_twins(decided)
        bulk: list[tuple[Pending, Rule]] = []
        singles: list[tuple[Pending, Rule]] = []
        for pending in decided:
            rule = self._rule(pending, addresses)
            (bulk if rule.route == BULK else singles).append((pending, rule))
        self._send_bulks(bulk, addresses)
        self._settle_part(singles, addresses, until_stopped=until_stopped)
        self._room.write_exchanges()
        if failed:
            raise failed[0]

    # ---------------------------------------------------------------- looking up

    def _look_up(self, pending: Pending) -> None:
        """Find eSputnik's contact for a pending one; the channel is compared exactly."""
        client, draft, row = self._room.client, pending.draft, pending.row
        found: list[dict[str, Any]] = []
        if row.delivered and draft.external_customer_id:
            found = client.contacts_by_external_id(draft.external_customer_id)
        if not found and draft.email:
            found = client.contacts_with(email=draft.email)
        elif not found and draft.phone:
            found = client.contacts_with(phone=draft.phone)
        pending.there = _best(found, draft.external_customer_id)
        pending.looked_up = True

    # ---------------------------------------------------------------- one by one

    def _settle_part(
        self, part: Sequence[tuple[Pending, Rule]], addresses: dict[str, Address], *, until_stopped: bool
    ) -> None:
        if not part:
            return
        self._leave_out_taken_phones([p for p, rule in part if rule.route == SUBSCRIBE or not p.row.registered])
        ledger = self._room.ledger
        sends = [Send("contact", p.row.key, rule.route, payload=self._kept_payload(p, rule.route)) for p, rule in part]
        ledger.intend(sends)
        results = self._room.in_parallel(self._send_one, part)
        outcomes = [outcome_of(result) for result in results]
        self._join_segments(part, outcomes)
        with ledger.transaction():
            self._remember(part, outcomes, addresses)
            for send, outcome in zip(sends, outcomes, strict=True):
                send.outcome, send.reason = send_outcome(outcome), outcome.reason
                send.answer = outcome.answer
            ledger.settle(sends)
            self._room.write_exchanges()
        errors = [outcome.error for outcome in outcomes if outcome.error is not None]
        if errors:
            raise errors[0]
        if until_stopped:
            self._room.check_stop()

    def _send_one(self, item: tuple[Pending, Rule]) -> Outcome:
        pending, rule = item
        if rule.route == RECORD or (rule.route == UPDATE and pending.twin):
            return self._recorded(pending)
        if rule.route == SUBSCRIBE:
            return self._subscribe(pending)
        return self._update(pending)

    def _recorded(self, pending: Pending) -> Outcome:
        there = pending.there or {}
        return Outcome(fates.ACCEPTED, esputnik_id=answers.contact_id(there), external_id=_external_id(there))

    def _subscribe(self, pending: Pending) -> Outcome:
        settings, client = self._room.settings, self._room.client
        form = settings.historical_form_type if pending.historical else settings.confirmation_form_type
        body: dict[str, Any] = {"contact": pending.draft.payload(), "formType": form}
        if settings.groups:
            body["groups"] = list(settings.groups)
        try:
            contact_id = client.subscribe(body)
        except DuplicateRequest:
            return self._subscribe_after_duplicate(pending, body)
        if contact_id is None:  # the answer was lost; the repeat was called a duplicate, so the work was done
            contact_id = self._id_there(pending)
        return Outcome(
            fates.ACCEPTED, esputnik_id=contact_id, external_id=pending.draft.external_customer_id, asked=True
        )

    def _subscribe_after_duplicate(self, pending: Pending, body: dict[str, Any]) -> Outcome:
        """ESputnik knows the body, but not whether it did the work: look before asking the customer again."""
        contact_id = self._id_there(pending)
        if contact_id is None:
            self._room.client.wait_out_duplicate_guard()
            contact_id = self._room.client.subscribe(body)
        return Outcome(
            fates.ACCEPTED, esputnik_id=contact_id, external_id=pending.draft.external_customer_id, asked=True
        )

    def _id_there(self, pending: Pending) -> int | None:
        draft = pending.draft
        found = self._room.client.contacts_with(email=draft.email, phone=None if draft.email else draft.phone)
        best = _best(found, draft.external_customer_id)
        return answers.contact_id(best) if best else None

    def _update(self, pending: Pending) -> Outcome:
        client, row = self._room.client, pending.row
        contact_id = answers.contact_id(pending.there) if pending.there else row.esputnik_id
        if contact_id is None:
            return Outcome(fates.HELD, fates.DELETED_THERE)
        try:
            there = self._read(contact_id, pending.draft.external_customer_id)
            contact_id = answers.contact_id(there) or contact_id
            theirs = _external_id(there)
            draft = pending.draft
            if theirs and theirs != draft.external_customer_id:
                draft = replace(draft, external_customer_id=None)  # it is another shop's, or an import's: not ours
            client.update_contact(contact_id, merged(there, draft))
        except ContactGone:
            return Outcome(fates.HELD, fates.DELETED_THERE, esputnik_id=contact_id)
        if self._unticked(pending) and draft.email:
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

    def _find_twins(self, part: Sequence[Pending]) -> None:
        """Mark those whose eSputnik contact belongs to another account of this shop with the same address.

        The two would overwrite each other for ever, so the second one is recorded only.
        """
        prefix = self._room.settings.external_id_prefix
        theirs = {p.row.key: _external_id(p.there) for p in part if p.there and p.row.registered}
        owners = {
            key: value[len(prefix) :] for key, value in theirs.items() if value is not None and value.startswith(prefix)
        }
        known = self._room.ledger.contacts(owners.values())
        for pending in part:
            owner = owners.get(pending.row.key)
            pending.twin = owner is not None and owner != pending.row.key and owner in known

    def _unticked(self, pending: Pending) -> bool:
        return self._mode == NEWSLETTER and pending.row.newsletter is True and pending.ticked is False

    # ---------------------------------------------------------------- bulk

    def _send_bulks(self, items: Sequence[tuple[Pending, Rule]], addresses: dict[str, Address]) -> None:
        """Send what may be confirmed, and wait until eSputnik has it; each import is settled when it ends."""
        if not items:
            return
        ticked_again = [
            p.draft.email
            for p, _ in items
            if p.draft.email and p.ticked and (known := addresses.get(p.row.email_key or "")) and known.unsubscribed
        ]
        if self._mode == NEWSLETTER and ticked_again:
            self._room.client.set_unsubscribed(ticked_again, unsubscribed=False)
        rules = {p.row.key: rule for p, rule in items}

        def settle(done: Sequence[tuple[Pending, Outcome]], sends: Sequence[Send]) -> None:
            with self._room.ledger.transaction():
                self._remember([(p, rules[p.row.key]) for p, _ in done], [outcome for _, outcome in done], addresses)
                self._room.ledger.settle(sends)
                self._room.write_exchanges()

        self._imports.run([p for p, _ in items], settle)

    # ---------------------------------------------------------------- what is learned on the way

    def _leave_out_taken_phones(self, pendings: Sequence[Pending]) -> None:
        """Take out of a draft a phone that belongs to another contact: `subscribe` matches by phone, too (§3.5)."""
        ledger = self._room.ledger
        asked = [p for p in pendings if p.draft.email and p.draft.phone and not p.row.delivered]
        keys = {p.row.key: ledger.keyed(f"phone {p.draft.phone}") for p in asked}
        owners: dict[str, set[str]] = {}
        for row in ledger.contacts_by_phone(keys.values()):
            if row.delivered:
                owners.setdefault(row.phone_key or "", set()).add(row.key)
        unknown = [p for p in asked if not owners.get(keys[p.row.key], set()) - {p.row.key}]
        there = self._room.in_parallel(lambda p: self._room.client.contacts_with(phone=p.draft.phone), unknown)
        for pending, found in zip(unknown, there, strict=True):
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

    def _join_segments(self, part: Sequence[tuple[Pending, Rule]], outcomes: Sequence[Outcome]) -> None:
        """Put contacts that were there already into the segments; `subscribe` and bulk name segments themselves."""
        ids = [
            outcome.esputnik_id
            for (pending, rule), outcome in zip(part, outcomes, strict=True)
            if rule.route == UPDATE and not (pending.twin or pending.row.delivered)
            if outcome.fate == fates.ACCEPTED and outcome.esputnik_id
        ]
        for group in self._room.settings.groups if ids else ():
            self._room.client.join_group(group, ids)

    def _remember(
        self,
        part: Sequence[tuple[Pending, Rule]],
        outcomes: Sequence[Outcome],
        addresses: dict[str, Address],
    ) -> None:
        """Write what became of contacts into their rows, the addresses and the counts."""
        now = now_text()
        touched: dict[str, Address] = {}
        for (pending, rule), outcome in zip(part, outcomes, strict=True):
            if outcome.fate == fates.ACCEPTED and pending.row.email_key:
                address = self._address_after(pending, rule, addresses)
                if address is not None:
                    addresses[address.email_key] = touched[address.email_key] = address
            before = (pending.row.fate, pending.row.reason)
            self._remember_row(pending, rule, outcome, now)
            self._room.tally.contact_went(pending.row, before)
        self._room.ledger.write_contacts([pending.row for pending, _ in part])
        self._room.ledger.write_addresses(list(touched.values()))

    def _remember_row(self, pending: Pending, rule: Rule, outcome: Outcome, now: str) -> None:
        row, kept = pending.row, self._room.settings.store_payloads
        if (row.fate, row.reason) != (outcome.fate, outcome.reason):
            row.since = now
        row.fate, row.reason, row.answer = outcome.fate, outcome.reason, outcome.answer
        row.route, row.why = rule.route, rule.name
        row.esputnik_id = outcome.esputnik_id or row.esputnik_id
        if outcome.fate != fates.ACCEPTED:
            return
        row.delivered, row.delivered_at, row.version = True, now, None
        row.delivered_email = row.email_key or row.delivered_email
        row.external_id = outcome.external_id or row.external_id
        row.hashes = json_text(pending.hashes)
        row.newsletter = pending.ticked if pending.ticked is not None else row.newsletter
        row.record = row.record if kept else None
        if outcome.asked:
            row.asked_at = now

    def _address_after(self, pending: Pending, rule: Rule, addresses: dict[str, Address]) -> Address | None:
        """What is remembered of the address; called before the row takes over the box as it is now."""
        known = addresses.get(pending.row.email_key or "")
        confirmation = address_after(pending.facts(self._mode, known), rule.route)
        if confirmation is None:
            return None
        unsubscribed = (known.unsubscribed if known else False) and not (self._mode == NEWSLETTER and pending.ticked)
        if rule.route == UPDATE and not pending.twin and self._unticked(pending):
            unsubscribed = True
        return Address(pending.row.email_key or "", confirmation, unsubscribed)

    def _kept_payload(self, pending: Pending, route: str) -> str | None:
        if route == RECORD or not self._room.settings.store_payloads:
            return None
        return json_text(pending.draft.payload())


def _rounds(pendings: Sequence[Pending]) -> Iterator[list[Pending]]:
    """Slices in which no address and no phone stands twice.

    Of two accounts with one address, or a family with one phone, the second must be looked up when the first is there:
    `subscribe` would lay the one over the other (§3.5).
    """
    left = list(pendings)
    while left:
        round_, later, seen = [], [], set()
        for pending in left:
            marks = {mark for mark in (pending.row.email_key, pending.draft.phone) if mark}
            if len(round_) < CHUNK and not marks & seen:
                round_.append(pending)
                seen |= marks
            else:
                later.append(pending)
        yield round_
        left = later


def _best(found: Sequence[dict[str, Any]], external_id: str | None) -> dict[str, Any] | None:
    """Of several contacts with one address: ours, else one that is nobody's, else the first."""
    ranked = sorted(found, key=lambda c: (_external_id(c) != external_id, _external_id(c) is not None))
    return ranked[0] if ranked else None


def _external_id(contact: dict[str, Any]) -> str | None:
    value = contact.get("externalCustomerId")
    return str(value) if value not in (None, "") else None
