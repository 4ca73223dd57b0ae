"""What the tap's tests may ask for: a shop, and runs of the tap at it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from past import ago, stamp

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.client import Client
from tap_horoshop.connection import new_session
from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
FAST = {"max_requests_per_second": 100}
TAP = str(Path(sys.executable).parent / "tap-horoshop")


@dataclass
class Outcome:
    """What a run of the tap left: its messages, and as a process its exit code and log."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int = 0
    log: str = ""

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Return the records of a stream, in order."""
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    def keys(self, stream: str) -> list[int]:
        """Return their keys."""
        key = {"orders": "order_id"}.get(stream, "id")
        return [record[key] for record in self.records(stream)]

    def by_key(self, stream: str) -> dict[int, dict[str, Any]]:
        """Return them by key."""
        return dict(zip(self.keys(stream), self.records(stream), strict=True))

    @property
    def states(self) -> list[dict[str, Any]]:
        """All states, in order."""
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        return self.states[-1]

    def bookmark(self, stream: str) -> dict[str, Any]:
        """Return what the last state has of a stream."""
        return self.state["bookmarks"][stream]

    def counts(self) -> Counter[str]:
        """Return how many records each stream has."""
        return Counter(m["stream"] for m in self.messages if m["type"] == "RECORD")


def messages_of(text: str) -> list[dict[str, Any]]:
    """Read Singer messages; half a line would be an error."""
    return [json.loads(line) for line in text.splitlines()]


def settings_of(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    login = {"site_url": sandbox.shop_url, "username": sandbox.username, "password": sandbox.password}
    return {**login, **FAST, **settings}


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """Keep settings and proxies of the machine out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("TAP_HOROSHOP_") or name.lower().endswith("_proxy") or name == "LOGLEVEL":
                patch.delenv(name)
        yield


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """Give the settings for a sandbox."""
    return settings_of


@pytest.fixture
def read() -> Callable[..., Outcome]:
    """Give a run of the tap within the test."""

    def run(
        sandbox: Sandbox,
        state: dict[str, Any] | None = None,
        *,
        fails: type[Exception] | None = None,
        **settings: Any,
    ) -> Outcome:
        out = io.StringIO()
        tap = TapHoroshop(config=settings_of(sandbox, **settings), state=state)
        expected = pytest.raises(fails) if fails else contextlib.nullcontext()
        try:
            with contextlib.redirect_stdout(out), expected:
                tap.sync_all()
        finally:
            tap.shop.close()
        return Outcome(messages_of(out.getvalue()))

    return run


@pytest.fixture
def tap_process(tmp_path: Path) -> Callable[..., Outcome]:
    """Give a run of the tap as a process, by the user's command."""

    def run(config: dict[str, Any], *arguments: str, state: dict[str, Any] | None = None, **env: str) -> Outcome:
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        command = [TAP, "--config", str(tmp_path / "config.json"), *arguments]
        if state is not None:
            (tmp_path / "state.json").write_text(json.dumps(state), encoding="utf-8")
            command += ["--state", str(tmp_path / "state.json")]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **env}
        )
        messages = messages_of(done.stdout) if done.stdout.startswith('{"type"') else []
        return Outcome(messages, done.returncode, done.stderr)

    return run


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop with two old orders (one open, one over), two in the lookback and three customers."""
    with Sandbox(customers=0, orders=0) as running:
        for days, status in ((100, 2), (90, 3), (10, 1), (1, 3)):
            running.place_order(stat_created=stamp(ago(days=days)), stat_status=status)
        for days in (200, 20, 2):
            running.register(registered=stamp(ago(days=days)), email=f"u{days}@example.com")
        yield running


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """Give a conversation with a sandbox's shop."""
    opened: list[Client] = []

    def make(sandbox: Sandbox, **options: Any) -> Client:
        session = new_session(sandbox.shop_url, user_agent="", ca_bundle=None, allow_private=False, parallel=2)
        opened.append(Client(sandbox.shop_url, sandbox.username, sandbox.password, session=session, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
