"""Run statistics with Meltano, by real `meltano run`s, on each kind of system database."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from pipe_driver import LONG_AGO, MeltanoPipe

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger_places import PostgresqlDatabase

Facts = dict[str, Any]
JSON_LOG = "--log-format=json"
OUR_JOB = "prod:tap-horoshop-to-target-esputnik"


@pytest.fixture(scope="module")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


class Statistics(MeltanoPipe):
    """The pipe by Meltano on one system database.

    Attributes:
        database: the setting `database_uri` of Meltano; None is its own, in the project.
        secret: what must be nowhere in what is said.
    """

    database: str | None = None
    secret = "no-such-secret"

    def environment(self) -> dict[str, str]:
        """Give the settings, and Meltano's database."""
        return super().environment() | ({"MELTANO_DATABASE_URI": self.database} if self.database else {})

    def meltano(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Meltano to its end; it must not say the secret."""
        self.project.settings = {**environment}
        try:
            done = super().meltano(*arguments)
        finally:
            self.project.settings = {}
        assert self.secret not in done.stdout + done.stderr
        return done

    def lines(self, *arguments: str, **environment: str) -> list[Facts]:
        """Run a command that succeeds, and give the lines of its JSON log."""
        done = self.meltano(JSON_LOG, *arguments, **environment)
        assert done.returncode == 0, done.stderr
        lines = []
        for line in done.stderr.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return lines

    def stats(self, *options: str) -> Facts:
        """Give `stats` as JSON, as an owner asks for it."""
        done = self.meltano("invoke", "target-esputnik:stats", "--json", *options)
        assert done.returncode == 0, done.stderr
        facts = json.loads(done.stdout)
        assert isinstance(facts, dict)
        return facts


@pytest.fixture(params=["sqlite", "postgresql"])
def pipe(request: pytest.FixtureRequest, project: IsolatedProject, tmp_path: Path) -> Iterator[Statistics]:
    """Give a small shop, an account, and Meltano between them."""
    with Sandbox(customers=6, orders=8, switches={"rate_limit": "none", "search_rate_limit": "none"}) as sandbox:
        made = Statistics(sandbox, tmp_path, project, live_since=LONG_AGO)
        if request.param == "postgresql":
            new_database: Callable[[], PostgresqlDatabase] = request.getfixturevalue("new_database")
            database = new_database()
            made.database = database.url
            made.secret = sa.make_url(database.url).password or ""
            assert made.secret
        yield made


def _of(lines: list[Facts], plugin: str) -> list[Facts]:
    return [line for line in lines if line.get("string_id") == plugin]


def _id_of(lines: list[Facts]) -> str:
    [run_id] = {line["run_id"] for line in lines if "run_id" in line}
    assert isinstance(run_id, str)
    return run_id


def test_each_run_is_tied_to_meltanos_and_its_counts_are_metrics(pipe: Statistics) -> None:
    first = pipe.lines("run", pipe.suffix, "horoshop-to-esputnik")
    stats = pipe.stats()
    [ours] = stats["runs"]
    assert ours["meltano_run_id"] == _id_of(first)
    meltanos = ours["meltano"]
    assert (meltanos["job"], meltanos["state"]) == (f"{OUR_JOB}:{pipe.folder.name}", "SUCCESS")
    assert meltanos["trigger"] == "cli"
    assert meltanos["started_at"] < ours["started_at"] < ours["ended_at"] < meltanos["ended_at"]

    points = [line["metric_info"] for line in _of(first, "target-esputnik") if "metric_info" in line]
    assert {line["run_id"] for line in _of(first, "target-esputnik")} == {ours["meltano_run_id"]}
    counted = {
        tuple(point["tags"].get(tag) for tag in ("source", "stream", "fate", "reason")): point["value"]
        for point in points
        if point["metric"] == "record_count"
    }
    assert counted == {
        (row["from"], row["stream"], row["result"], row["reason"]): row["count"] for row in ours["ended"]
    }
    assert counted["read", "orders", "accepted", None] == pipe.sandbox.counts()["sent_orders"]
    requests = {
        (point["tags"]["endpoint"], point["tags"]["outcome"]): point["value"]
        for point in points
        if point["metric"] == "http_request_count"
    }
    assert requests == {(row["endpoint"], row["outcome"]): row["requests"] for row in ours["requests_by_endpoint"]}
    assert sum(requests.values()) == len(pipe.sandbox.requests(api="esputnik"))
    [duration] = [point for point in points if point["metric"] == "job_duration"]
    assert duration["tags"]["exit_code"] == 0
    assert re.match(r"Done\. contacts: 6 read = ", _of(first, "target-esputnik")[-1]["event"])

    # The caller's own id, by the schedule: Meltano takes it, and so do we.
    given = str(uuid.uuid4())
    by_schedule = pipe.lines("schedule", "run", "hourly", pipe.suffix, MELTANO_RUN_ID=given, MELTANO_JOB_TRIGGER="cron")
    assert _id_of(by_schedule) == given
    newest, before = pipe.stats()["runs"]
    assert before == ours
    assert (newest["meltano_run_id"], newest["meltano"]["trigger"]) == (given, "cron")
    marks = {mark["stream"]: mark for mark in newest["bookmarks"]}
    for mark in before["bookmarks"]:
        assert mark["after"] == marks[mark["stream"]]["before"] < marks[mark["stream"]]["after"]
    assert pipe.stats("--run", "2") == newest

    said = pipe.meltano("invoke", "target-esputnik:stats").stdout
    assert said.count(meltanos["job"]) == 2
    verdict = pipe.meltano("invoke", "target-esputnik:last-run").stdout
    assert f"Meltano's run {given} of {meltanos['job']}: SUCCESS" in verdict


def test_a_run_that_fails_is_tied_to_meltanos_too(pipe: Statistics) -> None:
    pipe.meltano("run", pipe.suffix, "tap-horoshop", "target-esputnik")
    pipe.target_settings["api_key"] = "another key"
    failed = pipe.meltano("run", pipe.suffix, "tap-horoshop", "target-esputnik")
    assert failed.returncode == 1
    [newest, _] = pipe.stats()["runs"]
    assert (newest["error"], newest["meltano"]["state"]) == ("credentials", "FAIL")


def test_a_run_without_a_row_of_meltanos_is_told_without_one(pipe: Statistics) -> None:
    pipe.lines("run", pipe.suffix, "--no-state-update", "tap-horoshop", "target-esputnik")
    [ours] = pipe.stats()["runs"]
    assert (ours["exit_code"], ours["meltano_run_id"], ours["meltano"]) == (0, None, None)


def test_what_meltano_has_forgotten_costs_nothing(pipe: Statistics) -> None:
    pipe.lines("run", pipe.suffix, "tap-horoshop", "target-esputnik")
    [before] = pipe.stats()["runs"]
    if pipe.database:
        with psycopg.connect(pipe.database.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("DELETE FROM runs")
    else:
        for file in (pipe.project.root / ".meltano").glob("meltano.db*"):
            file.unlink()
    [after] = pipe.stats()["runs"]
    assert (after["meltano_run_id"], after["meltano"]) == (before["meltano_run_id"], None)
    assert after == before | {"meltano": None}
