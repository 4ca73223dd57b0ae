"""An eSputnik account with nothing in it, and a target with an empty ledger: once in SQLite, once in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledger_places import PostgresqlDatabase, SqliteFile
from patience import without_waits
from target_driver import Driver

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger_places import LedgerPlace

KINDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that has a ledger on both kinds, unless it says that it is about SQLite's file."""
    if "ledger_kind" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_only")
        metafunc.parametrize("ledger_kind", KINDS[:1] if alone else KINDS)


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """Give an eSputnik account with nothing in it."""
    with Sandbox(customers=1, orders=1) as running:
        yield running


@pytest.fixture
def place(ledger_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> LedgerPlace:
    """Give an empty place for a ledger."""
    if ledger_kind == "sqlite":
        return SqliteFile(tmp_path)
    make: Callable[[], PostgresqlDatabase] = request.getfixturevalue("new_database")
    return make()


@pytest.fixture
def target(
    account: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    place: LedgerPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> Driver:
    """Give a target with an empty ledger and that account, whose clock moves instead of the target's sleeping."""
    caplog.set_level("INFO")
    without_waits(monkeypatch, lambda: account)
    return Driver(account, tmp_path, caplog, place)
