"""A server that stays small: what a page took goes back to the system, and not only to Python.

glibc keeps what is freed for the next page, in a heap for each thread: 8 of 87 MB, measured on PostgreSQL. Other C
libraries have no such calls, and are left as they are.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any, Final

_M_ARENA_MAX: Final = -8  # malloc.h
_C: Final[Any] = ctypes.CDLL(None)


def one_heap() -> None:
    """Let the threads that begin from now on share one heap."""
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what is not used: each visit has an engine of its own, which is a knot of cycles."""
    gc.collect()
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
