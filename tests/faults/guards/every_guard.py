"""All guards, room by room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from guards import of_consent, of_mails, of_money, of_records, of_secrets

if TYPE_CHECKING:
    from guards.guard import Guard

ROOMS: Final[dict[str, tuple[Guard, ...]]] = {
    "Consent is kept": of_consent.GUARDS,
    "Nothing is sent twice": of_mails.GUARDS,
    "Nothing is lost, and no bookmark is early": of_records.GUARDS,
    "Money is what was paid": of_money.GUARDS,
    "No secret is shown or sent elsewhere": of_secrets.GUARDS,
}

EVERY_GUARD: Final = tuple(guard for room in ROOMS.values() for guard in room)
