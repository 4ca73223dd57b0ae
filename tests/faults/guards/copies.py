"""Copies of the packages, in which a guard is broken, and the tests that are run on them.

The packages are installed editable, by `.pth` files, which put their folders at the end of `sys.path`: what PYTHONPATH
names comes before them, also in the commands that tests start, whose environment is made from that of the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from guards.guard import HOMES, ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from guards.guard import Guard

SECONDS: Final = 240
PASSED, FAILED = 0, 1
"""Exit codes of pytest. All others say that the tests were not run: 2 and 3 an error, 4 a wrong name, 5 no test."""
ONE_LEDGER: Final = "not postgresql"
"""Of tests that are run on both kinds of ledger the file's will do: a guard stands above both."""


@dataclass(frozen=True)
class Ran:
    """How tests ended."""

    code: int
    said: str


def copy_packages(folder: Path, packages: Collection[str]) -> None:
    """Copy packages, with what Python has compiled of them."""
    for package in packages:
        shutil.copytree(ROOT / HOMES[package] / package, folder / package)


def break_copy(folder: Path, guard: Guard) -> None:
    """Break a guard in copied packages."""
    for file in guard.files:
        for path in compiled_of(folder, file):
            path.unlink()
        (folder / file).write_text(guard.broken_text(file), encoding="utf-8")


def compiled_of(folder: Path, file: str) -> list[Path]:
    """What Python compiled of a copied file: none as long as nobody has imported it since it was broken."""
    path = folder / file
    return list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))


def run_tests(copies: Path, tests: Sequence[str], work: Path, *, seconds: float = SECONDS) -> Ran:
    """Run tests on copies of packages, up to the first that fails.

    Args:
        copies: the folder with the copies; others come from where they always do.
        tests: as pytest names them.
        work: an empty folder for what pytest and the tests write.
        seconds: how long they may take.

    Raises:
        subprocess.TimeoutExpired: they took longer.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=line", "-p", "no:xdist"]
    command += ["-k", ONE_LEDGER, "-o", f"cache_dir={work / 'cache'}", f"--basetemp={work / 'tests'}"]
    # What the outer pytest was told, and where its results go, is none of the inner one's business.
    own = ("PYTEST_", "FAULT_RESULTS", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    ended = subprocess.run(
        [*command, *tests],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(copies)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
    return Ran(ended.returncode, "\n".join(ended.stdout.splitlines()[-25:]))
