"""What the contract says must have become of a shop, worked out from the shop's own rows.

Nothing here asks the target how it decides. Only the cleaning of emails and phones is taken from it: that is pure, and
proved on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests

from target_esputnik.hygiene import clean_email, clean_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
KYIV = ZoneInfo("Europe/Kyiv")
SENT_AS = {1: "INITIALIZED", 2: "IN_PROGRESS", 3: "DELIVERED", 4: "CANCELLED", 6: "IN_PROGRESS"}
TITLES = {1: "Нове", 2: "В обробці", 3: "Доставлене", 4: "Не доставлене", 6: "Надіслане", 8: "Оплачено"}


@cache
def email_of(raw: object) -> str | None:
    """An address as it is compared: without case."""
    email = clean_email(raw)
    return email.lower() if email else None


@cache
def phone_of(raw: object) -> str | None:
    """A phone as eSputnik's channels hold it."""
    phone = clean_phone(raw, "UA")
    return phone.removeprefix("+") if phone else None


def created_at(order: Row) -> datetime:
    """The moment of an order: the shop writes its own wall clock, without a zone."""
    return datetime.strptime(order["stat_created"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=KYIV)


@dataclass(frozen=True)
class Snapshot:
    """The shop as one run met it."""

    customers: dict[int, Row]
    orders: dict[int, Row]

    @classmethod
    def of(cls, sandbox: Sandbox) -> Snapshot:
        """Take it."""
        customers, orders = sandbox.customers(), sandbox.orders()
        if sandbox.switches()["guests"] == "present":
            customers = users_of_the_api(sandbox)
        return cls({one["id"]: one for one in customers}, {one["order_id"]: one for one in orders})

    def reachable(self) -> dict[int, Row]:
        """The customers with a usable email or phone."""
        return {
            number: one for number, one in self.customers.items() if email_of(one["email"]) or phone_of(one["phone"])
        }

    def with_address(self, number: int) -> list[int]:
        """The customers with the address of one of them: himself, and whoever shares it."""
        email = email_of(self.customers[number]["email"])
        return [n for n, one in self.reachable().items() if n == number or (email and email_of(one["email"]) == email)]

    def account_of(self, order: Row) -> list[int]:
        """The accounts that may be an order's buyer; none: a guest."""
        email, phone = email_of(order["delivery_email"]), phone_of(order["delivery_phone"])
        by_email = [n for n, one in self.reachable().items() if email and email_of(one["email"]) == email]
        if by_email:
            return by_email
        by_phone = [
            number
            for number, one in self.reachable().items()
            if phone and phone_of(one["phone"]) == phone and not (email and email_of(one["email"]))
        ]
        if len(by_phone) > 1:  # families share a phone: only the shop's own number may pick one of them
            return [number for number in by_phone if number == order["user"]]
        return by_phone


def users_of_the_api(sandbox: Sandbox) -> list[Row]:
    """Ask the shop for its users, as anybody may: with some positions of its switches these are more than accounts."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(call: str, **content: Any) -> Any:
            answer = session.post(f"{sandbox.shop_url}/api/{call}/", json=content, timeout=30)
            return answer.json()["response"]

        token = ask("auth", login=sandbox.username, password=sandbox.password)["token"]
        rows: list[Row] = ask("users/export", token=token, limit=1000, offset=0)["users"]
    return rows


@dataclass
class Fate:
    """What an order must have come to.

    Attributes:
        ledger: as the ledger names it.
        sent: the eSputnik statuses, in the order in which they were to be sent, each once.
        at: the snapshot that was last sent; None: nothing was.
    """

    ledger: str
    sent: list[str] = field(default_factory=list)
    at: Snapshot | None = None


def fates_of_orders(
    snapshots: Sequence[Snapshot], *, live_since: datetime, refused: Iterable[int] = ()
) -> dict[int, Fate]:
    """Walk through the runs, and say what each order must have come to.

    Args:
        snapshots: the shop as each run met it; every order that changed was within reach of the tap.
        live_since: of the integration.
        refused: orders that eSputnik does not take.
    """
    refused = set(refused)
    fates: dict[int, Fate] = {}
    statuses: dict[int, int] = {}
    for snapshot in snapshots:
        for number, order in snapshot.orders.items():
            status, known = order["stat_status"], fates.get(number)
            if known is not None and statuses[number] == status:
                continue
            statuses[number] = status
            if known is None and created_at(order) < live_since:
                fates[number] = Fate("baseline:before_live_since")
                continue
            fate = fates.setdefault(number, Fate(""))
            planned = SENT_AS.get(status)
            if planned is None:
                fate.ledger = "held:unmapped_status"
            elif email_of(order["delivery_email"]) is None and phone_of(order["delivery_phone"]) is None:
                fate.ledger = "rejected:no_identity"
            elif number in refused:
                fate.ledger = "rejected:refused"
            else:
                fate.ledger = "accepted"
                if fate.sent[-1:] != [planned]:
                    fate.sent.append(planned)
                    fate.at = snapshot
    return fates


def fates_of_contacts(snapshot: Snapshot) -> dict[str, str]:
    """{id: fate} of the customers, once nothing waits any more."""
    reachable = snapshot.reachable()
    return {str(n): "accepted" if n in reachable else "rejected:no_identity" for n in snapshot.customers}
