"""What the probe found out so far, and why the rest is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from target_esputnik.probe.question import NOBODY
from target_esputnik.probe.questions import BY_NAME, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

# Why a question is open; the words are `probe.open.NAME`.
DECLINED = "declined"
NOT_SEEN = "not_seen"
NO_RIGHT = "no_right"
UNCLEAR = "unclear"
NOT_MET = "not_met"
NOT_ASKED = "not_asked"
ENDED = "ended"
NO_LEDGER = "no_ledger"
NO_RECORDS = "no_records"
IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class Finding:
    """A settled question: which reading is true, and what was seen, in words of the API."""

    reading: str
    evidence: str = ""


@dataclass
class Findings:
    """What is settled, and why what is not is not."""

    settled: dict[str, Finding] = field(default_factory=dict)
    why_open: dict[str, str] = field(default_factory=dict)

    def settle(self, name: str, reading: str, evidence: str = "") -> None:
        """Note which reading is true. Raises KeyError for one that the question does not have."""
        BY_NAME[name].row_of(reading)
        self.settled[name] = Finding(reading, evidence)

    def leave_open(self, names: Iterable[str], why: str) -> None:
        """Note why questions are open; those that are settled stay so, and the first reason stays."""
        for name in names:
            if name not in self.settled:
                self.why_open.setdefault(name, why)

    def open(self) -> dict[str, str]:
        """{question: why it is open} of all that are not settled, in the order of the table."""
        return {
            question.name: IMPOSSIBLE if question.seen_by == NOBODY else self.why_open.get(question.name, NOT_ASKED)
            for question in TABLE
            if question.name not in self.settled
        }
