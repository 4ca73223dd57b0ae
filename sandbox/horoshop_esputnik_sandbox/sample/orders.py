"""The orders of the sample shop, as orders/get has them: row `index` is computed from `index`, none is held."""

# The sample is made of arbitrary numbers: how often each oddity comes. Naming each would explain nothing.
# ruff: noqa: PLR2004

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from horoshop_esputnik_sandbox.sample import goods, names, people, phones
from horoshop_esputnik_sandbox.sample.days import DAY, Density, clock_changes, written
from horoshop_esputnik_sandbox.sample.draws import WORD, draws

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox.sample.customers import SampleCustomers

FIRST_ID = 10_001
FIRST_GUEST_USER = 5_000_000
SPAN_DAYS = 400
RECENT_SHARE = 0.2
OWN_STATUS = 8
HOUR = 3600
# Around the hour that repeats, and around the one that does not exist (Kyiv: 03:00 to 04:00 of that night).
REPEATED = (3 * HOUR + 600, 3 * HOUR + 1800, 3 * HOUR + 3000)
SKIPPED = (3 * HOUR - 30, 4 * HOUR, 4 * HOUR + 10)
MIN_FOR_CLOCK_CHANGES = 50

DELIVERIES = ((3, "Нова Пошта"), (3, "Нова Пошта"), (5, "Укрпошта"), (1, "Самовивіз"), (7, "Кур'єр"))
PAYMENTS = ((2, "Оплата при отриманні"), (6, "Онлайн-оплата карткою"), (1, "Готівка"), (9, "Рахунок для юр. осіб"))
SOURCES = (
    ("google", "cpc"), ("(direct)", "(none)"), ("", ""), ("facebook", "social"), ("esputnik", "email"),
)  # fmt: skip


class Buyer(NamedTuple):
    """Who stands in an order: the person, what they typed, and the order's `user`."""

    person: people.Person
    email: str
    digits: str
    user: int


class SampleOrders:
    """Order `index` of `size`, computed; placed in the order of the index within 400 days before `end`."""

    def __init__(self, seed: bytes, size: int, end: int, customers: SampleCustomers) -> None:
        self._seed = seed
        self.size = size
        self._customers = customers
        self._end = end
        self._density = Density(max(size, 1), end, SPAN_DAYS, RECENT_SHARE)
        self._pinned = self._pins() if size >= MIN_FOR_CLOCK_CHANGES else []

    def _pins(self) -> list[tuple[int, int]]:
        """Return (index, local second) of the orders that are placed around each change of the clocks."""
        pins: list[tuple[int, int]] = []
        for midnight, repeats in clock_changes(self._density.start, self._end):
            times = REPEATED if repeats else SKIPPED
            first = bisect_left(range(self.size), midnight + times[0], key=self._natural)
            pins += [(first + step, midnight + time) for step, time in enumerate(times) if first + step < self.size]
        return pins

    def _natural(self, index: int) -> int:
        if index % 40 == 7:
            index -= 1  # two orders of the same second, for borders of windows
        return self._density.at(index + draws(self._seed, b"created", index)() / WORD)

    def created(self, index: int) -> int:
        """Return when the order was placed, in local seconds; never falls with the index."""
        second = self._natural(index)
        for pinned, time in self._pinned:
            if index == pinned:
                return time
            if index > pinned:
                second = max(second, time)
        return second

    def status(self, index: int) -> int:
        """Return `stat_status`: new ones are young, old ones mostly over; 8 is this shop's own "Оплачено"."""
        age = self._end - self.created(index)
        chance = draws(self._seed, b"status", index)() % 100
        if age < 2 * DAY:
            return 1 if chance < 70 else 2
        if index % 37 == 20:
            return OWN_STATUS
        if age < 10 * DAY:
            return 6 if chance < 45 else 2 if chance < 70 else 3
        return 3 if chance < 86 else 4 if chance < 96 else 6

    def row(self, index: int) -> dict[str, Any]:
        """Return the order as orders/get has it (horoshop-api.md §2.4)."""
        draw = draws(self._seed, b"order", index)
        created = self.created(index)
        buyer = self._buyer(index, created, draw)
        lines, total, pieces = self._basket(index, draw)
        off = goods.discount(index, total, draw)
        paid = total - off.coupon_value - off.value - off.manager
        delivery = DELIVERIES[draw() % len(DELIVERIES)]
        payment = PAYMENTS[draw() % len(PAYMENTS)]
        status = self.status(index)
        return {
            "order_id": FIRST_ID + index,
            "user": buyer.user,
            "delivery_name": self._name(index, buyer.person),
            "delivery_email": self._email(index, buyer),
            "delivery_phone": self._phone(index, buyer.digits, draw()),
            "delivery_city": buyer.person.city,
            "delivery_city_stable": buyer.person.city,
            "delivery_address": _address(delivery[0], draw() % 120 + 1),
            "delivery_type": {"id": delivery[0], "title": delivery[1]},
            "delivery_price": -1 if index % 3 else (0, 60, 89.5)[index // 3 % 3],
            "comment": "Подзвоніть після 18:00 🙏" if index % 12 == 3 else "",
            "payment_type": {"id": payment[0], "title": payment[1]},
            "payment_price": 0,
            "payed": int(status in {3, 8} or payment[0] == 6),
            "total_default": goods.hryvnias(total),
            "total_sum": goods.hryvnias(paid),
            "total_quantity": pieces,
            "discount_percent": off.percent,
            "discount_value": goods.hryvnias(off.value),
            "coupon_code": off.coupon_code,
            "coupon_percent": off.coupon_percent,
            "coupon_discount_value": goods.hryvnias(off.coupon_value),
            "coupon_type": 0,
            "stat_status": status,
            "stat_created": written(created),
            "currency": "UAH",
            "order_without_callback": index % 4 == 0,
            "manager_id": 4 if index % 5 else None,
            "manager_comment": "подарункова упаковка" if index % 15 == 2 else None,
            "manager_discount": goods.hryvnias(off.manager),
            "manager_discount_title": "Постійному покупцю" if off.manager else "",
            "products": lines,
            "additional_data": {"recipient_warehouse_ref": f"00000000-0000-4000-8000-{index:012}"},
            "analytics": _analytics(index, draw),
            "delivery_data": _delivery_state(index, delivery[0], status, created),
        }

    @staticmethod
    def _basket(index: int, draw: Callable[[], int]) -> tuple[list[dict[str, Any]], int, int]:
        return goods.basket(index, draw)

    def _buyer(self, index: int, created: int, draw: Callable[[], int]) -> Buyer:
        """Return who ordered: a customer, one who registers later, a guest, or a guest by phone alone."""
        chance, choice = draw() % 100, draw()
        registered = self._customers.registered_before(created)
        guest_user = FIRST_GUEST_USER + index
        if chance < 52 and registered:
            customer = int(registered * (choice / WORD) ** 2)
            # `user` is no customer key: measured near-unique per order (horoshop-api.md §8(6)).
            return self._as_customer(customer, 1001 + customer if choice % 5 else guest_user, choice)
        if chance < 59 and registered + 1 < self._customers.size:
            later = registered + 1 + choice % min(20, self._customers.size - registered - 1)
            return self._as_customer(later, guest_user, choice)
        guest = index // 60 * 12 + choice % 12
        person = people.person(self._seed, b"guest", guest, self._customers.size + guest)
        if index % 50 == 25 and self._customers.size:
            guest_user = 1001 + choice % self._customers.size  # another person's id: a `user` ties nobody
        return Buyer(person, "" if chance >= 87 else person.email, person.digits, guest_user)

    def _as_customer(self, customer: int, user: int, choice: int) -> Buyer:
        email = self._customers.email(customer)
        if choice % 11 == 0:
            email = people.in_other_case(email)
        return Buyer(self._customers.person(customer), email, self._customers.digits(customer), user)

    @staticmethod
    def _name(index: int, person: people.Person) -> str:
        if index % 43 == 21:
            return names.NASTY[index // 43 % len(names.NASTY)]
        if index % 91 == 77:
            return ""
        return person.name_in_form(person.name_form + (index % 6 == 0))

    @staticmethod
    def _email(index: int, buyer: Buyer) -> str:
        if index % 97 == 61:
            return ""
        if index % 47 == 30:
            return people.BAD_EMAILS[index // 47 % len(people.BAD_EMAILS)].format(buyer.person.local)
        return buyer.email

    @staticmethod
    def _phone(index: int, digits: str, form: int) -> str:
        if index % 97 == 61:
            return ""
        if index % 59 == 33:
            return phones.BAD[index // 59 % len(phones.BAD)]
        if index % 73 == 39:
            return f"0{digits}, 0{phones.subscriber(index)}"
        return phones.typed(digits, form) if digits else ""


def _address(delivery: int, number: int) -> str:
    if delivery == 3:
        return f"Відділення №{number}: вул. Зразкова, {number}"
    if delivery == 5:
        return f"вул. Приклад@{number}@3@01001"
    return "" if delivery == 1 else f"вул. Зразкова, {number}, кв. 7"


def _analytics(index: int, draw: Callable[[], int]) -> dict[str, Any]:
    source, medium = SOURCES[draw() % len(SOURCES)]
    campaign: str | int = ""
    if medium == "cpc":
        campaign = 20_000_000_000 + draw() % 50
    elif medium:
        campaign = "весна-2026"
    client = f"111111111.{1_700_000_000 + index}" if draw() % 3 else ""
    return {
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "utm_term": "",
        "utm_content": "",
        "google_client_id": client,
    }


def _delivery_state(index: int, delivery: int, status: int, created: int) -> dict[str, Any]:
    sent = status in {3, 6} and delivery in {3, 5}
    return {
        "deliveryOperatorType": "novaposhta" if delivery == 3 else None,
        "tnNumber": f"{20_450_000_000_000 + index}" if sent else None,
        "tnId": None,
        "tnStatusName": ("Відправлення отримано" if status == 3 else "У дорозі") if sent else None,
        "tnTrackingUpdateDate": written(created + 2 * DAY) if sent else None,
        "estimatedDeliveryDate": written(created + 3 * DAY)[:10] if sent and index % 2 else None,
        "ownTTNPicked": sent,
        "departure": None,
        "destination": {} if index % 2 else None,
    }
