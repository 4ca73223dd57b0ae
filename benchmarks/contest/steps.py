"""Where our pair's time goes: both sampled while they do the work, one after another."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from contest.contestants import environment, write_settings
from contest.work import Work

SAMPLED = Path(__file__).with_name("sampled.py")


def steps(orders: int, customers: int) -> list[tuple[str, float]]:
    """Return what share of the processor's time of both programs together each step takes, the largest first.

    The target reads from a file, so that each has the processor for itself.

    Raises:
        subprocess.CalledProcessError: one of them failed.
    """
    looks: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Work(Path(name), orders, customers) as work:
        folder = Path(name)
        write_settings(folder, work.addresses)
        messages = folder / "messages.jsonl"
        for program, script in (("tap", "tap_horoshop.tap:run"), ("target", "target_esputnik.target:main")):
            counts = folder / f"{program}-counts.json"
            source, drain = (Path("/dev/null"), messages) if program == "tap" else (messages, folder / "states")
            command: list[str | Path] = [
                sys.executable,
                SAMPLED,
                counts,
                script,
                "--config",
                folder / f"{program}.json",
            ]
            with source.open("rb") as read, drain.open("wb") as written, (folder / "log").open("wb") as log:
                subprocess.run(command, stdin=read, stdout=written, stderr=log, env=environment(folder), check=True)
            for step, seen in json.loads(counts.read_text(encoding="utf-8")).items():
                named = step if step.startswith(program) else f"{program}: {step}"
                looks[named] = looks.get(named, 0) + seen
    whole = sum(looks.values())
    return sorted(((step, seen / whole) for step, seen in looks.items()), key=lambda pair: -pair[1])


def table(found: list[tuple[str, float]]) -> str:
    """Return the shares as a table."""
    rows = [f"| {step} | {share:.0%} |" for step, share in found]
    return "\n".join(["| step | share |", "|---|---|", *rows])
