"""Airbyte's own kits take both connectors: its standard tests without Docker, PyAirbyte, and its schema of metadata.

They live in `.venv-airbyte`, which `make test-airbyte` makes; the connectors run where they always do.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_driver import environment
from oracle import Snapshot
from pipe_driver import BIN, LONG_AGO
from story import Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from airbyte_driver import AirbytePipe
    from ledger_places import PostgresqlDatabase

ROOT = Path(__file__).parents[2]
KITS = ROOT / ".venv-airbyte" / "bin"
pytestmark = [
    pytest.mark.airbyte_kits,
    pytest.mark.skipif(not KITS.exists(), reason="no Python 3.10 to 3.12 is here, on which PyAirbyte runs"),
]
SUPPORT = ROOT / "tests" / "support" / "airbyte_kits"
Row = dict[str, Any]


def in_kits(command: list[str], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the other environment, which may ask nobody outside of this machine."""
    quiet = {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "PYTHONPATH": str(SUPPORT), "CONNECTORS": str(BIN)}
    return subprocess.run(
        [str(KITS / command[0]), *command[1:]],
        cwd=cwd,
        env=environment() | quiet | more,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )


def standard_tests(connector: str, folder: Path, secrets: Row) -> dict[str, int]:
    """Run Airbyte's standard tests of a connector, all but those that need Docker; give how many did what."""
    copied = folder / connector
    shutil.copytree(ROOT / "airbyte" / connector, copied)
    (copied / "secrets").mkdir()
    for name, content in secrets.items():
        (copied / "secrets" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    ended = in_kits(["airbyte-cdk", "connector", "test", f"{copied}/", "--pytest-arg=-knot docker_image"], folder)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    last = ended.stdout.strip().splitlines()[-1]
    return {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|skipped|errors?)", last)}


def test_the_source_passes_airbytes_standard_tests(pipe: AirbytePipe, tmp_path: Path) -> None:
    good = pipe.tap_settings
    secrets = {"config": good, "wrong_password": {**good, "password": "not it"}}
    counts = standard_tests("source-horoshop", tmp_path / "kits", secrets)
    assert counts["passed"] >= 6
    assert not {"failed", "error", "errors"} & set(counts)


def test_the_destination_passes_airbytes_standard_tests(pipe: AirbytePipe, tmp_path: Path) -> None:
    good = pipe.target_settings
    secrets = {"config": good, "wrong_key": {**good, "api_key": "not it"}}
    counts = standard_tests("destination-esputnik", tmp_path / "kits", secrets)
    assert counts["passed"] >= 3
    assert not {"failed", "error", "errors"} & set(counts)


@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
def test_pyairbyte_reads_and_writes_and_a_second_run_moves_only_changes(
    ledger: str, pipe: AirbytePipe, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if ledger == "postgresql":
        new_database: Callable[[], PostgresqlDatabase] = request.getfixturevalue("new_database")
        pipe.place = new_database()
        pipe.target_settings |= {"ledger_url": pipe.place.url, "allow_local_ledger": False}
    pipe.target_settings["live_since"] = LONG_AGO
    pipe.tap_settings |= {"contacts_reread_hours": 24, "order_lookback_days": 0, "follow_reread_hours": 24}
    told = {
        "commands": str(BIN),
        "source": pipe.tap_settings,
        "destination": pipe.target_settings,
        "cache": str(tmp_path / "cache.duckdb"),
    }

    def run() -> int:
        ended = in_kits(["python", str(SUPPORT / "pyairbyte_run.py"), json.dumps(told)], tmp_path)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-6000:]
        return int(json.loads(ended.stdout.partition("told:")[2].splitlines()[0])["records"])

    story = Story(pipe.sandbox, pipe)
    story.snapshots.append(Snapshot.of(pipe.sandbox))
    assert run() == 6 + 40 + 80
    story.check_consent(story.check())

    asked = len(pipe.sandbox.requests(api="esputnik"))
    assert run() <= 6
    assert {one["method"] for one in pipe.sandbox.requests(api="esputnik")[asked:]} <= {"GET"}
    pipe.sandbox.place_order(delivery_email="sofia@example.com", delivery_name="Софія Нова")
    story.snapshots.append(Snapshot.of(pipe.sandbox))
    assert run() <= 6 + 1
    story.check_consent(story.check())


@pytest.mark.parametrize("connector", ["source-horoshop", "destination-esputnik"])
def test_the_metadata_is_what_airbytes_schema_asks_for(connector: str, tmp_path: Path) -> None:
    ended = in_kits(["python", str(SUPPORT / "metadata_check.py"), str(ROOT / "airbyte" / connector)], tmp_path)
    assert ended.returncode == 0, ended.stderr[-3000:]
