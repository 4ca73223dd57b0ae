"""Runs one of the console scripts with many settings, each in a process of its own that has the imports already.

Argument: the script's name. stdin: a JSON object a line, {"config": settings, "environment": variables}; stdout: for
each {"code": exit code, "said": all that it wrote}.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tap_horoshop.airbyte
import tap_horoshop.tap
import target_esputnik.airbyte
import target_esputnik.cli
from target_esputnik.cli.group import log_to_stderr
from target_esputnik.console import run_console
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Callable


def _ledger(arguments: list[str]) -> int:
    log_to_stderr()
    return run_console(target_esputnik.cli.main, ["check", *arguments])


RUN: dict[str, Callable[[list[str]], int]] = {
    "tap-horoshop": tap_horoshop.tap.run,
    "target-esputnik": lambda arguments: run_console(TargetEsputnik.cli, arguments),
    "esputnik-ledger": _ledger,
    "source-horoshop": lambda arguments: tap_horoshop.airbyte.run(["check", *arguments]),
    "destination-esputnik": lambda arguments: target_esputnik.airbyte.run(["check", *arguments]),
}


def ended(program: str, order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run it once; give its exit code and all that it said."""
    file = folder / "config.json"
    file.write_text(json.dumps(order["config"]), encoding="utf-8")
    sources = ["--config", str(file)] + (["--config", "ENV"] if order["environment"] else [])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ.update(order["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        code = RUN[program](sources)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    return {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "said": said}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for line in sys.stdin:
            print(json.dumps(ended(sys.argv[1], json.loads(line), Path(name))), flush=True)
