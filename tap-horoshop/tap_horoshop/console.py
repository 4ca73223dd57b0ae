"""The console script `tap-horoshop`: a process that begins and ends without delay."""

from __future__ import annotations

import gc
import sys

OBJECTS_BEFORE_A_LOOK = 20_000  # of the garbage collector; a page makes thousands, none of which is in a circle


def main() -> None:
    """Run `tap-horoshop`, and end with the exit code that the contract gives the outcome."""
    # What is imported stays until the end: to look for garbage in it again and again takes a sixth of the start.
    gc.disable()
    from tap_horoshop.output import leave  # noqa: PLC0415 - the first import of all, and the garbage collector is off
    from tap_horoshop.tap import run  # noqa: PLC0415

    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK)
    gc.enable()
    exit_code = run(sys.argv[1:])
    # Requests may be under way in threads that nobody needs any more, and Python's own end takes as long as a third of
    # the start.
    leave(exit_code)
