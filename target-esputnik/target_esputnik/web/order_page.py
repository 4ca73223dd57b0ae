"""One order: what it holds, whether its sum is right, which rule made what of its status, and all that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.explained_order import explained_order
from target_esputnik.cli.order_record import content_of, order_facts, sums_of
from target_esputnik.cli.shown import parsed
from target_esputnik.ledger import people
from target_esputnik.statuses import NEW_STATUS_ID
from target_esputnik.web.commands import command_for
from target_esputnik.web.history import story
from target_esputnik.web.searching import is_id
from target_esputnik.web.visit import NotThere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_esputnik.ledger.rows import Order
    from target_esputnik.web.visit import Visit

TOTALS: Final = ("total_before_discount", "discount", "delivery_price", "payment_price", "total")
DISCOUNTS: Final = ("discount_percent", "discount_value", "coupon_percent", "coupon_discount", "manager_discount")


def view(visit: Visit, number: str) -> Mapping[str, Any]:
    """What the template `order.html` is filled in with. Raises NotThere."""
    row = visit.ledger.orders([int(number)]).get(int(number)) if is_id(number) else None
    if row is None:
        raise NotThere("web.no_order", id=number[:20])
    record = parsed(row.record)
    record = record if isinstance(record, dict) else None
    facts = order_facts(visit.ledger, row, masked=True)
    sends = people.sends_of(visit.ledger, "order", str(row.order_id))
    return {
        "row": row,
        "facts": facts,
        "name": visit.person_of(record),
        "content": _content(visit, record) if record else None,
        "sums": sums_of(record) if record else None,
        "totals": _totals(visit, record) if record else None,
        "flow": _flow(visit, row, record, facts),
        "buyer_href": visit.link(f"/contact/{row.buyer}") if row.buyer else None,
        "story": story(visit, sends),
        "command": command_for(visit, "orders", str(row.order_id), row.fate, row.reason),
        "answer": _answer(visit, row),
    }


def _content(visit: Visit, record: dict[str, Any]) -> dict[str, Any]:
    """Buyer, products, delivery and payment, as they may be shown."""
    content = content_of(record)
    people_of_it = {name: visit.shown(value, name) for name, value in content["buyer"].items() if name != "user_id"}
    places = {name: visit.shown(value, name) for name, value in content["delivery"].items()}
    money = {name: value for name, value in content["payment"].items() if name != "currency"}
    texts = {name: visit.shown(record.get(name), name) for name in ("comment", "manager_comment")}
    campaign = {
        name: visit.shown(record.get(f"utm_{name}"), f"utm_{name}") for name in ("source", "medium", "campaign")
    }
    return {
        "products": content["products"],
        "buyer": people_of_it,
        "delivery": places,
        "payment": money,
        "texts": texts,
        "campaign": campaign,
        "currency": record.get("currency"),
    }


def _totals(visit: Visit, record: dict[str, Any]) -> list[dict[str, str]]:
    """The lines below the products: what was taken off, what delivery and payment cost, and what is to be paid."""
    sums = sums_of(record)
    before, total = sums["total_before_discount"], sums["total"]
    values = {name: record.get(name) for name in TOTALS}
    values |= {"total": total, "total_before_discount": before}
    if before is not None and total is not None and before > total:
        values["discount"] = round(total - before, 2)
    currency = record.get("currency")
    shown = [name for name in TOTALS if values.get(name) is not None and not (name != "total" and values[name] == 0)]
    return [{"name": name, "amount": visit.tell.money(values[name], currency)} for name in shown]


def _flow(visit: Visit, row: Order, record: dict[str, Any] | None, facts: dict[str, Any]) -> dict[str, Any]:
    """The shop's status → the rule → eSputnik's statuses, each with whether it went."""
    settings = visit.house.settings
    status = facts["shop_status"]
    titles = [title for title in ((record or {}).get("status_titles") or {}).values() if isinstance(title, str)]
    titles += [facts["shop_status_title"]] if facts["shop_status_title"] else []
    planned = settings.status_map.statuses_for(status, titles) if status is not None else None
    explained = explained_order(row, settings, visit.ledger)
    sent = facts["sent_for_this_status"]
    done = set(sent or []) if sent is not None else {row.esputnik_status}
    return {
        "shop_status": status,
        "shop_title": facts["shop_status_title"],
        "planned": [{"name": name, "done": name in done} for name in planned or ()],
        "mapped": planned is not None,
        "fixed": status == NEW_STATUS_ID,
        "now": row.esputnik_status,
        "because": explained.because,
        "again": explained.again,
    }


def _answer(visit: Visit, row: Order) -> dict[str, Any]:
    """What the row itself keeps of an answer; our own finding on a record that is invalid names fields, no values."""
    ours = row.reason == "invalid"
    shown = parsed(row.answer) if visit.house.personal or ours else None
    return {"shown": shown, "hidden": row.answer is not None and shown is None}
