"""SIGINT and SIGTERM, for everything that sends: what is in flight is settled, nothing more begins, and then it ends.

Where nobody works (`idle`) a signal ends it at once, by Stopping; what is under way then is waited for. Else it is only
noted, whoever works is told, and `check` raises where all is settled. Who is not done some time after that is ended by
a watchdog.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
WATCHDOG_SECONDS: Final = 30.0


class Stopping(Exception):  # noqa: N818 - no error: it was asked for
    """A signal came; what was in flight is settled, and nothing more is to begin."""


class StopSignals:
    """Notes signals while it is entered; of who is told by somebody else, by `note`.

    Args:
        tell: called once, at the first signal: begin nothing more.
        watchdog: whether the process is ended when what is in flight is not settled in time.
        idle: whether nothing is in flight at first.

    Attributes:
        code: exit code of the first signal; 0 before it.
        again: a second one came: the person does not want to wait.
    """

    def __init__(self, tell: Callable[[], None], *, watchdog: bool = True, idle: bool = False) -> None:
        self._tell = tell
        self._watched = watchdog
        self._idle = idle
        self._before: dict[signal.Signals, Any] = {}
        self._watchdog: threading.Timer | None = None
        self.code = 0
        self.again = False

    def __enter__(self) -> StopSignals:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._before = {number: signal.signal(number, self.note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self.over()

    def begin_to_end(self) -> None:
        """What follows is short and must not be cut off: from now on a signal is only noted."""
        self._idle = False

    def over(self) -> None:
        """All is settled: nobody has to be ended any more, and a signal changes nothing."""
        self.begin_to_end()
        if self._watchdog is not None:
            self._watchdog.cancel()

    def check(self) -> None:
        """Raise Stopping if a signal came: called only where everything sent is settled."""
        if self.code:
            raise Stopping

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Nothing is in flight meanwhile: somebody is waited for. Raises Stopping, also if a signal came before."""
        self.check()
        before, self._idle = self._idle, True
        try:
            yield
        finally:
            self._idle = before

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Something may be in flight meanwhile: a signal waits for the end of it, and then raises Stopping."""
        before, self._idle = self._idle, False
        try:
            yield
        finally:
            self._idle = before
        if before:
            self.check()

    def note(self, number: int, frame: FrameType | None = None) -> None:  # noqa: ARG002
        """A signal has come; a handler as `signal.signal` takes it."""
        if self.code:
            self.again = True
        else:
            self.code = 128 + number
            self._tell()
            if self._watched:
                self._watchdog = threading.Timer(WATCHDOG_SECONDS, os._exit, [self.code])
                self._watchdog.daemon = True
                self._watchdog.start()
        if self._idle:
            raise Stopping
