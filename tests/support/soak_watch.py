"""What the processes of a soak take: memory, file descriptors, and room on the disk."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import psutil
from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

MEGABYTE = 2**20
MEMORY = 200 * MEGABYTE
FILES = 64
GROWTH = 1.25
"""The last runs may take so much more than the first ones, by the median, and no more."""
BYTES_A_ROW = 2048
LOG = 8 * MEGABYTE
"""SQLite writes its log back after a thousand pages, or when nobody reads any more."""


@dataclass
class Peaks:
    """The most that each run took, by process: bytes of memory, and open files."""

    memory: dict[str, list[int]] = field(default_factory=dict)
    files: dict[str, list[int]] = field(default_factory=dict)

    def note(self, memory: dict[str, int], files: dict[str, int]) -> None:
        """Note what one run took."""
        for name, most in memory.items():
            self.memory.setdefault(name, []).append(most)
        for name, most in files.items():
            self.files.setdefault(name, []).append(most)

    def beyond(self) -> list[str]:
        """Tell every bound that was passed."""
        found = [f"{name}: {max(most) // MEGABYTE} MB" for name, most in self.memory.items() if max(most) > MEMORY]
        found += [f"{name}: {max(most)} open files" for name, most in self.files.items() if max(most) > FILES]
        for what in (self.memory, self.files):
            for name, most in what.items():
                part = max(3, len(most) // 5)
                first, last = median(most[:part]), median(most[-part:])
                if len(most) >= 2 * part and last > GROWTH * first:
                    found.append(f"{name}: it grows, from {first:.0f} to {last:.0f}")
        return found


class Watch:
    """Looks at processes ten times a second while a run goes on.

    Args:
        family: gives the processes by name; asked anew each time.
    """

    def __init__(self, family: Callable[[], dict[str, psutil.Process]]) -> None:
        self._family = family
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.memory: dict[str, int] = {}
        self.files: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for name, process in self._family().items():
                self._measure(name, process)

    def _measure(self, name: str, process: psutil.Process) -> None:
        try:
            self.memory[name] = max(self.memory.get(name, 0), process.memory_info().rss)
            self.files[name] = max(self.files.get(name, 0), process.num_fds())
        except psutil.Error:
            return  # it is over


def ledger_beyond(ledger: Path, rows: int) -> list[str]:
    """Tell whether the ledger takes more room than its rows may, or its log more than it ever needs."""
    size = ledger.stat().st_size
    log = ledger.with_name(f"{ledger.name}-wal")
    found = [] if size <= MEGABYTE + BYTES_A_ROW * rows else [f"ledger: {size} bytes for {rows} rows"]
    if log.exists() and log.stat().st_size > LOG:
        found.append(f"ledger's log: {log.stat().st_size} bytes")
    return found
