"""SIGINT and SIGTERM while a probe is at work: the request in flight ends, and then the account is cleaned up."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.probe.person import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from target_esputnik.client import EsputnikClient

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Notes signals while it is entered.

    Attributes:
        code: exit code of the first signal; 0 before it.
        again: a second one came: the person wants no cleaning up either.
    """

    def __init__(self, client: EsputnikClient) -> None:
        self._client = client
        self._before: dict[signal.Signals, Any] = {}
        self._answering = False
        self.code = 0
        self.again = False

    def __enter__(self) -> StopSignals:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    @contextmanager
    def while_answering(self) -> Iterator[None]:
        """Let a signal end a question that waits for the person's answer. Raises Stopped."""
        if self.code:
            raise Stopped
        self._answering = True
        try:
            yield
        finally:
            self._answering = False

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.code:
            self.again = True
            return
        self.code = 128 + number
        self._client.stop()
        if self._answering:
            raise Stopped
