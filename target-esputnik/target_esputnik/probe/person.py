"""Who is asked, and what ends a step or the probe without an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from target_esputnik.probe.question import Question


class Person(Protocol):
    """Who is asked."""

    def permits(self, call: str, **values: str) -> bool:
        """Whether a write may be made; `call` names its words."""

    def sees(self, question: Question, **values: str) -> str | None:
        """Which reading the person sees in eSputnik; None where that cannot be told."""

    def told(self, what: str, **values: str) -> None:
        """Hear what happens; `what` names its words."""


class Declined(Exception):  # noqa: N818 - no error: it was asked
    """The person does not permit a write."""


class Unclear(Exception):  # noqa: N818 - no error: a step ends without an answer
    """eSputnik does something that no reading foresees, so the step ends."""
