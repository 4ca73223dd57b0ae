"""`.ci/run` runs all commands, and fails when any fails."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """#!/bin/sh
echo "$1 CI=$CI"
[ "$1" != check ] || exit {check}
[ "$1" != test ] || exit {test}
[ "$1" != test-airbyte ] || exit {kits}
[ "$1" != demo-fleet ] || exit {fleet}
"""


@pytest.mark.parametrize(
    ("check", "test", "kits", "fleet", "passes"),
    [
        (0, 0, 0, 0, True),
        (2, 0, 0, 0, False),
        (0, 2, 0, 0, False),
        (0, 0, 2, 0, False),
        (0, 0, 0, 2, False),
        (2, 2, 2, 2, False),
    ],
    ids=["all pass", "check fails", "a test fails, or none ran", "Airbyte's kits fail", "shops fail", "all fail"],
)
def test_it_passes_only_if_all_do_and_always_runs_all(
    check: int, test: int, kits: int, fleet: int, passes: bool, tmp_path: Path
) -> None:
    stand_in = tmp_path / "make"
    stand_in.write_text(STAND_IN.format(check=check, test=test, kits=kits, fleet=fleet), encoding="utf-8")
    stand_in.chmod(0o755)
    ended = subprocess.run(
        ["sh", str(ROOT / ".ci" / "run")],
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode == 0) is passes
    assert ended.stdout == "check CI=true\ntest CI=true\ntest-airbyte CI=true\ndemo-fleet CI=true\n"


def test_a_run_of_no_test_fails(tmp_path: Path) -> None:
    # Set-up counts as done: a test must not change the environment that it runs in.
    command = ["make", "--old-file=setup", "--directory", str(ROOT), "test", f"TESTS={tmp_path}"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "no tests ran" in ended.stdout
