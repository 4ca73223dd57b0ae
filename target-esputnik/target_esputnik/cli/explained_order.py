"""Why an order stands where it stands: what the planning and the delivery went by, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_esputnik import fates, orders, schemas
from target_esputnik.cli.explained_contact import Explained
from target_esputnik.cli.shown import fate_cell, parsed
from target_esputnik.cli.words import say
from target_esputnik.delivery.due import reading_of, rules_of
from target_esputnik.identity import identity_of
from target_esputnik.planning import DUE, verdict_on

if TYPE_CHECKING:
    from target_esputnik.ledger.rows import Order
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.planning import Reading
    from target_esputnik.settings import Settings


def explained_order(row: Order, settings: Settings, ledger: Ledger) -> Explained:
    """An order, with the settings as they are now."""
    record = parsed(row.record)
    if record is None:
        because = _of_the_row(row, settings, ledger)
        return Explained(None, because, fate_cell(fates.HELD, fates.ERASED) if row.erased else None)
    problems = schemas.problems("orders", record)
    if problems:
        words = say("explain.invalid", problems="; ".join(problems))
        return Explained(None, words, fate_cell(fates.REJECTED, fates.INVALID))
    reading = reading_of(record, settings, ledger)
    verdict = verdict_on(reading, row, rules_of(settings, ledger))
    again = fate_cell(verdict.fate, verdict.reason)
    if verdict.fate == DUE:
        again = f"{DUE}: {' → '.join(verdict.to_send)}"
    identity = identity_of(record, ledger, settings.phone_region)
    because = _because(row, reading, settings, ledger, nobody=identity.email is None and identity.phone is None)
    return Explained(_normalised(record, row, reading, settings), because, again)


def _normalised(record: dict[str, Any], row: Order, reading: Reading, settings: Settings) -> dict[str, Any]:
    """The order as it would be sent now, and what it is planned as."""
    planned = reading.planned
    try:
        made = orders.order_payload(
            record,
            status=row.esputnik_status or (planned[0] if planned else "?"),
            external_id_prefix=settings.external_id_prefix,
            external_customer_id=None,
            store_id=settings.store_id,
            phone_region=settings.phone_region,
        )
    except orders.NoIdentity:
        made = {}
    content = {name: value for name, value in made.items() if name != "status"}
    return {"created_at": reading.created_at, "status_id": reading.status, "planned": list(planned or ())} | content


def _because(row: Order, reading: Reading, settings: Settings, ledger: Ledger, *, nobody: bool) -> str:
    """The facts that decided; each line of it can be checked against the shop and the settings."""
    mapped = (
        say("explain.not_mapped", status=reading.status)
        if reading.planned is None
        else say("explain.mapped", status=reading.status, sent=" → ".join(reading.planned) or "—")
    )
    if row.reason == fates.NO_IDENTITY or (nobody and row.fate == fates.REJECTED):
        return say("explain.no_buyer")
    if row.reason in {fates.BUYER_NOT_DELIVERED, fates.ERASED}:
        return f"{mapped}; {_of_the_row(row, settings, ledger)}"
    if row.fate == fates.BASELINE:
        return _of_the_row(row, settings, ledger)
    return mapped


def _of_the_row(row: Order, settings: Settings, ledger: Ledger) -> str:
    """What the row alone tells, where the record is gone or does not matter."""
    if row.reason == fates.SWITCHED_OFF:
        return say("explain.switched_off", switch="receive_orders")
    if row.reason in {fates.BEFORE_LIVE, fates.LEDGER_LOST}:
        live = rules_of(settings, ledger).live_since if row.reason == fates.BEFORE_LIVE else None
        return say("explain.created", created=row.created_at, live=live or ledger.scope.baseline_before or "?")
    buyer = ledger.contacts([row.buyer]).get(row.buyer) if row.buyer else None
    if buyer is not None:
        return say("explain.buyer", buyer=buyer.key, fate=fate_cell(buyer.fate, buyer.reason))
    return fate_cell(row.fate, row.reason)
