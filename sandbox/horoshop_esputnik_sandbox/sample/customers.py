"""The registered customers of the sample shop, as users/export has them."""

# The sample is made of arbitrary numbers: how often each oddity comes. Naming each would explain nothing.
# ruff: noqa: PLR2004

from __future__ import annotations

from typing import Any

from horoshop_esputnik_sandbox.sample import names, people, phones
from horoshop_esputnik_sandbox.sample.days import Density, written
from horoshop_esputnik_sandbox.sample.draws import WORD, draws

FIRST_ID = 1001
SPAN_DAYS = 500
RECENT_SHARE = 0.1


class SampleCustomers:
    """Customer `index` of `size`, computed; registered in the order of the index within 500 days before `end`."""

    def __init__(self, seed: bytes, size: int, end: int) -> None:
        self._seed = seed
        self.size = size
        self._density = Density(max(size, 1), end, SPAN_DAYS, RECENT_SHARE)

    def registered(self, index: int) -> int:
        """Return when the customer registered, in local seconds."""
        return self._density.at(index + draws(self._seed, b"registered", index)() / WORD)

    def registered_before(self, second: int) -> int:
        """Return how many customers had surely registered by then; the next one may have."""
        return int(self._density.place(second))

    def person(self, index: int) -> people.Person:
        """Return who the customer is."""
        return people.person(self._seed, b"customer", index, index)

    def email(self, index: int) -> str:
        """Return the address of the account: missing, mistyped, or the neighbour's in other letters for a few."""
        if index % 29 == 11:
            return ""
        if index % 67 == 31:
            return people.in_other_case(self.person(index - 1).email)
        if index % 83 == 47:
            return people.BAD_EMAILS[index % len(people.BAD_EMAILS)].format(self.person(index).local)
        return self.person(index).email

    def digits(self, index: int) -> str:
        """Return the national digits of the account's phone; families share one; "" if there is none."""
        if index % 41 == 19:
            return ""
        return self.person(index - 1 if index % 53 == 17 else index).digits

    def row(self, index: int) -> dict[str, Any]:
        """Return the customer as users/export has it (horoshop-api.md §4.2)."""
        who = self.person(index)
        draw = draws(self._seed, b"account", index)
        digits = self.digits(index)
        row: dict[str, Any] = {
            "id": FIRST_ID + index,
            "title": self._title(index, who),
            "email": self.email(index),
            "phone": self._phone(index, digits, draw()),
            "country": "",
            "city": who.city if draw() % 3 else "",
            "address": f"вул. Зразкова, {draw() % 99 + 1}" if draw() % 2 else "",
            "registered": written(self.registered(index)),
            "newsletter_subscription": int(draw() % 3 == 0),
            "note": "оптовий покупець, дзвонити зранку" if index % 71 == 3 else "",
        }
        if index % 13 == 6:
            row |= {
                "customer_group_id": draw() % 3 + 1,
                "balance": draw() % 100_000 / 100,
                "balance_currency": "UAH",
                "manager": {"id": 4, "name": "Марія", "phone": ""},
                "site_link": "",
                "company": f"ТОВ «Зразок {index}»",
                "role": "",
            }
        return row

    @staticmethod
    def _title(index: int, who: people.Person) -> str:
        if index % 97 == 59:
            return ""
        if index % 43 == 22:
            return names.NASTY[index // 43 % len(names.NASTY)]
        return who.full_name()

    @staticmethod
    def _phone(index: int, digits: str, form: int) -> str:
        if index % 89 == 53:
            return phones.BAD[index // 89 % len(phones.BAD)]
        return phones.typed(digits, form) if digits else ""
