"""Guards of money: an order carries what was paid, to the kopeck."""

from __future__ import annotations

from typing import Final

from guards.guard import Edit, Guard

LINES: Final = "tests/target/pure/test_order_lines_add_up_to_what_was_paid.py::"
WHOLE: Final = "tests/target/pure/test_orders_are_sent_whole.py::"
ROWS: Final = "tests/tap/test_records.py::"

GUARDS: Final = (
    Guard(
        "what the shop writes is kept to the kopeck",
        "tap_horoshop/values.py",
        "_json_number(amount.quantize(KOPECK, ROUND_HALF_UP))",
        "_json_number(amount.quantize(Decimal(1), ROUND_HALF_UP))",
        (f"{ROWS}test_every_kopeck_survives_json",),
    ),
    Guard(
        "a negative price of delivery is none",
        "tap_horoshop/records.py",
        "delivery_price if delivery_price is not None and delivery_price >= 0 else None",
        "delivery_price",
        (
            f"{ROWS}test_an_order_becomes_the_record_of_the_contract",
            f"{ROWS}test_other_values_are_read_in_each_of_their_forms",
        ),
    ),
    Guard(
        "no negative shipping is sent",
        "target_esputnik/orders.py",
        "as_number(delivery) if delivery is not None and delivery >= 0 else None",
        "as_number(delivery) if delivery is not None else None",
        (f"{WHOLE}test_shipping_is_sent_when_the_shop_knows_it",),
        also=(
            Edit(
                "target_esputnik/orders.py",
                "number_of(delivery) if delivery >= 0 else None",
                "number_of(delivery)",
            ),
        ),
    ),
    Guard(
        "an order whose total is not known costs what its lines do",
        "target_esputnik/orders.py",
        "as_number(_sum_of_lines(record) if total is None else total)",
        "as_number(total or Decimal(0))",
        (f"{WHOLE}test_an_order_whose_total_is_not_known_costs_what_its_lines_do",),
    ),
    Guard(
        "a discount is what the order lost from its sum, never less than nothing",
        "target_esputnik/orders.py",
        "as_number(discount) if discount is not None and discount > 0 else None",
        "as_number(discount) if discount is not None else None",
        (f"{WHOLE}test_a_discount_is_what_the_order_lost_from_its_sum",),
        also=(
            Edit(
                "target_esputnik/orders.py",
                "number_of(before - total) if before > total else None",
                "number_of(before - total)",
            ),
        ),
    ),
    Guard(
        "the lines carry their share of the discount",
        "target_esputnik/order_lines.py",
        "return total / before\n",
        "return Decimal(1)\n",
        (f"{LINES}test_costs_carry_their_share_of_the_discount",),
    ),
    Guard(
        "one line takes what rounding leaves, so that all add up",
        "target_esputnik/order_lines.py",
        "costs[balancing] = in_kopecks((total - others) / read[balancing].quantity)",
        "pass",
        (f"{LINES}test_any_lines_add_up_to_any_total",),
    ),
    Guard(
        "a line of quantity 1 takes it, if there is one",
        "target_esputnik/order_lines.py",
        "return (singles or eligible)[-1]",
        "return eligible[-1]",
        (f"{LINES}test_any_lines_add_up_to_any_total", f"{LINES}test_costs_carry_their_share_of_the_discount"),
    ),
    Guard(
        "a gift costs nothing",
        "target_esputnik/order_lines.py",
        "amount=ZERO if kind == GIFT else price * quantity if amount is None else amount,",
        "amount=price * quantity if amount is None else amount,",
        (f"{LINES}test_a_gift_costs_nothing",),
    ),
    Guard(
        "the parts of a set that was paid cost nothing",
        "target_esputnik/order_lines.py",
        "return without if in_kopecks(_sum(without)) in known else read",
        "return read",
        (f"{LINES}test_parts_of_a_set_cost_nothing_when_the_set_was_paid",),
    ),
    Guard(
        "a part of a piece is not sent as a whole one",
        "target_esputnik/order_lines.py",
        "if quantity < 1 or quantity != quantity.to_integral_value():",
        "if quantity < 1:",
        (f"{LINES}test_a_quantity_is_whole_or_in_the_name",),
    ),
    Guard(
        "halves of a kopeck are rounded up",
        "target_esputnik/money.py",
        "return number.quantize(KOPECK, ROUND_HALF_UP)",
        'return number.quantize(KOPECK, "ROUND_DOWN")',
        (f"{LINES}test_without_a_discount_costs_are_the_shops_prices", f"{LINES}test_any_lines_add_up_to_any_total"),
    ),
)
