"""The pipe that messages come through."""

from __future__ import annotations

import contextlib
import fcntl
import io
from typing import IO, Any, Final

WIDTH: Final = 2**20
"""Bytes: as many as Linux lets anybody have. The usual 64 KiB hold some thirty orders."""

AT_ONCE: Final = 2**17
"""Bytes: so many are read from it at once."""


def widen(stream: IO[Any]) -> None:
    """Let the tap go on reading the shop while this side waits for eSputnik; where that cannot be, nothing changes.

    Args:
        stream: what is read from; it need not be a pipe.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no pipe, no file at all, or not Linux
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)


def in_bytes(stream: IO[Any]) -> IO[Any]:
    """The lines of a stream as bytes: Singer messages are JSON in UTF-8, whatever the machine's own encoding is.

    Args:
        stream: what is read from, before anything is read; what is no file stays as it is.
    """
    if isinstance(stream, io.TextIOWrapper):
        # What reads it as text takes 8 KiB at a time, four orders, from a pipe that holds 1 MiB.
        return open(stream.fileno(), "rb", buffering=AT_ONCE, closefd=False)
    return stream
