"""The peers' own environments: made from their locks when they are first needed, below .bench/."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".bench"


def python_of(group: str) -> Path:
    """Return the interpreter of an environment that holds what the lock of a group says; make it if it does not.

    Args:
        group: a dependency group of pyproject.toml, such as `bench-dlt`.

    Raises:
        subprocess.CalledProcessError: a package could not be had.
    """
    folder = PLACE / group
    python = folder / "bin" / "python"
    lock = ROOT / "requirements" / f"{group}.txt"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    made_from = folder / "made-from"
    if not made_from.is_file() or made_from.read_text(encoding="utf-8") != wanted:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        # Byte code, since the first of several runs would else pay for it alone.
        install: list[str | Path] = [
            "pip",
            "sync",
            "--quiet",
            "--require-hashes",
            "--compile-bytecode",
            "--python",
            python,
            lock,
        ]
        subprocess.run([*uv, *install], check=True)
        made_from.write_text(wanted, encoding="utf-8")
    return python
