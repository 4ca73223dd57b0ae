"""`esputnik-ledger` as a person calls it, on a ledger that the target made."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_esputnik.cli import main
from target_esputnik.console import run_console

if TYPE_CHECKING:
    from target_driver import Driver

SCRIPT = str(Path(sys.executable).parent / "esputnik-ledger")


@dataclass
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """Give the JSON object that it wrote, which must be all of stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class LedgerDriver:
    """Calls `esputnik-ledger` with the settings of a target."""

    def __init__(self, target: Driver, folder: Path) -> None:
        self._target = target
        self._file = folder / "settings.json"

    def config(self, **settings: Any) -> str:
        """Write the settings, and give the file's name."""
        self._file.write_text(json.dumps(self._target.config(**settings)), encoding="utf-8")
        return str(self._file)

    def __call__(self, command: str, *options: str, **settings: Any) -> Said:
        """Run a command with settings of the target, in this process."""
        return self.bare(command, "--config", self.config(**settings), *options)

    def bare(self, *arguments: str) -> Said:
        """Run the program in this process, with nothing but these arguments."""
        out, err = io.StringIO(), io.StringIO()
        log = logging.getLogger("target-esputnik")
        line = logging.StreamHandler(err)
        log.addHandler(line)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run_console(main, arguments)
        finally:
            log.removeHandler(line)
        return Said(code, out.getvalue(), err.getvalue())

    def facts(self, command: str, *options: str, **settings: Any) -> dict[str, Any]:
        """Run a command that succeeds, and give its JSON."""
        said = self(command, "--json", *options, **settings)
        assert (said.code, said.err) == (0, ""), said
        return said.facts

    def process(self, *arguments: str, environment: dict[str, str] | None = None) -> Said:
        """Run the console script as a process of its own, with nothing of ours in its environment."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TARGET_ESPUTNIK_")}
        done = subprocess.run(
            [SCRIPT, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=inherited | (environment or {}),
        )
        return Said(done.returncode, done.stdout, done.stderr)
