"""The rate of requests, shared by all threads."""

from __future__ import annotations

import threading
import time


class Pace:
    """Lets at most so many requests begin in a second, and none while the shop asked for a pause.

    Args:
        per_second: How many requests may begin in one second.
    """

    def __init__(self, per_second: int) -> None:
        self._interval = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def wait(self) -> bool:
        """Return True when the next request may begin, False when no more may."""
        with self._lock:
            begin = max(self._next, time.monotonic())
            self._next = begin + self._interval
        return not self._stopped.wait(max(0.0, begin - time.monotonic()))

    def pause(self, seconds: float) -> None:
        """Let no request begin for this long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    def stop(self) -> None:
        """Let no request begin any more, and wake who waits."""
        self._stopped.set()
