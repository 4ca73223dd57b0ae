"""The command answers at once: a person waits for `--help`, and a scheduler pays for each start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TAP = str(Path(sys.executable).parent / "tap-horoshop")
THE_SDK_ALONE = (sys.executable, "-c", "import singer_sdk")
MOST = 1.3  # times what the SDK alone takes to start; `make bench` shows the seconds


def seconds_of_the_processor(*command: str) -> float:
    """Run the command; return its user and system time."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("arguments", [["--help"], ["--about"], ["--about", "--format", "json"], ["--version"]])
def test_the_tap_tells_of_itself_in_hardly_more_time_than_its_sdk_takes_to_start(arguments: list[str]) -> None:
    # How fast the machine is, and what else it does, says nothing of the tap: both by turns, the quickest of each.
    turns = [(seconds_of_the_processor(TAP, *arguments), seconds_of_the_processor(*THE_SDK_ALONE)) for _ in range(5)]
    ours, the_sdks = (min(seconds) for seconds in zip(*turns, strict=True))
    assert ours <= MOST * the_sdks
