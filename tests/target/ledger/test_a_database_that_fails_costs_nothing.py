"""PostgreSQL alone: what a file cannot do to a run, a server can."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ledger_places import PostgresqlDatabase, change, rows_of
from target_driver import Driver, contact, order

from target_esputnik.errors import LedgerAway, LedgerBusy, LedgerUnusable
from target_esputnik.ledger.store import Ledger

from postgresql_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from horoshop_esputnik_sandbox import Sandbox

KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()"
SECRETS = ("canary", "owner", "nonesuch", "127.0.0.1")


@pytest.fixture
def database(new_database: Callable[[], PostgresqlDatabase]) -> PostgresqlDatabase:
    """Give an empty database."""
    return new_database()


@pytest.fixture
def run(account: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, database: PostgresqlDatabase) -> Driver:
    """Give a target with a ledger in that database."""
    caplog.set_level("INFO")
    return Driver(account, tmp_path, caplog, database)


def _while_sending(target: Driver, path: str, strike: Callable[[], object]) -> threading.Thread:
    """Strike while eSputnik takes its time over a request."""
    target.sandbox.fail(api="esputnik", path=path, times=1, kind="delay", seconds=1.5)
    seen = len(target.paths())

    def wait_and_strike() -> None:
        for _ in range(400):
            if any(path in one for one in target.paths()[seen:]):
                strike()
                return
            time.sleep(0.02)

    thread = threading.Thread(target=wait_and_strike)
    thread.start()
    return thread


class TestALostConnection:
    @pytest.mark.parametrize("path", ["/v1/contact/subscribe", "/v1/contacts"])
    def test_ends_the_run_and_the_next_one_heals_it(self, run: Driver, database: PostgresqlDatabase, path: str) -> None:
        settings: dict[str, Any] = {"email_confirmation": "confirmed"} if path == "/v1/contacts" else {}
        records = {"contacts": [contact(7)], "orders": [order(1), order(2)]}
        thread = _while_sending(run, path, lambda: change(database, KILL.format(database.name)))
        struck = run(**records, **settings)
        thread.join()
        assert (struck.code, struck.states) == (1, [])
        assert "ledger_away: The connection to the ledger's database was lost." in struck.log
        assert run.rows("SELECT exit_code, error FROM runs") == [(1, "ledger_away")], "the verdict is written down"
        healed = run(**records, **settings)
        assert healed.code == 0
        assert run.events()["orderINITIALIZED"] == 2
        assert len(run.sandbox.sent_orders()) == 2
        assert run.rows("SELECT count(*) FROM sends WHERE outcome = 'sending'") == [(0,)]
        assert run.rows("SELECT DISTINCT fate FROM orders") == [("accepted",)]

    def test_while_orders_go_out_leaves_them_in_doubt_and_nothing_is_sent_twice_unless_the_owner_says_so(
        self, run: Driver, database: PostgresqlDatabase
    ) -> None:
        thread = _while_sending(run, "/v1/orders", lambda: change(database, KILL.format(database.name)))
        assert run(orders=[order(1), order(2)]).code == 1
        thread.join()
        assert run.events()["orderINITIALIZED"] == 2
        for _ in range(2):
            held = run(orders=[order(1), order(2)], in_doubt_orders="hold")
            assert held.ended("orders") == {"held:in_doubt": 2}
        assert run.events()["orderINITIALIZED"] == 2
        assert run(orders=[order(1), order(2)]).code == 0
        assert run.rows("SELECT DISTINCT fate FROM orders") == [("accepted",)]

    def test_a_run_without_its_lock_writes_nothing_over_what_another_one_did(
        self, run: Driver, database: PostgresqlDatabase
    ) -> None:
        run(orders=[])
        account, name, shop = run.rows("SELECT account, account_name, shop FROM scopes")[0]
        with Ledger.open(database.url, create=False) as ledger:
            ledger.enter_scope(account, name, shop, create=False)
            ledger.lock()
            ledger.begin_run(kind="run", settings_hash="", meltano_run_id=None)
            change(database, KILL.format(database.name))
            with pytest.raises(LedgerAway):
                ledger.orders([1])
            with pytest.raises(LedgerAway):
                ledger.take_unknown_as_baseline("2026-01-01T00:00:00.000000+00:00")
            assert run(orders=[order(1)]).ended("orders") == {"accepted": 1}
            ledger.end_run(exit_code=1, error="ledger_away")
        assert run.rows("SELECT baseline_before FROM scopes") == [(None,)]
        assert run.rows("SELECT number, exit_code FROM runs ORDER BY 1") == [(1, 0), (2, 1), (3, 0)]

    def test_a_lost_reader_says_so(self, database: PostgresqlDatabase) -> None:
        Ledger.open(database.url, create=True).close()
        with Ledger.open(database.url, create=False, writable=False) as ledger:
            change(database, KILL.format(database.name))
            with pytest.raises(LedgerAway) as told:
                ledger.orders([1])
            assert told.value.exit_code == 1


class TestAServerThatStops:
    @pytest.fixture
    def own(self) -> Iterator[Server]:
        """Give a server that the test may stop."""
        with Server.started() as server:
            yield server

    def test_ends_the_run_with_one_line_and_sends_nothing_more(
        self, own: Server, postgresql: Server, account: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert own.port != postgresql.port
        target = Driver(account, tmp_path, caplog, PostgresqlDatabase(own, "ledger"))
        target(orders=[])
        thread = _while_sending(target, "/v1/orders", own.stop)
        struck = target(orders=[order(number) for number in range(1, 5)], order_batch_size=1)
        thread.join()
        assert (struck.code, struck.states) == (1, [])
        assert "ledger_away" in struck.log
        assert "Traceback" not in struck.log
        assert target.paths().count("POST /v1/orders") == 1
        later = target(orders=[order(5)])
        assert (later.code, later.states) == (1, [])
        assert "ledger_away: The ledger's database does not answer." in later.log


class TestAnAddressThatIsWrong:
    @pytest.mark.parametrize(
        ("parts", "code", "says"),
        [
            ({"password": "canary"}, 2, "password authentication failed"),
            ({"username": "canary"}, 2, "password authentication failed"),
            ({"host": "canary.invalid"}, 2, "failed to resolve host"),
            ({"database": "nonesuch"}, 2, "does not exist"),
            ({"port": 9}, 1, "does not answer"),
        ],
    )
    def test_is_one_line_without_any_part_of_it(
        self, run: Driver, postgresql: Server, tmp_path: Path, parts: dict[str, Any], code: int, says: str
    ) -> None:
        url = postgresql.url(**({"database": run.place.url.rpartition("/")[2]} | parts))
        self._both_programs_say(run, tmp_path, url, code, says)

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("postgresql://canary:canary@127.0.0.1/canary", "postgresql+psycopg://"),
            ("postgres://canary:canary@127.0.0.1/canary", "postgresql+psycopg://"),
            ("postgresql+psycopg2://canary:canary@127.0.0.1/canary", "postgresql+psycopg://"),
            ("postgresql+psycopg://canary:canary@127.0.0.1:canary/canary", "ledger_url"),
            ("mysql://canary:canary@127.0.0.1/canary", "SQLite or PostgreSQL"),
            ("postgresql+psycopg://canary:canary@127.0.0.1/canary?canary=canary", "ledger_url"),
        ],
    )
    def test_of_another_form_is_one_line_without_any_part_of_it(
        self, run: Driver, tmp_path: Path, url: str, says: str
    ) -> None:
        self._both_programs_say(run, tmp_path, url, 2, says)

    def _both_programs_say(self, run: Driver, folder: Path, url: str, code: int, says: str) -> None:
        file = folder / "settings.json"
        file.write_text(json.dumps(run.config(ledger_url=url)), encoding="utf-8")
        for program in (["target-esputnik"], ["esputnik-ledger", "stats"]):
            script = str(Path(sys.executable).parent / program[0])
            done = subprocess.run(
                [script, *program[1:], "--config", str(file)], input="", capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stdout) == (code, ""), done.stderr
            problem = [line for line in done.stderr.splitlines() if says in line]
            assert len(problem) == 1, done.stderr
            assert not any(secret in done.stderr.replace("esputnik-ledger", "") for secret in SECRETS), done.stderr
            assert "Traceback" not in done.stderr

    def test_without_the_driver_says_what_to_install(self, run: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        result = run(orders=[])
        assert result.code == 2
        assert "pip install 'target-esputnik[postgres]'" in result.log


@contextlib.contextmanager
def _role(server: Server, name: str) -> Iterator[None]:
    server.command(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
    try:
        yield
    finally:
        server.command(f"DROP ROLE {name}")


class TestARightThatLacks:
    def test_to_make_tables_is_said(self, run: Driver, postgresql: Server, database: PostgresqlDatabase) -> None:
        with _role(postgresql, "weak"):
            result = run(orders=[], ledger_url=postgresql.url(database.name, username="weak", password="weak"))
        assert result.code == 2
        assert "this user lacks the right" in result.log

    def test_to_write_is_not_needed_by_who_only_reads(self, database: PostgresqlDatabase, postgresql: Server) -> None:
        with Ledger.open(database.url, create=True) as ledger:
            ledger.enter_scope("1", "One", "default", create=True)
        with _role(postgresql, "reader"):
            change(database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
            url = postgresql.url(database.name, username="reader", password="reader")
            with Ledger.open(url, create=False, writable=False) as ledger:
                ledger.enter_scope("1", "One", "default", create=False)
                assert not ledger.is_locked()
            change(database, "DROP OWNED BY reader")

    def test_a_reader_cannot_write_even_by_mistake(self, database: PostgresqlDatabase) -> None:
        with Ledger.open(database.url, create=True) as ledger:
            ledger.enter_scope("1", "One", "default", create=True)
        with Ledger.open(database.url, create=False, writable=False) as ledger:
            with pytest.raises(LedgerUnusable) as told:
                ledger.enter_scope("2", "Two", "default", create=True)
            assert "can only be read" in told.value.sentence


def test_a_table_that_another_program_locks_is_waited_for_no_longer_than_a_file(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("target_esputnik.ledger.connection.BUSY_SECONDS", 1)
    with Ledger.open(database.url, create=True) as ledger, Ledger.open(database.url, create=True) as other:
        ledger.enter_scope("1", "One", "default", create=True)
        with other.transaction():
            other._connection.exec_driver_sql("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(LedgerBusy):
                ledger.orders([1])


def test_an_order_whose_buyer_could_not_be_looked_for_waits_and_is_not_rejected(
    run: Driver, database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(contacts=[contact(7), contact(8)])
    bought = [order(1, email="customer7@example.com"), order(2, email="customer8@example.com")]
    with monkeypatch.context() as hurry, Ledger.open(database.url, create=True) as other:
        hurry.setattr("target_esputnik.ledger.connection.BUSY_SECONDS", 1)
        hurry.setattr("target_esputnik.delivery.run.BATCH", 1)
        lock = "LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE"
        # While the first order's buyer is looked at, whom the ledger has told of by then.
        number = run.rows("SELECT esputnik_id FROM contacts WHERE key = '7'")[0][0]
        thread = _while_sending(run, f"/v1/contact/{number}", lambda: other._connection.exec_driver_sql(lock))
        assert run(orders=bought).code == 1
        thread.join()
    assert run.rows("SELECT fate, reason FROM orders ORDER BY 1") == [("accepted", None), ("held", "unavailable")]
    assert run(orders=bought).code == 0
    assert run.events()["orderINITIALIZED"] == 2


def test_every_connection_is_given_back(run: Driver, database: PostgresqlDatabase) -> None:
    run(contacts=[contact(7)], orders=[order(1)])
    run(orders=[order(2)], dry_run=True)
    run(orders=[order(2)], api_key="wrong")
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    assert rows_of(database, others) == [(0,)]
