"""The command answers at once: a person waits for `--help`, and a scheduler pays for each start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TAP = str(Path(sys.executable).parent / "tap-horoshop")
MOST_SECONDS = 0.6  # of the processor, as the contract of speed has it


def seconds_of_the_processor(*arguments: str) -> float:
    """Run the command; return its user and system time."""
    process = subprocess.Popen([TAP, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("arguments", [["--help"], ["--about"], ["--about", "--format", "json"], ["--version"]])
def test_the_tap_tells_of_itself_within_six_tenths_of_a_second(arguments: list[str]) -> None:
    # The machine may be busy with something else: the quickest of three.
    assert min(seconds_of_the_processor(*arguments) for _ in range(3)) <= MOST_SECONDS
