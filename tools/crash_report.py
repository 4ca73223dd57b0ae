"""What is tried to break, and what held in the last whole runs, for docs/guarantees.md and docs/fault-matrix.md."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from catalogues import markdown

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "fault-results.json"  # written by `make test-faults`
TOLD = {
    "killed": "a run is killed (SIGKILL) at each of the moments below",
    "stopped": "a run is stopped (SIGTERM, SIGINT) at each of them",
    "network": "the way to either API: slow, silent, cut, reset, refused, at each moment of an exchange",
    "HTTP answers": "what either API may say instead of what was asked for, call by call",
    "data": "what a shop may hold",
    "process": "what may become of the two programs, and of the machine that they run on",
    "guards": "each line that a promise hangs on is broken, alone: a test that is named beside it has to fail",
}
CODES = {0: "done", 1: "heals", 2: "a person must act", 3: "too many rejected"}


def _of_the_tests(module: str) -> Any:
    """Import a module of the tests, which are no package."""
    for folder in ("tests/support", "tests/faults"):
        if str(ROOT / folder) not in sys.path:
            sys.path.append(str(ROOT / folder))
    return import_module(module)


def crash_points() -> str:
    """Return the moments at which runs are killed and stopped."""
    table = _of_the_tests("crash_points")
    rows = [[f"`{point.name}`", point.sentence] for point in table.POINTS]
    head = f"{len(table.POINTS)} moments on {len(table.STREAMS)} streams:"
    return f"{head}\n\n" + markdown(["moment", "what the run is doing"], rows)


def fault_results() -> str:
    """Return the table by group: how many cases there are, and how many held when all of them were run last.

    A group whose cases changed since says so: the number of cases is the code's, and a count of others is not shown.
    """
    results, cases = json.loads(RESULTS.read_text(encoding="utf-8")), _of_the_tests("fault_tables").cases_by_table()
    fresh = {table: results[table] for table, count in cases.items() if results.get(table, {}).get("of") == count}
    held, ran = (sum(one[what] for one in fresh.values()) for what in ("held", "of"))
    rows = []
    for table, count in cases.items():
        told = f"{fresh[table]['held']} of {count}" if table in fresh else "changed since the last whole run"
        rows.append([table, TOLD[table], str(count), told])
    newer = sum(cases.values()) - ran
    head = f"{held} passed of {ran} cases, each group in its last whole run (`make test-faults`)"
    head += f"; {newer} are in groups that changed since." if newer else "."
    return f"{head}\n\n" + markdown(["group", "what is tried", "cases", "held"], rows)


def fault_cases() -> str:
    """Return every named case of the matrix, group by group."""
    parts = []
    for group in _of_the_tests("matrix.case").Group:
        cases = [case for case in _of_the_tests("matrix.every_case").all_cases() if case.group is group]
        if cases:
            rows = [[case.name, _codes(case.tap), _codes(case.target), _more(case)] for case in cases]
            table = markdown(["case", "the tap ends with", "the target ends with", "and"], rows)
            parts.append(f"### {group.value.capitalize() if group.value.islower() else group.value}\n\n{table}")
    return "\n\n".join(parts)


def guards() -> str:
    """Return every line that a promise hangs on, room by room, with the tests that miss it."""
    parts = []
    for room, found in _of_the_tests("guards.every_guard").ROOMS.items():
        rows = [[guard.name, " ".join(f"`{file}`" for file in guard.files), _missed_by(guard)] for guard in found]
        table = markdown(["what the line sees to", "where it stands", "missed by"], rows)
        parts.append(f"### {room} ({len(found)})\n\n{table}")
    return "\n\n".join(parts)


def _missed_by(guard: Any) -> str:
    names = (test.partition("[")[0].rpartition("::")[2] for test in guard.tests)
    return " ".join(f"`{name}`" for name in dict.fromkeys(names))


def _codes(codes: frozenset[int]) -> str:
    return " or ".join(f"{code} ({CODES[code]})" if code in CODES else str(code) for code in sorted(codes))


def _more(case: Any) -> str:
    notes = [] if case.relaxed.name == "NOTHING" else [case.relaxed.value]
    notes += [f"`esputnik-ledger {' '.join(command)}`" for command in case.commands]
    notes += [] if case.by.name == "HERE" else [case.by.value]
    return "; ".join(notes)
