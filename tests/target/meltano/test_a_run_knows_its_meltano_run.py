"""Meltano's database is made here by Meltano's own code, in SQLite and in PostgreSQL."""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from meltano.core.job.job import State
from meltano_database import OURS, MeltanoDatabase

from target_esputnik import meltano_runs
from target_esputnik.meltano_runs import MeltanoRun, meltano_run_id, meltano_runs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger_places import PostgresqlDatabase

NOW = datetime.now(timezone.utc)
CANARY = "canary"


@pytest.fixture(params=["sqlite", "postgresql"])
def meltano(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MeltanoDatabase]:
    """Give an empty system database of Meltano's."""
    if request.param == "sqlite":
        folder = tmp_path / "a project?#%20"
        folder.mkdir()
        uri = sa.URL.create("sqlite", database=str(folder / "meltano.db")).render_as_string()
    else:
        make: Callable[[], PostgresqlDatabase] = request.getfixturevalue("new_database")
        uri = make().url
    made = MeltanoDatabase(uri)
    yield made
    made.engine.dispose()


@pytest.fixture
def debug(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Give the log, down to its debug lines."""
    caplog.set_level(logging.DEBUG)
    return caplog


# ---------------------------------------------------------------- which run is ours


def test_the_callers_id_is_taken_without_looking_anywhere(debug: pytest.LogCaptureFixture) -> None:
    own = uuid.uuid4()
    for said in (str(own), own.hex, str(own).upper()):
        environment = {"MELTANO_RUN_ID": said, "MELTANO_DATABASE_URI": "sqlite:////nonesuch"}
        assert meltano_run_id(environment) == str(own)
    assert debug.messages == []


def test_without_meltano_there_is_none(debug: pytest.LogCaptureFixture) -> None:
    assert meltano_run_id({}) is None
    assert meltano_run_id({"MELTANO_RUN_ID": "", "MELTANO_DATABASE_URI": ""}) is None
    assert meltano_runs_of([str(uuid.uuid4())], {}) == {}
    assert debug.messages == []


def test_an_id_that_meltano_would_refuse_is_not_taken(meltano: MeltanoDatabase) -> None:
    assert meltano_run_id({"MELTANO_RUN_ID": "tonight\udcff"}) is None
    ours = meltano.begins()
    assert meltano_run_id(meltano.environment(MELTANO_RUN_ID="tonight")) == ours


def test_else_it_is_the_newest_run_of_our_pipeline_that_is_going_on(meltano: MeltanoDatabase) -> None:
    assert meltano_run_id(meltano.environment()) is None
    meltano.begins(ago=60)
    meltano.begins(ago=10, state=State.FAIL, ended_at=NOW)
    newest = meltano.begins(ago=20)
    meltano.begins("prod:tap-other-to-target-esputnik", ago=1)
    meltano.begins("prod:tap-horoshop-to-target-esputnik-2", ago=1)
    meltano.begins("stage:tap-horoshop-to-target-esputnik", ago=1)
    assert meltano_run_id(meltano.environment()) == newest
    with_suffix = meltano.begins(f"{OURS}:shop2", ago=5)
    assert meltano_run_id(meltano.environment()) == with_suffix


def test_a_run_that_was_killed_and_says_running_for_ever_is_not_ours(meltano: MeltanoDatabase) -> None:
    meltano.begins(ago=600, silent=400)
    meltano.begins(ago=48 * 3600, last_heartbeat_at=None)
    assert meltano_run_id(meltano.environment()) is None
    just_begun = meltano.begins(ago=1, last_heartbeat_at=None)
    assert meltano_run_id(meltano.environment()) == just_begun


def test_a_loader_that_is_invoked_alone_belongs_to_no_run(meltano: MeltanoDatabase) -> None:
    meltano.begins()
    environment = meltano.environment()
    del environment["MELTANO_EXTRACTOR_NAME"]
    assert meltano_run_id(environment) is None


def test_where_only_the_database_is_named_the_newest_run_is_taken(meltano: MeltanoDatabase) -> None:
    meltano.begins("one", ago=9)
    newest = meltano.begins("another", ago=3)
    assert meltano_run_id({"MELTANO_DATABASE_URI": meltano.uri}) == newest


def test_a_state_id_of_the_owners_own_names_the_run(meltano: MeltanoDatabase) -> None:
    named = meltano.begins("nightly", ago=9)
    meltano.begins("another", ago=3)
    assert meltano_run_id(meltano.environment(MELTANO_STATE_ID="nightly")) == named
    generated = meltano.begins("2026-11-25T101500--tap-horoshop--target-esputnik", ago=1)
    assert meltano_run_id(meltano.environment()) == generated


# ---------------------------------------------------------------- what Meltano knows of runs


def test_a_run_is_told_as_meltano_has_it(meltano: MeltanoDatabase) -> None:
    began, ended = NOW - timedelta(seconds=90), NOW - timedelta(seconds=30)
    over = meltano.begins(state=State.SUCCESS, started_at=began, ended_at=ended, trigger="airflow")
    going_on = meltano.begins(ago=5, trigger=None)
    found = meltano_runs_of([over, going_on, str(uuid.uuid4()), "no id"], meltano.environment())
    text = "%Y-%m-%dT%H:%M:%S.%f+00:00"
    assert found[over] == MeltanoRun(over, OURS, "SUCCESS", began.strftime(text), ended.strftime(text), "airflow")
    assert (found[over].seconds, found[going_on].seconds) == (60, None)
    assert (found[going_on].state, found[going_on].ended_at, found[going_on].trigger) == ("RUNNING", None, None)
    assert found.keys() == {over, going_on}


def test_of_several_pipelines_in_one_run_ours_is_told(meltano: MeltanoDatabase) -> None:
    one = uuid.uuid4()
    meltano.begins(run_id=one, state=State.SUCCESS)
    meltano.begins("prod:tap-horoshop-to-target-csv", run_id=one, state=State.FAIL)
    [found] = meltano_runs_of([str(one)], meltano.environment()).values()
    assert (found.job, found.state) == (OURS, "SUCCESS")


def test_a_thousand_runs_are_looked_up_at_once(meltano: MeltanoDatabase) -> None:
    known = [meltano.begins(state=State.SUCCESS) for _ in range(20)]
    asked = [str(uuid.uuid4()) for _ in range(1000)]
    assert meltano_runs_of([*asked[:600], *known, *asked[600:]], meltano.environment()).keys() == set(known)


def test_nothing_is_written_and_what_holds_state_is_not_read(
    meltano: MeltanoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    made = meltano_runs._engine

    def watched(*arguments: Any) -> sa.Engine:
        engine = made(*arguments)
        sa.event.listen(engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text("UPDATE runs SET state = 'DEAD'"))
        return engine

    monkeypatch.setattr(meltano_runs, "_engine", watched)
    ours = meltano.begins()
    folder = Path(meltano.engine.url.database or "").parent
    before = sorted(folder.glob("*")) if meltano.engine.dialect.name == "sqlite" else []
    assert meltano_run_id(meltano.environment()) == ours
    assert meltano_runs_of([ours], meltano.environment())[ours].state == "RUNNING"
    assert len([one for one in statements if one.startswith("SELECT")]) == 2
    assert not [one for one in statements if "payload" in one or "*" in one]
    if meltano.engine.dialect.name == "sqlite":
        assert sorted(folder.glob("*")) == before


def test_a_sqlite_file_is_looked_for_in_the_project(tmp_path: Path) -> None:
    ours = MeltanoDatabase(f"sqlite:///{tmp_path}/meltano.db").begins()
    environment = {"MELTANO_DATABASE_URI": "sqlite:///meltano.db", "MELTANO_PROJECT_ROOT": str(tmp_path)}
    assert meltano_run_id(environment) == ours


# ---------------------------------------------------------------- when it cannot be read


def _nothing_is_found(environment: dict[str, str], debug: pytest.LogCaptureFixture) -> None:
    """Both questions are answered with nothing, soon, and with one debug line each that shows no part of the URI."""
    debug.clear()
    began = time.monotonic()
    assert meltano_run_id(environment) is None
    assert meltano_runs_of([str(uuid.uuid4())], environment) == {}
    assert time.monotonic() - began < 2 * meltano_runs.PATIENCE_SECONDS + 1
    assert [record.levelname for record in debug.records] == ["DEBUG", "DEBUG"]
    assert all("Meltano's system database cannot be read (" in line for line in debug.messages)
    assert CANARY not in debug.text
    assert "nonesuch" not in debug.text


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:////nonesuch/canary/meltano.db",
        "sqlite://",
        f"sqlite:///{__file__}",
        "postgresql+psycopg://nonesuch:canary@127.0.0.1:1/meltano",
        "postgresql://nonesuch:canary@127.0.0.1:1/meltano",
        "postgresql+psycopg://nonesuch:canary@127.0.0.1:port/meltano",
        "mssql+pymssql://nonesuch:canary@127.0.0.1/meltano",
        "canary",
        "$CANARY/canary",
    ],
)
def test_a_database_that_is_not_there_is_one_debug_line_without_its_address(
    uri: str, debug: pytest.LogCaptureFixture
) -> None:
    _nothing_is_found({"MELTANO_DATABASE_URI": uri}, debug)


def test_a_refused_password_does_not_show(
    new_database: Callable[[], PostgresqlDatabase], debug: pytest.LogCaptureFixture
) -> None:
    database = new_database()
    _nothing_is_found({"MELTANO_DATABASE_URI": database.server.url(database.name, password="canary-wrong")}, debug)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE runs",
        'ALTER TABLE runs RENAME COLUMN "trigger" TO "cause"',
        "ALTER TABLE runs RENAME COLUMN started_at TO began",
    ],
)
def test_a_database_of_another_version_is_one_debug_line(
    meltano: MeltanoDatabase, change: str, debug: pytest.LogCaptureFixture
) -> None:
    meltano.begins()
    meltano.alter(change)
    debug.clear()
    assert meltano_runs_of([str(uuid.uuid4())], meltano.environment()) == {}
    assert [record.levelname for record in debug.records if record.name == "target-esputnik"] == ["DEBUG"]


def test_a_newer_database_with_more_in_it_is_read_all_the_same(meltano: MeltanoDatabase) -> None:
    meltano.alter("ALTER TABLE runs ADD COLUMN colour VARCHAR")
    ours = meltano.begins()
    assert meltano_run_id(meltano.environment()) == ours


def test_a_locked_database_is_not_waited_for(tmp_path: Path, debug: pytest.LogCaptureFixture) -> None:
    meltano = MeltanoDatabase(f"sqlite:///{tmp_path}/meltano.db")
    meltano.begins()
    locking = sqlite3.connect(tmp_path / "meltano.db", isolation_level=None)
    locking.execute("PRAGMA locking_mode = EXCLUSIVE")
    locking.execute("BEGIN EXCLUSIVE")
    locking.execute("DELETE FROM runs")
    try:
        _nothing_is_found(meltano.environment(), debug)
    finally:
        locking.close()


def test_a_locked_table_is_not_waited_for(
    new_database: Callable[[], PostgresqlDatabase], debug: pytest.LogCaptureFixture
) -> None:
    meltano = MeltanoDatabase(new_database().url)
    with meltano.engine.begin() as locking:
        locking.execute(sa.text("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE"))
        _nothing_is_found(meltano.environment(), debug)


def test_a_server_that_says_nothing_is_not_waited_for(debug: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        _nothing_is_found({"MELTANO_DATABASE_URI": f"postgresql://nonesuch:canary@127.0.0.1:{port}/x"}, debug)
    for thread in threading.enumerate():
        if thread.name == "meltano-runs":
            thread.join(10)
