"""Orders on their way: buyers first, then wave by wave, one request at a time; in doubt until answered.

The last request may be left under way: the next records are read and planned meanwhile. It is settled before eSputnik
is asked for anything else: an order of a moment ago could else meet a contact that came after it, and be taken for his.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_esputnik import fates, orders
from target_esputnik.delivery.buyers import BuyerDelivery
from target_esputnik.delivery.order_requests import FAILS_ALONE, OrderRequests, Wave
from target_esputnik.delivery.workroom import slices
from target_esputnik.errors import NoAnswer, TargetError
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Send
from target_esputnik.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future

    from target_esputnik.delivery.contacts import ContactDelivery
    from target_esputnik.delivery.due import Due
    from target_esputnik.delivery.workroom import Workroom


@dataclass
class _UnderWay:
    """One request, from its intents to its answer.

    Attributes:
        batch: the orders in it.
        number: of the wave.
        doubtful: they are in doubt since an earlier run.
        wave: what becomes of each.
        answer: is done when it came, or when nothing more is to be waited for.
        more: the orders that have another status to come; None until the answer was looked at.
    """

    batch: Sequence[Due]
    number: int
    doubtful: bool
    wave: Wave
    answer: Future[None]
    more: list[Due] | None = None


class OrderDelivery:
    """Delivers due orders of one run.

    Args:
        room: the run's tools.
        contacts: delivers the buyers.
    """

    def __init__(self, room: Workroom, contacts: ContactDelivery) -> None:
        self._room = room
        self._buyers = BuyerDelivery(room, contacts, self.settle)
        self._requests = OrderRequests(room)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="target-esputnik")
        self._under_way: _UnderWay | None = None

    def deliver(self, dues: Sequence[Due], *, doubtful: bool = False, wait: bool = True) -> None:
        """Deliver orders; rows and counts say what became of each.

        Args:
            dues: in any order.
            doubtful: they are in doubt since an earlier run, all of them.
            wait: False leaves the last request under way, until `settle`.

        Raises:
            NoAnswer: it is not known what became of one batch; it is in doubt, and nothing more is sent.
            TargetError: eSputnik is away or refuses the key; what was not sent waits in the ledger.
        """
        dues = self._without_erased(dues)
        if not dues:
            return
        for due in dues:
            due.doubtful = doubtful
        ready = self._with_their_buyers(dues)
        try:
            if self._has_trouble():
                self.settle()
        except TargetError:
            self._put_back(ready)
            raise
        wave = 0
        while ready:
            going, ready = list(ready), []
            lone = 1 if self._requests.suspects and not doubtful else 0  # it shows whose failure the failure is
            batches = [going[:lone], *slices(going[lone:], self._room.settings.order_batch_size)]
            try:
                while batches:
                    self._room.check_stop()
                    if batch := batches.pop(0):
                        self._begin(batch, wave, doubtful=doubtful and wave == 0)
                        more = ready or any(wave + 1 < len(due.to_send) for due in batch)
                        if not (wait or batches or more):
                            return
                        ready += self._settled()
            except (TargetError, Stopping):
                self._put_back([due for batch in batches for due in batch] + ready)
                raise
            wave += 1

    def has_under_way(self, order_ids: Iterable[int]) -> bool:
        """Whether one of these orders is in the request under way: what becomes of it is not known yet."""
        if self._under_way is None:
            return False
        return not self._under_way.wave.sends.keys().isdisjoint(order_ids)

    def settle(self) -> None:
        """Wait for the request that is under way, if there is one, and write down what became of its orders.

        Raises:
            TargetError: as for `deliver`.
        """
        if self._under_way is not None:
            self._settled()  # the last one of its orders: none of them has a next status

    def _has_trouble(self) -> bool:
        """Wait for the request that is under way. Returns whether it says that nothing more may be sent."""
        request = self._under_way
        if request is None:
            return False
        request.answer.result()
        return request.wave.trouble is not None

    def finish(self) -> None:
        """Nothing more is to be sent, and all is settled.

        Raises:
            NoAnswer: orders in doubt failed once more, and no other order showed whose failure that is.
        """
        if self._requests.suspects:
            raise NoAnswer("order_fails")

    # ---------------------------------------------------------------- before sending

    def _without_erased(self, dues: Sequence[Due]) -> Sequence[Due]:
        """Hold what erased persons bought, also where it waited from before; return the rest."""
        erased = self._room.erased
        gone = [due for due in dues if erased.holds(due.identity)] if erased else []
        for due in gone:
            due.end(fates.HELD, fates.ERASED)
        self._write(gone)
        return [due for due in dues if not due.row.erased]

    def _with_their_buyers(self, dues: Sequence[Due]) -> list[Due]:
        """Deliver the buyers; return the orders that can go."""
        trouble: TargetError | None = None
        try:
            self._buyers.deliver(dues)
        except TargetError as error:
            trouble = error  # orders whose buyers are delivered could go, but eSputnik is away: all of them wait
        ready = self._set_aside(dues, trouble)
        if trouble is not None:
            raise trouble
        return ready

    def _set_aside(self, dues: Sequence[Due], trouble: TargetError | None) -> list[Due]:
        """Settle the orders that cannot go; return those that can, with their payloads made."""
        ready: list[Due] = []
        aside: list[Due] = []
        for due in dues:
            if due.identity.email is None and due.identity.phone is None:
                due.end(fates.REJECTED, fates.NO_IDENTITY)
            elif due.buyer is None:  # the ledger failed before anybody was looked for
                due.put_off(fates.UNAVAILABLE)
            elif due.buyer.fate == fates.HELD and due.buyer.reason == fates.ERASED:
                due.end(fates.HELD, fates.ERASED)
            elif (
                due.buyer_unsure
                or not due.buyer.delivered
                or (due.buyer.fate, due.buyer.reason) == (fates.HELD, fates.DELETED_THERE)
            ):
                due.put_off(fates.BUYER_NOT_DELIVERED)
            elif trouble is not None:
                due.put_off(fates.UNAVAILABLE)
            elif self._payloads_made(due):
                ready.append(due)
                continue
            aside.append(due)
        self._write(aside)
        return ready

    def _payloads_made(self, due: Due) -> bool:
        settings = self._room.settings
        buyer = due.buyer
        try:
            for status in due.to_send:
                payload = orders.order_payload(
                    due.record,
                    status=status,
                    external_id_prefix=settings.external_id_prefix,
                    external_customer_id=buyer.external_id if buyer else None,
                    store_id=settings.store_id,
                    phone_region=settings.phone_region,
                    with_phone=due.with_phone,
                )
                due.payloads[status] = json_text(payload)
        except orders.NoIdentity:
            due.end(fates.REJECTED, fates.NO_IDENTITY)
            return False
        due.record = {}  # all that is needed of it is made; another batch is read while this one is under way
        return True

    # ---------------------------------------------------------------- one request

    def _begin(self, batch: Sequence[Due], number: int, *, doubtful: bool) -> None:
        """Write down the intents, and let the wave's status of each order leave.

        What became of the request before this one, which is in no trouble, is written in the same transaction: half
        of the pages that one changes in the ledger are changed by the other, too.
        """
        statuses = {due.row.order_id: due.to_send[number] for due in batch}
        sends = {due.row.order_id: self._intent(due, statuses[due.row.order_id]) for due in batch}
        before = self._under_way
        with self._room.transaction():
            if before is not None:
                self._write_outcomes(before)
            self._room.ledger.intend(list(sends.values()))
            now = now_text()
            for due in batch:  # in doubt from here on: a crash leaves what is true
                due.end(fates.HELD, fates.IN_DOUBT, now=now)
                due.row.record = due.reading.text
            self._write_rows(batch)
        wave = Wave(statuses, sends)
        answer = self._thread.submit(self._requests.send, list(batch), wave, doubtful=doubtful)
        self._under_way = _UnderWay(batch, number, doubtful, wave, answer)
        if before is not None:
            self._clear_suspects(before)

    def _settled(self) -> list[Due]:
        """Write down what became of the orders under way; return those that have another status to come."""
        request = self._under_way
        assert request is not None  # noqa: S101 - whoever calls this has begun one
        request.answer.result()  # not in the transaction: others may share the ledger
        with self._room.transaction():
            more = self._write_outcomes(request)
        self._under_way = None  # not before: what could not be written is written once more when the run ends
        self._clear_suspects(request)
        if request.wave.trouble is not None:
            self._put_back(more)
            raise request.wave.trouble
        return more

    def _write_outcomes(self, request: _UnderWay) -> list[Due]:
        """The same, once the answer came, in a transaction that is open; it may be done again where that one failed."""
        batch, sends = request.batch, request.wave.sends
        if request.more is None:
            now = now_text()
            request.more = [due for due in batch if self._accepted(due, sends, request.number, now)]
            waiting = {due.row.order_id for due in request.more}
            self._count([due for due in batch if due.row.order_id not in waiting] if waiting else batch)
        self._room.ledger.settle(list(sends.values()))
        self._write_ends(batch)
        return request.more

    def _clear_suspects(self, request: _UnderWay) -> None:
        """Once other orders are taken, those that eSputnik failed at alone wait for a person, and hold up nobody."""
        taken = not request.doubtful and any(send.outcome == "accepted" for send in request.wave.sends.values())
        if not (self._requests.suspects and taken):
            return
        # As the ledger has them by now: a newer version may have been read since.
        rows = list(self._room.ledger.orders(due.row.order_id for due in self._requests.suspects).values())
        for row in rows:
            row.answer = FAILS_ALONE
        self._room.ledger.write_orders(rows)
        self._requests.suspects.clear()

    def _intent(self, due: Due, status: str) -> Send:
        kept = due.payloads[status] if self._room.settings.store_payloads else None
        return Send("order", str(due.row.order_id), status, shop_status=due.reading.status, payload=kept)

    # ---------------------------------------------------------------- after the answer

    def _accepted(self, due: Due, sends: dict[int, Send], wave: int, now: str) -> bool:
        """Bring an intent's end into the order's row. Returns whether a next status is to be sent."""
        send, row = sends[due.row.order_id], due.row
        if send.outcome == "rejected":
            due.end(fates.REJECTED, send.reason, answer=send.answer)
        elif send.outcome == "not_sent":
            due.put_off(fates.UNAVAILABLE)
        elif send.outcome == "in_doubt":
            due.end(fates.HELD, fates.IN_DOUBT, answer=send.answer)
        else:
            row.esputnik_status, row.ever_accepted, due.doubtful = send.what, True, False
            if wave + 1 < len(due.to_send):
                row.change_sent = json_text([*json.loads(row.change_sent), send.what])
                due.end(fates.HELD, fates.UNFINISHED)
                return True
            self._finish(due, now)
        return False

    def _finish(self, due: Due, now: str) -> None:
        row = due.row
        due.end(fates.ACCEPTED, now=now)
        row.shop_status, row.content, row.version = due.reading.status, due.reading.content, None
        row.change_status, row.change_sent = None, "[]"
        row.record = due.reading.text if self._room.settings.store_payloads else None

    def _put_back(self, dues: Sequence[Due]) -> None:
        """Orders whose turn did not come, or whose next status did not: they go on by themselves in the next run."""
        for due in dues:
            due.put_off(fates.UNFINISHED if json.loads(due.row.change_sent) else fates.UNAVAILABLE)
        self._write(dues)

    def _write(self, dues: Sequence[Due]) -> None:
        for due in dues:
            if due.row.erased:
                due.row.erase(now_text())
            else:
                due.row.record = due.reading.text
        self._count(dues)
        self._write_rows(dues)

    def _write_rows(self, dues: Sequence[Due]) -> None:
        self._room.ledger.write_orders([due.row for due in dues], {due.row.order_id: due.identity for due in dues})

    def _write_ends(self, batch: Sequence[Due]) -> None:
        """Write what became of orders that the ledger has as in doubt, whole, since their intents."""
        rows = [due.row for due in batch]
        self._room.ledger.write_ends_of_orders([row for row in rows if row.record is not None])
        self._room.ledger.write_orders([row for row in rows if row.record is None])

    def _count(self, dues: Iterable[Due]) -> None:
        for due in dues:
            self._room.tally.order_went(due.row, due.counted_as)
