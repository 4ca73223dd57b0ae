"""`stats` and `last-run` with Meltano's run beside ours; the system database is made by Meltano's own code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from ledger_driver import LedgerDriver
from meltano.core.job.job import State
from meltano_database import OURS, MeltanoDatabase
from page_driver import served
from target_driver import Driver, contact, order

STATES = [{"bookmarks": {"orders": {"replication_key_value": f"2026-11-0{day}T10:00:00+02:00"}}} for day in (1, 2, 3)]


@pytest.fixture
def ledger(target: Driver, tmp_path: Path) -> LedgerDriver:
    """Give the commands, on the ledger of `target`."""
    return LedgerDriver(target, tmp_path)


@pytest.fixture
def meltano(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MeltanoDatabase:
    """Give Meltano's system database, and an environment as a plugin has it."""
    made = MeltanoDatabase(f"sqlite:///{tmp_path}/meltano.db")
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def _run(target: Driver, meltano: MeltanoDatabase, number: int) -> str:
    """Let Meltano run the target once, on a state and a new one."""
    run_id = meltano.begins(ago=12, trigger="cron")
    states = [{"type": "STATE", "value": value} for value in STATES[number : number + 2]]
    records = [
        {"type": "SCHEMA", "stream": "contacts", "schema": {"properties": {}}, "key_properties": ["id"]},
        {"type": "RECORD", "stream": "contacts", "record": contact(7 + number)},
        {"type": "SCHEMA", "stream": "orders", "schema": {"properties": {}}, "key_properties": ["order_id"]},
        {"type": "RECORD", "stream": "orders", "record": order(1 + number)},
        {"type": "RECORD", "stream": "orders", "record": order(100 + number, email=None)},
    ]
    assert target.messages([states[0], *records, states[1]]).code == 0
    meltano.ends(run_id)
    return run_id


@pytest.mark.sqlite_only
def test_each_run_is_shown_with_meltanos_its_counts_its_requests_and_its_bookmarks(
    target: Driver, ledger: LedgerDriver, meltano: MeltanoDatabase
) -> None:
    ids = [_run(target, meltano, number) for number in (0, 1)]
    newest, first = ledger.facts("stats")["runs"]
    assert [first["meltano_run_id"], newest["meltano_run_id"]] == ids
    for facts in (first, newest):
        meltanos: dict[str, Any] = facts["meltano"]
        assert (meltanos["job"], meltanos["state"], meltanos["trigger"]) == (OURS, "SUCCESS", "cron")
        assert meltanos["started_at"] < facts["started_at"] < facts["ended_at"] < meltanos["ended_at"]
        assert 12 <= meltanos["seconds"] < 60
        assert {(row["stream"], row["from"], row["result"], row["reason"]): row["count"] for row in facts["ended"]} == {
            ("contacts", "read", "accepted", None): 1,
            ("contacts", "derived", "accepted", None): 1,
            ("orders", "read", "accepted", None): 1,
            ("orders", "read", "rejected", "no_identity"): 1,
        }
        assert sum(row["requests"] for row in facts["requests_by_endpoint"]) == facts["requests"]
    [mark] = newest["bookmarks"]
    assert mark == {"stream": "orders", "before": "2026-11-02T10:00:00+02:00", "after": "2026-11-03T10:00:00+02:00"}
    assert first["bookmarks"][0]["after"] == mark["before"]
    by_endpoint = [row for facts in (first, newest) for row in facts["requests_by_endpoint"]]
    assert sum(row["requests"] for row in by_endpoint) == len(target.paths())

    alone = ledger.facts("stats", "--run", "1")
    assert alone == first
    said = ledger("stats").out
    assert said.count(OURS) == 2
    assert "1 accepted, 1 rejected (no_identity)" in said
    assert "2026-11-02T10:00:00+02:00" in said
    said = ledger("stats", "--run", "1").out
    for part in (ids[0], OURS, "SUCCESS", "cron", "contact/subscribe", "no_identity", "2026-11-01T10:00:00+02:00"):
        assert part in said, part
    said = ledger("last-run").out
    assert f"Meltano's run {ids[1]} of {OURS}: SUCCESS, 0:00:1" in said


@pytest.mark.sqlite_only
def test_a_run_that_is_going_on_says_so(target: Driver, ledger: LedgerDriver, meltano: MeltanoDatabase) -> None:
    run_id = meltano.begins()
    target(orders=[order(1)])
    facts = ledger.facts("stats")["runs"][0]["meltano"]
    assert (facts["state"], facts["ended_at"], facts["seconds"]) == ("RUNNING", None, None)
    assert f"Meltano's run {run_id} of {OURS}: RUNNING, is going on." in ledger("last-run").out


@pytest.mark.parametrize("broken", ["nothing", "no file", "no table", "a server that is away"])
def test_without_meltanos_database_runs_and_statistics_are_as_ever(
    target: Driver, ledger: LedgerDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    uris = {
        "no file": f"sqlite:///{tmp_path}/nonesuch.db",
        "no table": f"sqlite:///{tmp_path}/settings.json",
        "a server that is away": "postgresql+psycopg://nonesuch:canary@127.0.0.1:1/meltano",
    }
    (tmp_path / "settings.json").touch()
    if broken in uris:
        monkeypatch.setenv("MELTANO_DATABASE_URI", uris[broken])
    assert "MELTANO_RUN_ID" not in os.environ
    done = target(contacts=[contact(7)], orders=[order(1)])
    assert done.code == 0
    assert not [word for word in ("canary", "nonesuch", "Meltano") if word in done.log]
    said = ledger("stats", "--json")
    [facts] = said.facts["runs"]
    assert (facts["meltano_run_id"], facts["meltano"], said.err) == (None, None, "")
    assert "Meltano" not in ledger("stats").out + ledger("stats", "--run", "1").out + ledger("last-run").out


def test_the_callers_id_stays_with_our_run_when_meltano_has_forgotten_its_own(
    target: Driver, ledger: LedgerDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = "01a21318-5f25-72f6-bf80-8b350d0abe0b"
    monkeypatch.setenv("MELTANO_RUN_ID", given)
    target(orders=[order(1)])
    monkeypatch.delenv("MELTANO_RUN_ID")
    [facts] = ledger.facts("stats")["runs"]
    assert (facts["meltano_run_id"], facts["meltano"]) == (given, None)
    assert given in ledger("stats", "--run", "1").out
    assert ledger("stats", "--run", "9").out.strip() == "The ledger has no run 9."


@pytest.mark.sqlite_only
def test_a_tap_that_failed_is_no_good_verdict_though_the_target_ended_well(
    target: Driver, ledger: LedgerDriver, meltano: MeltanoDatabase
) -> None:
    _run(target, meltano, 0)
    run_id = meltano.begins()
    assert target.messages([]).code == 0
    meltano.ends(run_id, State.FAIL)
    said = ledger("last-run", "--json")
    assert (said.code, said.facts["exit_code"], said.facts["meltano"]["state"]) == (1, 1, "FAIL")
    assert "most likely in the tap" in ledger("last-run").out
    newest, first = ledger.facts("stats")["runs"]
    assert ("in the tap" in newest["verdict"], first["verdict"]) == (True, "done")
    (shop,) = ledger.facts("shops")["shops"]
    assert shop["last_run"]["exit_code"] == 1
    with served(Path(ledger.config()), environment=meltano.environment()) as page:
        assert "stopped early" in page.words("/")
        assert "heals by itself" in page.words("/runs")


@pytest.mark.sqlite_only
def test_a_verdict_is_that_of_the_run_whose_id_is_exported(
    target: Driver, ledger: LedgerDriver, meltano: MeltanoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run that fails before its target begins would pass for the one before it."""
    first, second = (_run(target, meltano, number) for number in (0, 1))
    for run_id, number in ((first, 1), (second, 2)):
        monkeypatch.setenv("MELTANO_RUN_ID", run_id)
        said = ledger("last-run", "--json")
        assert (said.code, said.facts["number"]) == (0, number)
    monkeypatch.setenv("MELTANO_RUN_ID", str(uuid4()))
    said = ledger("last-run", "--json")
    assert (said.code, said.facts) == (1, {"number": None, "state": "absent", "exit_code": 1})
    assert "did not come as far as the target" in ledger("last-run").out
