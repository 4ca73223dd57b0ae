"""Items of an order: costs of one unit that add up to the order's total."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_esputnik.orders import lines


def product(price: Any, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """A line of an order whose amount follows from price and quantity, unless `more` says otherwise."""
    return {
        "article": "A-1",
        "title": "Чай",
        "price": price,
        "quantity": quantity,
        "total_price": None,
        "type": "product",
        **more,
    }


def order(total: Any, *products: dict[str, Any], before: Any = None) -> dict[str, Any]:
    return {"total": total, "total_before_discount": before, "products": list(products)}


def costs(items: list[dict[str, Any]]) -> list[Any]:
    return [item["cost"] for item in items]


def paid(items: list[dict[str, Any]]) -> Decimal:
    """What the items cost together, as a reader of the JSON counts it."""
    read = json.loads(json.dumps(items), parse_float=Decimal)
    return sum((Decimal(item["cost"]) * item["quantity"] for item in read), Decimal(0))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (order(730, product(420), product(155, 2), before=730), [420, 155]),
        (order(657, product(420), product(155, 2), before=730), [378, 139.5]),
        (order(599, product(799), before=799), [599]),
        (order(100, product(50), product(50), product(50), before=150), [33.33, 33.33, 33.34]),
        (order(100, product(50), product(50, 2), before=150), [33.34, 33.33]),  # the one of quantity 1 takes the rest
        (order(100, product(50, 3), before=150), [33.33]),  # quantities do not allow it
        (order(0, product(50), product(50, 2), before=150), [0, 0]),
        (order(199.5, product(199.5)), [199.5]),
        (order(Decimal("199.50"), product(Decimal("199.50"))), [199.5]),
        (order("199.5", product("199.5", "1")), [199.5]),
        (order(None, product(33.333, 3)), [33.33]),
        (order(500, product(0), product(None)), [0, 500]),
        (order(500, product(0), product(0, type="gift")), [500, 0]),
        (order(-50, product(-50)), [-50]),
        (order(-50, product(50)), [-50]),
        (order("NaN", product("NaN")), [0]),
        (order(float("nan"), product(float("inf"))), [0]),
        (order("-", product("сто")), [0]),
        (order(10, product(10, total_price=12)), [10]),
    ],
)
def test_costs_carry_their_share_of_the_discount(record: dict[str, Any], expected: list[Any]) -> None:
    assert costs(lines(record)) == expected


def test_whole_amounts_are_integers_and_others_have_two_decimals() -> None:
    assert json.dumps(costs(lines(order(30.1, product(20), product(10.10))))) == "[20, 10.1]"


@pytest.mark.parametrize(
    ("quantity", "whole", "name"),
    [
        (2, 2, "Чай"),
        (2.0, 2, "Чай"),
        (Decimal("2.000"), 2, "Чай"),
        ("2", 2, "Чай"),
        (None, 1, "Чай"),
        (0.35, 1, "Чай × 0.35"),
        (Decimal("1.250"), 1, "Чай × 1.25"),
        (0, 1, "Чай × 0"),
        (-2, 1, "Чай × -2"),
    ],
)
def test_a_quantity_is_whole_or_in_the_name(quantity: Any, whole: int, name: str) -> None:
    (item,) = lines(order(None, product(100, quantity, total_price=35)))

    assert (item["quantity"], item["name"]) == (whole, name)
    assert type(item["quantity"]) is int
    assert abs(paid([item]) - 35) <= Decimal("0.005") * whole


@pytest.mark.parametrize(
    ("named", "article"),
    [
        ({"article": "000215"}, "000215"),
        ({"article": " A-1 "}, "A-1"),
        ({"article": None, "storage_id": 311}, "storage-311"),
        ({"article": "  ", "storage_id": None}, "line-1"),
        ({"article": ""}, "line-1"),
    ],
)
def test_an_item_always_has_an_id(named: dict[str, Any], article: str) -> None:
    assert lines(order(10, product(10, **named)))[0]["externalItemId"] == article


def test_a_product_without_a_title_has_no_blank_name() -> None:
    assert "name" not in lines(order(10, product(10, title=" ")))[0]
    assert lines(order(5, product(10, 0.5, title=None)))[0]["name"] == "A-1 × 0.5"


def test_a_gift_costs_nothing() -> None:
    assert costs(lines(order(90, product(100), product(30, type="gift"), before=100))) == [90, 0]


@pytest.mark.parametrize(
    ("total", "before", "expected"),
    [
        (500, 500, [500, 0, 0]),  # the sum is right without the parts
        (450, 500, [450, 0, 0]),  # and so it is before the discount
        (500, None, [500, 0, 0]),
        (800, 800, [500, 200, 100]),  # here the parts were paid
        (400, 800, [250, 100, 50]),
    ],
)
def test_parts_of_a_set_cost_nothing_when_the_set_was_paid(total: int, before: int | None, expected: list[int]) -> None:
    bundle = product(500, type="set_main")
    parts = [product(200, type="set_item"), product(100, type="set_item")]

    assert costs(lines(order(total, bundle, *parts, before=before))) == expected


@pytest.mark.parametrize("products", [None, [], "A-1", [None], [7]])
def test_an_order_without_products_has_no_items(products: Any) -> None:
    assert lines({"total": 100, "products": products}) == []


MONEY = st.decimals(0, 100_000, places=2)
PAID_LINE = st.builds(product, st.decimals("0.01", 20_000, places=2), st.integers(1, 300))
FREE_LINE = st.builds(product, MONEY, st.integers(1, 3), type=st.just("gift"))


@given(
    paid_lines=st.lists(PAID_LINE, min_size=1, max_size=8),
    single=st.none() | st.builds(product, st.decimals("0.01", 20_000, places=2), st.just(1)),
    gifts=st.lists(FREE_LINE, max_size=2),
    total=MONEY,
    data=st.data(),
)
def test_any_lines_add_up_to_any_total(
    paid_lines: list[dict[str, Any]],
    single: dict[str, Any] | None,
    gifts: list[dict[str, Any]],
    total: Decimal,
    data: st.DataObject,
) -> None:
    bought = data.draw(st.permutations([*paid_lines, *([single] if single else []), *gifts]))
    items = lines(order(total, *bought))
    paying = [line for line in bought if line["type"] != "gift"]
    singles = [line for line in paying if line["quantity"] == 1]
    off = abs(paid(items) - total)

    assert off <= (0 if singles else Decimal("0.005") * paying[-1]["quantity"])
    assert all(item["cost"] >= 0 for item in items)
    assert all(item["cost"] == 0 for item, line in zip(items, bought, strict=True) if line["type"] == "gift")


@given(lines_paid=st.lists(PAID_LINE, min_size=1, max_size=8))
def test_without_a_discount_costs_are_the_shops_prices(lines_paid: list[dict[str, Any]]) -> None:
    total = sum(line["price"] * line["quantity"] for line in lines_paid)

    assert [Decimal(str(cost)) for cost in costs(lines(order(total, *lines_paid)))] == [
        line["price"] for line in lines_paid
    ]


SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.sampled_from(["NaN", "-Infinity", "1e999999999", "1e-999999999", "0e999999999", 10**50])
    | st.just(Decimal("1e999999999"))
)
WILD_PRODUCT = st.dictionaries(
    st.sampled_from(["article", "title", "price", "quantity", "total_price", "type", "storage_id"]), SCALAR
)


@given(total=SCALAR, before=SCALAR, products=st.none() | SCALAR | st.lists(SCALAR | WILD_PRODUCT, max_size=4))
def test_whatever_stands_in_an_order_its_lines_are_items(total: Any, before: Any, products: Any) -> None:
    items = lines({"total": total, "total_before_discount": before, "products": products})

    json.dumps(items, allow_nan=False)
    for item in items:
        assert item["externalItemId"].strip()
        assert type(item["quantity"]) is int
        assert item["quantity"] >= 1
        assert round(item["cost"], 2) == item["cost"]
