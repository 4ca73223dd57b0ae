"""stdout as the Airbyte protocol wants it: whole lines of JSON and nothing else; secrets are masked in what is told."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.singerlib.json import serialize_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType
    from typing import BinaryIO

    from singer_airbyte.failures import Failure

MASK: Final = "****"
LEVELS: Final = {"CRITICAL": "FATAL", "ERROR": "ERROR", "WARNING": "WARN", "INFO": "INFO", "DEBUG": "DEBUG"}
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class ReaderGoneError(Exception):
    """Whoever reads our messages is gone."""


class Output:
    """The only one who writes to stdout; a stray `print` of a plugin goes to stderr instead.

    Args:
        stream: where the lines go; stdout, if nothing else is said.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdout.buffer
        self._stdout = sys.stdout
        self._lock = threading.RLock()
        self._secrets: tuple[str, ...] = ()
        self._is_writing = False
        self._handlers: dict[int, Any] = {}
        self._waiting: tuple[int, FrameType | None] | None = None
        sys.stdout = sys.stderr

    def close(self) -> None:
        """Give stdout back."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()
        sys.stdout = self._stdout

    def mask(self, secrets: Iterable[str]) -> None:
        """Mask these values, from now on, in everything that is told; records and states are handed on as they are."""
        plain = set(filter(None, secrets))
        escaped = {json.dumps(secret)[1:-1] for secret in plain}
        self._secrets = tuple(sorted(plain | escaped, key=len, reverse=True))

    def masked(self, text: str) -> str:
        """A text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def write(self, message: dict[str, Any], *, flush: bool = True) -> None:
        """Write one message as a whole line, also when a signal comes in the middle of it.

        Raises:
            ReaderGoneError: nobody reads any more.
        """
        line = serialize_json(message).encode("utf-8", "surrogatepass") + b"\n"
        with self._lock:
            here = threading.current_thread() is threading.main_thread()
            self._is_writing = self._is_writing or here
            try:
                self._stream.write(line)
                if flush:
                    self._stream.flush()
            except (BrokenPipeError, ValueError):
                raise ReaderGoneError from None
            finally:
                if here:
                    self._is_writing = False
        if here and self._waiting is not None:
            (number, frame), self._waiting = self._waiting, None
            self._handlers[number](number, frame)

    def guard_signals(self) -> None:
        """Let the signal handlers that are installed now wait for the end of a line that is being written."""
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler) and handler != self._signalled:
                self._handlers[number] = handler
                signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self._is_writing:
            self._waiting = number, frame
        else:
            self._handlers[number](number, frame)

    # ---------------------------------------------------------------- what is told

    def trace(self, kind: str, **body: Any) -> None:
        """Write a TRACE message."""
        self.write({"type": "TRACE", "trace": {"type": kind, "emitted_at": time.time() * 1000, **body}})

    def status(self, stream: str, status: str) -> None:
        """Say where a stream is: STARTED, RUNNING, COMPLETE or INCOMPLETE."""
        self.trace("STREAM_STATUS", stream_status={"stream_descriptor": {"name": stream}, "status": status})

    def failure(self, failure: Failure, stream: str | None = None) -> None:
        """Tell a failure, of one stream if it is named."""
        error: dict[str, Any] = {"message": self.masked(failure.message), "failure_type": failure.kind}
        if failure.place:
            error["internal_message"] = self.masked(failure.place)
        if stream is not None:
            error["stream_descriptor"] = {"name": stream}
        self.trace("ERROR", error=error)

    def connection(self, failure: Failure | None) -> None:
        """Tell the outcome of `check`."""
        told: dict[str, Any] = {"status": "SUCCEEDED"}
        if failure is not None:
            told = {"status": "FAILED", "message": self.masked(failure.message)}
        self.write({"type": "CONNECTION_STATUS", "connectionStatus": told})

    def take_logs(self) -> None:
        """Make every log record a LOG line. To be called again when a plugin was made, which sets up its own logs."""
        for logger in [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]:
            for handler in list(logger.handlers):
                logger.removeHandler(handler)
            logger.propagate = True
        logging.getLogger().addHandler(_LogLines(self))
        logging.getLogger().setLevel(logging.INFO)
        # What a plugin counts goes into states; these lines are for Singer's own readers.
        logging.getLogger("singer_sdk.metrics").setLevel(logging.WARNING)


class _LogLines(logging.Handler):
    """Log records as LOG messages. A traceback is left out: it may quote a record."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.INFO)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        level = LEVELS.get(record.levelname, "INFO")
        with contextlib.suppress(ReaderGoneError):
            text = self._output.masked(record.getMessage())
            self._output.write({"type": "LOG", "log": {"level": level, "message": text}})
