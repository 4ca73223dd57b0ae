"""What the DAG makes of a run's end, in Airflow's own environment. As a whole it is run by `make demo-fleet`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fleet_driver import write_yaml

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
DAGS = ROOT / "fleet" / "airflow" / "dags"
HEAD = """
import json, os, signal, subprocess, sys, threading
from airflow.sdk.exceptions import AirflowException, AirflowFailException
import horoshop_shops as dag
"""

pytestmark = pytest.mark.airflow


def told_by(script: str, folder: Path) -> Any:
    """Run a script beside the DAG; give the JSON value that it prints last."""
    alert = folder / "alert"
    alert.write_text(f"#!/bin/sh\ncat >>'{folder}/alerts'\n", encoding="utf-8")
    alert.chmod(0o755)
    settings = {"HOROSHOP_SHOPS_PROJECT": str(folder), "HOROSHOP_SHOPS_ALERT": str(alert)}
    environment = {"PATH": os.environ["PATH"], "AIRFLOW_HOME": str(folder / "airflow"), "PYTHONPATH": str(DAGS)}
    ended = subprocess.run(
        [PYTHON, "-c", HEAD + script],
        env=environment | settings,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_who_needs_a_person_is_told_once_and_not_tried_again_and_all_else_is(tmp_path: Path) -> None:
    script = """
found = {}
for code in (0, 1, 2, 3, 130, 143, -9):
    try:
        dag.judge("tea", code)
        found[code] = "done"
    except AirflowFailException:
        found[code] = "person"
    except AirflowException:
        found[code] = "again"
print(json.dumps(found))
"""
    found = told_by(script, tmp_path)
    assert found == {
        "0": "done", "1": "again", "2": "person", "3": "person", "130": "again", "143": "again", "-9": "again"
    }  # fmt: skip
    assert (tmp_path / "alerts").read_text(encoding="utf-8").splitlines() == [
        "shop tea: a person must act (exit code 2)",
        "shop tea: a person must act (exit code 3)",
    ]


@pytest.mark.parametrize("alert", ["/nowhere/at-all", "false", "say 'it"])
def test_an_alert_that_fails_changes_nothing(alert: str, tmp_path: Path) -> None:
    script = f"""
dag.ALERT = {alert!r}
try:
    dag.judge("tea", 2)
except AirflowFailException:
    print(json.dumps("person"))
"""
    assert told_by(script, tmp_path) == "person"


def test_a_task_that_is_stopped_stops_its_run(tmp_path: Path) -> None:
    script = """
threading.Timer(1, os.kill, [os.getpid(), signal.SIGTERM]).start()
os.chdir(dag.PROJECT)
child = ["sh", "-c", "trap 'touch stopped; exit 143' TERM; for i in $(seq 600); do sleep 0.1; done"]
try:
    code = dag.ends(child)
except AirflowException:
    code = "stopped"
print(json.dumps([code, os.path.exists("stopped")]))
"""
    assert told_by(script, tmp_path) == ["stopped", True]
    assert told_by("print(json.dumps(dag.ends([sys.executable, '-c', 'raise SystemExit(3)'])))", tmp_path) == 3


def test_a_last_try_that_failed_is_told_of_unless_somebody_was_told_already(tmp_path: Path) -> None:
    script = """
class Ti: task_id, map_index = "run-agency", 3
for context in (
    {"ti": Ti, "shop": "tea", "exception": AirflowException("x")},
    {"ti": Ti},
    {"ti": Ti, "shop": "mate", "exception": AirflowFailException("x")},
):
    dag.tell_the_last_try(context)
dag.tell_what_took_too_long({"reason": "task_failure"})
dag.tell_what_took_too_long({"reason": "timed_out"})
print("0")
"""
    told_by(script, tmp_path)
    assert (tmp_path / "alerts").read_text(encoding="utf-8").splitlines() == [
        "shop tea: failed in all its tries of this hour",
        "run-agency, number 3: failed in all its tries of this hour",
        "not all shops were done after 2 hours: one hangs, or an account has no pool",
    ]


@pytest.mark.parametrize("text", [None, "", "accounts: [", "shops: {}\n", "- tea\n", "accounts: 5\n", "accounts: {}\n"])
def test_a_list_that_is_of_no_use_is_told_of_and_no_hour_is_green(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "shops.yml").write_text(text, encoding="utf-8")
    script = """
print(json.dumps(sorted(dag.horoshop_shops().task_dict)))
"""
    assert told_by(script, tmp_path) == ["no_shops"]


def test_each_account_has_its_tasks_in_its_own_pool(tmp_path: Path) -> None:
    write_yaml(tmp_path / "shops.yml", {"accounts": {"agency": None, "flowers": {}}, "shops": {}})
    script = """
made = dag.horoshop_shops()
print(json.dumps({task_id: task.pool for task_id, task in made.task_dict.items()}))
"""
    assert told_by(script, tmp_path) == {
        "shops-agency": "default_pool",
        "run-agency": "esputnik-agency",
        "shops-flowers": "default_pool",
        "run-flowers": "esputnik-flowers",
    }
