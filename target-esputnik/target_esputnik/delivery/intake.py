"""Orders and statuses that arrive: checked, compared with what the ledger knows, and given their fate or their turn.

Works on batches, so that the ledger is asked once for many records.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from target_esputnik import fates, schemas
from target_esputnik.delivery.contact_intake import moment_or_none, newest
from target_esputnik.delivery.due import Due, reading_of, settle_unsent, take_as_sent
from target_esputnik.identity import identity_of
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Order
from target_esputnik.planning import DUE, Reading, Rules, verdict_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.delivery.workroom import Workroom

Record = dict[str, Any]


class Arrived(NamedTuple):
    """An order that arrived.

    Attributes:
        record: as it was read.
        written: of a record that is known to fit its schema: as it came, with what the record may lack; else None.
    """

    record: Record
    written: str | None = None


@dataclass
class Intake:
    """Takes in orders and statuses of one run.

    Attributes:
        room: the run's tools.
        rules: what the run says about orders in general.
        newer_than_bookmark: unknown orders taken as baseline because the ledger was lost, though the bookmark says
            that they are new.
        bookmark: of the orders, as the tap's STATE had it; ledger text.
    """

    room: Workroom
    rules: Rules
    bookmark: str | None = None
    newer_than_bookmark: int = 0
    _now: str = ""

    def orders(self, arrived: Sequence[Arrived]) -> list[Due]:
        """Write down orders that are not sent, and return those that are due."""
        tally, ledger = self.room.tally, self.room.ledger
        self._now = now_text()
        tally.read["orders"] += len(arrived)
        versions = newest(tally, "orders", arrived, lambda one: schemas.order_key(one.record["order_id"]))
        rows = ledger.orders(key for key in versions if isinstance(key, int))
        written: list[Order] = []
        dues: list[Due] = []
        for key, one in versions.items():
            known = rows.get(key) if isinstance(key, int) else None
            if known is not None and known.read_run == ledger.run.number and known.fate == fates.HELD:
                tally.superseded("orders", known)
            self._order(one, known, written, dues)
        ledger.write_orders(written)
        return dues

    def _order(self, arrived: Arrived, known: Order | None, written: list[Order], dues: list[Due]) -> None:
        room, ledger, record = self.room, self.room.ledger, arrived.record
        problems = ([] if arrived.written else schemas.problems("orders", record)) or _missing(record)
        if problems or (known is not None and known.erased):
            if (known is not None and known.erased) or self._is_by_erased(record):
                self._erased_order(record, known, written)
            else:
                whole = record if arrived.written is None else json.loads(arrived.written)
                self._reject_order(whole, known, problems, written)
            return
        reading = reading_of(record, room.settings, ledger, arrived.written)
        verdict = verdict_on(reading, known, self.rules)
        if known is not None and verdict.fate == fates.UNCHANGED and _settled_already(known, reading.status):
            self._unchanged_order(record, reading, known, written)
            return
        if self._is_by_erased(record):
            self._erased_order(record, known, written)
            return
        row = known or Order(reading.order_id, since=self._now, read_run=0, created_at=reading.created_at)
        if verdict.fate == DUE and not room.settings.receive_orders:
            self._learn_buyer(record, dues, row, reading)
            return
        if verdict.fate == DUE:
            row.read_run = ledger.run.number
            identity = identity_of(record, ledger, room.settings.phone_region)
            reading.make_now()
            dues.append(Due(record, reading, row, verdict.to_send, identity))
            return
        if verdict.reason == fates.LEDGER_LOST and self.bookmark is not None and reading.created_at > self.bookmark:
            self.newer_than_bookmark += 1
        room.tally.settled("orders", verdict.fate, verdict.reason)
        if verdict.fate == fates.REJECTED:
            return
        row.read_run = ledger.run.number
        settle_unsent(row, reading, verdict.fate, verdict.reason)
        row.record = reading.text if verdict.fate == fates.HELD or room.settings.store_payloads else None
        written.append(row)

    def _unchanged_order(self, record: Record, reading: Reading, known: Order, written: list[Order]) -> None:
        self.room.tally.settled("orders", fates.UNCHANGED)
        older = self.rules.is_from_older_copy(known)
        if older and known.reason == fates.LEDGER_LOST:
            take_as_sent(known, reading)
        # Content that was passed over does not make it due when `order_updates: any` is turned on, or after a loss.
        passed_over = known.content not in (None, reading.content)
        if passed_over:
            known.content = reading.content
        if older or passed_over:
            written.append(known)  # from this moment on its changes are known again
        self._keep_content_again(record, reading, known, written)

    def _keep_content_again(self, record: Record, reading: Reading, known: Order, written: list[Order]) -> None:
        """Keep the content of an order that is settled, if the shop is read from its beginning: `resend` needs it."""
        missing = known.record is None and self.bookmark is None and self.room.settings.store_payloads
        if missing and not self._is_by_erased(record):
            known.record = reading.text
            written.append(known)

    def _is_by_erased(self, record: Record) -> bool:
        """Whether the buyer was erased on request. Asked only where something would be sent or kept of the order."""
        room = self.room
        return bool(room.erased) and room.erased.holds(identity_of(record, room.ledger, room.settings.phone_region))

    def _erased_order(self, record: Record, known: Order | None, written: list[Order]) -> None:
        """An order of a person who was erased: known by its number, and nothing else of it is kept."""
        self.room.tally.settled("orders", fates.HELD, fates.ERASED)
        if not schemas.can_be_key(record["order_id"]):
            return
        now = now_text()
        made = moment_or_none(record.get("created_at")) or now
        row = known or Order(record["order_id"], since=now, read_run=0, created_at=made)
        row.erase(now)
        row.read_run = self.room.ledger.run.number
        written.append(row)

    def _learn_buyer(self, record: Record, dues: list[Due], row: Order, reading: Any) -> None:
        """Receive orders is off: the order is recorded, so that it is never due later; its buyer is learned of."""
        room = self.room
        row.read_run = room.ledger.run.number
        settle_unsent(row, reading, fates.BASELINE, fates.SWITCHED_OFF)
        identity = identity_of(record, room.ledger, room.settings.phone_region)
        dues.append(Due(record, reading, row, (), identity))

    def _reject_order(self, record: Record, known: Order | None, problems: Sequence[str], written: list[Order]) -> None:
        tally, ledger = self.room.tally, self.room.ledger
        version = ledger.version_of(record)
        order_id = record["order_id"]
        tally.settled("orders", fates.REJECTED, fates.INVALID)
        if known is not None and known.fate == fates.REJECTED and known.version == version:
            return
        tally.rejected_on_reading()
        if not schemas.can_be_key(order_id):
            return  # it has no place in the ledger; the count and the log line are all that can be kept
        row = known or Order(order_id, since=now_text(), read_run=0, created_at=now_text())
        row.fate, row.reason, row.since, row.version = fates.REJECTED, fates.INVALID, now_text(), version
        row.record, row.answer, row.read_run = json_text(record), "; ".join(problems), ledger.run.number
        written.append(row)

    # ---------------------------------------------------------------- statuses

    def order_statuses(self, records: Sequence[Record]) -> None:
        """Write down the shop's statuses."""
        tally = self.room.tally
        tally.read["order_statuses"] += len(records)
        good = []
        for record in records:
            problems = schemas.problems("order_statuses", record)
            fate, reason = (fates.REJECTED, fates.INVALID) if problems else (fates.ACCEPTED, None)
            tally.settled("order_statuses", fate, reason)
            if not problems:
                good.append(record)
        self.room.ledger.note_statuses(list({record["id"]: record for record in good}.values()))


def carried(row: Order, room: Workroom) -> Due | None:
    """A held order of an earlier run, made due from its stored record; None where the record is gone or not usable."""
    if row.record is None:
        return None
    record = json.loads(row.record)
    if schemas.problems("orders", record) or _missing(record):
        return None
    reading = reading_of(record, room.settings, room.ledger)
    return Due(record, reading, row, (), identity_of(record, room.ledger, room.settings.phone_region))


def _missing(record: Record) -> list[str]:
    """What an order cannot be judged without, though a tap's schema may allow it to be absent."""
    return [f"field `{name}` is missing" for name in ("created_at", "status_id") if record.get(name) is None]


def _settled_already(known: Order, status: int) -> bool:
    return known.fate in {fates.ACCEPTED, fates.BASELINE} and known.shop_status == status
