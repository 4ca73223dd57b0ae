"""The two views that the demo compares: what the ledger remembers, and what the stand-in of eSputnik holds."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

Row = dict[str, Any]
SHOP_ZONE = ZoneInfo("Europe/Kyiv")


@dataclass(frozen=True)
class Arrived:
    """What the stand-in of eSputnik holds and has seen, by its own count.

    Attributes:
        contacts: the contacts that it holds.
        orders: the orders that it holds, as last written.
        events: every workflow event that fired.
        writes: every request that was not a mere reading.
    """

    contacts: list[Row]
    orders: list[Row]
    events: list[Row]
    writes: list[Row]

    @classmethod
    def at(cls, sandbox: Sandbox) -> "Arrived":
        """Ask the sandbox."""
        writes = [one for one in sandbox.requests("esputnik") if one["method"] != "GET"]
        return cls(sandbox.sent_contacts(), sandbox.sent_orders(), sandbox.events(), writes)

    def since(self, before: "Arrived") -> "Arrived":
        """Return the events and requests that have come since an earlier look, and all that is held."""
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

    def addresses(self) -> set[str]:
        """Return the email addresses and phones of the contacts, in lower case."""
        return {str(channel["value"]).lower() for contact in self.contacts for channel in contact["channels"]}

    def by_external_id(self) -> dict[str, Row]:
        """Return the contacts that have an external id."""
        return {str(one["externalCustomerId"]): one for one in self.contacts if one["externalCustomerId"]}


@dataclass(frozen=True)
class Remembered:
    """What the ledger says, by its own command.

    Attributes:
        counts: stream, outcome, reason (or an empty text) → how many records are in it now.
        buyers: how many of the accepted contacts are buyers who have no account.
    """

    counts: Counter[tuple[str, str, str]]
    buyers: int

    @classmethod
    def by(cls, project: IsolatedProject) -> "Remembered":
        """Ask the ledger."""
        told = json.loads(project.run("invoke", "target-esputnik:stats", "--json"))
        counts = {(row["stream"], row["result"], row["reason"] or ""): row["count"] for row in told["now"]}
        buyers = [row for row in told["ended"] if row["from"] == "derived" and row["result"] == "accepted"]
        return cls(Counter(counts), sum(row["count"] for row in buyers))

    @staticmethod
    def why(project: IsolatedProject) -> list[str]:
        """Ask the ledger why records are held or rejected, and what to do."""
        told = [json.loads(project.run("invoke", f"target-esputnik:{name}", "--json")) for name in ("held", "rejected")]
        rows = [row for one in told for row in one["by_reason"]]
        return [f"{row['stream']} {row['reason']}: {row['meaning']} {row['todo']}" for row in rows]

    def of(self, stream: str, outcome: str) -> int:
        """Return how many records of a stream are in an outcome."""
        return sum(number for (one, fate, _), number in self.counts.items() if (one, fate) == (stream, outcome))

    def customers(self) -> int:
        """Return how many of the accepted contacts have an account."""
        return self.of("contacts", "accepted") - self.buyers

    def lines(self) -> list[str]:
        """Return the counts, as one would read them."""
        lines = [
            f"{number:5} {stream} {outcome}{f' ({reason})' if reason else ''}"
            for (stream, outcome, reason), number in sorted(self.counts.items())
        ]
        return [*lines, f"({self.buyers} of the contacts are buyers without an account)"]
