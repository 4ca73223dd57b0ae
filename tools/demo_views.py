"""The two views that the demo compares: what the ledger remembers, and what the stand-in of eSputnik holds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

Row = dict[str, Any]


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
    """

    counts: Counter[tuple[str, str, str]]

    @classmethod
    def by(cls, project: IsolatedProject) -> "Remembered":
        """Ask the ledger."""
        import sqlite3

        db = sqlite3.connect(project.root / ".esputnik/ledger.db")
        counts = Counter()
        for src, fate, reason, n in db.execute("select source, fate, reason, count(*) from contacts group by 1,2,3"):
            counts[("contacts" if src == "registration" else "buyers", fate, reason or "")] = n
        for fate, reason, n in db.execute("select fate, reason, count(*) from orders group by 1,2"):
            counts[("orders", fate, reason or "")] = n
        return cls(counts)

    def of(self, stream: str, outcome: str) -> int:
        """Return how many records of a stream are in an outcome."""
        return sum(number for (one, fate, _), number in self.counts.items() if (one, fate) == (stream, outcome))

    def lines(self) -> list[str]:
        """Return the counts, as one would read them."""
        return [
            f"{number:5} {stream} {outcome}{f' ({reason})' if reason else ''}"
            for (stream, outcome, reason), number in sorted(self.counts.items())
        ]
