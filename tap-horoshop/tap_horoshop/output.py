"""Singer messages out, and how the process ends when somebody stops it."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from singer_sdk.contrib.msgspec import MsgSpecWriter, encoder
from singer_sdk.singerlib import RecordMessage

from tap_horoshop.errors import TargetGoneError

if TYPE_CHECKING:
    from types import FrameType

    from singer_sdk.singerlib.encoding.simple import Message

SECONDS_TO_STOP = 10
EXIT_NOT_WRITTEN = 1
BYTES_IN_WAIT = 64 * 1024  # what a pipe takes at once


class Stopped(BaseException):
    """A signal asked the tap to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


class Writer(MsgSpecWriter):
    """Writes messages whole, also when a signal comes in the middle, and records a few at once.

    A signal handler that raises within a write leaves half a line in the pipe, and one that writes itself is refused as
    reentrant; so during a write the signal waits. Records wait for each other, and leave before any other message and
    before the tap waits for the shop.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self._signal: int | None = None
        self._waiting = bytearray()
        self._around: dict[str, tuple[bytes, bytes]] = {}

    def write_message(self, message: Message) -> None:
        """Write a message to stdout, at once unless it is a record.

        Raises:
            TargetGoneError: Nobody reads any more.
        """
        self._take(self.format_message(message))
        if not isinstance(message, RecordMessage):
            self.flush()

    def write_record(self, stream: str, record: dict[str, Any], version: int | None) -> None:
        """Write a record, soon; it is in the form in which it leaves.

        Those that leave together were extracted at one time: it is made once for them.

        Raises:
            TargetGoneError: Nobody reads any more.
        """
        around = self._around.get(stream)
        if around is None:
            around = self._around[stream] = _around_a_record(stream, version)
        # A line is added whole or, if a signal comes in its midst, not at all.
        self._take(b"".join((around[0], encoder.encode(record), around[1])))

    def flush(self) -> None:
        """Write what waits.

        Raises:
            TargetGoneError: Nobody reads any more.
        """
        if not self._waiting:
            return
        if sys.stdout is None:  # the process was started with it closed
            raise TargetGoneError("target_gone")
        self._is_writing = True
        try:
            lines, self._waiting = self._waiting, bytearray()
            self._around.clear()
            if hasattr(sys.stdout, "buffer"):
                sys.stdout.buffer.write(lines)
            else:
                sys.stdout.write(lines.decode())
            sys.stdout.flush()
        except BrokenPipeError:
            raise TargetGoneError("target_gone") from None
        finally:
            self._is_writing = False
        if self._signal is not None:
            raise Stopped(self._signal)

    def _take(self, line: bytes | bytearray) -> None:
        self._waiting += line
        if len(self._waiting) >= BYTES_IN_WAIT:
            self.flush()

    def stop(self, signum: int, _frame: FrameType | None) -> None:
        """Take a signal: stop now, or after the message that is being written.

        Raises:
            Stopped: Now.
        """
        if self._signal is not None:
            return
        self._signal = signum
        # A target that reads no more keeps a write, and so the tap, for ever.
        _exit_later(SECONDS_TO_STOP, 128 + signum)
        if not self._is_writing:
            raise Stopped(signum)


def _around_a_record(stream: str, version: int | None) -> tuple[bytes, bytes]:
    """Return what stands in a RECORD message before the record and after it."""
    first = {"type": "RECORD", "stream": stream}
    last = {} if version is None else {"version": version}
    moment = {"time_extracted": dt.datetime.now(dt.timezone.utc)}
    return encoder.encode(first)[:-1] + b',"record":', b"," + encoder.encode({**last, **moment})[1:] + b"\n"


def ignore_signals() -> None:
    """Take no more signals: the process is ending."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)


def leave(exit_code: int) -> None:
    """End the process at once, without waiting for requests that nobody needs any more.

    What was printed and cannot be written is a failure, also of a run that was good so far.
    """
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr:
            sys.stderr.flush()
    try:
        if sys.stdout:
            sys.stdout.flush()
    except (OSError, ValueError):
        exit_code = exit_code or EXIT_NOT_WRITTEN
    os._exit(exit_code)


def _exit_later(seconds: int, exit_code: int) -> None:
    def count() -> None:
        # One by one: while a machine sleeps its clock may go on, and a target that slept as well gets half a line.
        for _ in range(seconds):
            time.sleep(1)
        os._exit(exit_code)

    threading.Thread(target=count, daemon=True).start()
