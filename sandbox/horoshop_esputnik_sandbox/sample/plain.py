"""A shop without oddities: whoever orders has an account, and everything is typed well.

For measuring, where each client has to do the same work: one that sends what it reads, and one that looks first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.sample import customers, goods, orders, people, phones
from horoshop_esputnik_sandbox.sample.draws import WORD

if TYPE_CHECKING:
    from collections.abc import Callable

DELIVERED = 3
INTERNATIONAL = 0  # the form of `phones.typed` that has the country's code


class PlainCustomers(customers.SampleCustomers):
    """Accounts that have a name, an address and a phone of their own, each of them usable."""

    def email(self, index: int) -> str:
        """Return the address of the account."""
        return self.person(index).email

    def digits(self, index: int) -> str:
        """Return the national digits of the account's phone."""
        return self.person(index).digits

    @staticmethod
    def _title(index: int, who: people.Person) -> str:  # noqa: ARG004 - the index decides in the sample alone
        return who.name_in_form(0)

    @staticmethod
    def _phone(index: int, digits: str, form: int) -> str:  # noqa: ARG004
        return phones.typed(digits, INTERNATIONAL)


class PlainOrders(orders.SampleOrders):
    """Orders of those accounts, placed after they registered."""

    def _buyer(self, index: int, created: int, draw: Callable[[], int]) -> orders.Buyer:
        draw()
        choice = draw()
        registered = max(1, self._customers.registered_before(created))
        customer = int(registered * (choice / WORD) ** 2)
        return orders.Buyer(
            self._customers.person(customer),
            self._customers.email(customer),
            self._customers.digits(customer),
            orders.FIRST_GUEST_USER + index,
        )

    def status(self, index: int) -> int:
        """Return one of the built-in statuses."""
        status = super().status(index)
        return DELIVERED if status == orders.OWN_STATUS else status

    @staticmethod
    def _basket(index: int, draw: Callable[[], int]) -> tuple[list[dict[str, Any]], int, int]:
        return goods.basket(index - goods.is_weighed(index), draw)  # the one before has nothing by weight

    @staticmethod
    def _name(index: int, person: people.Person) -> str:  # noqa: ARG004
        return person.name_in_form(0)

    @staticmethod
    def _email(index: int, buyer: orders.Buyer) -> str:  # noqa: ARG004
        return buyer.email

    @staticmethod
    def _phone(index: int, digits: str, form: int) -> str:  # noqa: ARG004
        return phones.typed(digits, INTERNATIONAL)
