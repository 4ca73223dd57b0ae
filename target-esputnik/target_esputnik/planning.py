"""Pure: what an order that was read is to become, given what the ledger knows of it.

The rules are the contract's "What is due": nothing that was accepted or recorded becomes due because a setting or
the code changed, and what is due goes once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from target_esputnik import fates
from target_esputnik.statuses import remaining

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_esputnik.ledger.rows import Order

DUE: Final = "due"


class Reading(msgspec.Struct):
    """One version of an order, as it was read.

    Attributes:
        order_id: the shop's number.
        created_at: as ledger text.
        status: the shop's status.
        planned: the eSputnik statuses that the map gives, in order; None when it gives none.
        text: the whole record, as the ledger keeps it.
        make_version: makes the keyed hash of that, which few orders need.
        make_content: makes the keyed hash of what `order_updates: any` compares; None once it was made.
        made_content: that hash.
    """

    order_id: int
    created_at: str
    status: int
    planned: tuple[str, ...] | None
    text: str
    make_version: Callable[[], str]
    make_content: Callable[[], str] | None
    made_content: str = ""

    @property
    def version(self) -> str:
        """Keyed hash of the whole record."""
        return self.make_version()

    @property
    def content(self) -> str:
        """Keyed hash of what `order_updates: any` compares."""
        self.make_now()
        return self.made_content

    def make_now(self) -> None:
        """Make the content's hash while the record is at hand, and let the record go."""
        if self.make_content is not None:
            self.made_content, self.make_content = self.make_content(), None


@dataclass(frozen=True)
class Rules:
    """What the run says about orders in general.

    Attributes:
        live_since: as ledger text.
        baseline_before: unknown orders from before it are baseline; the ledger was lost then.
        ledger_lost: it was found lost in this very run: every unknown order is baseline.
        any_update: `order_updates: any`.
        mapped_again_since: orders held as unmapped at or after this moment go by themselves once mapped.
    """

    live_since: str
    baseline_before: str | None
    ledger_lost: bool
    any_update: bool
    mapped_again_since: str

    def is_from_older_copy(self, known: Order) -> bool:
        """Whether the ledger was lost after this row was written: what was sent of the order since is not known."""
        return self.baseline_before is not None and known.updated_at < self.baseline_before


class Verdict(NamedTuple):
    """What becomes of a reading: a fate with its reason, or DUE with the statuses to send."""

    fate: str
    reason: str | None = None
    to_send: tuple[str, ...] = ()


UNCHANGED: Final = Verdict(fates.UNCHANGED)


def verdict_on(reading: Reading, known: Order | None, rules: Rules) -> Verdict:
    """Decide. `known` is the ledger's row, or None when it has none."""
    if known is None:
        return _on_unknown(reading, rules)
    if known.fate == fates.HELD and known.reason in {fates.ERASED, fates.IN_DOUBT}:
        # Erased for good; in doubt until the start of a run, or a person, decides: what eSputnik has is not known.
        return Verdict(fates.HELD, known.reason)
    if rules.is_from_older_copy(known) and reading.status != known.shop_status:
        return Verdict(fates.BASELINE, fates.LEDGER_LOST)
    if known.fate == fates.REJECTED and known.version == reading.version:
        return Verdict(fates.REJECTED, known.reason)
    if reading.status == known.shop_status and not _half_sent(known, reading):
        return _on_same_status(reading, known, rules)
    return _on_changed_status(reading, known, rules)


def _on_unknown(reading: Reading, rules: Rules) -> Verdict:
    if rules.ledger_lost or (rules.baseline_before is not None and reading.created_at < rules.baseline_before):
        return Verdict(fates.BASELINE, fates.LEDGER_LOST)
    if reading.created_at < rules.live_since:
        return Verdict(fates.BASELINE, fates.BEFORE_LIVE)
    if reading.planned is None:
        return Verdict(fates.HELD, fates.UNMAPPED_STATUS)
    return _due_or_recorded(left_to_send(reading, None))


def _on_same_status(reading: Reading, known: Order, rules: Rules) -> Verdict:
    """The shop's status is the one last accepted or recorded: only `order_updates: any` finds more to say."""
    if rules.is_from_older_copy(known):
        return UNCHANGED  # what of its content was sent since is not known
    changed = known.content is not None and reading.content != known.content
    if rules.any_update and known.ever_accepted and known.esputnik_status is not None and changed:
        return Verdict(DUE, to_send=(known.esputnik_status,))
    return UNCHANGED


def _on_changed_status(reading: Reading, known: Order, rules: Rules) -> Verdict:
    if reading.planned is None:
        return Verdict(fates.HELD, fates.UNMAPPED_STATUS)
    if _half_sent(known, reading) and known.reason == fates.UNMAPPED_STATUS and known.since < rules.mapped_again_since:
        return Verdict(fates.HELD, fates.UNMAPPED_STATUS)  # too old to go by itself: `release` sends it
    return _due_or_recorded(left_to_send(reading, known))


def _due_or_recorded(left: tuple[str, ...]) -> Verdict:
    return Verdict(DUE, to_send=left) if left else UNCHANGED


def left_to_send(reading: Reading, known: Order | None) -> tuple[str, ...]:
    """The eSputnik statuses that a reading still has to be sent with; none where the map gives none."""
    if reading.planned is None:
        return ()
    if known is None:
        return remaining(reading.planned, last_accepted=None, accepted_for_this_change=())
    return remaining(
        reading.planned,
        last_accepted=known.esputnik_status,
        accepted_for_this_change=_sent_for(known, reading.status),
    )


def left_once_more(reading: Reading, known: Order) -> tuple[str, ...]:
    """The same for an order that is sent though nothing changed: it was held or rejected, or is to be resent."""
    left = left_to_send(reading, known)
    if reading.status != known.shop_status or known.esputnik_status is None:
        return left
    # `order_updates: any` or `resend` was sending the last one again, if it is not a list that was cut off.
    return (left if known.change_sent != "[]" else ()) or (known.esputnik_status,)


def _half_sent(known: Order, reading: Reading) -> bool:
    """Whether the ledger is in the middle of delivering a change to this very status."""
    return known.fate == fates.HELD and known.change_status == reading.status


def _sent_for(known: Order, status: int) -> tuple[str, ...]:
    """The eSputnik statuses that were accepted for a change to this status of the shop."""
    return tuple(json.loads(known.change_sent)) if known.change_status == status else ()
