"""The lines of an order, at prices that add up to what was paid.

Pure. eSputnik wants discounts inside the items' costs, and the costs to add up to the total (esputnik-api.md §4);
Horoshop has prices before order-level discounts in its lines (horoshop-api.md §2.4).
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from target_esputnik.money import KOPECK, as_number, exact, in_kopecks, kopecks_of, plain
from target_esputnik.text import one_line, remembered, without_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GIFT, PART_OF_SET = "gift", "set_item"
ZERO = Decimal(0)


class Line(NamedTuple):
    """One product of an order.

    Attributes:
        article: never empty.
        name: None if the shop has none.
        quantity: 1 or more.
        amount: what the whole line costs before order-level discounts.
        kind: Horoshop's `type` of the product.
    """

    article: str
    name: str | None
    quantity: int
    amount: Decimal
    kind: str | None


def lines(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `items` of an eSputnik order: `externalItemId`, `name`, `quantity` int, `cost` of one unit.

    Costs carry their share of order-level discounts and add up to the order's total: to the kopeck where a paid line
    has the quantity 1, else within half a kopeck per unit of the last paid line.

    Args:
        record: a record of the stream `orders`; `products`, `total` and `total_before_discount` count.
    """
    products = record.get("products")
    listed = products if isinstance(products, list) else []
    sold = [_sold(product, place) for place, product in enumerate(listed, start=1) if isinstance(product, dict)]
    kopecks = [one.kopecks for one in sold if one.kopecks is not None]
    if len(kopecks) == len(sold) and sum(kopecks) == kopecks_of(record.get("total")):
        return [one.item.copy() for one in sold]  # most orders: what the shop asks for its goods is what was paid
    total = exact(record.get("total"))
    read = [one.line for one in sold]
    counted = _without_parts_of_sets(read, (exact(record.get("total_before_discount")), total))
    costs = [_unit_cost(line) for line in counted] if total is None else _costs(counted, in_kopecks(total))
    return [_item(line, cost) for line, cost in zip(counted, costs, strict=True)]


def _item(line: Line, cost: Decimal) -> dict[str, Any]:
    return without_empty(
        {"externalItemId": line.article, "name": line.name, "quantity": line.quantity, "cost": as_number(cost)}
    )


class _Sold(NamedTuple):
    """What a product of an order comes to by itself.

    Attributes:
        line: as it is counted.
        item: as it is sent where the order's total is the sum of its lines.
        kopecks: the line's amount, if its unit has a price in kopecks, and it is no part of a set.
    """

    line: Line
    item: dict[str, Any]
    kopecks: int | None


def _sold(product: Mapping[str, Any], place: int) -> _Sold:
    said = map(product.get, ("title", "price", "quantity", "total_price", "type"))
    return _sold_by(one_line(product.get("article")) or _no_article(product, place), *said)


@remembered
def _sold_by(article: str, *said: Any) -> _Sold:
    """The same for what the shop says of it: some goods are bought much more often than others."""
    line = _line(article, *said)
    cost = _unit_cost(line)
    is_plain = line.kind != PART_OF_SET and line.amount >= 0 and cost * line.quantity == line.amount
    return _Sold(line, _item(line, cost), int(line.amount * 100) if is_plain else None)


def _line(article: str, *said: Any) -> Line:
    """A line of an order.

    Args:
        article: as it is sent.
        *said: the product's title, price, quantity, total price and type.
    """
    title, price_said, quantity_said, total_price, type_said = said
    quantity = exact(quantity_said)
    quantity = Decimal(1) if quantity is None else quantity
    price = exact(price_said) or ZERO
    amount = exact(total_price)
    kind, name = one_line(type_said), one_line(title)
    if quantity < 1 or quantity != quantity.to_integral_value():
        # eSputnik counts in whole pieces: 0.35 kg of tea is one piece of "tea × 0.35".
        name = f"{name or article} × {plain(quantity)}"
        whole = 1
    else:
        whole = int(quantity)
    return Line(
        article=article,
        name=name,
        quantity=whole,
        amount=ZERO if kind == GIFT else price * quantity if amount is None else amount,
        kind=kind,
    )


def _no_article(product: Mapping[str, Any], place: int) -> str:
    """What comes closest to naming a product without an article; eSputnik refuses an item without one."""
    storage = product.get("storage_id")
    return f"storage-{storage}" if isinstance(storage, int) and storage else f"line-{place}"


def _without_parts_of_sets(read: list[Line], sums: Sequence[Decimal | None]) -> list[Line]:
    """Parts of a set at 0, if the order's sum is right without them: the set's own line is what was paid."""
    if not any(line.kind == PART_OF_SET for line in read):
        return read
    without = [line._replace(amount=ZERO) if line.kind == PART_OF_SET else line for line in read]
    known = {in_kopecks(amount) for amount in sums if amount is not None}
    return without if in_kopecks(_sum(without)) in known else read


def _costs(read: list[Line], total: Decimal) -> list[Decimal]:
    """A unit cost for each line, such that they add up to `total`."""
    if not read:
        return []
    share = _share(read, total)
    costs = [in_kopecks(line.amount * share / line.quantity) for line in read]
    if min(costs) >= 0 and sum(cost * line.quantity for cost, line in zip(costs, read, strict=True)) == total:
        return costs  # nearly always: nothing was rounded
    balancing = _balancing_line(read)
    _balance(costs, read, balancing, total)
    if costs[balancing] < 0 <= total:
        # Many pieces rounded up can cost more than the balancing line: rounded down, they leave it something.
        costs = [(line.amount * share / line.quantity).quantize(KOPECK, ROUND_DOWN) for line in read]
        _balance(costs, read, balancing, total)
    return costs


def _share(read: list[Line], total: Decimal) -> Decimal:
    """What part of the lines' amounts was paid; 1 where amounts and total cannot be in proportion."""
    before = _sum(read)
    if before == 0 or before * total < 0:
        return Decimal(1)
    return total / before


def _balancing_line(read: list[Line]) -> int:
    """The line that takes what rounding leaves: the last paid one of quantity 1, else the last paid one."""
    places = range(len(read))
    paid = [place for place in places if read[place].amount]
    sold = [place for place in places if read[place].kind not in {GIFT, PART_OF_SET}]
    eligible = paid or sold or list(places)
    singles = [place for place in eligible if read[place].quantity == 1]
    return (singles or eligible)[-1]


def _balance(costs: list[Decimal], read: list[Line], balancing: int, total: Decimal) -> None:
    others = sum((costs[place] * line.quantity for place, line in enumerate(read) if place != balancing), ZERO)
    costs[balancing] = in_kopecks((total - others) / read[balancing].quantity)


def _unit_cost(line: Line) -> Decimal:
    return in_kopecks(line.amount / line.quantity)


def _sum(read: Sequence[Line]) -> Decimal:
    return sum([line.amount for line in read], ZERO)
