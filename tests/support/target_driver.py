"""The target as a tap drives it: Singer messages in, STATE out, a sandbox account behind a real socket."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ledger_places import SqliteFile, change, rows_of

from target_esputnik.ledger.store import Ledger
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from ledger_places import LedgerPlace

    from horoshop_esputnik_sandbox import Sandbox

NOW = datetime.now(timezone.utc)
LONG_AGO = "2020-01-01T00:00:00+00:00"
KEYS = {"contacts": "id", "orders": "order_id", "order_statuses": "id"}


def at(**before_now: float) -> str:
    """Give a moment so long before the tests began, as a tap writes it."""
    return (NOW - timedelta(**before_now)).isoformat(timespec="seconds")


def contact(contact_id: int, **fields: Any) -> dict[str, Any]:
    """Give a registered customer of the shop."""
    return {
        "id": contact_id,
        "email": f"customer{contact_id}@example.com",
        "phone": None,
        "first_name": "Олена",
        "last_name": "Коваль",
        "city": "Львів",
        "address": "вул. Зразкова, 1",
        "registered_at": at(days=100),
        "newsletter_subscribed": None,
    } | fields


def order(order_id: int, **fields: Any) -> dict[str, Any]:
    """Give an order of one article, by a guest unless `fields` say who bought."""
    return {
        "order_id": order_id,
        "user_id": 100_000 + order_id,
        "created_at": at(minutes=5),
        "status_id": 1,
        "status_title": "Нове",
        "status_titles": {"ua": "Нове", "en": "New"},
        "email": f"guest{order_id}@example.com",
        "phone": None,
        "first_name": "Петро",
        "last_name": "Приклад",
        "total": 420,
        "total_before_discount": 420,
        "delivery_price": None,
        "currency": "UAH",
        "products": [{"article": "TK-01", "title": "Чайник", "price": 420, "quantity": 1, "total_price": 420}],
    } | fields


@dataclass
class Outcome:
    """What one run of the target ended in."""

    code: int
    states: list[dict[str, Any]]
    log: str
    fates: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    derived: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    carried: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def ended(self, stream: str) -> dict[str, int]:
        """Give {fate or fate:reason: records} of a stream."""
        return {
            f"{fate}:{reason}" if reason else fate: count
            for (name, fate, reason), count in self.fates.items()
            if name == stream and count
        }


class Driver:
    """Runs the target in this process, on one ledger and one sandbox account.

    Attributes:
        place: where the ledger lies: a file in `folder`, if nothing else is said.
        ledger_path: that file, for tests that are about it.
    """

    def __init__(
        self, sandbox: Sandbox, folder: Path, log: pytest.LogCaptureFixture, place: LedgerPlace | None = None
    ) -> None:
        self.sandbox = sandbox
        self.place = place or SqliteFile(folder)
        self.ledger_path = SqliteFile(folder).path
        self._log = log

    def config(self, **settings: Any) -> dict[str, Any]:
        """Give a configuration for the sandbox account; history is live unless `settings` say otherwise."""
        return {
            "api_key": self.sandbox.api_key,
            "api_url": self.sandbox.esputnik_url,
            "ledger_url": self.place.url,
            "live_since": LONG_AGO,
            "max_requests_per_second": 200,
        } | settings

    def messages(self, lines: list[dict[str, Any]], **settings: Any) -> Outcome:
        """Run on Singer messages as they are."""
        self._log.clear()
        out = io.StringIO()
        text = "".join(_written(line) + "\n" for line in lines)
        with contextlib.redirect_stdout(out):
            target = TargetEsputnik(config=self.config(**settings))
            code = target.work(io.StringIO(text))
        run = target._run
        outcome = Outcome(code, [json.loads(line) for line in out.getvalue().splitlines()], self._log.text)
        if run is not None and hasattr(run, "tally"):
            outcome.fates, outcome.derived, outcome.carried = run.tally.fates, run.tally.derived, run.tally.carried
        return outcome

    def __call__(
        self,
        *,
        contacts: list[dict[str, Any]] | None = None,
        orders: list[dict[str, Any]] | None = None,
        order_statuses: list[dict[str, Any]] | None = None,
        state: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Outcome:
        """Run on records, contacts before orders, with a STATE before and after them."""
        streams = {"order_statuses": order_statuses, "contacts": contacts, "orders": orders}
        lines: list[dict[str, Any]] = [{"type": "STATE", "value": state}] if state is not None else []
        for name, records in streams.items():
            if records is not None:
                lines += [schema(name), *({"type": "RECORD", "stream": name, "record": r} for r in records)]
        lines.append({"type": "STATE", "value": {"bookmarks": {"orders": {"replication_key_value": at(minutes=1)}}}})
        return self.messages(lines, **settings)

    def rows(self, query: str) -> list[Any]:
        """Give the rows of a query on the ledger."""
        return rows_of(self.place, query)

    def change_ledger(self, statement: str) -> None:
        """Change the ledger behind the target's back, as time or an accident would."""
        change(self.place, statement)

    @contextlib.contextmanager
    def another_run(self) -> Iterator[None]:
        """Hold the lock of the ledger's first account and shop, as a run that is at work does."""
        account, name, shop = self.rows("SELECT account, account_name, shop FROM scopes ORDER BY id")[0]
        with Ledger.open(self.place.url, create=False) as ledger:
            ledger.enter_scope(account, name, shop, create=False)
            ledger.lock()
            yield

    # ------------------------------------------------------------ what eSputnik holds

    def events(self) -> Counter[str]:
        """Give how often each kind of workflow event fired."""
        return Counter(event["type"] for event in self.sandbox.events())

    def paths(self) -> list[str]:
        """Give method and path of every request to eSputnik, in order."""
        return [f"{request['method']} {request['path']}" for request in self.sandbox.requests(api="esputnik")]

    def there(self, email: str) -> list[dict[str, Any]]:
        """Give eSputnik's contacts with an address."""
        return [
            person
            for person in self.sandbox.sent_contacts()
            if any(channel["value"].lower() == email.lower() for channel in person["channels"])
        ]

    def confirmed(self, email: str) -> bool | None:
        """Tell whether an address is confirmed at eSputnik; None where it is not there."""
        return next(
            (
                channel["confirmed"]
                for person in self.there(email)
                for channel in person["channels"]
                if channel["value"].lower() == email.lower()
            ),
            None,
        )


def schema(stream: str) -> dict[str, Any]:
    """Give a SCHEMA message as any tap may send it."""
    return {"type": "SCHEMA", "stream": stream, "schema": {"properties": {}}, "key_properties": [KEYS[stream]]}


def _written(line: dict[str, Any]) -> str:
    """Write a message as a pipe carries it: half a character goes only as an escape."""
    try:
        text = json.dumps(line, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(line)
    return text
