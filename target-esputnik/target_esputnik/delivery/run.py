"""One run: from the first record to the balance.

The order of things (architecture.md): what earlier runs left waiting; then, batch by batch, records in, due orders'
buyers, due orders; STATE only when everything before it is settled in the ledger; at the end all other contacts, until
the run's time is up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates, schemas
from target_esputnik.delivery.buyers import BuyerDelivery
from target_esputnik.delivery.contact_intake import ContactIntake
from target_esputnik.delivery.contacts import ContactDelivery
from target_esputnik.delivery.due import DAYS_MAPPED_AGAIN, rules_of, settle_unsent
from target_esputnik.delivery.intake import Arrived, Intake, carried
from target_esputnik.delivery.orders import OrderDelivery
from target_esputnik.delivery.pending import pending_contact
from target_esputnik.delivery.workroom import Workroom
from target_esputnik.errors import ConfigProblem, OutOfBalance, TargetError
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import days_ago, parsed, text_of
from target_esputnik.ledger.reports import scopes_of
from target_esputnik.planning import left_once_more
from target_esputnik.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from target_esputnik.client import EsputnikClient
    from target_esputnik.delivery.due import Due
    from target_esputnik.ledger.rows import Order
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings

BATCH: Final = 1000
"""Records that are planned, sent and settled together, at most."""

LEAST_BATCH: Final = 100
"""The same at least, as long as more come: to plan them takes some questions to the ledger, however few they are."""

SECONDS_BETWEEN_STATES: Final = 30.0
EXIT_TOO_MANY_REJECTED: Final = 3

logger = logging.getLogger("target-esputnik")


class Run:
    """One run on one ledger, shop and account.

    Args:
        settings: checked.
        ledger: open; its scope is entered and locked here.
        client: of the account.
        exchanges: where the client's threads put requests that are over.
        emit_state: called with a STATE value that is true.
        kind: `run`, or the command that sends.

    Attributes:
        stopping: a signal sets it, at any moment: what is in flight is settled, nothing more begins.
        has_begun: there is something to count, to settle and to close.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        client: EsputnikClient,
        *,
        exchanges: list[Any],
        emit_state: Callable[[dict[str, Any]], None],
        kind: str = "run",
        meltano_run_id: str | None = None,
    ) -> None:
        self.stopping = threading.Event()
        self._settings = settings
        self._ledger = ledger
        self._client = client
        self._emit_state = emit_state
        self._kind = kind
        self._meltano_run_id = meltano_run_id
        self._exchanges = exchanges
        self._buffer: dict[str, list[dict[str, Any]]] = {"contacts": [], "order_statuses": []}
        self._arrived: list[Arrived] = []
        self._buffered = 0
        # The orders of one request, or of a few small ones: while the last one is under way the next can be read.
        requests = math.ceil(LEAST_BATCH / settings.order_batch_size)
        self._batch = min(BATCH, requests * settings.order_batch_size)
        self._state: dict[str, Any] | None = None
        self._state_pending = False
        self._last_state_at = time.monotonic()
        self._seen_state = False
        self._resumed = False
        self._wrote_state = False
        self.has_begun = False

    # ---------------------------------------------------------------- begin

    def begin(self) -> None:
        """Prove the key, enter the ledger, and send what earlier runs left waiting.

        Raises:
            TargetError: the key or the ledger cannot be used, or another run is at work.
        """
        settings, ledger = self._settings, self._ledger
        ledger.phone_region = settings.phone_region
        try:
            account = self._client.account()
        except TargetError as error:
            self._note_false_start(error)
            raise
        ledger.enter_scope(
            settings.account_prefix + account.id, account.name, settings.shop, create=self._kind == "run"
        )
        ledger.lock()
        ledger.begin_run(kind=self._kind, settings_hash=settings_hash(settings), meltano_run_id=self._meltano_run_id)
        rules = rules_of(settings, ledger)
        self.tally = Tally(ledger.run.number)
        self.room = Workroom(
            settings=settings,
            ledger=ledger,
            client=self._client,
            tally=self.tally,
            # A ledger that was lost makes history of all from before that, contacts too: none of them is asked again.
            live_since=max(rules.live_since, ledger.scope.baseline_before or ""),
            exchanges=self._exchanges,
            stopping=self.stopping,
        )
        self.intake = Intake(self.room, rules)
        self._contact_intake = ContactIntake(self.room)
        self._contacts = ContactDelivery(self.room)
        self._orders = OrderDelivery(self.room, self._contacts)
        self.has_begun = True
        self.room.write_exchanges()
        if not ledger.keep_prefix(settings.external_id_prefix):
            raise ConfigProblem("prefix_changed")

    def _note_false_start(self, error: TargetError) -> None:
        """Write the failure down where the shop has one account only, so that `last-run` tells of it, too."""
        settings, ledger = self._settings, self._ledger
        if self._kind != "run":
            return
        with contextlib.suppress(TargetError):  # why the run failed must not be hidden by how it is written down
            known = scopes_of(ledger, settings.shop, settings.account_prefix)
            if len(known) != 1:
                return
            ledger.enter_scope(known[0].account, known[0].account_name, settings.shop, create=False)
            ledger.begin_run(
                kind=self._kind, settings_hash=settings_hash(settings), meltano_run_id=self._meltano_run_id
            )
            ledger.end_run(exit_code=error.exit_code, error=error.code, sentence=error.sentence)
            ledger.run = replace(ledger.run, number=0)  # it is over: nothing more is to be written of it

    def _resume_once(self) -> None:
        """Send what earlier runs left: orders in doubt or unfinished, orders whose status is mapped by now.

        Not before the first message: it may tell that this ledger is an older copy, whose orders were sent since.
        """
        if self._resumed or self._kind != "run" or not (self._buffered or self._seen_state):
            return
        self._resumed = True
        forgotten = self._ledger.settle_forgotten()
        if forgotten:
            logger.warning("%d things were being sent when an earlier run was cut off.", forgotten)
        self._contacts.resume_imports()
        if self._settings.in_doubt_orders == "resend":
            # Alone: cut off once more, no other order gets into doubt with them.
            self._send_carried({fates.IN_DOUBT}, doubtful=True)
        self._send_carried({fates.UNAVAILABLE, fates.UNFINISHED, fates.BUYER_NOT_DELIVERED})
        self._send_carried({fates.UNMAPPED_STATUS}, since=days_ago(DAYS_MAPPED_AGAIN))

    def _send_carried(
        self, reasons: Collection[str], *, since: str | None = None, counted: bool = False, doubtful: bool = False
    ) -> None:
        """Send held orders from their stored records.

        Args:
            reasons: what they are held for.
            since: only those held at or after this moment.
            counted: this run has counted them once already.
            doubtful: what is known of them is that nothing is known.
        """
        if not self._settings.receive_orders:
            return
        after = -1
        while rows := self._ledger.waiting_orders(reasons=reasons, limit=BATCH, after=after, since=since):
            after = rows[-1].order_id
            dues = [due for row in rows if (due := self.due_again(row)) is not None]
            for due in dues:
                due.counted_as = (due.row.fate, due.row.reason) if counted else None
            self.deliver_orders(dues, doubtful=doubtful)
            self.room.check_stop()

    def due_again(self, row: Order) -> Due | None:
        """A held order, made due from its stored record; None where there is nothing that may be sent."""
        due = carried(row, self.room)
        if due is None or due.reading.planned is None:
            return None
        if row.reason == fates.IN_DOUBT and row.answer is not None:
            return None  # eSputnik answered, but not which order it refused: a person decides
        due.to_send = left_once_more(due.reading, row)
        if not due.to_send:  # by now its status is mapped to what was sent last
            settle_unsent(row, due.reading, fates.UNCHANGED, None)
            self._ledger.write_orders([row])
            return None
        return due

    # ---------------------------------------------------------------- messages

    def take(self, stream: str, record: dict[str, Any], written: str | None = None) -> None:
        """Take in one record of `contacts`, `orders` or `order_statuses`; its key is there.

        Args:
            stream: its name.
            record: as it was read.
            written: of an order that is known to fit its schema: as it came, with what its record may lack.
        """
        if stream == "orders":
            self._arrived.append(Arrived(record, written))
        else:
            self._buffer[stream].append(record)
        self._buffered += 1

    @property
    def is_full(self) -> bool:
        """Whether so much was taken in that it is to be settled before more is."""
        return self._buffered >= self._batch

    def take_state(self, value: dict[str, Any]) -> None:
        """Take in a STATE: it goes out as soon as everything before it is settled and its time has come."""
        if not self._seen_state:
            self._seen_state = True
            self._look_at_marker(value)
        self._resume_once()
        self._state, self._state_pending = value, True
        if time.monotonic() - self._last_state_at > SECONDS_BETWEEN_STATES:
            self.settle()

    def _look_at_marker(self, value: Mapping[str, Any]) -> None:
        """Find out whether this ledger is the one that the tap's state was written with, and as new."""
        self.intake.bookmark = _orders_bookmark(value)
        self._ledger.set_bookmark_before(json_text(_without_ids(value)))
        marker = value.get("esputnik_ledger")
        if not isinstance(marker, dict):
            return
        if marker.get("id") == self._ledger.scope.uid and self._ledger.wrote_state(marker.get("run")):
            return
        logger.warning(
            "The ledger is not the one that the tap's state was written with, or an older copy of it: what it does not "
            "know of orders is taken as baseline and not sent."
        )
        self._ledger.take_unknown_as_baseline(self._ledger.run.started_at)
        self.intake.rules = replace(self.intake.rules, ledger_lost=True, baseline_before=self._ledger.run.started_at)
        self.room.live_since = max(self.room.live_since, self._ledger.run.started_at)

    # ---------------------------------------------------------------- settle

    def settle(self) -> None:
        """Plan and send what was taken in; contacts that are no buyers wait for the end. Then STATE may go out.

        The last request with orders is left under way; it is settled before the next one, and before STATE.
        """
        self._resume_once()
        buffer, arrived, self._buffered = self._buffer, self._arrived, 0
        self._buffer, self._arrived = {stream: [] for stream in buffer}, []
        if buffer["order_statuses"]:
            self.intake.order_statuses(buffer["order_statuses"])
        if buffer["contacts"]:
            self._contact_intake.take(buffer["contacts"])
        if arrived:
            ids = (one.record["order_id"] for one in arrived)
            if self._orders.has_under_way(filter(schemas.can_be_key, ids)):
                self._orders.settle()
            self.deliver_orders(self.intake.orders(arrived), wait=False)
        self.room.write_exchanges()
        self._send_state()
        self.room.check_stop()

    def deliver_orders(self, dues: list[Due], *, doubtful: bool = False, wait: bool = True) -> None:
        """Send due orders, buyers first; with `receive_orders` off only learn of their buyers.

        Args:
            dues: in any order.
            doubtful: all of them are in doubt since an earlier run.
            wait: False leaves the last request under way, until `settle_orders`.
        """
        if self._settings.receive_orders:
            self._orders.deliver(dues, doubtful=doubtful, wait=wait)
            return
        if self._settings.receive_contacts:
            BuyerDelivery(self.room, self._contacts).deliver(dues)
        for due in dues:
            due.row.record = due.reading.text if self._settings.store_payloads else None
            self.tally.settled("orders", fates.BASELINE, fates.SWITCHED_OFF)
        self._ledger.write_orders([due.row for due in dues])

    def settle_orders(self) -> None:
        """Wait for what is under way, and write down what became of it; nothing new is begun.

        Raises:
            TargetError: as for `deliver_orders`.
        """
        if self.has_begun:
            self._orders.settle()

    def _send_state(self) -> None:
        if self._state is None or not self._state_pending or self._settings.dry_run:
            return
        self._orders.settle()
        self._check_balance()  # a record that nobody accounts for must be read again
        self._state_pending, self._last_state_at = False, time.monotonic()
        scope = self._ledger.scope
        if not self._wrote_state:  # before it leaves: by this the next run knows whether this ledger is that old
            self._wrote_state = True
            self._ledger.note_state_written()
        self._emit_state(self._state | {"esputnik_ledger": {"id": scope.uid, "run": scope.run_number}})

    # ---------------------------------------------------------------- end

    def finish(self) -> int:
        """Settle the rest, deliver all other contacts while there is time, check the balance.

        Returns:
            The exit code: 0, or 3 when too many records were rejected.

        Raises:
            TargetError: among them OutOfBalance.
        """
        self.settle()
        self._orders.settle()
        self._deliver_backlog()
        self._send_carried({fates.BUYER_NOT_DELIVERED}, counted=True)
        self._check_balance()
        if not self._settings.dry_run:
            self._ledger.drop_old_payloads(days_ago(self._settings.payload_retention_days))
        self._orders.finish()
        return EXIT_TOO_MANY_REJECTED if self.tally.too_many_rejected(self._settings.max_rejected_percent) else 0

    def _deliver_backlog(self) -> None:
        if not self._settings.receive_contacts:
            return
        after, size = "", self._settings.contact_batch_size
        while self.room.seconds_left() > 0:
            rows = self._ledger.waiting_contacts(reasons={fates.BACKLOG, fates.UNAVAILABLE}, limit=size, after=after)
            if not rows:
                return
            after = rows[-1].key
            pendings = [
                pending_contact(row, json.loads(row.record), self._settings, self._ledger, self.room.live_since)
                for row in rows
                if row.record is not None
            ]
            self._contacts.deliver(pendings, until_stopped=True)
            self.room.check_stop()

    def _check_balance(self) -> None:
        gaps = self.tally.imbalance()
        if gaps:
            streams = ", ".join(f"{stream} by {gap}" for stream, gap in sorted(gaps.items()))
            raise OutOfBalance("out_of_balance", streams=streams)

    def close(self, exit_code: int, error: TargetError | None = None) -> None:
        """Write the run's verdict and counts into the ledger; called once, however the run ended."""
        if not self.has_begun:
            return
        self.room.write_exchanges()
        self._ledger.end_run(
            exit_code=exit_code,
            error=error.code if error else None,
            sentence=error.sentence if error else None,
            counts=json_text(self.tally.as_json() | {"newer_than_bookmark": self.intake.newer_than_bookmark}),
            bookmark_after=json_text(_without_ids(self._state)) if self._state and not self._state_pending else None,
        )


def settings_hash(settings: Settings) -> str:
    """A hash that changes when a setting changes; secrets are left out of it."""
    values = {name: repr(value) for name, value in vars(settings).items() if name not in {"api_key", "ledger_url"}}
    return hashlib.sha256(json_text(values, sort=True).encode()).hexdigest()[:16]


def _orders_bookmark(value: Mapping[str, Any]) -> str | None:
    bookmarks = value.get("bookmarks")
    of_orders = bookmarks.get("orders") if isinstance(bookmarks, dict) else None
    text = of_orders.get("replication_key_value") if isinstance(of_orders, dict) else None
    try:
        return text_of(parsed(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _without_ids(value: Mapping[str, Any]) -> dict[str, Any]:
    """The bookmarks' plain values: a stream's list of followed ids may be long, and says nothing to a person."""
    bookmarks = value.get("bookmarks")
    streams = bookmarks.items() if isinstance(bookmarks, dict) else ()
    return {
        name: {key: inner for key, inner in marks.items() if not isinstance(inner, (dict, list))}
        for name, marks in streams
        if isinstance(marks, dict)
    }
