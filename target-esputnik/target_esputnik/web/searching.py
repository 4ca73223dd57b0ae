"""The search: an order's number, a contact's id, an email or a phone, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik.ledger import people
from target_esputnik.text import one_line
from target_esputnik.web.visit import NotThere

if TYPE_CHECKING:
    from target_esputnik.web.visit import Visit

LARGEST_ID: Final = 2**63 - 1
LONGEST_ID: Final = 19


def is_id(text: str) -> bool:
    """Whether a text can be the number of an order, in every kind of ledger."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID and int(text) <= LARGEST_ID


def place_of(visit: Visit, typed: str) -> str:
    """The address of the page of what was typed; orders go before contacts. Raises NotThere."""
    typed = one_line(typed) or ""
    number = typed.removeprefix("#").removeprefix("№").strip()
    if is_id(number) and visit.ledger.orders([int(number)]):
        return visit.link(f"/order/{int(number)}")
    rows = people.contacts_meant(visit.ledger, typed, visit.house.settings.phone_region) if typed else []
    if not rows:
        raise NotThere("web.nothing_found")
    return visit.link(f"/contact/{rows[0].key}")
