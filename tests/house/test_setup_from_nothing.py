"""`make setup` works from nothing, and does nothing when there is nothing to do."""

import os
import shutil
import subprocess
from pathlib import Path

COMMANDS = ("tap-horoshop", "target-esputnik", "esputnik-ledger", "meltano")


def make(target: str, folder: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", target, *more], cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=240
    )


def test_a_fresh_clone_gets_its_commands_and_a_second_set_up_does_nothing(
    clone: Path, clean_environment: dict[str, str]
) -> None:
    first = make("setup", clone, clean_environment)
    assert first.returncode == 0, first.stderr
    assert [name for name in COMMANDS if not os.access(clone / ".venv" / "bin" / name, os.X_OK)] == []

    before = (clone / ".venv" / "set-up-from").stat().st_mtime_ns
    second = make("setup", clone, clean_environment)
    assert (second.returncode, second.stdout) == (0, "")
    assert (clone / ".venv" / "set-up-from").stat().st_mtime_ns == before

    with (clone / "tap-horoshop" / "pyproject.toml").open("a", encoding="utf-8") as declarations:
        declarations.write("# changed\n")
    third = make("setup", clone, clean_environment)
    assert third.returncode == 0, third.stderr
    assert "ready" in third.stdout


def test_a_machine_without_a_fitting_python_is_told_what_to_install(
    clone: Path, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    few = tmp_path / "bin"
    few.mkdir()
    for name in ("sh", "make", "dirname", "cat", "cmp", "rm"):
        found = shutil.which(name)
        assert found
        (few / name).symlink_to(found)
    ended = make("setup", clone, clean_environment | {"PATH": str(few)})
    assert ended.returncode != 0
    assert "no Python 3.10 to 3.13 found" in ended.stderr
    assert not (clone / ".venv").exists()


def test_an_interpreter_that_does_not_fit_is_refused_by_name(clone: Path, clean_environment: dict[str, str]) -> None:
    ended = make("setup", clone, clean_environment, "PYTHON=true")
    assert ended.returncode != 0
    assert "PYTHON=" in ended.stderr


def test_help_names_every_target(clone: Path, clean_environment: dict[str, str]) -> None:
    makefile = (clone / "Makefile").read_text(encoding="utf-8")
    targets = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    listed = make("help", clone, clean_environment).stdout
    assert [target for target in targets if f"make {target} " not in listed] == []


def test_no_lock_that_records_addresses_can_be_committed(clone: Path) -> None:
    ignored = (clone / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"uv.lock", "package-lock.json", ".env"} <= set(ignored)
    assert not list(clone.rglob("uv.lock"))
