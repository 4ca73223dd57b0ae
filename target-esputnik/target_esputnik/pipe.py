"""The pipe that messages come through."""

from __future__ import annotations

import contextlib
import fcntl
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
