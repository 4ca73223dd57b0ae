"""An order that is due: its record, its row in the ledger, and what is to be sent of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_esputnik import fates, orders
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import days_ago, now_text, parsed, text_of
from target_esputnik.planning import Reading, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_esputnik.identity import Identity
    from target_esputnik.ledger.rows import Contact, Order
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings

DAYS_MAPPED_AGAIN: Final = 3
"""How long an order may have been held as unmapped and still go by itself once its status is mapped."""


class Due(msgspec.Struct):
    """One order on its way.

    Attributes:
        record: the version to send; empty once its payloads are made.
        reading: what was decided on.
        row: as the ledger has it; the delivery changes it.
        to_send: the eSputnik statuses, in order.
        buyer: his contact, once he is found or made.
        with_phone: whether the order may carry the phone: not when it is another contact's.
        payloads: what is sent, as JSON, by eSputnik status.
        counted_as: the fate and reason that this run has counted for it already.
        buyer_unsure: whether eSputnik still has him could not be found out.
        doubtful: it is in doubt since an earlier run, and nothing has shown since what became of it.
    """

    record: dict[str, Any]
    reading: Reading
    row: Order
    to_send: tuple[str, ...]
    identity: Identity
    buyer: Contact | None = None
    with_phone: bool = True
    payloads: dict[str, str] = msgspec.field(default_factory=dict)
    counted_as: tuple[str, str | None] | None = None
    buyer_unsure: bool = False
    doubtful: bool = False

    def put_off(self, reason: str) -> None:
        """It could not be sent now; one that is in doubt stays so, and the owner's word on those holds for it."""
        self.end(fates.HELD, fates.IN_DOUBT if self.doubtful else reason)

    def end(self, fate: str, reason: str | None = None, *, answer: str | None = None, now: str | None = None) -> None:
        """Give the row its fate; a held or rejected one keeps the record that it waits with.

        Args:
            fate: what became of it.
            reason: why.
            answer: what eSputnik said to it.
            now: ledger text, where many end at one moment.
        """
        row = self.row
        if (row.fate, row.reason) != (fate, reason) or row.change_status != self.reading.status:
            row.since = now or now_text()
        row.fate, row.reason, row.answer = fate, reason, answer
        row.version = self.reading.version if fate == fates.REJECTED else None  # by it, it is known if it comes again
        if row.change_status != self.reading.status:
            row.change_status, row.change_sent = self.reading.status, "[]"


def reading_of(record: Mapping[str, Any], settings: Settings, ledger: Ledger, written: str | None = None) -> Reading:
    """An order's record as the planning wants it.

    Args:
        record: valid by its schema.
        settings: the map of statuses counts.
        ledger: for the keyed hashes.
        written: the record as it came, where that is at hand.
    """
    titles = [title for title in (record.get("status_title"), *(record.get("status_titles") or {}).values()) if title]
    status = int(record["status_id"])
    text = json_text(record) if written is None else written
    return Reading(
        order_id=int(record["order_id"]),
        created_at=text_of(parsed(record["created_at"])),
        status=status,
        planned=settings.status_map.statuses_for(status, titles),
        text=text,
        make_version=lambda: ledger.version_of(json.loads(text)),
        make_content=lambda: ledger.version_of(orders.order_content(record)),
    )


def rules_of(settings: Settings, ledger: Ledger) -> Rules:
    """What the settings and the ledger say about orders in general. `ledger` is in a scope."""
    return Rules(
        live_since=text_of(settings.live_since) if settings.live_since else ledger.scope.live_since,
        baseline_before=ledger.scope.baseline_before,
        ledger_lost=False,
        any_update=settings.order_updates == "any",
        mapped_again_since=days_ago(DAYS_MAPPED_AGAIN),
    )


def take_as_sent(row: Order, reading: Reading) -> None:
    """After a lost ledger: what the order stands for and holds may have been sent, and is not sent a second time."""
    row.content = reading.content
    if reading.planned:
        row.esputnik_status = reading.planned[-1]


def settle_unsent(row: Order, reading: Reading, fate: str, reason: str | None) -> None:
    """Write into a row what an order that is not sent ends in: baseline, unchanged, held or rejected."""
    if fate in {fates.HELD, fates.REJECTED}:
        if (row.fate, row.reason) != (fate, reason) or row.change_status != reading.status:
            row.since = now_text()
        if row.change_status != reading.status:
            row.change_status, row.change_sent = reading.status, "[]"
        row.fate, row.reason, row.version = fate, reason, reading.version
        return
    if fate == fates.BASELINE:
        row.fate, row.reason = fate, reason
        if reason == fates.LEDGER_LOST:
            take_as_sent(row, reading)
    elif row.fate in {fates.HELD, fates.REJECTED}:  # it went back to what was last accepted or recorded
        row.fate, row.reason = (fates.ACCEPTED if row.ever_accepted else fates.BASELINE), None
    row.shop_status, row.change_status, row.change_sent = reading.status, None, "[]"
    row.version, row.answer = None, None
