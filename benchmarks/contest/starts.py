"""How long the commands take to say what they are."""

from __future__ import annotations

import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING

from contest.contestants import BIN, environment

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "tap-horoshop --about",
    "tap-horoshop --help",
    "target-esputnik --about",
    "target-esputnik --help",
    "esputnik-ledger --help",
)


def starts(folder: Path, rounds: int) -> dict[str, float]:
    """Return the middle of the seconds that each command takes, the first run left out: it may write byte code."""
    seconds: dict[str, float] = {}
    for command in COMMANDS:
        name, *arguments = command.split()
        taken = []
        for _ in range(rounds + 1):
            began = time.monotonic()
            subprocess.run(
                [BIN / name, *arguments],
                env=environment(folder),
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            taken.append(time.monotonic() - began)
        seconds[command] = median(taken[1:])
    return seconds
