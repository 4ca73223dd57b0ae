"""What the demo shows and checks: the ledger's view beside the stand-ins' own count, and whether they agree."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from demo_changes import Changes
from horoshop_esputnik_sandbox import Sandbox
from isolated_project import IsolatedProject
from target_esputnik.statuses import DEFAULT_STATUS_MAP

Row = Mapping[str, Any]
SENT_ONCE = ("accepted",)


@dataclass(frozen=True)
class Arrived:
    """What the stand-in of eSputnik holds and has seen, by its own count.

    Attributes:
        writes: every request that was not a mere reading.
    """

    contacts: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    events: list[dict[str, Any]]
    writes: list[dict[str, Any]]

    @classmethod
    def at(cls, sandbox: Sandbox) -> "Arrived":
        """Ask the sandbox."""
        writes = [one for one in sandbox.requests("esputnik") if one["method"] != "GET"]
        return cls(sandbox.sent_contacts(), sandbox.sent_orders(), sandbox.events(), writes)

    def since(self, before: "Arrived") -> "Arrived":
        """Return what has come since an earlier look: the events and requests after it, and all that is held."""
        return Arrived(self.contacts, self.orders, self.events[len(before.events) :], self.writes[len(before.writes) :])

    def confirmed_emails(self) -> int:
        """Return how many email addresses are confirmed."""
        channels = [channel for contact in self.contacts for channel in contact["channels"]]
        return sum(channel["type"] == "email" and bool(channel["confirmed"]) for channel in channels)

    def events_fired_twice(self) -> list[str]:
        """Return the events that fired more than once for the same order or contact."""
        fired = Counter(f"{event['type']} {event['key']}" for event in self.events)
        return sorted(name for name, times in fired.items() if times > 1)

    def orders_written(self) -> list[str]:
        """Return the ids of the orders in the requests, one for each time that it was sent."""
        bodies = [one["body"] for one in self.writes if one["path"].rstrip("/").endswith("/orders")]
        return sorted(str(order["externalOrderId"]) for body in bodies for order in body["orders"])


@dataclass(frozen=True)
class Remembered:
    """What the ledger says, by its own command.

    Attributes:
        outcomes: stream → outcome, with its reason → how many.
    """

    outcomes: dict[str, Counter[str]]

    def accepted(self, *streams: str) -> int:
        """Return how many records of these streams eSputnik has taken."""
        return sum(self.outcomes.get(stream, Counter())["accepted"] for stream in streams)
