"""What the sample shop sells, and what stands in one order. Money is counted in kopecks."""

# The sample is made of arbitrary numbers: how often each oddity comes. Naming each would explain nothing.
# ruff: noqa: PLR2004

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_NOUNS = (
    "Чайник емальований", "Кухоль 0,3 л", "Серветка льняна", "Лампа «Світанок»", "Ковдра вовняна", "Дошка обробна",
    "Свічка з вощини", "Рушник вишитий", "Набір ложок & виделок", "Ваза скляна 25 см",
    "Кошик плетений", "Мило «Ромашка»",
)  # fmt: skip
_COLOURS = ("біла", "синя", "зелена", '10" чорна', "жовта", "бордова", "сіра")
CATALOGUE = 240


class Product(NamedTuple):
    """A product of the sample; `price` in kopecks."""

    title: str
    article: str
    price: int
    storage_id: int
    reduced: bool


def _product(number: int) -> Product:
    price = (number * 7919 % 190_000) // 100 * 100 + 1500 + (number % 6 == 1) * 99 + (number % 11 == 3) * 50
    return Product(
        title=f"{_NOUNS[number % len(_NOUNS)]}, {_COLOURS[number % len(_COLOURS)]}",
        article=f"{number:06}" if number % 5 == 0 else f"TK-{number}",
        price=price,
        storage_id=300 + number,
        reduced=number % 7 == 2,
    )


_SHELF = tuple(_product(number) for number in range(CATALOGUE))
_HONEY = Product("Мед на вагу, кг", "MED-KG", 24_950, 990, reduced=False)


def hryvnias(kopecks: int) -> int | float:
    """Return money as the API writes it: whole hryvnias as an integer, others as a decimal."""
    whole, rest = divmod(kopecks, 100)
    return whole if rest == 0 else kopecks / 100


def line(  # noqa: PLR0917 - a line of an order has six facts
    product: Product,
    quantity: float,
    total: int,
    kind: str = "product",
    price: int | None = None,
    parent: int | None = None,
) -> dict[str, Any]:
    """Return one of an order's products[] (horoshop-api.md §2.5)."""
    return {
        "title": product.title,
        "article": product.article,
        "price": hryvnias(product.price if price is None else price),
        "quantity": quantity,
        "total_price": hryvnias(total),
        "discount_marker": "PRICE_OLD" if product.reduced else "NONE",
        "type": kind,
        "storage_id": product.storage_id,
        "parent_storage_id": parent,
    }


def basket(index: int, draw: Callable[[], int]) -> tuple[list[dict[str, Any]], int, int]:
    """Return the lines of order `index`, their sum in kopecks, and the number of pieces.

    Parts of a set stand in the list, but are paid with the set: with their own prices in every other set, else at 0.
    """
    lines: list[dict[str, Any]] = []
    total = pieces = 0
    for _ in range((1, 1, 1, 2, 2, 3, 5)[draw() % 7]):
        product = _SHELF[draw() % CATALOGUE]
        quantity = (1, 1, 1, 2, 3)[draw() % 5]
        lines.append(line(product, quantity, product.price * quantity))
        total += product.price * quantity
        pieces += quantity
    if is_weighed(index):
        grams = draw() % 2900 + 100
        cost = (_HONEY.price * grams + 500) // 1000
        lines.append(line(_HONEY, grams / 1000, cost))
        total, pieces = total + cost, pieces + 1
    if index % 23 == 7:
        lines[0]["type"] = "gift_parent"
        gift = _SHELF[draw() % CATALOGUE]
        lines.append(line(gift, 1, 0, "gift", price=0, parent=lines[0]["storage_id"]))
        pieces += 1
    if index % 31 == 13:
        bundle = _SHELF[draw() % CATALOGUE]
        lines.append(line(bundle, 1, bundle.price, "set_main"))
        total, pieces = total + bundle.price, pieces + 1
        for _ in range(2):
            part = _SHELF[draw() % CATALOGUE]
            price = part.price if index % 2 else 0
            lines.append(line(part, 1, price, "set_item", price=price, parent=bundle.storage_id))
    return lines, total, pieces


def is_weighed(index: int) -> bool:
    """Return whether order `index` has something that is sold by weight, in a fraction of its unit."""
    return index % 19 == 5


class Discount(NamedTuple):
    """What an order takes off its lines' sum, in kopecks and percent."""

    coupon_code: str = ""
    coupon_percent: int = 0
    coupon_value: int = 0
    percent: int = 0
    value: int = 0
    manager: int = 0


def discount(index: int, total: int, draw: Callable[[], int]) -> Discount:
    """Return the discount of order `index` whose lines cost `total` kopecks.

    A coupon's value is rounded to whole hryvnias in every other order, as a live shop did (horoshop-api.md §2.4).
    """
    if index % 9 == 4:
        percent = (5, 10, 15, 25)[draw() % 4]
        value = (total * percent + 50) // 100
        if index % 2:
            value = (value + 50) // 100 * 100
        return Discount(coupon_code=f"SALE{percent}", coupon_percent=percent, coupon_value=min(value, total))
    if index % 27 == 11:
        percent = 3
        return Discount(percent=percent, value=(total * percent + 50) // 100)
    if index % 35 == 17:
        return Discount(manager=min(5000, total))
    return Discount()
