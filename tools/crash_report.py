"""The table of moments at which runs are killed and stopped, for docs/guarantees.md."""

import json
import sys
from importlib import import_module
from pathlib import Path

from catalogues import markdown

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "fault-results.json"  # written by `make test-faults`
TOLD = {"killed": "killed (SIGKILL)", "stopped": "stopped (SIGTERM, SIGINT)"}


def crash_points() -> str:
    """Return the moments, and how many cases held in the last whole run."""
    sys.path.append(str(ROOT / "tests" / "support"))
    table = import_module("crash_points")  # of the tests, which are no package
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    counts = [f"{TOLD[kind]}: {one['held']} of {one['of']} cases held" for kind, one in sorted(results.items())]
    head = f"{len(table.POINTS)} moments on {len(table.STREAMS)} streams. In the last whole run, {'; '.join(counts)}."
    rows = [[f"`{point.name}`", point.sentence] for point in table.POINTS]
    return f"{head}\n\n" + markdown(["moment", "what the run is doing"], rows)
