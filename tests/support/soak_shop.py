"""A shop that lives on: what happens in it between two runs, drawn by chance, and within what the oracle can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shop_story import PLAIN_EMAIL

if TYPE_CHECKING:
    import random

    from shop_story import Beforehand

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
GOES_TO = {1: (2, 2, 4, 6), 2: (3, 3, 4, 6, 8), 6: (3, 4)}
"""Status → where an order goes from it; the shop's own status 8, which nobody has mapped, counts as over."""

FIRST_NAMES = ("Олена", "Тарас", "Софія", "Мар'яна", "Ян", "Зоряна", "Остап", "Іванна")
LAST_NAMES = ("Коваль", "Бойко", "Мельник", "Нечуй-Левицька", "Хоменко", "Гончаренко")


class LivingShop:
    """Changes a sandbox's shop.

    Args:
        sandbox: its shop and account.
        before: who was at eSputnik before: they are left as they are.
        chance: what draws.
    """

    def __init__(self, sandbox: Sandbox, before: Beforehand, chance: random.Random) -> None:
        self._sandbox = sandbox
        self._before = before
        self._chance = chance
        self._people = 0
        self._guests: list[Row] = []

    def an_hour_passes(self) -> None:
        """Let a few orders move on, a few come in, and people register and change their names and addresses."""
        self._orders_move_on(self._chance.randint(1, 5))
        for _ in range(self._chance.randint(1, 4)):
            self._an_order_comes_in()
        if self._chance.random() < 0.6:
            self._somebody_registers()
        if self._chance.random() < 0.6:
            self._somebody_is_edited()

    def _orders_move_on(self, many: int) -> None:
        orders = [one for one in self._sandbox.orders() if one["stat_status"] in GOES_TO and _can_be_sent(one)]
        for order in self._chance.sample(orders, min(many, len(orders))):
            self._sandbox.set_status(order["order_id"], self._chance.choice(GOES_TO[order["stat_status"]]))

    def _an_order_comes_in(self) -> None:
        draw = self._chance.random()
        if draw < 0.35 and self._guests:
            buyer = self._chance.choice(self._guests)
        elif draw < 0.6:
            customers = [one for one in self._sandbox.customers() if PLAIN_EMAIL.fullmatch(one["email"])]
            customer = self._chance.choice(customers)
            buyer = {"delivery_name": customer["title"], "delivery_email": customer["email"]}
        elif draw < 0.65:
            buyer = {"delivery_name": "Ніхто", "delivery_email": "no address", "delivery_phone": "12345"}
        else:
            buyer = self._new_guest(by_phone=draw > 0.95)
        self._sandbox.place_order(stat_status=1, **buyer)

    def _new_guest(self, *, by_phone: bool) -> Row:
        self._people += 1
        name = f"{self._chance.choice(FIRST_NAMES)} {self._chance.choice(LAST_NAMES)}"
        channel = {"delivery_phone": f"+38050{7_000_000 + self._people}"}
        if not by_phone:
            channel = {"delivery_email": f"guest{self._people}@soak.example.com"}
        guest = {"delivery_name": name, **channel}
        self._guests.append(guest)
        return guest

    def _somebody_registers(self) -> None:
        self._people += 1
        name = f"{self._chance.choice(LAST_NAMES)} {self._chance.choice(FIRST_NAMES)}"
        self._sandbox.register(title=name, email=f"person{self._people}@soak.example.com")

    def _somebody_is_edited(self) -> None:
        taken = self._before.addresses()
        customers = [one for one in self._sandbox.customers() if PLAIN_EMAIL.fullmatch(one["email"])]
        customer = self._chance.choice([one for one in customers if one["email"] not in taken])
        if self._chance.random() < 0.5:
            name = f"{self._chance.choice(LAST_NAMES)} {self._chance.choice(FIRST_NAMES)}"
            self._sandbox.edit_customer(customer["id"], title=name)
        else:
            self._people += 1
            self._sandbox.edit_customer(customer["id"], email=f"moved{self._people}@soak.example.com")


def _can_be_sent(order: Row) -> bool:
    return bool(PLAIN_EMAIL.fullmatch(order["delivery_email"])) and order["currency"] == "UAH"
