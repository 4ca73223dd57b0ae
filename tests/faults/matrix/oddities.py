"""Odd rows in the shop, and odd things that people do there: the strikes of the group data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shop_story import PLAIN_EMAIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

TABLES = {"orders": "orders", "customers": "contacts"}
"""Where the ledger keeps what the shop has as these."""


@dataclass(frozen=True)
class OddRow:
    """A row that the shop's API gives in an odd form, between rows that are as always.

    Attributes:
        kind: `orders` or `customers`.
        held: what the shop holds of it; an order is a known customer's unless this says otherwise.
        printed: fields that the API gives otherwise.
        without: fields that it does not give.
        fate: what must become of it in the ledger; None: it is no record, and the log tells so.
        said: what the log tells of one that is no record.
    """

    kind: str = "orders"
    held: dict[str, Any] = field(default_factory=dict)
    printed: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    fate: str | None = "accepted"
    said: str = ""


@dataclass(frozen=True)
class OddRows:
    """Rows that are read in the struck run and in all after it.

    Attributes:
        rows: one or several.
    """

    rows: tuple[OddRow, ...]
    proxied = False

    def arm(self, stage: Stage) -> None:
        """Put them into the shop."""
        for row in self.rows:
            number = put(stage, row)
            stage.odd[TABLES[row.kind], str(number)] = row.fate

    def count(self, stage: Stage) -> int:
        """How many of them were met: as a record with its fate, or as none, which the log tells."""
        seen = stage.known["orders"].keys() | stage.known["contacts"].keys()
        heard = stage.heard.at_least(0) + stage.heard.stderr
        told = [row.fate is not None or row.said in heard for row in self.rows]
        recorded = [key in seen or fate is None for (_, key), fate in stage.odd.items()]
        return int(all(told) and all(recorded))

    def lift(self, stage: Stage) -> None:
        """They stay: whoever reads the shop again must come to the same."""


def put(stage: Stage, row: OddRow) -> int:
    """Put a row into the shop, and return its number."""
    if row.kind == "orders":
        number = stage.sandbox.place_order(**{"delivery_email": known_address(stage), "delivery_name": "", **row.held})
    else:
        number = stage.sandbox.register(**row.held)
    stage.sandbox.misprint(row.kind, number, row.printed, row.without)
    return number


def known_address(stage: Stage) -> str:
    """The address of a customer, so that an odd order makes no newcomer."""
    return str(next(one["email"] for one in stage.sandbox.customers() if PLAIN_EMAIL.fullmatch(one["email"])))


@dataclass(frozen=True)
class Scene:
    """Something that happens in the shop or at eSputnik before the struck run, and something before the calm ones.

    Attributes:
        before: what happens first; returns {(table, key): fate} of the records that it is about.
        happened: whether the struck run met it.
        after: what happens between the struck run and the calm ones.
    """

    before: Callable[[Stage], dict[tuple[str, str], str | None]]
    happened: Callable[[Stage], bool]
    after: Callable[[Stage], None] = lambda _: None
    proxied = False

    def arm(self, stage: Stage) -> None:
        """Let the first part happen."""
        stage.odd |= self.before(stage)

    def count(self, stage: Stage) -> int:
        """Whether it was met."""
        return int(self.happened(stage))

    def lift(self, stage: Stage) -> None:
        """Let the second part happen."""
        stage.sandbox.clear_faults()
        self.after(stage)


def fired_of(stage: Stage, key: str) -> list[str]:
    """The statuses of an order whose events fired, in order."""
    events = [event for event in stage.sandbox.events() if event["type"].startswith("order") and event["key"] == key]
    return [event["type"].removeprefix("order") for event in events]


def sent(stage: Stage, key: str) -> dict[str, Any]:
    """An order as eSputnik holds it; empty where it does not."""
    return next((one for one in stage.sandbox.sent_orders() if one["externalOrderId"] == key), {})
