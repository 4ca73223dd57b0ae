"""The client of a dry run: reads are real, writes are counted and answered as eSputnik would."""

# ruff: noqa: ARG002 - a planned write has its call's arguments, and needs few of them

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_esputnik import answers
from target_esputnik.client import EsputnikClient
from target_esputnik.words import name_of, say

if TYPE_CHECKING:
    from collections.abc import Sequence

SEARCHES: Final = 500
"""So many contacts a dry run really looks up; beyond it each counts as unknown, and the plan says `at most`."""


class PlanningClient(EsputnikClient):
    """Writes nothing.

    Attributes:
        requests: write requests, and searches, that a real run would make, by endpoint.
        events: workflow events that would fire, by kind.
        estimated: some contacts were not looked up, so the numbers are upper bounds.
    """

    requests: Counter[str]
    events: Counter[str]
    contacts: Counter[str]
    orders: int
    estimated: bool
    searches: int

    def plan(self, *, searches: int = SEARCHES) -> None:
        """Begin to count; `searches`: so many contacts are really looked up."""
        self.searches = searches
        self.requests, self.events, self.contacts = Counter(), Counter(), Counter()
        self.orders, self.estimated = 0, False

    def contacts_with(self, *, email: str | None = None, phone: str | None = None) -> list[dict[str, Any]]:
        """A real search, while there are not too many."""
        self.requests["contacts (search)"] += 1
        if self.requests["contacts (search)"] > self.searches:
            self.estimated = True
            return []
        return super().contacts_with(email=email, phone=phone)

    def contacts_by_external_id(self, external_id: str) -> list[dict[str, Any]]:
        """A real search, while there are not too many; beyond that the contact counts as there."""
        self.requests["contacts (search)"] += 1
        if self.requests["contacts (search)"] > self.searches:
            self.estimated = True
            return [{"id": 1, "externalCustomerId": external_id}]
        return super().contacts_by_external_id(external_id)

    def contact(self, contact_id: int) -> dict[str, Any]:
        """What an update would read first."""
        self.requests["contact (read)"] += 1
        return {"id": contact_id}

    def update_contact(self, contact_id: int, body: dict[str, Any]) -> None:
        """Count an update."""
        self.requests["contact (update)"] += 1
        self.contacts["updated, confirmation left as it is"] += 1

    def subscribe(self, body: dict[str, Any]) -> int | None:
        """Count a subscription, and the event that it fires."""
        self.requests["contact/subscribe"] += 1
        self.contacts["asked to confirm"] += 1
        self.events[f"subscribeFromApi-{body['formType']}"] += 1
        return 1

    def import_contacts(self, body: dict[str, Any]) -> tuple[str | None, list[Any]]:
        """Count a bulk."""
        self.requests["contacts (bulk)"] += 1
        self.requests["importstatus"] += 1
        self.contacts["imported as confirmed"] += len(body["contacts"])
        return "planned", []

    def import_status(self, session: str) -> answers.ImportStatus:
        """An import that ends at once."""
        return answers.ImportStatus("FINISHED")

    def join_group(self, name: str, contact_ids: Sequence[int]) -> bool:
        """Count a segment call."""
        self.requests["group (attach)"] += 1
        return True

    def set_unsubscribed(self, emails: Sequence[str], *, unsubscribed: bool) -> None:
        """Count an opt-out or its end."""
        self.requests["emails/unsubscribed"] += 1

    def send_orders(self, orders: Sequence[dict[str, Any] | msgspec.Raw], *, patient: bool = True) -> list[Any]:
        """Count orders, and the events that they fire."""
        self.requests["orders"] += 1
        self.orders += len(orders)
        for order in orders:
            status = (order if isinstance(order, dict) else msgspec.json.decode(order))["status"]
            self.events[f"order{status}"] += 1
        return []

    def lines(self, pace: int) -> list[str]:
        """The plan, line by line, for a person, in the language that is spoken.

        Args:
            pace: requests a second.
        """
        at_most = say("plan.at_most") if self.estimated else ""
        total, minutes = sum(self.requests.values()), max(1, round(sum(self.requests.values()) / pace / 60))
        kinds = [(name_of("kind", what), count) for what, count in sorted(self.contacts.items())]
        lines = [say("plan.title")]
        lines += [say("plan.contacts", what=what, at_most=at_most, count=count) for what, count in kinds]
        lines += [say("plan.contacts_due", at_most=at_most, count=sum(self.contacts.values()))]
        lines += [say("plan.orders_due", count=self.orders)]
        lines += [say("plan.requests", at_most=at_most, count=total, minutes=minutes, pace=pace)]
        lines += [f"  {endpoint}: {count}" for endpoint, count in sorted(self.requests.items())]
        lines += [say("plan.events" if self.events else "plan.no_events")]
        lines += [f"  {event}: {at_most}{count}" for event, count in sorted(self.events.items())]
        return lines
