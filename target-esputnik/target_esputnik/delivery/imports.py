"""Bulk imports of contacts: calls grouped by the fields that their contacts carry, polled to their end, bisected.

eSputnik refuses some contacts at once (`failedContacts`), imports the rest by and by, and clears every listed field
that a contact lacks (`reference/esputnik-api.md §3.3, §3.4`).
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from target_esputnik import answers, fates
from target_esputnik.delivery.outcomes import Outcome, outcome_of, send_outcome
from target_esputnik.delivery.workroom import slices
from target_esputnik.errors import RequestRefused, TargetError
from target_esputnik.hygiene import phone_digits
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.rows import Import, Send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom

    Settle = Callable[[Sequence[tuple["Pending", Outcome]], Sequence[Send]], None]

FIRST_POLL: Final = 0.1
SLOWEST_POLL: Final = 10.0
LEAST_PATIENCE: Final = 60.0
MOST_PATIENCE: Final = 600.0


class Group(NamedTuple):
    """What the contacts of one call have in common.

    Attributes:
        dedupe: `dedupeOn`.
        names: `contactFields`.
        field_ids: `customFieldsIDs`.
    """

    dedupe: str
    names: tuple[str, ...]
    field_ids: tuple[int, ...]


class Imports:
    """Runs imports one after another, each to its end.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room
        self._unnamed = False  # the last answer named no session

    def run(self, pendings: Sequence[Pending], settle: Settle) -> None:
        """Import contacts; `settle` is called with what became of each, as soon as it is known.

        Raises:
            TargetError: eSputnik is away; what was not settled waits in the ledger.
        """
        groups: dict[Group, list[Pending]] = defaultdict(list)
        for pending in pendings:
            groups[group_of(pending)].append(pending)
        for group, members in sorted(groups.items()):
            for part in slices(members, self._room.settings.contact_batch_size):
                if self._room.stop_asked:
                    return  # what was not begun waits in the ledger
                self._import(list(part), group, settle)

    def wait_for(self, session: Import, patience: float | None = None) -> answers.ImportStatus:
        """Poll an import: first soon, then ever more slowly; UNKNOWN when eSputnik does not know it.

        Args:
            session: the import.
            patience: seconds to wait for its end; None: as long as the run has time.
        """
        if patience is None:
            patience = min(MOST_PATIENCE, max(LEAST_PATIENCE, self._room.seconds_left()))
        until, pause = time.monotonic() + patience, FIRST_POLL
        while True:
            time.sleep(pause)
            status = self._room.client.import_status(session.session)
            if status.over or status.status == "UNKNOWN":
                self._room.ledger.end_import(session, status.status)
                return status
            if self._room.stop_asked or time.monotonic() + pause > until:
                return status
            pause = min(SLOWEST_POLL, pause * 1.7)

    # ---------------------------------------------------------------- one call

    def _import(
        self,
        part: list[Pending],
        group: Group,
        settle: Settle,
        *,
        last_try: bool = False,
    ) -> None:
        """One bulk, with its intents; an import that ends in ERROR is sent once more, then halved."""
        sends = [Send("contact", p.row.key, "bulk", p.why, payload=self._kept(p)) for p in part]
        self._room.ledger.intend(sends)
        try:
            session, refused = self._room.client.import_contacts(self._body(part, group))
        except RequestRefused as error:
            if len(part) == 1:
                self._close(part, {part[0].row.key: outcome_of(error)}, sends, settle)
                return
            self._abandon(sends)
            self._halves(part, group, settle, last_try=False)
            return
        except TargetError as error:
            self._close(part, {p.row.key: outcome_of(error) for p in part}, sends, settle)
            raise
        outcomes, strangers = _match(part, refused)
        if strangers and len(part) > 1:  # somebody was refused, but who is not said: found out by halves
            self._abandon(sends)
            self._halves(part, group, settle, last_try=False)
            return
        if strangers:
            outcomes[part[0].row.key] = Outcome(fates.REJECTED, fates.REFUSED, answer=_text(refused))
        self._follow(part, outcomes, session, sends, group, settle=settle, last_try=last_try)

    def _follow(
        self,
        part: list[Pending],
        outcomes: dict[str, Outcome],
        session: str | None,
        sends: list[Send],
        group: Group,
        *,
        settle: Settle,
        last_try: bool,
    ) -> None:
        """Wait for the import's end, and settle what it took."""
        taken = [p for p in part if p.row.key not in outcomes]
        if not taken:
            self._close(part, outcomes, sends, settle)
            return
        unnamed, self._unnamed = self._unnamed, session is None
        if session is None and not unnamed:
            # The answer was lost: sent again, harmless by key, so that there is a session to poll.
            self._abandon(sends)
            self._room.client.wait_out_duplicate_guard()
            self._import(part, group, settle, last_try=last_try)
            return
        if session is None:  # eSputnik names none: without an end to wait for nobody counts as there
            answer = "the answer to the import named no session"
            outcomes |= {p.row.key: Outcome(fates.HELD, fates.UNAVAILABLE, answer=answer) for p in taken}
            self._close(part, outcomes, sends, settle)
            return
        running = self._room.ledger.begin_import(session, [p.row.key for p in taken])
        status = self.wait_for(running)
        if status.status == "ERROR":
            refused = [p for p in part if p.row.key in outcomes]
            self._close(refused, outcomes, [s for s in sends if s.key in outcomes], settle)
            self._after_error(taken, [s for s in sends if s.key not in outcomes], group, settle, last_try=last_try)
            return
        for pending in taken:
            outcomes[pending.row.key] = self._outcome_of_import(pending, status, group.dedupe)
        self._close(part, outcomes, sends, settle)

    def _after_error(
        self,
        taken: list[Pending],
        sends: list[Send],
        group: Group,
        settle: Settle,
        *,
        last_try: bool,
    ) -> None:
        if not last_try:
            self._abandon(sends)
            self._import(taken, group, settle, last_try=True)
        elif len(taken) == 1:
            answer = "the import of this contact alone ended in ERROR"
            refused = Outcome(fates.REJECTED, fates.REFUSED, answer=answer)
            self._close(taken, {taken[0].row.key: refused}, sends, settle)
        else:
            self._abandon(sends)
            self._halves(taken, group, settle, last_try=True)

    def _halves(
        self,
        part: list[Pending],
        group: Group,
        settle: Settle,
        *,
        last_try: bool,
    ) -> None:
        middle = len(part) // 2
        for half in (part[:middle], part[middle:]):
            self._import(half, group, settle, last_try=last_try)

    def _outcome_of_import(self, pending: Pending, status: answers.ImportStatus, dedupe: str) -> Outcome:
        if status.status == "UNKNOWN":  # eSputnik has forgotten the session: sent again, harmless by key
            return Outcome(fates.HELD, fates.UNAVAILABLE)
        if status.status != "FINISHED":
            return Outcome(fates.HELD, fates.UNFINISHED)
        keys = (pending.draft.external_customer_id, pending.draft.email, phone_digits(pending.draft.phone or ""))
        ids = [status.contact_ids.get(key.casefold()) for key in keys if key]
        contact_id = next((number for number in ids if number is not None), None)
        # An update of a contact that somebody deleted in eSputnik is skipped without a word (§3.3, rule 6).
        missing = contact_id is None and (status.has_mapping or dedupe == "externalCustomerId")
        if missing:
            contact_id = self._id_there(pending)
            if contact_id is None:
                gone = pending.row.delivered
                return Outcome(fates.HELD, fates.DELETED_THERE) if gone else Outcome(fates.REJECTED, fates.NOT_TAKEN)
        return Outcome(fates.ACCEPTED, esputnik_id=contact_id, external_id=pending.draft.external_customer_id)

    def _id_there(self, pending: Pending) -> int | None:
        client, draft = self._room.client, pending.draft
        found: list[dict[str, Any]] = []
        with suppress(RequestRefused):  # what cannot be looked for was not found
            if draft.external_customer_id:
                found = client.contacts_by_external_id(draft.external_customer_id)
            if not found and not pending.row.delivered:
                found = client.contacts_with(email=draft.email, phone=None if draft.email else draft.phone)
        return answers.contact_id(found[0]) if found else None

    def _close(
        self, part: Sequence[Pending], outcomes: dict[str, Outcome], sends: Sequence[Send], settle: Settle
    ) -> None:
        for send in sends:
            outcome = outcomes[send.key]
            send.outcome, send.reason, send.answer = send_outcome(outcome), outcome.reason, outcome.answer
        settle([(p, outcomes[p.row.key]) for p in part], sends)

    def _abandon(self, sends: Sequence[Send]) -> None:
        """These contacts go again, in another call."""
        for send in sends:
            send.outcome = "not_sent"
        self._room.ledger.settle(sends)

    def _body(self, part: Sequence[Pending], group: Group) -> dict[str, Any]:
        body: dict[str, Any] = {
            "contacts": [p.draft.payload() for p in part],
            "dedupeOn": group.dedupe,
            "contactFields": list(group.names),
            "restoreDeleted": all(p.restored for p in part),
        }
        if group.field_ids:
            body["customFieldsIDs"] = list(group.field_ids)
        if self._room.settings.groups:
            body["groupNames"] = list(self._room.settings.groups)
        return body

    def _kept(self, pending: Pending) -> str | None:
        return json_text(pending.draft.payload()) if self._room.settings.store_payloads else None


def group_of(pending: Pending) -> Group:
    """The call that a contact goes in; those may share one that have the same fields, and one way of being recognised.

    Which field is deduplicated on is itself not updated (§3.3), so a known contact, whose address may have changed,
    goes by its external id; a new one by its address, so that it meets the contact that eSputnik has already.
    """
    draft = pending.draft
    if pending.row.delivered and draft.external_customer_id:
        dedupe = "externalCustomerId"
    else:
        dedupe = "email" if draft.email else "sms"
    return Group(dedupe, draft.field_names(), tuple(sorted(field_id for field_id, _ in draft.custom_fields)))


def _match(part: Sequence[Pending], refused: Sequence[Any]) -> tuple[dict[str, Outcome], list[Any]]:
    """The refused contacts by key, and the elements of `failedContacts` that fit none of the call's contacts."""
    by_external_id = {p.draft.external_customer_id: p for p in part if p.draft.external_customer_id}
    by_channel = {value: p for p in part for value in answers.channel_values(p.draft.payload())}
    outcomes: dict[str, Outcome] = {}
    strangers: list[Any] = []
    for element in refused:
        external_id, channels = answers.contact_keys(element)
        pending = by_external_id.get(external_id or "") or next(
            (by_channel[value] for value in channels if value in by_channel), None
        )
        if pending is None:
            strangers.append(element)
        else:
            outcomes[pending.row.key] = Outcome(fates.REJECTED, fates.REFUSED, answer=_text(element))
    return outcomes, strangers


def _text(element: Any) -> str:
    return json_text(element)[:4000]
