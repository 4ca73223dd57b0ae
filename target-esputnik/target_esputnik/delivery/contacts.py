"""Contacts on their way: look up, choose the route, send, remember. Bulk imports are in `imports.py`."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from target_esputnik import fates
from target_esputnik.confirmation import (
    BULK,
    CONFIRMED,
    NEWSLETTER,
    RECORD,
    SUBSCRIBE,
    UPDATE,
    Rule,
    address_after,
)
from target_esputnik.delivery.company import Company
from target_esputnik.delivery.imports import LEAST_PATIENCE, Imports
from target_esputnik.delivery.lookups import CHUNK, Lookups, rounds
from target_esputnik.delivery.outcomes import Outcome, outcome_of, send_outcome
from target_esputnik.delivery.routing import Routing
from target_esputnik.delivery.singles import Singles
from target_esputnik.delivery.workroom import slices
from target_esputnik.errors import RequestRefused, TargetError
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import days_ago, now_text
from target_esputnik.ledger.rows import Address, Send

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom

logger = logging.getLogger("target-esputnik")


class ContactDelivery:
    """Delivers contacts of one run.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room
        self._mode = room.settings.email_confirmation
        self._imports = Imports(room)
        self._lookups = Lookups(room)
        self._singles = Singles(room)
        self._company = Company(room)

    def deliver(self, pendings: Sequence[Pending], *, until_stopped: bool = False) -> None:
        """Deliver contacts, each by its route, and wait for imports to end.

        Rows and counts say what became of each. One refused contact costs no other.

        Args:
            pendings: in any order.
            until_stopped: look for a signal between chunks.

        Raises:
            TargetError: eSputnik is away or refuses the key; contacts not reached wait in the ledger.
        """
        for chunk in self._chunks(pendings):
            self._deliver_chunk(chunk, until_stopped=until_stopped)

    def deliver_buyers(self, pendings: Sequence[Pending], known: Collection[str]) -> None:
        """Deliver buyers of due orders, and who fits into the bulk calls that these orders wait for.

        Args:
            pendings: the buyers.
            known: the keys of rows that are at work elsewhere.

        Raises:
            TargetError: as for `deliver`.
        """
        for chunk in self._chunks(pendings):
            self._deliver_chunk(chunk, at_work=known)

    def _chunks(self, pendings: Sequence[Pending]) -> Iterator[Sequence[Pending]]:
        return slices(pendings, max(CHUNK, self._room.settings.contact_batch_size))

    def resume_imports(self) -> None:
        """See to the end the imports that earlier runs left running.

        Their contacts then go once more with the backlog: which of them an import took is not known for sure, and
        a contact that is sent again is harmless by its key. So none of them is waited for long, and one that is not
        over after a day is given up: due orders do not wait for an import that is stuck.
        """
        ledger = self._room.ledger
        for session in ledger.running_imports():
            rows = ledger.contacts(session.keys).values()
            waiting = [row for row in rows if row.fate == fates.HELD and row.reason == fates.UNFINISHED]
            for row in waiting:
                row.reason, row.since = fates.UNAVAILABLE, now_text()
            # Before the import counts as over: killed in between, a run would leave them waiting for nobody.
            ledger.write_contacts(waiting)
        ledger.give_up_imports(days_ago(1))
        until = time.monotonic() + LEAST_PATIENCE
        for session in ledger.running_imports():
            self._imports.wait_for(session, patience=max(0.0, until - time.monotonic()))

    # ---------------------------------------------------------------- one chunk

    def _deliver_chunk(
        self, chunk: Sequence[Pending], *, until_stopped: bool = False, at_work: Collection[str] | None = None
    ) -> None:
        """Deliver contacts; with `at_work` they are buyers, and others go along, but for those keys."""
        routing = Routing(self._room, self._lookups)
        by_route: dict[str, list[tuple[Pending, Rule]]] = {BULK: [], SUBSCRIBE: [], UPDATE: [], RECORD: []}
        undecided: list[Pending] = []
        for pending, rule, at_once in routing.routed(chunk):
            if at_once:
                by_route[rule.route].append((pending, rule))
            else:
                undecided.append(pending)
        if at_work is not None:
            by_route[BULK] += self._company.of([p for p, _ in by_route[BULK]], at_work, routing)
        self._send_bulks(by_route[BULK], routing)
        singles = by_route[SUBSCRIBE] + by_route[UPDATE] + by_route[RECORD]
        for part in slices(singles, CHUNK):
            self._settle_part(part, routing, until_stopped=until_stopped)
        for asked in rounds(undecided):
            self._look_up_and_send(asked, routing, until_stopped=until_stopped)

    def _look_up_and_send(self, part: Sequence[Pending], routing: Routing, *, until_stopped: bool) -> None:
        errors = self._lookups.find(part)
        refused = [(p, error) for p, error in zip(part, errors, strict=True) if isinstance(error, RequestRefused)]
        outages = [error for error in errors if error is not None and not isinstance(error, RequestRefused)]
        decided = [p for p, error in zip(part, errors, strict=True) if error is None]
        if refused:  # an address that eSputnik cannot even look for
            rules = [(p, routing.rule(p)) for p, _ in refused]
            self._remember(rules, [outcome_of(error) for _, error in refused], routing.addresses)
        bulk: list[tuple[Pending, Rule]] = []
        singles: list[tuple[Pending, Rule]] = []
        for pending in decided:
            rule = routing.rule(pending)
            (bulk if rule.route == BULK else singles).append((pending, rule))
        self._send_bulks(bulk, routing)
        self._settle_part(singles, routing, until_stopped=until_stopped)
        self._room.write_exchanges()
        if outages:
            raise outages[0]

    # ---------------------------------------------------------------- one by one

    def _settle_part(self, part: Sequence[tuple[Pending, Rule]], routing: Routing, *, until_stopped: bool) -> None:
        if not part:
            return
        self._lookups.leave_out_taken_phones([p for p, rule in part if rule.route == SUBSCRIBE or not p.row.registered])
        ledger = self._room.ledger
        sends = [
            Send("contact", p.row.key, rule.route, rule.name, payload=self._kept_payload(p, rule.route))
            for p, rule in part
        ]
        ledger.intend(sends)
        results = self._room.in_parallel(self._singles.send, part)
        outcomes = [outcome_of(result) for result in results]
        self._join_segments(part, outcomes)
        with self._room.transaction():
            self._remember(part, outcomes, routing.addresses)
            for send, outcome in zip(sends, outcomes, strict=True):
                send.outcome, send.reason = send_outcome(outcome), outcome.reason
                send.answer = outcome.answer
            ledger.settle(sends)
        errors = [outcome.error for outcome in outcomes if outcome.error is not None]
        if errors:
            raise errors[0]
        if until_stopped:
            self._room.check_stop()

    # ---------------------------------------------------------------- bulk

    def _send_bulks(self, items: Sequence[tuple[Pending, Rule]], routing: Routing) -> None:
        """Send what may be confirmed, and wait until eSputnik has it; each import is settled when it ends.

        Of several with one address only the first: the others are looked at again when it is there.
        """
        addresses = routing.addresses
        items = self._opted_out(items, addresses)
        first = {p.row.email_key or p.row.key: p for p, _ in reversed(items)}
        later = [p for p, _ in items if first[p.row.email_key or p.row.key] is not p]
        items = [(p, rule) for p, rule in items if first[p.row.email_key or p.row.key] is p]
        if not items:
            return
        ticked_again = [
            p.draft.email
            for p, _ in items
            if p.draft.email and p.ticked and (known := addresses.get(p.row.email_key or "")) and known.unsubscribed
        ]
        if self._mode == NEWSLETTER and ticked_again:
            try:
                self._room.client.set_unsubscribed(ticked_again, unsubscribed=False)
            except RequestRefused:
                logger.warning("%d addresses could not be taken off the unsubscribed list.", len(ticked_again))
        rules = {p.row.key: rule for p, rule in items}
        for pending, rule in items:
            pending.why = rule.name

        def settle(done: Sequence[tuple[Pending, Outcome]], sends: Sequence[Send]) -> None:
            with self._room.transaction():
                self._remember([(p, rules[p.row.key]) for p, _ in done], [outcome for _, outcome in done], addresses)
                self._room.ledger.settle(sends)

        self._imports.run([p for p, _ in items], settle)
        if later and not self._room.stop_asked:
            self._deliver_chunk(later)

    def _opted_out(
        self, items: Sequence[tuple[Pending, Rule]], addresses: dict[str, Address]
    ) -> list[tuple[Pending, Rule]]:
        """Stop bulk mail to those who unticked the box before they go by bulk; return those who may go on."""
        asked = [p for p, _ in items if p.unticked]
        results = self._room.in_parallel(self._singles.opt_out, asked)
        failed = {p.row.key: r for p, r in zip(asked, results, strict=True) if isinstance(r, TargetError)}
        outages = [error for error in failed.values() if not isinstance(error, RequestRefused)]
        if outages:
            raise outages[0]
        refused = [(p, rule) for p, rule in items if p.row.key in failed]
        self._remember(refused, [outcome_of(failed[p.row.key]) for p, _ in refused], addresses)
        return [(p, rule) for p, rule in items if p.row.key not in failed]

    # ---------------------------------------------------------------- what is learned on the way

    def _join_segments(self, part: Sequence[tuple[Pending, Rule]], outcomes: Sequence[Outcome]) -> None:
        """Put contacts that were there already into the segments; `subscribe` and bulk name segments themselves.

        Where eSputnik does not answer they go once more in the next run: an update is harmless.
        """
        joining = [
            outcome
            for (pending, rule), outcome in zip(part, outcomes, strict=True)
            if rule.route == UPDATE and not pending.row.delivered
            if outcome.fate == fates.ACCEPTED and outcome.esputnik_id
        ]
        ids = [outcome.esputnik_id for outcome in joining if outcome.esputnik_id]
        for group in self._room.settings.groups if ids else ():
            try:
                there = self._room.client.join_group(group, ids)
            except RequestRefused:
                there = False
            except TargetError as error:
                for outcome in joining:
                    outcome.fate, outcome.reason, outcome.error = fates.HELD, fates.UNAVAILABLE, error
                return
            if not there:
                logger.warning("%d contacts could not join the segment %r: is it there in eSputnik?", len(ids), group)

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
            if outcome.fate == fates.ACCEPTED and pending.unticked and (former := pending.row.delivered_email):
                known = addresses.get(former) or Address(former, CONFIRMED)
                addresses[former] = touched[former] = Address(former, known.confirmation, unsubscribed=True)
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
        row.delivered_email = (row.email_key if pending.draft.email else None) or row.delivered_email
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
        resumed = rule.route == BULK and self._mode == NEWSLETTER and bool(pending.ticked)
        unsubscribed = known is not None and known.unsubscribed and not resumed
        return Address(pending.row.email_key or "", confirmation, unsubscribed)

    def _kept_payload(self, pending: Pending, route: str) -> str | None:
        if route == RECORD or not self._room.settings.store_payloads:
            return None
        return json_text(pending.draft.payload())
