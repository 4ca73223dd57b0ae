"""A ledger with some days of history: the sample shop's own records, through the real target, a day at a time.

Days cannot be waited for, so each run's moments are moved back afterwards, all by the same: what lies between them
stays as it was. eSputnik's stand-in keeps what really came.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tap_horoshop.tap import run as run_tap
from target_esputnik.ledger.moments import moment_of, text_of
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox

MOMENTS = {
    "runs": ("started_at", "ended_at"),
    "requests": ("at",),
    "sends": ("at",),
    "imports": ("started_at", "ended_at"),
    "contacts": ("since", "asked_at", "delivered_at", "updated_at"),
    "orders": ("since", "updated_at"),
    "shop_statuses": ("updated_at",),
    "scopes": ("live_since", "created_at"),
    "ledger": ("created_at",),
    "addresses": ("updated_at",),
}
"""Columns with moments of ours; those of the shop stay."""


@dataclass
class ShopHistory:
    """A shop of the sandbox and a ledger with days of runs.

    Attributes:
        sandbox: running; it holds what arrived.
        folder: where the ledger and the settings lie.
        begun: when each run began, before it was moved.
    """

    sandbox: Sandbox
    folder: Path
    days: int = 12
    begun: list[datetime] = field(default_factory=list)

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger" / "ledger.db"

    @property
    def config(self) -> Path:
        """The settings' file, for `--config`."""
        return self.folder / "target.json"

    def settings(self, live_since: str) -> dict[str, Any]:
        """The target's settings."""
        return {
            "api_key": self.sandbox.api_key,
            "api_url": self.sandbox.esputnik_url,
            "ledger_url": f"sqlite:///{self.ledger}",
            "max_requests_per_second": 200,
            "live_since": live_since,
        }

    def write(self) -> None:
        """Let the target run once a day; then move the runs to their days."""
        heads, records = self._read()
        orders = sorted(
            (one["record"] for one in records if one["stream"] == "orders"), key=lambda one: str(one["created_at"])
        )
        settings = self.settings(str(orders[len(orders) // 3]["created_at"]))
        self.config.write_text(json.dumps(settings), encoding="utf-8")
        for day in range(self.days):
            mine = [one for place, one in enumerate(records) if _day_of(place, self.days) == day]
            self._run(settings, [*heads, *sorted(mine, key=lambda one: str(one["stream"]))])
        with _quiet():  # a key that somebody withdrew, and the run in which it was set again
            self._run(settings | {"api_key": "withdrawn"}, heads)
        self._run(settings | {"max_run_minutes": 19}, heads)
        self._move_back()

    def _read(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The tap's messages: schemas and statuses, and the records of customers and orders."""
        tap = {
            "site_url": self.sandbox.shop_url,
            "username": self.sandbox.username,
            "password": self.sandbox.password,
            "max_requests_per_second": 100,
        }
        (self.folder / "tap.json").write_text(json.dumps(tap), encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            run_tap(["--config", str(self.folder / "tap.json")])
        messages = [json.loads(line) for line in said.getvalue().splitlines()]
        records = [one for one in messages if one["type"] == "RECORD" and one["stream"] != "order_statuses"]
        schemas = [one for one in messages if one["type"] == "SCHEMA"]
        statuses = [one for one in messages if one["type"] == "RECORD" and one["stream"] == "order_statuses"]
        return schemas + statuses, records

    def _run(self, settings: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        self.begun.append(datetime.now(timezone.utc))
        text = "".join(json.dumps(one) + "\n" for one in messages)
        with contextlib.redirect_stdout(io.StringIO()):
            TargetEsputnik(config=settings).work(io.StringIO(text))

    def _move_back(self) -> None:
        last = len(self.begun) - 1
        back = [timedelta(days=min(last - place, self.days), minutes=3) for place in range(len(self.begun))]
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            for table, columns in MOMENTS.items():
                for column in columns:
                    found = connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()  # noqa: S608
                    moved = [(self._moved(text, back), text) for (text,) in found if text]
                    connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", moved)  # noqa: S608
            connection.commit()

    def _moved(self, text: str, back: list[timedelta]) -> str:
        moment = moment_of(text)
        runs = [place for place, begun in enumerate(self.begun) if begun <= moment]
        return text_of(moment - (back[runs[-1]] if runs else timedelta()))


def _day_of(place: int, days: int) -> int:
    """The day of the record at a place: the first brings most of what was there, and no two are alike."""
    turn = (place * 7919) % 1009
    return 0 if turn < 150 else min(turn, (turn * 31) % 1009) % days


@contextlib.contextmanager
def _quiet() -> Any:
    logger = logging.getLogger("target-esputnik")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
