"""A tap that reads on from STATE, a target that is struck, and what must be true afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crash_stories import BATCH, SETTINGS, Story
from patience import FIRST_POLL
from target_driver import LONG_AGO, at, schema

from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crash_points import Strike
    from crash_stories import Record

    from horoshop_esputnik_sandbox import Sandbox

RUNNER = Path(__file__).parent / "struck_target.py"
RECORDS_BETWEEN_STATES = 3
Row = dict[str, Any]


@dataclass
class Struck:
    """How a run that was struck ended."""

    code: int
    log: str
    states: list[Row] = field(default_factory=list)


class CrashDriver:
    """One ledger and one account, and a tap that goes on from the last whole STATE, as Meltano has it.

    Attributes:
        state: the last whole STATE that the target wrote.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, story: Story) -> None:
        self.sandbox = sandbox
        self.story = story
        self.ledger = folder / "ledger" / "ledger.db"
        self._config_file = folder / "config.json"
        self.state: Row | None = None
        for person in story.there:
            sandbox.create_contact(**person)

    def config(self, **settings: Any) -> Row:
        """Give the settings of the story."""
        return {
            "api_key": self.sandbox.api_key,
            "api_url": self.sandbox.esputnik_url,
            "ledger_url": f"sqlite:///{self.ledger}",
            "live_since": LONG_AGO,
            "max_requests_per_second": 200,
            **SETTINGS,
            **self.story.settings,
            **settings,
        }

    # ------------------------------------------------------------ runs

    def lines(self, records: Sequence[Record], *, go_on: bool = True) -> list[Row]:
        """Give a tap's messages: what STATE has not seen yet, or all without `go_on`; STATE after every few."""
        state = dict(self.state or {}) if go_on else {}
        seen = int(state.get("seen", 0))
        lines: list[Row] = [{"type": "STATE", "value": state}] if state else []
        lines += [schema("contacts"), schema("orders")]
        for number, (stream, record) in enumerate(records[seen:], start=seen + 1):
            lines.append({"type": "RECORD", "stream": stream, "record": record})
            if number % RECORDS_BETWEEN_STATES == 0 or number == len(records):
                lines.append({"type": "STATE", "value": self._at(number, state)})
        return lines

    def _at(self, number: int, before: Row) -> Row:
        marker = {key: before[key] for key in ("esputnik_ledger",) if key in before}
        return {"seen": number, "bookmarks": {"orders": {"replication_key_value": at(days=400)}}} | marker

    def calm(self, records: Sequence[Record], *, go_on: bool = True, **settings: Any) -> int:
        """Run in this process, to the end. Returns the exit code."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            target = TargetEsputnik(config=self.config(**settings))
            code = target.work(io.StringIO(_text(self.lines(records, go_on=go_on))))
        self._take_states(out.getvalue())
        return code

    def prepare(self) -> None:
        """Let the calm run of before the story happen."""
        if self.story.before is not None:
            assert self.calm(self.story.before) == 0
            assert self.state is not None
            self.state.pop("seen")  # what the story reads is counted from its own beginning

    def struck(
        self, strike: Strike | None, *, constants: Row | None = None, as_user: str | None = None, **orders: Any
    ) -> Struck:
        """Run the story as a process of its own, and strike it; as another user (a number), if wanted."""
        done = subprocess.run(
            [*_as(as_user), *self._command(strike, constants, **orders)],
            input=_text(self.lines(self.story.records)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=_environment(),
        )
        return Struck(done.returncode, done.stderr, self._take_states(done.stdout))

    @contextlib.contextmanager
    def beside(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the story as a process beside this one."""
        lines = self._config_file.with_name("lines.jsonl")
        lines.write_text(_text(self.lines(self.story.records)), encoding="utf-8")
        with lines.open("rb") as reading, lines.with_name("out").open("wb") as out:
            process = subprocess.Popen(
                self._command(None, None), stdin=reading, stdout=out, stderr=subprocess.DEVNULL, env=_environment()
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()
        self._take_states(lines.with_name("out").read_text(encoding="utf-8"))

    def wait_for_request(self, method: str, path: str) -> None:
        """Wait until eSputnik got a request beyond those of before the story."""
        had = self.writes().count(f"{method} {path}")
        for _ in range(600):
            if self.writes().count(f"{method} {path}") > had:
                return
            time.sleep(0.05)
        raise AssertionError("the request did not come")

    def _command(self, strike: Strike | None, constants: Row | None, **orders: Any) -> list[str]:
        self._config_file.write_text(json.dumps(self.config()), encoding="utf-8")
        told = {
            "strike": strike,
            "constants": {
                "target_esputnik.delivery.run:SECONDS_BETWEEN_STATES": 0,
                "target_esputnik.delivery.imports:FIRST_POLL": FIRST_POLL,
                **(constants or {}),
            },
            **orders,
        }
        return [sys.executable, str(RUNNER), json.dumps(told), "--config", str(self._config_file)]

    def _take_states(self, out: str) -> list[Row]:
        """Keep the last whole line, as Meltano does; one that was cut off is none."""
        states = [json.loads(line) for line in out.splitlines(keepends=True) if line.endswith("\n")]
        if states:
            self.state = states[-1]
        return states

    # ------------------------------------------------------------ what there is

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Give the rows of a query on the ledger; none where a run never came so far as to make it."""
        if not self.ledger.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders'").fetchall()
            return connection.execute(query).fetchall() if made else []

    def events(self) -> Counter[tuple[str, str]]:
        """Give every workflow event fired, by kind and order, or by kind and person: eSputnik's numbers vary."""
        people = {
            one["id"]: str([channel["value"] for channel in one["channels"]]) for one in self.sandbox.sent_contacts()
        }
        return Counter(
            (event["type"], event["key"] if event["type"].startswith("order") else people[event["contactId"]])
            for event in self.sandbox.events()
        )

    def writes(self) -> list[str]:
        """Give every request to eSputnik that was no mere reading."""
        seen = self.sandbox.requests(api="esputnik")
        return [f"{request['method']} {request['path']}" for request in seen if request["method"] != "GET"]

    def orders_asked(self, *, after: int = 0) -> list[tuple[str, str]]:
        """Give order and status of every request for orders, from a number of requests on."""
        return [
            (str(order["externalOrderId"]), order["status"])
            for request in self.sandbox.requests(api="esputnik")[after:]
            if request["path"] == "/v1/orders" and request["method"] == "POST"
            for order in request["body"]["orders"]
        ]

    def requests_so_far(self) -> int:
        """Give how many requests eSputnik got."""
        return len(self.sandbox.requests(api="esputnik"))

    def sent(self, *outcomes: str) -> set[tuple[str, str]]:
        """Give order and status of what the ledger says was sent with these outcomes."""
        listed = ", ".join(f"'{outcome}'" for outcome in outcomes)
        query = f"SELECT key, what FROM sends WHERE kind = 'order' AND outcome IN ({listed})"  # noqa: S608
        return {(key, what) for key, what in self.rows(query)}

    def picture(self) -> Row:
        """Give all that must be the same after a crash as after a calm run: at eSputnik, and in the ledger."""
        people = self.sandbox.sent_contacts()
        channels = {person["id"]: [channel["value"] for channel in person["channels"]] for person in people}
        return {
            "people": sorted(json.dumps(_person(person), sort_keys=True) for person in people),
            "orders": sorted(json.dumps(_order(row, channels), sort_keys=True) for row in self.sandbox.sent_orders()),
            "contacts kept": self.rows("SELECT key, fate, reason, delivered FROM contacts WHERE source != 'order'"),
            "guests kept": Counter(
                self.rows("SELECT fate, reason, delivered FROM contacts WHERE source = 'order'"),
            ),
            "orders kept": self.rows(
                "SELECT order_id, fate, reason, shop_status, esputnik_status, ever_accepted FROM orders ORDER BY 1"
            ),
            # One that was found there instead of sent is not called confirmed; what may be done with it is the same.
            "kept out of git": (self.ledger.parent / ".gitignore").exists(),
            "addresses that bind": Counter(
                self.rows("SELECT unsubscribed FROM addresses WHERE confirmation = 'unconfirmed' OR unsubscribed")
            ),
        }


class CalmEnd:
    """What a calm run of a story leads to."""

    def __init__(self, driver: CrashDriver) -> None:
        driver.prepare()
        assert driver.calm(driver.story.records) == 0
        self.picture = driver.picture()
        self.events = driver.events()


def must_be_settled_but_for_one_batch(driver: CrashDriver) -> None:
    """Assert what a run that was killed may leave."""
    in_doubt = driver.rows("SELECT order_id FROM orders WHERE reason = 'in_doubt'")
    assert len(in_doubt) <= BATCH, f"more than one batch is in doubt: {in_doubt}"


def must_heal(driver: CrashDriver, calm: CalmEnd) -> None:
    """Let calm runs follow, and assert that nothing was lost, nothing done twice, and nobody asked or confirmed."""
    asked, settled = driver.requests_so_far(), driver.sent("accepted")
    in_doubt = driver.sent("sending", "in_doubt")
    assert driver.calm(driver.story.records) == 0
    assert not settled & set(driver.orders_asked(after=asked)), "an order that was settled is sent again"
    must_be_as_after(driver, calm, in_doubt)


def must_be_as_after(driver: CrashDriver, calm: CalmEnd, in_doubt: set[tuple[str, str]]) -> None:
    """Assert that all is as after a calm run, and that the whole shop, read again, changes nothing."""
    now = driver.picture()
    differing = {name: (now[name], expected) for name, expected in calm.picture.items() if now[name] != expected}
    assert not differing, f"it is not as after a calm run: {differing}"
    fired = driver.events()
    lost, again = calm.events - fired, fired - calm.events
    assert not lost, f"events were lost: {lost}"
    may_repeat = {(f"order{status}", key) for key, status in in_doubt}
    assert set(again) <= may_repeat, f"events fired twice: {again}"
    written = driver.writes()
    assert driver.calm(driver.story.records, go_on=False) == 0
    assert driver.writes() == written, "a whole reading of the shop repeats something"


def _person(person: Row) -> Row:
    kept = ("firstName", "lastName", "externalCustomerId", "groups", "channels")
    return {name: person[name] for name in kept}


def _order(row: Row, channels: dict[int, list[str]]) -> Row:
    return {name: value for name, value in row.items() if name not in {"contactId", "at"}} | {
        "buyer": channels.get(row["contactId"])
    }


def _as(user: str | None) -> list[str]:
    return [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _environment() -> Row:
    """Give ours, without settings of the target."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TARGET_ESPUTNIK_")}


def _text(lines: Sequence[Row]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
