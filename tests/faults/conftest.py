"""Accounts for runs that are struck, and the calm end of every story."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from crash_driver import CalmEnd, CrashDriver
from crash_stories import STORIES
from fault_tables import Outcomes
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

_outcomes = Outcomes()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what became of every case of the tables."""
    _outcomes.note(report.nodeid, passed=report.passed)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell it, table by table."""
    if _outcomes.by_table:
        terminalreporter.section("what was tried to break")
        for line in _outcomes.lines():
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the counts for the documents, if they were asked for; of several processes the one that has them all."""
    wanted = os.environ.get("FAULT_RESULTS")
    if wanted is not None and not hasattr(session.config, "workerinput"):
        _outcomes.keep(Path(wanted))
