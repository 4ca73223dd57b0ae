"""The balance of a run: what was read, and what each record ended in.

Every record read ends in exactly one fate; contacts made from orders are counted apart as `derived`, and what earlier
runs had left waiting as `carried`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates
from target_esputnik.errors import TooManyRejected
from target_esputnik.words import name_of, say

if TYPE_CHECKING:
    from target_esputnik.ledger.rows import Contact, Order

ATTEMPTS_BEFORE_JUDGING: Final = 20

Key = tuple[str, str, str]
"""Stream (or kind), fate, reason or ""."""


class Tally:
    """Counts of one run.

    Args:
        run_number: rows that were last read in this run count as read, others as carried or derived.
    """

    def __init__(self, run_number: int) -> None:
        self._run = run_number
        self.read: Counter[str] = Counter()
        self.fates: Counter[Key] = Counter()
        self.derived: Counter[Key] = Counter()
        self.carried: Counter[Key] = Counter()
        self.attempts = 0
        self.rejected_attempts = 0

    def settled(self, stream: str, fate: str, reason: str | None = None) -> None:
        """A record that was read ended in a fate."""
        self.fates[stream, fate, reason or ""] += 1

    def superseded(self, stream: str, row: Contact | Order) -> None:
        """A newer version came for a row that this run had read and not yet sent."""
        self.fates[stream, row.fate, row.reason or ""] -= 1
        self.fates[stream, fates.SUPERSEDED, ""] += 1

    def contact_went(self, row: Contact, before: tuple[str, str | None]) -> None:
        """A waiting contact got its fate; `before` is the fate and reason that it had."""
        self._attempt(row.fate)
        if row.read_run != self._run:
            self.carried["contacts", row.fate, row.reason or ""] += 1
            return
        counts = self.fates if row.registered else self.derived
        counts["contacts", before[0], before[1] or ""] -= 1
        counts["contacts", row.fate, row.reason or ""] += 1

    def guest_met(self, row: Contact) -> None:
        """A due order made a contact of its buyer, who waits to be delivered."""
        self.derived["contacts", row.fate, row.reason or ""] += 1

    def order_went(self, row: Order, before: tuple[str, str | None] | None) -> None:
        """A due order got its fate; `before` is the one that this run had counted for it, if it had."""
        self._attempt(row.fate)
        counts = self.fates if row.read_run == self._run else self.carried
        if before is not None:
            counts["orders", before[0], before[1] or ""] -= 1
        counts["orders", row.fate, row.reason or ""] += 1

    def _attempt(self, fate: str) -> None:
        if fate in {fates.ACCEPTED, fates.REJECTED}:
            self.attempts += 1
            self.rejected_attempts += fate == fates.REJECTED

    def rejected_on_reading(self) -> None:
        """A record was rejected before anything was sent of it."""
        self._attempt(fates.REJECTED)

    def imbalance(self) -> dict[str, int]:
        """Records read less records settled, by stream; empty when every record is accounted for."""
        sums: Counter[str] = Counter()
        for (stream, _, _), count in self.fates.items():
            sums[stream] += count
        gaps = {stream: self.read[stream] - sums[stream] for stream in self.read | sums}
        return {stream: gap for stream, gap in gaps.items() if gap}

    def too_many_rejected(self, at_most_percent: int) -> bool:
        """Whether more of the attempted records were rejected than the owner accepts."""
        enough = self.attempts >= ATTEMPTS_BEFORE_JUDGING
        return enough and self.rejected_attempts * 100 > at_most_percent * self.attempts

    def as_json(self) -> dict[str, Any]:
        """The counts as the ledger keeps them: {read, fates, derived, carried, attempts, rejected_attempts}."""
        return {
            "read": dict(self.read),
            "fates": _listed(self.fates),
            "derived": _listed(self.derived),
            "carried": _listed(self.carried),
            "attempts": self.attempts,
            "rejected_attempts": self.rejected_attempts,
        }

    def said(self) -> str:
        """The counts in one line, in the language that is spoken."""
        parts = []
        for stream in sorted(self.read):
            of_stream = {key: count for key, count in self.fates.items() if key[0] == stream}
            name, fates_in_words = name_of("stream", stream), _in_words(of_stream)
            parts.append(say("tally.read", stream=name, count=self.read[stream], fates=fates_in_words))
        for name, counts in (("tally.derived", self.derived), ("tally.carried", self.carried)):
            if total := sum(counts.values()):
                parts.append(say(name, count=total, fates=_in_words(counts)))
        return "; ".join(parts) or say("tally.nothing")

    def verdict(self) -> TooManyRejected:
        """What a run with too many rejected records ends in; never raised, since the run is done."""
        return TooManyRejected("too_many_rejected", rejected=self.rejected_attempts, attempts=self.attempts)


def _listed(counts: Counter[Key]) -> list[list[Any]]:
    return [[*key, count] for key, count in sorted(counts.items()) if count]


def _in_words(counts: dict[Key, int] | Counter[Key]) -> str:
    words = [
        f"{count} {name_of('fate', fate)}" + (f" ({reason})" if reason else "")
        for (_, fate, reason), count in sorted(counts.items())
        if count
    ]
    return " = " + " + ".join(words) if words else ""
