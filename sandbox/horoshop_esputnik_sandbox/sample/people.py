"""Who buys: a person per key, always the same one, and the ways they write themselves."""

# The sample is made of arbitrary numbers: how often each oddity comes. Naming each would explain nothing.
# ruff: noqa: PLR2004

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from horoshop_esputnik_sandbox.sample import names
from horoshop_esputnik_sandbox.sample.draws import draws, pick
from horoshop_esputnik_sandbox.sample.phones import subscriber

# RFC 2606 domains only: nothing that leaves a test by mistake can reach anybody.
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "shop.example.org")

BAD_EMAILS = ("{}.example.com", "{}@@example.com", "{} @example.com", "{}@example.com,", "@example.com", "{}@", "нема")
CITIES = ("Київ", "Львів", "Одеса", "Харків", "Дніпро", "Кам'янець-Подільський", "Івано-Франківськ", "Біла Церква")


class Person(NamedTuple):
    """A person. `digits` are the nine national digits of the phone; `local` is what stands before the @."""

    first: str
    last: str
    middle: str
    local: str
    email: str
    digits: str
    city: str
    name_form: int

    def full_name(self) -> str:
        """Return the name as this person usually writes it: in either order, with or without a patronymic."""
        return self.name_in_form(self.name_form)

    def name_in_form(self, form: int) -> str:
        """Return the name in one of the four usual forms."""
        return " ".join(
            (
                (self.first, self.last),
                (self.last, self.first),
                (self.last, self.first, self.middle),
                (self.first, self.middle, self.last),
            )[form % 4]
        )


@lru_cache(maxsize=20_000)
def person(seed: bytes, kind: bytes, index: int, number: int) -> Person:
    """Return the person of a kind (customer, guest) and index, whose phone is the sample's subscriber `number`."""
    draw = draws(seed, kind, index)
    woman = draw() % 5 < 3
    apostrophe = pick(draw, names.APOSTROPHES)
    first = pick(draw, names.WOMEN if woman else names.MEN)
    last = pick(draw, names.SURNAMES)[woman]
    middle = pick(draw, names.PATRONYMICS)[woman]
    local = f"{names.latin(first)}.{names.latin(last)}{number}"
    return Person(
        first=first.replace("'", apostrophe),
        last=last.replace("'", apostrophe),
        middle=middle.replace("'", apostrophe),
        local=local,
        email=f"{local}@{pick(draw, DOMAINS)}",
        digits=subscriber(number),
        city=pick(draw, CITIES),
        name_form=draw(),
    )


def in_other_case(email: str) -> str:
    """Return the same address as a phone keyboard or a habit writes it."""
    return email.upper() if len(email) % 2 else email.title()
