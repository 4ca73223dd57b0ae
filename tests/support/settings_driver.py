"""Runs a program with many settings, one after the other, without starting Python for each: see `wrong_settings.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parent / "wrong_settings.py"
Order = dict[str, Any]


def ran(program: str, orders: list[Order]) -> list[dict[str, Any]]:
    """Run a program with each of the settings; give exit codes and words."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_", "MELTANO"))}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), program],
        input="".join(json.dumps(order) + "\n" for order in orders),
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
        env=clean | {"LOGLEVEL": "DEBUG"},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
