"""What the probe asks, as data: how each unknown is settled, what its answers are, and what each means."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWERS: Final = "answers"
PERSON: Final = "person"
LEDGER: Final = "ledger"
NOBODY: Final = "nobody"

SEEN_BY: Final[dict[str, str]] = {
    ANSWERS: "eSputnik's answers show it.",
    PERSON: "No call shows it: the probe asks the person to look in eSputnik.",
    LEDGER: "The records that the tap brought into the ledger prove it.",
    NOBODY: "It cannot be settled from outside.",
}

NUMBER: Final = "number"
"""The reading of a question whose answer is a number: the number itself stands in its place."""


@dataclass(frozen=True)
class Reading:
    """One answer that a question may have.

    Attributes:
        meaning: what it changes for the owner.
        setting: the setting that follows, as a sentence; empty where none does.
    """

    meaning: str
    setting: str = ""


@dataclass(frozen=True)
class Question:
    """One unknown of an API.

    Attributes:
        name: stable; where the sandbox has a switch for it, the switch's name.
        asks: the question.
        how: how it is settled, or why it cannot be.
        seen_by: ANSWERS, PERSON, LEDGER or NOBODY.
        readings: by name.
        look: of a PERSON's: where to look, with `{email}` and `{key}` for what to look for.
        sights: of a PERSON's: {what is seen there: the reading}; other readings eSputnik's answers show.
    """

    name: str
    asks: str
    how: str
    seen_by: str
    readings: Mapping[str, Reading]
    look: str
    sights: Mapping[str, str]

    def row_of(self, reading: str) -> str:
        """The name under which a reading stands in the table: a number stands as NUMBER. Raises KeyError."""
        name = reading if reading in self.readings else NUMBER
        return name if name in self.readings else self._unknown(reading)

    def _unknown(self, reading: str) -> str:
        raise KeyError(f"{self.name} has no reading {reading}")


def question(
    name: str,
    asks: str,
    how: str,
    seen_by: str = ANSWERS,
    *,
    look: str = "",
    sights: Mapping[str, str] = MappingProxyType({}),
    by_status: Mapping[str, str] = MappingProxyType({}),
    **readings: tuple[str, str] | str,
) -> Question:
    """A question; each reading is its meaning, or (meaning, setting); `by_status` are those named by an HTTP status."""
    pairs = {
        reading: Reading(said) if isinstance(said, str) else Reading(*said)
        for reading, said in (*by_status.items(), *readings.items())
    }
    return Question(name, asks, how, seen_by, MappingProxyType(pairs), look, sights)
