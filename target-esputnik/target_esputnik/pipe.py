"""The pipe that messages come through."""

from __future__ import annotations

import contextlib
import fcntl
import io
from typing import IO, Any, Final

WIDTH: Final = 2**20
"""Bytes: as many as Linux lets anybody have. The usual 64 KiB hold some thirty orders."""


def widen(stream: IO[Any]) -> None:
    """Let the tap go on reading the shop while this side waits for eSputnik; where that cannot be, nothing changes.

    Args:
        stream: what is read from; it need not be a pipe.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no pipe, no file at all, or not Linux
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)


def read_as_utf8(stream: IO[Any]) -> None:
    """Read Singer messages as what they are, JSON in UTF-8, whatever the machine's own encoding is.

    Args:
        stream: what is read from, before anything is read; what has no encoding of its own stays as it is.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="strict")
