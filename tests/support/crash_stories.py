"""What the runs that are killed read: two streams, small, with one record of each kind that takes another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from target_driver import at, contact, order

Record = tuple[str, dict[str, Any]]
"""Stream and record."""

BATCH: Final = 2
"""Orders in one request of these stories."""

PAID: Final = {"status_id": 8, "status_title": "Оплачено", "status_titles": {"ua": "Оплачено"}}
UNMAPPED: Final = {"status_id": 77, "status_title": "Загублено", "status_titles": {"ua": "Загублено"}}
SETTINGS: Final[dict[str, Any]] = {
    "order_batch_size": BATCH,
    "contact_batch_size": 3,
    "max_parallel_requests": 1,
    "contact_fields": ["email", "phone", "first_name", "last_name"],
    "order_status_mapping": [{"status": 8, "send": ["IN_PROGRESS", "DELIVERED"]}],
}


@dataclass(frozen=True)
class Story:
    """A calm run, and the run that is struck.

    Attributes:
        there: contacts that eSputnik has before all runs.
        before: what a calm run delivered earlier; None: there was no run, and no ledger.
        records: what the struck run reads.
    """

    records: tuple[Record, ...]
    before: tuple[Record, ...] | None = None
    there: tuple[dict[str, Any], ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def _contacts(*records: dict[str, Any]) -> tuple[Record, ...]:
    return tuple(("contacts", record) for record in records)


def _orders(*records: dict[str, Any]) -> tuple[Record, ...]:
    return tuple(("orders", record) for record in records)


_PEOPLE: Final = _contacts(
    contact(1, email="moved1@example.com"),  # a new address of a known contact: its owner is asked
    contact(2, first_name="Марія"),  # known, with another name
    contact(3),  # eSputnik has the address already
    contact(4),
    contact(5, phone="+380501112205"),
    contact(6),
    contact(7, email=None, phone="+380501112207"),  # no address: bulk
    contact(8, email=None, phone=None),  # nobody can be reached
    contact(9),
)
_PEOPLE_BEFORE: Final = _contacts(contact(1), contact(2))
_THERE: Final = ({"channels": [{"type": "email", "value": "customer3@example.com", "confirmed": False}]},)

_SALES: Final = (
    *_contacts(contact(21), contact(22)),
    *_orders(
        order(1, **PAID),  # goes on from INITIALIZED by a list of two
        order(2),  # unchanged
        order(3),
        order(4),
        order(5, email="customer21@example.com"),
        order(6, email=None, phone="+380501112233", **PAID),
        order(7, **UNMAPPED),
        order(8, email=None, phone=None),
        order(9),
        order(10, email="customer22@example.com"),
    ),
)
_SALES_BEFORE: Final = _orders(order(1), order(2), order(11, created_at=at(days=30)))

STORIES: Final[dict[str, Story]] = {
    "contacts": Story(_PEOPLE, _PEOPLE_BEFORE, _THERE),
    "contacts_new": Story(_PEOPLE, None, _THERE),
    "contacts_confirmed": Story(_PEOPLE, _PEOPLE_BEFORE, (), {"email_confirmation": "confirmed"}),
    "orders": Story(_SALES, _SALES_BEFORE),
    "orders_new": Story(_SALES),
    "one_contact": Story(_contacts(contact(4))),
    "moved_contact": Story(_contacts(contact(1, email="moved1@example.com")), _contacts(contact(1))),
    "orders_lists": Story(_orders(order(3, **PAID), order(4, **PAID), order(12), order(13))),
    "orders_confirmed": Story(_SALES, _SALES_BEFORE, (), {"email_confirmation": "confirmed"}),
}
