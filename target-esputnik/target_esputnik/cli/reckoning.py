"""What would become of very many records that an operator chose, counted by what stands in the ledger's columns.

To make each record ready and to look each buyer up takes minutes. A preview answers at once, and says "at most": a
contact that eSputnik turns out to have is not asked to confirm, and a record that turns out to be unusable is left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial
from math import ceil
from typing import TYPE_CHECKING, Final

from target_esputnik import fates
from target_esputnik.cli.shop_statuses import Mapped
from target_esputnik.confirmation import BULK, SUBSCRIBE, Facts, rule_for
from target_esputnik.delivery import again
from target_esputnik.delivery.due import rules_of
from target_esputnik.ledger import bare
from target_esputnik.ledger.rows import Order
from target_esputnik.planning import Reading, left_once_more

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_esputnik.delivery.again import Left
    from target_esputnik.ledger.bare import BareContact, BareOrder
    from target_esputnik.ledger.selection import Selection
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.planning_client import PlanningClient
    from target_esputnik.settings import Settings
    from target_esputnik.tally import Tally

FEW: Final = 100
"""So many records are made ready one by one, exactly as they are when they are sent."""

JUDGED_BY_CONTENT: Final = frozenset({fates.INVALID, fates.NO_IDENTITY})
"""Why records were rejected for what is in them: by now it may be taken, which only their content tells."""


@dataclass
class _Buyer:
    """Whom orders would be sent for: who he is as far as the orders say, and when he bought last (ledger text)."""

    key: str | None
    email: str | None
    bought: str


class Reckoning:
    """Counts what `Again` would send.

    Args:
        settings: checked.
        ledger: in a scope; it is only read.
        plan: where what would be sent is counted.
        tally: where what records would end in is counted.
        left: what was chosen and cannot go.
    """

    def __init__(self, settings: Settings, ledger: Ledger, plan: PlanningClient, tally: Tally, left: Left) -> None:
        self._settings, self._ledger, self._plan, self._tally, self._left = settings, ledger, plan, tally, left
        self._live_since = max(rules_of(settings, ledger).live_since, ledger.scope.baseline_before or "")
        self._left_contacts: defaultdict[str, list[str]] = defaultdict(list)
        self._left_orders: defaultdict[str, list[int]] = defaultdict(list)

    def count(self, selection: Selection) -> None:
        """Count what is meant, but for what was rejected for its content (`judged_by_content`).

        Raises:
            TargetError: the ledger is away.
        """
        self._plan.estimated = True
        if "contacts" in selection.streams:
            self._contacts(selection)
        if "orders" in selection.streams:
            self._orders(selection)
        for why, keys in self._left_contacts.items():
            for key in sorted(keys):
                self._left.add("contacts", why, key)
        for why, numbers in self._left_orders.items():
            for number in sorted(numbers):
                self._left.add("orders", why, str(number))

    # ---------------------------------------------------------------- contacts

    def _contacts(self, selection: Selection) -> None:
        for row in bare.contacts(self._ledger, selection):
            if row.reason in JUDGED_BY_CONTENT:
                continue
            why = self._why_contact_is_left(row)
            if why is not None:
                self._left_contacts[why].append(row.key)
                continue
            self._tally.carried["contacts", fates.ACCEPTED, ""] += 1
            self._contact_goes(row, email=row.email_key, address=row.address, age=row.registered_at)

    def _why_contact_is_left(self, row: BareContact) -> str | None:
        if row.reason == fates.ERASED:
            return again.ERASED
        if not self._settings.receive_contacts:
            return again.SWITCHED_OFF
        return None if row.kept else again.CONTENT_GONE

    def _contact_goes(
        self, row: BareContact | None, *, email: str | None, address: str | None, age: str | None
    ) -> None:
        """Count a contact by the way that it takes if eSputnik has nobody with its address: the most that can fire."""
        plan, settings = self._plan, self._settings
        known = row is not None and row.delivered and row.reason != fates.DELETED_THERE
        facts = Facts(
            mode=settings.email_confirmation,
            registered=row is not None and row.source == "registration",
            has_email=email is not None,
            ticked=row.newsletter if row is not None else None,
            address=address,
            known=known,
            email_is_new=row is not None and row.delivered_email != email,
            there=known,
        )
        route = rule_for(facts).route
        plan.requests["contact (read)" if known else "contacts (search)"] += 1
        if route == BULK:
            plan.contacts["imported as confirmed"] += 1
        elif route == SUBSCRIBE:
            historical = age is None or age < self._live_since
            form = settings.historical_form_type if historical else settings.confirmation_form_type
            plan.requests["contact/subscribe"] += 1
            plan.contacts["asked to confirm"] += 1
            plan.events[f"subscribeFromApi-{form}"] += 1
        else:
            plan.requests["contact (update)"] += 1
            plan.contacts["updated, confirmation left as it is"] += 1

    # ---------------------------------------------------------------- orders

    def _orders(self, selection: Selection) -> None:
        going: Counter[str] = Counter()
        buyers: dict[str, _Buyer] = {}
        mapped = Mapped(self._ledger, self._settings.status_map)
        planned = {status.id: mapped.sent_as(status) for status in mapped.all}
        judged = lru_cache(maxsize=None)(partial(self._judged, planned))
        erased = {email for email, _ in self._ledger.erased_identities() if email}
        for row in bare.orders(self._ledger, selection):
            if row.reason in JUDGED_BY_CONTENT:
                continue
            alike = row._replace(order_id=0, created_at="", buyer=None, email_key=None)
            why, to_send = (again.ERASED, ()) if row.email_key in erased else judged(alike)
            if why is not None:
                self._left_orders[why].append(row.order_id)
                continue
            self._tally.carried["orders", fates.ACCEPTED, ""] += 1
            going.update(to_send)
            key = row.buyer or row.email_key or f"order {row.order_id}"
            buyer = buyers.setdefault(key, _Buyer(row.buyer, row.email_key, row.created_at))
            buyer.bought = max(buyer.bought, row.created_at)
        self._buyers_go(list(buyers.values()))
        self._plan.orders += sum(going.values())
        for status, count in going.items():
            self._plan.events[f"order{status}"] += count
            self._plan.requests["orders"] += ceil(count / self._settings.order_batch_size)

    def _judged(
        self, planned: Mapping[int, tuple[str, ...] | None], row: BareOrder
    ) -> tuple[str | None, tuple[str, ...]]:
        """Why an order is left, or None and the statuses that it would be sent with; `Again` decides the same."""
        if row.reason == fates.ERASED:
            return again.ERASED, ()
        if not self._settings.receive_orders:
            return again.SWITCHED_OFF, ()
        if not row.kept:
            return again.CONTENT_GONE, ()
        if row.fate == fates.ACCEPTED and row.esputnik_status is not None:
            return None, (row.esputnik_status,)
        status = row.shop_status if row.change_status is None else row.change_status
        to_send = None if status is None else planned.get(status)
        if status is None or to_send is None:
            return again.STILL_UNMAPPED, ()
        if row.fate in {fates.HELD, fates.REJECTED}:
            known = Order(0, "", 0, "", shop_status=row.shop_status, esputnik_status=row.esputnik_status)
            known.change_status, known.change_sent = row.change_status, row.change_sent
            to_send = left_once_more(
                Reading(0, "", status, to_send, text="", make_version=str, make_content=str), known
            )
        return (None, to_send) if to_send else (again.NOTHING_TO_SEND, ())

    def _buyers_go(self, buyers: list[_Buyer]) -> None:
        """Count the buyers whom eSputnik does not have by what the ledger knows, and those who are only looked at."""
        ledger = self._ledger
        by_key = {row.key: row for row in bare.contacts_by_key(ledger, {buyer.key for buyer in buyers if buyer.key})}
        strangers = [buyer for buyer in buyers if buyer.key not in by_key]
        by_email: dict[str, BareContact] = {}
        for row in bare.contacts_by_email(ledger, {buyer.email for buyer in strangers if buyer.email}):
            if row.email_key and (row.delivered or row.email_key not in by_email):
                by_email[row.email_key] = row
        both = [(buyer, by_key.get(buyer.key or "") or by_email.get(buyer.email or "")) for buyer in buyers]
        to_make = [(buyer, known) for buyer, known in both if known is None or not known.delivered]
        if looked_at := len(both) - len(to_make):
            self._plan.requests["contact (read)"] += looked_at
        addresses = ledger.addresses({buyer.email for buyer, _ in to_make if buyer.email})
        for buyer, known in to_make:
            counts = self._tally.derived if known is None else self._tally.carried
            counts["contacts", fates.ACCEPTED, ""] += 1
            address = addresses.get(buyer.email or "")
            self._contact_goes(
                known,
                # "" is an order without an email; None one of which it was not noted: then he may be asked.
                email=None if buyer.email == "" else buyer.email or "?",
                address=address.confirmation if address else None,
                age=known.registered_at if known is not None and known.source == "registration" else buyer.bought,
            )
