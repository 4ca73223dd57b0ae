"""The shop behind the API: its customers and orders, the sample's and what was changed since."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from horoshop_esputnik_sandbox.clock import shop_time_now
from horoshop_esputnik_sandbox.sample import customers, orders, plain
from horoshop_esputnik_sandbox.sample.days import local_seconds
from horoshop_esputnik_sandbox.shop.statuses import STATUSES
from horoshop_esputnik_sandbox.shop.timeline import Timeline

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.shop.timeline import Row
    from horoshop_esputnik_sandbox.switches import Switches


class ShopError(ValueError):
    """A change that the shop cannot make; the message says why."""


class _Customers(customers.SampleCustomers):
    second = customers.SampleCustomers.registered


class _PlainCustomers(plain.PlainCustomers):
    second = plain.PlainCustomers.registered


class _Orders(orders.SampleOrders):
    second = orders.SampleOrders.created


class _PlainOrders(plain.PlainOrders):
    second = plain.PlainOrders.created


class _NoRows:
    size = 0

    def row(self, index: int) -> Row:
        raise IndexError(index)

    def second(self, index: int) -> int:
        raise IndexError(index)


class Shop:
    """Customers and orders of a shop; deterministic for (customers, orders, seed, as_of, plain)."""

    def __init__(
        self,
        *,
        customers_count: int,
        orders_count: int,
        seed: int,
        as_of: datetime | None,
        switches: Switches,
        plain: bool,
    ) -> None:
        self._switches = switches
        end = local_seconds(as_of or datetime.now(self._zone()).replace(second=0, microsecond=0, tzinfo=None))
        key = blake2b(str(seed).encode(), digest_size=16).digest()
        self._customers = (_PlainCustomers if plain else _Customers)(key, customers_count, end)
        self._orders = (_PlainOrders if plain else _Orders)(key, orders_count, end, self._customers)
        self.reset()

    def reset(self) -> None:
        """Forget every change."""
        self.customers = Timeline(self._customers, customers.FIRST_ID, "id", "registered")
        self.orders = Timeline(self._orders, orders.FIRST_ID, "order_id", "stat_created")
        self._misprints: dict[tuple[str, int], Row] = {}
        self._guest = orders.FIRST_GUEST_USER * 2
        self._users: tuple[tuple[int, int], Timeline] | None = None

    def register(self, fields: Row) -> int:
        """Make an account; Horoshop's own field names; what is not given is blank, `registered` is now."""
        blank = dict.fromkeys(("title", "email", "phone", "country", "city", "address"), "")
        return self.customers.add({**blank, "registered": shop_time_now(self._zone()), **fields})

    def place_order(self, fields: Row) -> int:
        """Place an order; Horoshop's own field names; money follows from the products where it is not given."""
        products = [_line(number, product) for number, product in enumerate(fields.get("products") or [{}], start=1)]
        total = round(sum(product["total_price"] for product in products if product["type"] != "set_item"), 2)
        self._guest += 1
        row = {**_BLANK_ORDER, "user": self._guest, "stat_created": shop_time_now(self._zone())}
        row |= {"total_default": total, "total_sum": total, "total_quantity": len(products)}
        row |= {**fields, "products": products}
        self._known_status(row["stat_status"])
        return self.orders.add(row)

    def users_with_guests(self) -> Timeline:
        """Return the accounts, and a user for each guest's order: a reading of what users/export holds (§4.2)."""
        versions = (self.customers.version, self.orders.version)
        if self._users is None or self._users[0] != versions:
            users = Timeline(_NoRows(), 1, "id", "registered")
            for held in (self.customers, self.orders):
                rows = (held.get(number) for number in held.window(None, None))
                for row in (row if "registered" in row else _guest(row) for row in rows if row is not None):
                    if users.get(row["id"]) is None:
                        users.add(row)
            self._users = (versions, users)
        return self._users[1]

    def edit_order(self, number: int, fields: Row) -> None:
        """Change fields of an order: no timestamp of the API shows it."""
        if "stat_status" in fields:
            self._known_status(fields["stat_status"])
        self.orders.edit(number, fields)

    def misprint(self, kind: str, number: int, fields: Row, without: list[str]) -> None:
        """Let the API give a row otherwise than the shop holds it: other fields, or none of these."""
        held = {"orders": self.orders, "customers": self.customers}.get(kind)
        if held is None:
            message = f"rows are of orders or of customers, not of {kind!r}"
            raise ShopError(message)
        held.edit(number, {})  # a page that was printed is printed anew, and a number that is not there is told
        self._misprints[kind, number] = {"fields": fields, "without": without}

    def as_printed(self, kind: str, number: int, row: Row) -> Row:
        """Return a row as the API gives it."""
        misprint = self._misprints.get((kind, number))
        if misprint is None:
            return row
        return {name: value for name, value in {**row, **misprint["fields"]}.items() if name not in misprint["without"]}

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(str(self._switches["shop_zone"]))

    @staticmethod
    def _known_status(status: object) -> None:
        if str(status) not in STATUSES:
            message = f"the shop has no status {status!r}; it has {', '.join(STATUSES)}"
            raise ShopError(message)


_BLANK_ORDER: dict[str, Any] = {
    "user": 0,
    "delivery_name": "",
    "delivery_email": "",
    "delivery_phone": "",
    "delivery_city": "Київ",
    "delivery_city_stable": "Київ",
    "delivery_address": "Відділення №5: вул. Зразкова, 1",
    "delivery_type": {"id": 3, "title": "Нова Пошта"},
    "delivery_price": -1,
    "comment": "",
    "payment_type": {"id": 2, "title": "Оплата при отриманні"},
    "payment_price": 0,
    "payed": 0,
    "total_default": 0,
    "total_sum": 0,
    "total_quantity": 1,
    "discount_percent": 0,
    "discount_value": 0,
    "coupon_code": "",
    "coupon_percent": 0,
    "coupon_discount_value": 0,
    "coupon_type": 0,
    "stat_status": 1,
    "stat_created": "",
    "currency": "UAH",
    "order_without_callback": False,
    "manager_id": None,
    "manager_comment": None,
    "manager_discount": 0,
    "manager_discount_title": "",
    "products": [],
    "additional_data": {"recipient_warehouse_ref": "00000000-0000-4000-8000-000000000001"},
    "analytics": {
        "utm_source": "(direct)",
        "utm_medium": "(none)",
        "utm_campaign": "",
        "utm_term": "",
        "utm_content": "",
        "google_client_id": "",
    },
    "delivery_data": {
        "deliveryOperatorType": "novaposhta",
        "tnNumber": None,
        "tnId": None,
        "tnStatusName": None,
        "tnTrackingUpdateDate": None,
        "estimatedDeliveryDate": None,
        "ownTTNPicked": False,
        "departure": None,
        "destination": {},
    },
}


def _guest(order: Row) -> Row:
    return {
        "id": order["user"],
        "title": order["delivery_name"],
        "email": order["delivery_email"],
        "phone": order["delivery_phone"],
        "country": "",
        "city": order["delivery_city"],
        "address": "",
        "registered": order["stat_created"],
    }


def _line(number: int, product: Row) -> Row:
    price, quantity = product.get("price", 100), product.get("quantity", 1)
    return {
        "title": f"Товар {number}",
        "article": f"A-{number}",
        "price": price,
        "quantity": quantity,
        "total_price": round(float(price) * float(quantity), 2),
        "discount_marker": "NONE",
        "type": "product",
        "storage_id": number,
        "parent_storage_id": None,
        **product,
    }
