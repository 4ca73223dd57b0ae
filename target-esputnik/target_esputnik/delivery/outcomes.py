"""What became of one contact that was sent, from the client's answer or error."""

from __future__ import annotations

from dataclasses import dataclass

from target_esputnik import fates
from target_esputnik.errors import ContactGone, RequestRefused, TargetError


@dataclass
class Outcome:
    """What became of one contact.

    Attributes:
        esputnik_id: eSputnik's id, where it is known.
        external_id: the external id that eSputnik's contact carries now.
        asked: its double opt-in was set off.
        answer: what eSputnik said, for the ledger only: it may hold personal data.
        error: why it has no fate yet; it stays held, and the run ends with this error.
    """

    fate: str
    reason: str | None = None
    esputnik_id: int | None = None
    external_id: str | None = None
    asked: bool = False
    answer: str | None = None
    error: TargetError | None = None


def outcome_of(result: Outcome | TargetError) -> Outcome:
    """An outcome, or an error read as one: a refusal settles a contact, an outage does not."""
    if isinstance(result, Outcome):
        return result
    if isinstance(result, RequestRefused):
        return Outcome(fates.REJECTED, fates.REFUSED, answer=result.answer)
    if isinstance(result, ContactGone):
        return Outcome(fates.HELD, fates.DELETED_THERE)
    return Outcome(fates.HELD, fates.UNAVAILABLE, error=result)


def send_outcome(outcome: Outcome) -> str:
    """How the ledger calls the end of the intent."""
    if outcome.error is not None:
        return "in_doubt" if outcome.error.code == "no_answer" else "not_sent"
    return {fates.ACCEPTED: "accepted", fates.REJECTED: "rejected"}.get(outcome.fate, "not_sent")
