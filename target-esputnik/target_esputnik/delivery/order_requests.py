"""Requests with orders, until each order's fate is known: halved where eSputnik refuses, one by one where it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_esputnik import answers, fates
from target_esputnik.errors import NoAnswer, RequestRefused, TargetError
from target_esputnik.ledger.base import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.delivery.due import Due
    from target_esputnik.delivery.workroom import Workroom
    from target_esputnik.ledger.rows import Send

FAILURES_OF_ALL: Final = 5
"""So many orders that fail one after another, and none that is taken, are eSputnik's failure and not theirs."""

FAILS_ALONE: Final = "eSputnik fails (HTTP 5xx) at this order, and takes others"


@dataclass
class Wave:
    """One status of each order of a batch, on its way.

    Attributes:
        statuses: the eSputnik status, by order id.
        sends: the intents, by order id; they say what became of each order.
        trouble: why nothing more may be sent, if that is so.
    """

    statuses: dict[int, str]
    sends: dict[int, Send]
    trouble: TargetError | None = None

    def mark(self, batch: Sequence[Due], outcome: str, reason: str | None = None, answer: str | None = None) -> None:
        """Say what became of some orders."""
        for due in batch:
            send = self.sends[due.row.order_id]
            send.outcome, send.reason, send.answer = outcome, reason, answer

    def bodies(self, batch: Sequence[Due]) -> list[msgspec.Raw]:
        """What is sent of some orders."""
        return [msgspec.Raw(due.payloads[self.statuses[due.row.order_id]].encode()) for due in batch]


@dataclass
class OrderRequests:
    """Sends the requests of one run.

    Attributes:
        room: the run's tools.
        suspects: orders in doubt that eSputnik failed at once more, alone; whose failure it is shows the next order.
    """

    room: Workroom
    suspects: list[Due] = field(default_factory=list)

    def send(self, batch: list[Due], wave: Wave, *, doubtful: bool = False) -> None:
        """Send a batch, halving it as long as eSputnik refuses it whole.

        Args:
            batch: orders whose intents are written down.
            wave: told of what became of each.
            doubtful: all of them are in doubt since an earlier run.
        """
        if wave.trouble is not None:
            wave.mark(batch, "not_sent")
            return
        try:
            refused = self.room.client.send_orders(wave.bodies(batch), patient=not doubtful)
        except RequestRefused as error:
            if len(batch) == 1:
                wave.mark(batch, "rejected", fates.REFUSED, error.answer)
                return
            middle = len(batch) // 2
            self.send(batch[:middle], wave, doubtful=doubtful)
            self.send(batch[middle:], wave, doubtful=doubtful)
        except NoAnswer as error:
            if doubtful and error.after_5xx:
                self._send_one_by_one(batch, wave)
                return
            wave.mark(batch, "in_doubt", answer=error.answer)
            wave.trouble = error
        except TargetError as error:
            wave.mark(batch, "not_sent")
            wave.trouble = error
        else:
            self._read_refusals(batch, refused, wave)

    def _send_one_by_one(self, batch: list[Due], wave: Wave) -> None:
        """Find the order that eSputnik fails at: one that it can never take would hold up all others for good.

        They are in doubt already, so one request each puts nothing more into doubt.
        """
        failed = list(batch) if len(batch) == 1 else []
        for place, due in enumerate(batch if not failed else ()):
            try:
                refused = self.room.client.send_orders(wave.bodies([due]), patient=False)
            except RequestRefused as error:  # noqa: PERF203 - each request's failure is its own order's
                wave.mark([due], "rejected", fates.REFUSED, error.answer)
            except TargetError as error:
                failed.append(due)
                away = len(failed) == place + 1 >= FAILURES_OF_ALL
                if away or not (isinstance(error, NoAnswer) and error.after_5xx):
                    wave.mark([*failed, *batch[place:]], "in_doubt")
                    wave.trouble = error
                    return
            else:
                self._read_refusals([due], refused, wave)
        alone = 0 < len(failed) < len(batch)
        wave.mark(failed, "in_doubt", answer=FAILS_ALONE if alone else None)
        self.suspects += [] if alone else failed

    def _read_refusals(self, batch: list[Due], refused: list[Any], wave: Wave) -> None:
        prefix = self.room.settings.external_id_prefix
        by_key = {f"{prefix}{due.row.order_id}": due for due in batch}
        keys = [answers.order_key(element) for element in refused]
        if any(key not in by_key for key in keys):
            # Somebody was refused, but who is not said. Halving would send the others twice, so a person decides.
            wave.mark(batch, "in_doubt", answer=json_text(refused)[:4000])
            wave.trouble = NoAnswer("order_unnamed")
            return
        wave.mark(batch, "accepted")
        for key, element in zip(keys, refused, strict=True):
            wave.mark([by_key[str(key)]], "rejected", fates.REFUSED, json_text(element)[:4000])
