"""Why a contact stands where it stands: what the planning and the choice of the route went by, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_esputnik import fates, schemas
from target_esputnik.cli.shown import fate_cell, parsed, why_in_words
from target_esputnik.cli.words import say
from target_esputnik.delivery.pending import changed, pending_contact, source_hashes
from target_esputnik.ledger.moments import text_of
from target_esputnik.planning import DUE

if TYPE_CHECKING:
    from target_esputnik.ledger.rows import Contact
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings


@dataclass(frozen=True)
class Explained:
    """Steps 2 and 3 of an explanation.

    Attributes:
        normalised: the record as it would be sent now; None where it is not kept or not valid.
        because: the facts that decided.
        again: what the same record would end in if it were read again now; None where that cannot be told.
    """

    normalised: dict[str, Any] | None
    because: str
    again: str | None


def explained_contact(row: Contact, settings: Settings, ledger: Ledger) -> Explained:
    """A contact, with the settings as they are now."""
    record = parsed(row.record)
    because = _route(row)
    if row.reason == fates.SWITCHED_OFF:
        because = say("explain.switched_off", switch="receive_contacts")
    if row.erased:
        return Explained(None, fate_cell(row.fate, row.reason), fate_cell(row.fate, row.reason))
    if record is None:
        return Explained(None, because, None)
    problems = schemas.problems("contacts" if row.registered else "orders", record)
    if problems:
        words = say("explain.invalid", problems="; ".join(problems))
        return Explained(None, words, fate_cell(fates.REJECTED, fates.INVALID))
    live_since = text_of(settings.live_since) if settings.live_since else ledger.scope.live_since
    draft = pending_contact(row, record, settings, ledger, live_since).draft
    normalised = draft.payload() | ({"left_out": list(draft.left_out)} if draft.left_out else {})
    if row.reason == fates.NO_IDENTITY:
        because = say("explain.no_buyer")
    return Explained(normalised, because, _again(row, record, settings, ledger) if row.registered else None)


def _route(row: Contact) -> str:
    if row.route is None:
        return say("explain.no_route")
    return say("explain.route", route=row.route, why=why_in_words(row.why) or "?")


def _again(row: Contact, record: dict[str, Any], settings: Settings, ledger: Ledger) -> str:
    """As the intake would judge it."""
    hashes = source_hashes(record, settings, ledger)
    if not settings.receive_contacts:
        return fate_cell(fates.BASELINE if not row.delivered else fates.UNCHANGED, fates.SWITCHED_OFF)
    if row.reason == fates.DELETED_THERE and row.fate == fates.HELD:
        return fate_cell(row.fate, row.reason)
    if row.delivered and not changed(row, record, hashes, settings):
        return fate_cell(fates.UNCHANGED, None)
    if row.fate == fates.REJECTED and (row.reason == fates.NO_IDENTITY or row.version == ledger.version_of(hashes)):
        return fate_cell(row.fate, row.reason)
    return DUE
