from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ledger_driver import LedgerDriver
from ledger_places import change, rows_of
from target_driver import Driver, contact, order, schema

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.errors import LedgerBusy, LedgerUnusable
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger_places import LedgerPlace

TARGET = str(Path(sys.executable).parent / "target-esputnik")
RUNS = "SELECT scopes.shop, runs.exit_code FROM runs JOIN scopes ON scopes.id = runs.scope_id ORDER BY 1"


@pytest.fixture
def other_account(tmp_path: Path, caplog: pytest.LogCaptureFixture, place: LedgerPlace) -> Iterator[Driver]:
    """Give a target with the same ledger and another eSputnik account."""
    with Sandbox(customers=1, orders=1, switches={"account_info": "without_org"}) as account:
        yield Driver(account, tmp_path, caplog, place)


@pytest.fixture
def begun(target: Driver, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Give a way to begin a run of a shop in a process of its own: it has the lock and waits for its tap."""
    processes: list[subprocess.Popen[str]] = []

    def begin(shop: str) -> subprocess.Popen[str]:
        file = tmp_path / f"{shop}.json"
        file.write_text(json.dumps(target.config(shop=shop)), encoding="utf-8")
        process = subprocess.Popen(
            [TARGET, "--config", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdin is not None
        for line in (schema("contacts"), {"type": "RECORD", "stream": "contacts", "record": contact(7)}):
            process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        _wait_until(lambda: _has_begun(target.place, shop))
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def _has_begun(place: LedgerPlace, shop: str) -> bool:
    with contextlib.suppress(Exception):
        return shop in [name for name, _ in rows_of(place, RUNS)]
    return False


def _wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def _finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


class TestTwoShops:
    def test_neither_sees_what_the_other_sent(self, target: Driver) -> None:
        """The ids of their orders and customers are the same; nothing else is."""
        for shop in ("first", "second"):
            result = target(
                contacts=[contact(7)],
                orders=[order(1)],
                shop=shop,
                external_id_prefix=f"{shop}-",
                receive_contacts=True,
            )
            assert result.ended("orders") == {"accepted": 1}
        again = target(contacts=[contact(7)], orders=[order(1)], shop="first", external_id_prefix="first-")
        assert (again.ended("contacts"), again.ended("orders")) == ({"unchanged": 1}, {"unchanged": 1})
        assert len(target.sandbox.sent_orders()) == 2

    def test_two_runs_at_once_both_finish(self, target: Driver, begun: Callable[[str], subprocess.Popen[str]]) -> None:
        first = begun("first")
        second = begun("second")
        assert target(orders=[order(1)], shop="third").ended("orders") == {"accepted": 1}
        assert (_finish(second), _finish(first)) == (0, 0)
        assert rows_of(target.place, RUNS) == [("first", 0), ("second", 0), ("third", 0)]

    def test_a_second_run_of_the_same_shop_stops_and_sends_nothing(
        self, target: Driver, begun: Callable[[str], subprocess.Popen[str]]
    ) -> None:
        first = begun("default")
        second = target(orders=[order(1)])
        assert (second.code, second.states) == (1, [])
        assert "ledger_busy" in second.log
        assert not target.sandbox.sent_orders()
        assert _finish(first) == 0
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}

    def test_a_run_that_is_killed_leaves_the_shop_free(
        self, target: Driver, begun: Callable[[str], subprocess.Popen[str]]
    ) -> None:
        first = begun("default")
        first.kill()
        first.wait()
        _wait_until(lambda: target(orders=[order(1)]).code == 0)

    def test_the_commands_of_one_shop_tell_and_send_nothing_of_the_other(self, target: Driver, tmp_path: Path) -> None:
        ledger = LedgerDriver(target, tmp_path)
        target(orders=[order(1, status_id=99)], shop="first")
        target(orders=[order(2, status_id=99), order(3, status_id=99)], shop="second")
        for shop, ids in (("first", ["1"]), ("second", ["2", "3"])):
            told: Any = ledger.facts("held", shop=shop)
            assert sorted(row["id"] for row in told["records"]) == ids
        mapping = [{"status": 99, "send": "DELIVERED"}]
        assert ledger("release", "--yes", shop="second", order_status_mapping=mapping).code == 0
        fates = rows_of(target.place, "SELECT order_id, fate FROM orders ORDER BY 1")
        assert fates == [(1, "held"), (2, "accepted"), (3, "accepted")]


class TestTwoAccounts:
    def test_neither_sees_what_the_other_got(self, target: Driver, other_account: Driver) -> None:
        for one in (target, other_account):
            result = one(contacts=[contact(7)], orders=[order(1)])
            assert (result.ended("contacts"), result.ended("orders")) == ({"accepted": 1}, {"accepted": 1})
            assert len(one.sandbox.sent_orders()) == 1
        assert len(rows_of(target.place, "SELECT DISTINCT account FROM scopes")) == 2

    def test_neither_waits_for_the_other(self, target: Driver, other_account: Driver) -> None:
        target(orders=[])
        with target.another_run():
            assert other_account(orders=[order(1)]).ended("orders") == {"accepted": 1}
            assert target(orders=[order(1)]).code == 1


class TestAllShops:
    def test_each_has_a_line_with_its_own_numbers(
        self, target: Driver, other_account: Driver, begun: Callable[[str], subprocess.Popen[str]], tmp_path: Path
    ) -> None:
        """Two shops of one account, one of another; one of them is at work."""
        ledger = LedgerDriver(target, tmp_path)
        target(contacts=[contact(7)], orders=[order(1), order(2, status_id=99)], shop="first")
        target(orders=[order(3, email=None, phone=None)], shop="first")
        other_account(contacts=[contact(7), contact(8)], orders=[order(1)], shop="second")
        assert target(orders=[order(5)], shop="first", api_key="wrong").code == 2
        at_work = begun("third")
        bare = ledger.bare("shops", "--json", "--config", _only_place(target, tmp_path))
        assert bare.code == 0
        first, second, third = bare.facts["shops"]
        assert [line["shop"] for line in (first, second, third)] == ["first", "second", "third"]
        assert first["account"] == third["account"] != second["account"]
        assert first["now"] == {
            "contacts": {"accepted": 2, "held": 0, "rejected": 0},  # one of them a guest who bought
            "orders": {"accepted": 1, "held": 1, "rejected": 1},
        }
        assert second["now"]["contacts"]["accepted"] == 3
        assert (first["last_run"]["number"], first["last_run"]["exit_code"]) == (3, 2)
        assert (second["last_run"]["exit_code"], second["last_run"]["verdict"]) == (0, "done")
        assert (third["last_run"]["state"], third["last_run"]["exit_code"]) == ("running", 1)
        told = ledger("shops").out.splitlines()
        assert [line.split("\t")[0].strip() for line in told] == ["shop", "first", "second", "third"]
        assert ("a person must act" in told[1], "is going on" in told[3]) == (True, True)
        at_work.kill()
        at_work.wait()
        _wait_until(lambda: ledger.facts("shops")["shops"][2]["last_run"]["state"] == "died")

    def test_commands_that_send_are_no_last_run(self, target: Driver, tmp_path: Path) -> None:
        ledger = LedgerDriver(target, tmp_path)
        target(orders=[order(1, status_id=99)])
        mapping = [{"status": 99, "send": "DELIVERED"}]
        assert ledger("release", "--yes", order_status_mapping=mapping).code == 0
        (line,) = ledger.facts("shops")["shops"]
        assert (line["last_run"]["number"], line["now"]["orders"]["accepted"]) == (1, 1)

    def test_where_there_is_no_ledger_that_is_said(self, target: Driver, tmp_path: Path) -> None:
        said = LedgerDriver(target, tmp_path)("shops")
        assert (said.code, said.out) == (2, "")
        assert not target.place.exists()


def _only_place(target: Driver, folder: Path) -> str:
    """Settings that name the ledger alone, as those of a plugin that others inherit from."""
    file = folder / "place.json"
    file.write_text(json.dumps({"ledger_url": target.place.url}), encoding="utf-8")
    return str(file)


class TestASandbox:
    def test_its_rows_are_of_a_loopback_account(self, target: Driver) -> None:
        target(orders=[order(1)])
        assert [account.split(":")[0] for (account,) in target.rows("SELECT account FROM scopes")] == ["loopback"]

    def test_never_passes_for_the_real_account_with_the_same_number(self, target: Driver, tmp_path: Path) -> None:
        target(orders=[order(1)])
        ledger = LedgerDriver(target, tmp_path)
        real = ledger("stats", api_url="https://esputnik.com/api")
        assert real.code == 2
        change(target.place, "UPDATE scopes SET account = substr(account, 10)")
        assert rows_of(target.place, "SELECT account FROM scopes") == [("24001",)]
        assert ledger("stats").code == 2, "a real account's rows were shown for a sandbox"
        assert ledger("stats", api_url="https://esputnik.com/api").code == 0
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}, "a sandbox went on with a real account's"


class TestTheLock:
    def test_is_one_per_account_and_shop_and_free_after_close(self, place: LedgerPlace) -> None:
        with Ledger.open(place.url, create=True) as one, Ledger.open(place.url, create=True) as two:
            one.enter_scope("1", "One", "first", create=True)
            two.enter_scope("1", "One", "first", create=True)
            one.lock()
            assert two.is_locked()
            with pytest.raises(LedgerBusy):
                two.lock()
            two.enter_scope("1", "One", "second", create=True)
            assert not two.is_locked()
            two.lock()
        with Ledger.open(place.url, create=False) as three:
            three.enter_scope("1", "One", "first", create=False)
            assert not three.is_locked()
            three.lock()
            with pytest.raises(LedgerUnusable):
                three.enter_scope("2", "Two", "first", create=False)

    def test_who_gets_it_knows_what_ran_just_before(self, place: LedgerPlace) -> None:
        with Ledger.open(place.url, create=True) as one, Ledger.open(place.url, create=True) as two:
            for ledger in (one, two):
                ledger.enter_scope("1", "One", "first", create=True)
            one.lock()
            one.begin_run(kind="run", settings_hash="", meltano_run_id=None)
            one.take_unknown_as_baseline("2026-01-01T00:00:00.000000+00:00")
            one.close()
            two.lock()
            assert two.scope.baseline_before == "2026-01-01T00:00:00.000000+00:00"
            two.begin_run(kind="run", settings_hash="", meltano_run_id=None)
            assert (one.run.number, two.run.number) == (1, 2)
