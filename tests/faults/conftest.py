"""Accounts for runs that are struck, and the calm end of every story."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from crash_driver import CalmEnd, CrashDriver
from crash_points import POINTS, STREAMS
from crash_stories import STORIES
from patience import without_waits

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.delivery import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """Give an eSputnik account with nothing in it."""
    with Sandbox(customers=1, orders=1) as running:
        yield running


@pytest.fixture(autouse=True)
def _soon(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs in this process write STATE at once, and let eSputnik's minute pass while they wait for it."""
    monkeypatch.setattr(run, "SECONDS_BETWEEN_STATES", 0)
    without_waits(monkeypatch, lambda: account)


@pytest.fixture(scope="session")
def calm_ends(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], CalmEnd]:
    """Give what a calm run of a story leads to; each story is run once."""
    ends: dict[str, CalmEnd] = {}

    def end_of(story: str) -> CalmEnd:
        if story not in ends:
            with Sandbox(customers=1, orders=1) as quiet:
                ends[story] = CalmEnd(CrashDriver(quiet, tmp_path_factory.mktemp(story), STORIES[story]))
        return ends[story]

    return end_of


@pytest.fixture
def driver_of(account: Sandbox, tmp_path: Path) -> Callable[[str], CrashDriver]:
    """Give a driver for a story, after the runs of before it."""

    def make(story: str) -> CrashDriver:
        driver = CrashDriver(account, tmp_path, STORIES[story])
        driver.prepare()
        return driver

    return make


# -------------------------------------------------------------------- what `make test-faults` found

_EVERYWHERE = {"killed": "test_a_run_that_is_killed_anywhere", "stopped": "test_a_run_that_is_stopped_anywhere"}
_outcomes: dict[str, dict[str, bool]] = {kind: {} for kind in _EVERYWHERE}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what became of every case of the two tables."""
    for kind, test in _EVERYWHERE.items():
        if f"::{test}" in report.nodeid:
            held = _outcomes[kind].get(report.nodeid, True)
            _outcomes[kind][report.nodeid] = held and report.passed


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the counts for docs/guarantees.md, if they were asked for: of each table that was run whole."""
    wanted = os.environ.get("FAULT_RESULTS")
    if wanted is None:
        return
    file = Path(wanted)
    counts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    cases = {"killed": len(POINTS) * len(STREAMS), "stopped": len(POINTS) * len(STREAMS) * 2}
    for kind, held in _outcomes.items():
        if len(held) == cases[kind]:
            counts[kind] = {"held": sum(held.values()), "of": len(held)}
    file.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
