"""`orders ID`: what an order holds, whether its sum is right, and every status that was sent of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.shown import (
    as_cell,
    fate_cell,
    field_table,
    in_words,
    masked_option,
    parsed,
    send_facts,
    send_table,
    shown,
)
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger import people
from target_esputnik.money import as_number, exact, in_kopecks
from target_esputnik.order_lines import lines

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.rows import Order
    from target_esputnik.ledger.store import Ledger

BUYER: Final = ("email", "phone", "first_name", "last_name", "user_id")
DELIVERY: Final = ("delivery_type", "delivery_price", "country", "city", "address", "tracking_number")
PAYMENT: Final = ("payment_type", "payment_price", "paid", "currency")
LINE: Final = ("article", "title", "quantity", "price", "total_price")


@ledger_command("orders", example="1")
@click.argument("order_id", metavar="ID", type=int)
@masked_option
def orders(asked: Asked, *, order_id: int, masked: bool) -> int:
    """What an order holds, and every status that was sent of it."""
    with asked.ledger_to_read() as ledger:
        row = ledger.orders([order_id]).get(order_id)
        if row is None:
            raise click.UsageError(say("orders.unknown", id=order_id))
        facts = order_facts(ledger, row, masked=masked)
    sheet = Sheet(facts)
    _tell(sheet, facts)
    asked.show(sheet)
    return DONE


def order_facts(ledger: Ledger, row: Order, *, masked: bool) -> dict[str, Any]:
    """All that the ledger knows of an order; its content is None where it is not kept any more."""
    record = parsed(row.record)
    buyer = ledger.contacts([row.buyer]).get(row.buyer) if row.buyer else None
    status = row.shop_status if row.change_status is None else row.change_status
    title = (record or {}).get("status_title") if (record or {}).get("status_id") == status else None
    return {
        "id": row.order_id,
        "created_at": row.created_at,
        "result": row.fate,
        "reason": row.reason,
        "since": row.since,
        **in_words(row.fate, row.reason),
        "shop_status": status,
        "shop_status_title": title or people.status_title(ledger, status),
        "esputnik_status": row.esputnik_status,
        "sent_for_this_status": parsed(row.change_sent) if row.change_status is not None else None,
        "buyer": {
            "id": row.buyer,
            "source": buyer.source if buyer else None,
            "result": buyer.fate if buyer else None,
            "reason": buyer.reason if buyer else None,
            "esputnik_id": buyer.esputnik_id if buyer else None,
        },
        "content": shown(content_of(record), masked=masked) if record else None,
        "sums": sums_of(record) if record else None,
        "sends": send_facts(people.sends_of(ledger, "order", str(row.order_id)), masked=masked),
    }


def content_of(record: dict[str, Any]) -> dict[str, Any]:
    """Buyer, products, delivery and payment, as the shop has them."""
    products = record.get("products")
    listed = [product for product in products if isinstance(product, dict)] if isinstance(products, list) else []
    return {
        "buyer": {name: record.get(name) for name in BUYER},
        "products": [{name: product.get(name) for name in LINE} for product in listed],
        "delivery": {name: record.get(name) for name in DELIVERY},
        "payment": {name: record.get(name) for name in PAYMENT},
        "comment": record.get("comment"),
    }


def sums_of(record: dict[str, Any]) -> dict[str, Any]:
    """Whether the lines that are sent add up to the order's total; `difference` is lines less total."""
    sent = lines(record)
    in_all = sum((Decimal(str(line["cost"])) * line["quantity"] for line in sent), Decimal(0))
    total, before = exact(record.get("total")), exact(record.get("total_before_discount"))
    difference = None if total is None else in_kopecks(in_all) - in_kopecks(total)
    return {
        "total": None if total is None else as_number(total),
        "total_before_discount": None if before is None else as_number(before),
        "lines_sent": sent,
        "lines_in_all": as_number(in_all),
        "difference": None if difference is None else as_number(difference),
        "adds_up": difference == 0,
    }


def _tell(sheet: Sheet, facts: dict[str, Any]) -> None:
    sheet.say("orders.title", id=facts["id"], when=local(facts["created_at"]))
    sheet.parts.append(f"{fate_cell(facts['result'], facts['reason'])}: {facts['meaning']} {facts['todo']}".strip())
    content, sums, buyer = facts["content"], facts["sums"], facts["buyer"]
    status = f"{as_cell(facts['shop_status'])} {facts['shop_status_title'] or ''}".strip()
    there, pending = facts["esputnik_status"], facts["sent_for_this_status"]
    # What eSputnik shows is of an earlier status, as long as this one waits or was refused.
    sent_as = there if pending is None else " → ".join(pending)
    field_table(
        sheet,
        "",
        {
            say("orders.status"): f"{status} → {sent_as or '—'}",
            **({} if pending is None else {say("column.esputnik_status"): there}),
            say("orders.buyer"): buyer["id"],
            say("contacts.esputnik_id"): buyer["esputnik_id"],
            **({} if content is None else content["buyer"] | content["delivery"] | content["payment"]),
        },
    )
    if content is None or sums is None:
        sheet.say("records.content_gone")
    else:
        columns = ("article", "title", "quantity", "price", "line_total")
        sheet.table(
            say("orders.products"),
            columns,
            [tuple(as_cell(product[name]) for name in LINE) for product in content["products"]],
        )
        verdict = "orders.adds_up" if sums["adds_up"] else "orders.differs"
        values = {name: as_cell(sums[name]) for name in ("total", "lines_in_all", "difference")}
        sheet.say(verdict, **values)
    send_table(sheet, say("orders.sends"), facts["sends"], ("at", "run", "what", "shop_status", "outcome", "answer"))
