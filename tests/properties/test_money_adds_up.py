"""From the shop's row, through the pipe, to eSputnik's order: the lines cost together what was paid."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tap_horoshop.answers import DECODER
from tap_horoshop.records import BUILT_IN_STATUSES, order_record
from target_esputnik.orders import order_payload

KOPECK = Decimal("0.01")
AMOUNTS = st.decimals("0", "20000", places=2)
PAID_AMOUNTS = st.decimals("0.01", "20000", places=2)
PIECES = st.integers(1, 50)
WEIGHTS = st.decimals("0.001", "30", places=3)
KINDS = st.sampled_from(["product", "product", "product", "gift", "set_main", "set_item"])


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """A product of an order, with the amount that the shop works out itself."""
    price, quantity = draw(PAID_AMOUNTS), draw(PIECES | WEIGHTS)
    kind = draw(KINDS)
    amount = (price * quantity).quantize(KOPECK)
    told = draw(st.sampled_from(["told", "missing"])) if kind != "gift" else "told"
    row = {"title": "Чай", "article": "A-1", "price": price, "quantity": quantity, "type": kind}
    return row | ({"total_price": amount} if told == "told" else {})


def is_paid(row: dict[str, Any]) -> bool:
    """Whether a line costs something of its own, so that it can take what rounding leaves."""
    return row["type"] not in {"gift", "set_item"} and row.get("total_price", row["price"] * row["quantity"]) > 0


def written(value: Any, as_text: bool) -> str:
    """JSON as the shop writes it: an amount is a number with all its digits, or text."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(name)}: {written(one, as_text)}" for name, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(one, as_text) for one in value)}]"
    if isinstance(value, Decimal):
        return f'"{value}"' if as_text else f"{value:f}"
    return json.dumps(value)


@given(bought=st.lists(products(), min_size=1, max_size=7), total=AMOUNTS, discount=AMOUNTS, as_text=st.booleans())
def test_the_lines_of_any_order_add_up_to_its_total(
    bought: list[dict[str, Any]], total: Decimal, discount: Decimal, as_text: bool
) -> None:
    row = {
        "order_id": 1, "stat_created": "2026-05-17 14:03:20", "stat_status": 1, "delivery_email": "o@example.com",
        "total_sum": total, "total_default": total + discount, "products": bought,
    }  # fmt: skip
    read = DECODER.decode(written(row, as_text).encode())
    record = json.loads(json.dumps(order_record(read, zone=ZoneInfo("Europe/Kyiv"), statuses=BUILT_IN_STATUSES)))

    payload = order_payload(
        record, status="INITIALIZED", external_id_prefix="", external_customer_id=None, store_id=None,
        phone_region="UA",
    )  # fmt: skip

    sent = json.loads(json.dumps(payload), parse_float=Decimal)
    assert Decimal(sent["totalCost"]) == total
    assert Decimal(sent.get("discount", 0)) == discount
    costs = [Decimal(item["cost"]) for item in sent["items"]]
    assert all(cost >= 0 and cost == cost.quantize(KOPECK) for cost in costs)
    off = abs(sum(cost * item["quantity"] for cost, item in zip(costs, sent["items"], strict=True)) - total)
    exact = any(item["quantity"] == 1 for item, row in zip(sent["items"], bought, strict=True) if is_paid(row))
    assert off <= (0 if exact else KOPECK / 2 * max(item["quantity"] for item in sent["items"]))
