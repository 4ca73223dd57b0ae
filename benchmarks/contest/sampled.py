"""A console script of ours, looked at every few milliseconds of the processor's time: what it works at.

    python benchmarks/contest/sampled.py counts.json tap_horoshop.tap:run --config …

Writes {step: looks}. A look belongs to the innermost function of `STEPS` that is at work.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

EVERY: Final = 0.004
"""Seconds of the processor's time: what Linux counts it by."""

STEPS: Final = {
    ("windowed.py", "readable"): "tap: a record of a row",
    ("windowed.py", "_write_record_message"): "tap: writing records",
    ("paging.py", "read"): "tap: windows and pages",
    ("sinks.py", "deserialize_json"): "target: reading and judging records",
    ("schemas.py", "read"): "target: reading and judging records",
    ("schemas.py", "problems"): "target: reading and judging records",
    ("due.py", "reading_of"): "target: what an order says of its status and moment",
    ("planning.py", "make_now"): "target: hash of an order's content",
    ("identity.py", "identity_of"): "target: who is who",
    ("orders.py", "order_payload"): "target: the order as eSputnik takes it",
    ("buyers.py", "deliver"): "target: finding and delivering buyers",
    ("orders.py", "_begin"): "target: intents, written before a request",
    ("orders.py", "_write_outcomes"): "target: outcomes, written after it",
    ("contact_intake.py", "take"): "target: taking in contacts",
    ("run.py", "finish"): "target: the end of the run",
}
"""By file and function."""

OTHER: Final = "everything else, start among it"


def main() -> None:
    """Run what is named, and write what was seen."""
    place, script, *arguments = sys.argv[1:]
    sys.path.pop(0)  # the modules beside this one are none of the program's
    module, _, name = script.partition(":")
    looks: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        while frame is not None:
            code = frame.f_code
            step = STEPS.get((PurePath(code.co_filename).name, code.co_name))
            if step is not None:
                looks[step] += 1
                return
            frame = frame.f_back
        looks[OTHER] += 1

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    sys.argv = [module, *arguments]
    try:
        run = getattr(importlib.import_module(module), name)
        code = run(arguments) if name == "run" else run()
    except SystemExit as end:
        code = end.code
    signal.setitimer(signal.ITIMER_PROF, 0)
    Path(place).write_text(json.dumps(looks), encoding="utf-8")
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
