"""What the demo shows and checks: the ledger's view beside the stand-ins' own, and whether they agree."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from demo_changes import Changes
from horoshop_esputnik_sandbox import Sandbox
from rich.console import Console
from rich.table import Table
from target_esputnik.statuses import DEFAULT_STATUS_MAP

READING = {"GET"}


@dataclass(frozen=True)
class Arrived:
    """What the stand-in of eSputnik holds and has seen, by its own count."""

    contacts: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    events: list[dict[str, Any]]
    writes: list[dict[str, Any]]

    @classmethod
    def at(cls, sandbox: Sandbox) -> "Arrived":
        """Ask the sandbox."""
        writes = [one for one in sandbox.requests("esputnik") if one["method"] not in READING]
        return cls(sandbox.sent_contacts(), sandbox.sent_orders(), sandbox.events(), writes)

    def confirmed_emails(self) -> list[str]:
        """Return the contacts that have a confirmed email address."""
        return [
            str(contact["id"])
            for contact in self.contacts
            if any(channel["type"] == "email" and channel["confirmed"] for channel in contact["channels"])
        ]

    def events_fired_twice(self) -> list[str]:
        """Return the events that fired more than once for the same order or contact."""
        fired = Counter(f"{event['type']} {event['key']}" for event in self.events)
        return sorted(name for name, times in fired.items() if times > 1)


def orders_in(writes: list[dict[str, Any]]) -> list[str]:
    """Return the ids of the orders in the bodies of requests."""
    bodies = [one["body"] for one in writes if one["path"].endswith("/orders")]
    return sorted(str(order["externalOrderId"]) for body in bodies for order in body["orders"])
