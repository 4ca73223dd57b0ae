"""Commands in a pipe, run and measured: time, processor, memory of all that they start."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE = resource.getpagesize()
MEGABYTE = 2**20
PAUSE = 0.02


class PipeFailedError(RuntimeError):
    """A command of a pipe ended with another code than 0; the message has the end of what it wrote to stderr."""


@dataclass(frozen=True)
class Measured:
    """What one run took.

    Attributes:
        wall: seconds from start to the end of the last process.
        processor: seconds, user and system, of all processes and those that they started and waited for.
        megabytes: the most resident memory at one moment, added up over all processes; a page that two of them
            share counts twice. Looked at 50 times a second.
    """

    wall: float
    processor: float
    megabytes: float


class _Watch:
    """Adds up the resident memory of processes and their children until it is told to stop."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.most = 0.0
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(PAUSE):
            self.most = max(self.most, sum(_resident(pid) for pid in _with_children(self._pids)) / MEGABYTE)


def run(commands: Sequence[Sequence[str | Path]], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run commands, each reading what the one before writes.

    Args:
        commands: at least one.
        environment: of all of them.
        folder: to run in; gets `stdout` of the last and `stderr` of all.

    Raises:
        PipeFailedError: one of them failed.
    """
    log = folder / "stderr"
    began = time.monotonic()
    with log.open("wb") as errors, (folder / "stdout").open("wb") as output:
        processes: list[subprocess.Popen[bytes]] = []
        for place, command in enumerate(commands):
            before = processes[-1].stdout if processes else subprocess.DEVNULL
            last = place == len(commands) - 1
            processes.append(
                subprocess.Popen(
                    command,
                    stdin=before,
                    stdout=output if last else subprocess.PIPE,
                    stderr=errors,
                    env=dict(environment),
                    cwd=folder,
                )
            )
            if not isinstance(before, int) and before is not None:
                before.close()  # the reader's alone: when it ends, the writer must notice
        with _Watch([process.pid for process in processes]) as watch:
            used = [_wait(process) for process in processes]
    wall = time.monotonic() - began
    failed = [process for process in processes if process.returncode]
    if failed:
        codes = ", ".join(str(process.returncode) for process in processes)
        raise PipeFailedError(f"ended with {codes}\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
    return Measured(wall, sum(used), watch.most)


def _wait(process: subprocess.Popen[bytes]) -> float:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _with_children(pids: Sequence[int]) -> list[int]:
    found: list[int] = []
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += map(int, children.read_text(encoding="ascii").split())
        except OSError:
            continue  # it has ended meanwhile
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0
