"""Data: what a shop may hold. Each row says what must become of it; the invariants, that no neighbour is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matrix import scenes
from matrix.case import FaultCase, Group
from matrix.oddities import OddRow, OddRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

REFUSED = "rejected:refused"
INVALID, NO_IDENTITY, UNMAPPED = "rejected:invalid", "rejected:no_identity", "held:unmapped_status"
ACCEPTED, NO_RECORD = "accepted", None
Said = dict[str, Any]


def _case(
    name: str, sentence: str, rows: tuple[OddRow, ...], *, fast: bool = False, also: Callable[[Stage], list[str]] | None
) -> FaultCase:
    return FaultCase(
        name=name,
        group=Group.DATA,
        api="",
        sentence=sentence,
        strikes=(OddRows(rows),),
        target_settings={"max_rejected_percent": 100},
        also=also,
        fast=fast,
    )


def _order(
    name: str,
    sentence: str,
    fate: str | None = ACCEPTED,
    *,
    held: Said | None = None,
    without: tuple[str, ...] = (),
    fast: bool = False,
    also: Callable[[Stage], list[str]] | None = None,
    **printed: Any,
) -> FaultCase:
    """Give a case of one order, of which the API gives these fields otherwise."""
    said = "whose stat_created is no date" if "stat_created" in printed else "Left out: a row without a usable order_id"
    row = OddRow("orders", held or {}, printed, without, fate, said)
    return _case(name, sentence, (row,), fast=fast, also=also)


def _customer(
    name: str,
    sentence: str,
    fate: str | None = ACCEPTED,
    *,
    held: Said | None = None,
    without: tuple[str, ...] = (),
    **printed: Any,
) -> FaultCase:
    """Give a case of one customer, with a phone alone, so that nobody is asked."""
    said = "whose registered is no date" if "registered" in printed else "Left out: a row without a usable id"
    held = {"title": "Олена Коваль", "phone": "+38 (050) 555-66-77", **(held or {})}
    row = OddRow("customers", held, printed, without, fate, said)
    return _case(name, sentence, (row,), also=None)


def _lines(stage: Stage) -> list[dict[str, Any]]:
    """The items of the one odd order as eSputnik holds it."""
    [(_, key)] = stage.odd
    return next((one["items"] for one in stage.sandbox.sent_orders() if one["externalOrderId"] == key), [])


def _all_there(stage: Stage) -> list[str]:
    there = len(_lines(stage))
    return [] if there == MANY else [f"{there} items of {MANY} are there"]


def _comment_whole(stage: Stage) -> list[str]:
    [(_, key)] = stage.odd
    order = next((one for one in stage.sandbox.sent_orders() if one["externalOrderId"] == key), None)
    size = len(order["additionalInfo"]["comment"]) if order else 0
    return [] if size == TEN_MEGABYTES else [f"{size} characters of the comment are there"]


MANY = 2001
TEN_MEGABYTES = 10_000_000
ITEM = {"title": "Чай", "article": "A-1", "price": 10, "quantity": 1, "total_price": 10, "type": "product"}

AMOUNTS = [
    _order("a total of NaN", "the total is the text NaN", total_sum="NaN", fast=True),
    _order("a total of Infinity", "the total is the text -Infinity", total_sum="-Infinity"),
    _order("a total beyond all money", "the total is 1e300", total_sum=1e300),
    _order("a total of thirty digits", "the total is a whole number of thirty digits", total_sum=10**30),
    _order("a total of a thousand digits", "the total is a whole number of a thousand digits", total_sum=10**999),
    _order("a negative total", "the total is -100.50", total_sum=-100.5, total_default=-100.5),
    _order("a total of nothing", "the total is 0, the order was not free", total_sum=0),
    _order("a total of minus zero", "the total is -0.0", total_sum=-0.0),
    _order("a total with a comma", 'the total is "1 250,50"', total_sum="1 250,50"),
    _order("a total that is true", "the total is a boolean", total_sum=True),
    _order("a total that is a list", "the total is a list", total_sum=[12]),
    _order("a total that is missing", "the row has no total at all", without=("total_sum", "total_default")),
    _order("a total of three decimals", "the total is 10.005", total_sum=10.005),
    _order("a price of delivery in words", "the price of delivery is a text", delivery_price="за тарифами"),
]
PRODUCTS = [
    _order("two thousand and one items", "an order of 2,001 items", products=[ITEM] * MANY, also=_all_there, fast=True),
    _order("no items", "the list of products is empty", products=[]),
    _order("items that are null", "there is null instead of products", products=None),
    _order("items in an object", "products are an object by number", products={"1": ITEM, "7": ITEM}),
    _order("items of other types", "among products are null, a number and a text", products=[None, 5, "x", ITEM]),
    _order("an item without a name", "a product has neither article nor title", products=[{"price": 1}]),
    _order("a fractional quantity", "0.355 kg were bought", products=[{**ITEM, "quantity": 0.355}]),
    _order("a negative quantity", "-2 pieces were bought", products=[{**ITEM, "quantity": -2}]),
    _order("a quantity of nothing", "0 pieces were bought", products=[{**ITEM, "quantity": 0}]),
    _order("a quantity of NaN", "the quantity is the text NaN", products=[{**ITEM, "quantity": "NaN"}]),
    _order("a quantity beyond all counting", "10^40 pieces were bought", products=[{**ITEM, "quantity": 10**40}]),
    _order("a price that is an object", "the price is an object", products=[{**ITEM, "price": {"uah": 1}}]),
    _order("a storage of seventy bits", "storage_id is 2^70", INVALID, products=[{**ITEM, "storage_id": 2**70}]),
]
DATES = [
    _order("a date of zeros", "MySQL's 0000-00-00", NO_RECORD, stat_created="0000-00-00 00:00:00", fast=True),
    _order("a day that never was", "the 30th of February", NO_RECORD, stat_created="2026-02-30 10:00:00"),
    _order("an hour that never was", "25:61 o'clock", NO_RECORD, stat_created="2026-02-03 25:61:00"),
    _order("an empty date", "the date is an empty text", NO_RECORD, stat_created=""),
    _order("no date", "the date is null", NO_RECORD, stat_created=None),
    _order("a date in words", 'the date is "вчора"', NO_RECORD, stat_created="вчора"),
    _order("a date with dots", "the date is 17.05.2026", NO_RECORD, stat_created="17.05.2026 10:00:00"),
    _order("a date that is a number", "the date is a UNIX time", NO_RECORD, stat_created=1_763_000_000),
    _order("a date with an offset", "the date has a zone", NO_RECORD, stat_created="2026-05-17T10:00:00+03:00"),
    _order("a date that is a list", "the date is a list", NO_RECORD, stat_created=["2026-05-17 10:00:00"]),
    _order("a date of the year 1", "the date has an offset with seconds", INVALID, stat_created="0001-01-01 10:00:00"),
    _order("a date of the year 9999", "the date is far in the future", stat_created="9999-12-31 23:59:59"),
    _order("a date with a T", "the date has a T between", stat_created="2026-05-17T10:00:00"),
    _order("a bare date", "the date has no time", stat_created="2026-05-17"),
]
STATUSES = [
    _order("a status of null", "the status is null", INVALID, stat_status=None, fast=True),
    _order("a status in words", "the status is a text", INVALID, stat_status="нове"),
    _order("a status of one and a half", "the status is 1.5", INVALID, stat_status=1.5),
    _order("a status of seventy bits", "the status is 2^70", INVALID, stat_status=2**70),
    _order("a status that nobody knows", "the status is 77, which no list has", UNMAPPED, stat_status=77),
    _order("a negative status", "the status is -1", UNMAPPED, stat_status=-1),
    _order("a status as text", 'the status is the text "2"', stat_status="2"),
]
KEYS = [
    _order("an order without a number", "the number is null", NO_RECORD, order_id=None, fast=True),
    _order("a number in words", "the number is a text", NO_RECORD, order_id="сто"),
    _order("a number that is a list", "the number is a list", NO_RECORD, order_id=[1]),
    _order("a number of one and a half", "the number is 1.5", NO_RECORD, order_id=1.5),
]
BUYERS = [
    _order(
        "an order without a buyer", "it has neither name nor email nor phone", NO_IDENTITY, held={"delivery_email": ""}
    ),
    _order("a buyer's email that is a list", "the email is a list", NO_IDENTITY, delivery_email=["o@example.com"]),
    _order("a buyer's email that is a number", "the email is 5", NO_IDENTITY, delivery_email=5),
    _order(
        "a buyer's email of a megabyte", "the email is long", NO_IDENTITY, delivery_email="a" * 10**6 + "@example.com"
    ),
    _order("a name of many combining marks", "each letter carries forty marks", delivery_name="О" + "\u0301" * 40),
    _order("a name of a thousand words", "the name is a novel", delivery_name="Олена " * 1000),
    _order("a name of lone surrogates", "half an emoji", delivery_name="Олена \ud83d", fast=True),
    _order("a name of digits", "the name is a number", delivery_name=380_501_112_233),
    _order("a name that is HTML", "the name is a script", delivery_name="<script>alert(1)</script>"),
    _order("a name that is SQL", "the name ends a statement", delivery_name="'); DROP TABLE orders; --"),
    _order("a user of seventy bits", "the shop's user number is 2^70", INVALID, user=2**70),
    _order("a user in words", "the shop's user number is a text", user="гість"),
]
TEXTS = [
    _order("a comment of ten megabytes", "the comment is long", comment="я" * TEN_MEGABYTES, also=_comment_whole),
    _order("a comment with NUL", "there is a zero byte in it", comment="а\x00б", fast=True),
    _order("a comment with half a character", "a lone surrogate is in it", comment="\udc00 а \ud800"),
    _order("a comment from right to left", "marks of direction are in it", comment="\u202eabc\u202c \u2066ב\u2069"),
    _order("a comment of emoji", "families and flags", comment="👨‍👩‍👧‍👦🇺🇦" * 50),
    _order("a comment of control characters", "all of them", comment="".join(map(chr, range(1, 32)))),
    _order("a comment with line separators", "U+2028 and U+0085", comment="a\u2028b\u2029c\u0085d\r\ne"),
    _order("a comment that is an object", "the comment is no text", comment={"a": [1]}),
    _order("a currency in words", "the currency is «гривня»", currency="гривня"),
    _order("a currency of null", "the currency is null, which eSputnik does not take", REFUSED, currency=None),
    _order("a campaign that is a number", "utm_campaign is 1e22", analytics={"utm_campaign": 1e22}),
    _order("analytics that are a list", "PHP's empty object", analytics=[]),
    _order("a waybill that is a text", "delivery_data is a text", delivery_data="20450000000001"),
    _order("a delivery that is a text", "delivery_type is a text", delivery_type="Нова Пошта", payment_type=7),
]
UNKNOWN: dict[str, Any] = {"": 1, "\x00": 2, "very\ud800odd": 3, "a.b": {"c": [None, {"d": 1e22}]}}
BARE = (
    *("user", "delivery_name", "delivery_phone", "delivery_city", "delivery_city_stable", "delivery_address"),
    *("delivery_type", "delivery_price", "payment_type", "payment_price", "payed", "total_sum", "total_default"),
    *("total_quantity", "discount_percent", "coupon_code", "currency", "products", "comment", "analytics"),
    *("delivery_data", "additional_data", "manager_comment"),
)
FIELDS = [
    _order("fields that nobody knows", "names that are blank, NUL and half a character", **UNKNOWN),
    _order("five thousand unknown fields", "a row with 5,000 more fields", **{f"f{n}": n for n in range(5000)}),
    _order("a row of almost nothing", "number, date, status and email alone", REFUSED, without=BARE),
]
CUSTOMERS = [
    _customer("a customer registered on no day", "the date is zeros", NO_RECORD, registered="0000-00-00 00:00:00"),
    _customer("a customer registered never", "the date is null", NO_RECORD, registered=None),
    _customer("a customer without a number", "the number is null", NO_RECORD, id=None),
    _customer("a customer whom nobody can reach", "neither email nor phone", NO_IDENTITY, phone="", email="нема"),
    _customer("a customer's phone that is a number", "the phone is a JSON number", phone=380_505_556_677),
    _customer("a balance of NaN", "the balance is the text NaN", balance="NaN"),
    _customer("a balance of a thousand digits", "the balance is a very long whole number", balance=10**999),
    _customer("a group of seventy bits", "the number of the group is 2^70", INVALID, customer_group_id=2**70),
    _customer("a manager that is a list", "the manager is a list", manager=[1, 2]),
    _customer("a box that is neither ticked nor not", "the newsletter box is a text", newsletter_subscription="maybe"),
    _customer("a note of a megabyte", "the note is long", note="я" * 10**6),
    _customer("a customer with half a character", "a lone surrogate in name and town", title="\ud83d", city="\udc00"),
    _customer("a customer's name with NUL", "a zero byte in the name", title="Оле\x00на Коваль"),
]

ROWS = [*AMOUNTS, *PRODUCTS, *DATES, *STATUSES, *KEYS, *BUYERS, *TEXTS, *FIELDS, *CUSTOMERS]
CASES = [*ROWS, *scenes.CASES]
