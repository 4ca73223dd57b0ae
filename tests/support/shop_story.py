"""What happens around the shop in an end-to-end test: who is at eSputnik beforehand, and a day's changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
PLAIN_EMAIL = re.compile(r"[a-z0-9.-]+@[a-z.]+")
NEXT = {1: 2, 2: 3, 6: 3}
IN_PROGRESS, DELIVERED, SHIPPING, OF_THE_SHOPS_OWN = 2, 3, 6, 8


@dataclass(frozen=True)
class Beforehand:
    """Contacts that eSputnik has before the first run; all of them are people of the shop, too.

    Attributes:
        unconfirmed: address of a customer, unconfirmed there, with a language and a field of eSputnik's own.
        confirmed: address of a customer, confirmed there.
        unsubscribed: address of a customer, confirmed there, on the list of the unsubscribed.
        foreign: address of a customer whose contact has the external id of another system.
        guest: address of a guest, confirmed there under a name of the owner's own.
    """

    unconfirmed: str
    confirmed: str
    unsubscribed: str
    foreign: str
    guest: str

    def addresses(self) -> set[str]:
        """All of them."""
        return {self.unconfirmed, self.confirmed, self.unsubscribed, self.foreign, self.guest}

    def confirmed_ones(self) -> set[str]:
        """Those whose owners had confirmed them."""
        return self.addresses() - {self.unconfirmed}


FOREIGN_ID, OWN_NAME, LANGUAGE, FIELD = "crm-1", "Власне", "uk", {"id": 40011, "value": "1990-04-02"}


def put_contacts_beforehand(sandbox: Sandbox) -> Beforehand:
    """Put contacts into the account, as years of use would have."""
    customers = [one for one in sandbox.customers() if PLAIN_EMAIL.fullmatch(one["email"])]
    accounts = {one["email"].lower() for one in sandbox.customers()}
    guests = [one for one in sandbox.orders() if PLAIN_EMAIL.fullmatch(one["delivery_email"])]
    guest = next(one["delivery_email"] for one in reversed(guests) if one["delivery_email"] not in accounts)
    first, second, third, fourth = (one["email"] for one in customers[:4])
    who = Beforehand(first, second, third, fourth, guest)
    sandbox.create_contact(email=who.unconfirmed, confirmed=False, languageCode=LANGUAGE, fields=[FIELD])
    sandbox.create_contact(email=who.confirmed, firstName="Стара", lastName="Назва")
    sandbox.create_contact(email=who.unsubscribed, unsubscribed=True)
    sandbox.create_contact(email=who.foreign, externalCustomerId=FOREIGN_ID)
    sandbox.create_contact(email=who.guest, firstName=OWN_NAME)
    return who


@dataclass
class Day:
    """What was done to the shop in a day.

    Attributes:
        moved: order id → its new status.
        placed: ids of new orders.
        renamed: id of an account that changed its name.
        readdressed: id of an account that changed its email, and from what.
        addressed: id of an account that had no email, and has one now.
        registered: id of an account that a guest made.
    """

    moved: dict[int, int] = field(default_factory=dict)
    placed: list[int] = field(default_factory=list)
    renamed: int = 0
    readdressed: tuple[int, str] = (0, "")
    addressed: int = 0
    registered: int = 0


def a_day_passes(sandbox: Sandbox, before: Beforehand) -> Day:
    """Change the shop in every way that the integration is to see."""
    day = Day()
    _orders_move_on(sandbox, day)
    _accounts_are_edited(sandbox, before, day)
    _a_guest_registers(sandbox, before, day)
    _orders_come_in(sandbox, day)
    return day


def _orders_move_on(sandbox: Sandbox, day: Day) -> None:
    orders = [one for one in sandbox.orders() if _reachable(one)]
    movable = [one for one in orders if one["stat_status"] in NEXT]
    to = {one["order_id"]: NEXT[one["stat_status"]] for one in movable[-6:]}
    # The oldest that is still open lies beyond the lookback: it is followed by its id.
    to[movable[0]["order_id"]] = DELIVERED
    in_progress = [one for one in movable if one["stat_status"] == IN_PROGRESS and one["order_id"] in to]
    to[in_progress[0]["order_id"]] = SHIPPING  # the same for eSputnik: nothing is to be sent
    to[movable[-1]["order_id"]] = OF_THE_SHOPS_OWN  # nobody has mapped it
    for order_id, status in to.items():
        sandbox.set_status(order_id, status)
    day.moved = to


def _reachable(order: Row) -> bool:
    return bool(PLAIN_EMAIL.fullmatch(order["delivery_email"]))


def _accounts_are_edited(sandbox: Sandbox, before: Beforehand, day: Day) -> None:
    customers = sandbox.customers()
    plain = [one for one in customers if PLAIN_EMAIL.fullmatch(one["email"]) and one["email"] not in before.addresses()]
    without = [one for one in customers if not one["email"]]
    day.renamed = _first(plain)["id"]
    sandbox.edit_customer(day.renamed, title="Мар'яна Нечуй-Левицька")
    day.readdressed = (plain[1]["id"], plain[1]["email"])
    sandbox.edit_customer(plain[1]["id"], email="new.address@example.com")
    day.addressed = _first(without)["id"]
    sandbox.edit_customer(day.addressed, email="first.address@example.org")


def _a_guest_registers(sandbox: Sandbox, before: Beforehand, day: Day) -> None:
    taken = {one["email"].lower() for one in sandbox.customers()} | before.addresses()
    arrived = {one["externalOrderId"] for one in sandbox.sent_orders()} or {
        str(o["order_id"]) for o in sandbox.orders()
    }
    guests = [one for one in sandbox.orders() if str(one["order_id"]) in arrived and _reachable(one)]
    order = _first(one for one in reversed(guests) if one["delivery_email"].lower() not in taken)
    day.registered = sandbox.register(
        title="Зоряна Хоменко", email=order["delivery_email"].upper(), phone=order["delivery_phone"]
    )


def _orders_come_in(sandbox: Sandbox, day: Day) -> None:
    customers = {one["id"]: one for one in sandbox.customers()}
    account, registered = customers[day.renamed], customers[day.registered]
    kilo = {"title": "Мед на вагу, кг", "article": "MED-KG", "price": 249.5, "quantity": 0.35, "total_price": 87.33}
    two = [{"title": "Чайник", "article": "TK-1", "price": 99.99, "quantity": 3, "total_price": 299.97}, kilo]
    buyers: list[Row] = [
        {"delivery_name": account["title"], "delivery_email": account["email"].upper(), "user": 999},
        {"delivery_name": "Хоменко Зоряна", "delivery_email": registered["email"], "user": day.registered},
        {"delivery_name": "Софія Мельник", "delivery_email": "sofia@example.com", "products": two, "total_sum": 350},
        {"delivery_name": "Тарас Бойко", "delivery_phone": "+38 (050) 000-99-01"},
        {"delivery_name": "Софія Мельник", "delivery_email": "SOFIA@example.com", "delivery_phone": "0500009902"},
        {"delivery_name": "Ніхто", "delivery_email": "no address", "delivery_phone": "12345"},
        {"delivery_name": "Ян Ковальський", "delivery_email": "jan@example.com", "currency": "PLN"},
    ]
    day.placed = [sandbox.place_order(**{"stat_status": 1, **buyer}) for buyer in buyers]


def _first(rows: Iterable[Row]) -> Row:
    return next(iter(rows))
