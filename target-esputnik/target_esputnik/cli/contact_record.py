"""`contacts ID`: where a contact comes from, and all that was ever done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.shown import (
    fate_cell,
    field_table,
    in_words,
    masked_option,
    parsed,
    send_facts,
    send_table,
    shown,
    why_in_words,
)
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger import people

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.rows import Contact
    from target_esputnik.ledger.store import Ledger

PERSON: Final = ("email", "phone", "first_name", "last_name", "city", "address")
ORDERS: Final = 100
"""So many of a contact's orders are shown: the newest."""


@ledger_command("contacts", example="7")
@click.argument("typed", metavar="ID")
@masked_option
def contacts(asked: Asked, *, typed: str, masked: bool) -> int:
    """Where a contact comes from, and all that was done about it."""
    settings = asked.settings
    with asked.ledger_to_read() as ledger:
        rows = people.contacts_meant(ledger, typed, settings.phone_region)
        if not rows:
            raise click.UsageError(say("contacts.unknown"))
        found = [contact_facts(ledger, row, masked=masked) for row in rows]
    sheet = Sheet({"contacts": found})
    for facts in found:
        _tell(sheet, facts)
    asked.show(sheet)
    return DONE


def contact_facts(ledger: Ledger, row: Contact, *, masked: bool) -> dict[str, Any]:
    """All that the ledger knows of a contact; of its orders the newest ones, and how many there are."""
    record = parsed(row.record) or {}
    address = ledger.addresses([row.email_key]).get(row.email_key) if row.email_key else None
    orders = people.orders_of_buyer(ledger, row.key)
    return {
        "id": row.key,
        "source": row.source,
        "first_order": orders[-1].order_id if orders and not row.registered else None,
        "registered_at": row.registered_at,
        "person": shown({name: record.get(name) for name in PERSON}, masked=masked) if record else None,
        "result": row.fate,
        "reason": row.reason,
        "since": row.since,
        **in_words(row.fate, row.reason),
        "delivered": row.delivered,
        "delivered_at": row.delivered_at,
        "esputnik_id": row.esputnik_id,
        "external_id": row.external_id,
        "confirmation": {
            "address": address.confirmation if address else None,
            "unsubscribed": address.unsubscribed if address else False,
            "route": row.route,
            "rule": row.why,
            "why": why_in_words(row.why),
            "asked_at": row.asked_at,
            "newsletter_box": row.newsletter,
        },
        "sends": send_facts(people.sends_of(ledger, "contact", row.key), masked=masked),
        "orders": [
            {
                "id": order.order_id,
                "created_at": order.created_at,
                "shop_status": order.shop_status if order.change_status is None else order.change_status,
                "esputnik_status": order.esputnik_status,
                "result": order.fate,
                "reason": order.reason,
            }
            for order in orders[:ORDERS]
        ],
        "orders_in_all": len(orders),
    }


def _tell(sheet: Sheet, facts: dict[str, Any]) -> None:
    confirmation = facts["confirmation"]
    source = say("contacts.registered", when=local(facts["registered_at"]) or "?")
    if facts["source"] == "order":
        order = facts["first_order"]
        source = say("contacts.guest") if order is None else say("contacts.from_order", order=order)
    sheet.parts.append(say("contacts.title", id=facts["id"], source=source))
    sheet.parts.append(f"{fate_cell(facts['result'], facts['reason'])}: {facts['meaning']} {facts['todo']}".strip())
    if facts["person"] is None:
        sheet.say("records.content_gone")
    field_table(
        sheet,
        "",
        {
            **(facts["person"] or {}),
            say("contacts.esputnik_id"): facts["esputnik_id"],
            say("contacts.external_id"): facts["external_id"],
            say("contacts.delivered_at"): local(facts["delivered_at"]),
            say("contacts.confirmation"): confirmation["address"],
            say("contacts.unsubscribed"): say("contacts.by_us") if confirmation["unsubscribed"] else None,
            say("contacts.asked_at"): local(confirmation["asked_at"]),
            say("contacts.route"): confirmation["route"],
            say("contacts.why"): confirmation["why"],
        },
    )
    send_table(sheet, say("contacts.sends"), facts["sends"], ("at", "run", "what", "why", "outcome", "answer"))
    sheet.table(
        say("contacts.orders"),
        ("id", "began", "shop_status", "esputnik_status", "result"),
        [
            (
                str(order["id"]),
                local(order["created_at"]),
                "" if order["shop_status"] is None else str(order["shop_status"]),
                order["esputnik_status"] or "",
                fate_cell(order["result"], order["reason"]),
            )
            for order in facts["orders"]
        ],
    )
    if facts["orders_in_all"] > len(facts["orders"]):
        sheet.say("contacts.more_orders", shown=len(facts["orders"]), count=facts["orders_in_all"])
