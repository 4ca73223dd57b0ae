"""The tables of cases that `make test-faults` runs, what became of each, and the counts that the documents show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crash_points import POINTS, STREAMS
from guards.every_guard import EVERY_GUARD
from matrix.case import Group
from matrix.every_case import all_cases

if TYPE_CHECKING:
    from pathlib import Path

MATRIX = "test_whatever_happens_the_seven_invariants_hold"
GUARDS = "test_without_it_a_test_beside_it_fails"
EVERYWHERE = {"killed": "test_a_run_that_is_killed_anywhere", "stopped": "test_a_run_that_is_stopped_anywhere"}
Counts = dict[str, dict[str, int]]


def id_of(group: Group, name: str) -> str:
    """How pytest calls a case of the matrix: `-k` chooses a group by it."""
    return f"{group.value}: {name}"


def cases_by_table() -> dict[str, int]:
    """How many cases each table has in the code: groups of the matrix, moments of kills and stops, and guards."""
    groups = [case.group for case in all_cases()]
    moments = len(POINTS) * len(STREAMS)
    everywhere = {"killed": moments, "stopped": 2 * moments}
    return {**{group.value: groups.count(group) for group in Group}, **everywhere, "guards": len(EVERY_GUARD)}


def _table_of(nodeid: str) -> str | None:
    """The table that a test is a case of, if any."""
    name, _, case = nodeid.rpartition("::")[2].partition("[")
    if name == MATRIX:
        return case.partition(": ")[0]
    if name == GUARDS:
        return "guards"
    return next((table for table, test in EVERYWHERE.items() if name.startswith(test)), None)


@dataclass
class Outcomes:
    """What became of every case that was run.

    Attributes:
        by_table: {table: {test: whether all of its phases passed}}.
    """

    by_table: dict[str, dict[str, bool]] = field(default_factory=dict)

    def note(self, nodeid: str, *, passed: bool) -> None:
        """Take a phase of a test in."""
        table = _table_of(nodeid)
        if table is not None:
            held = self.by_table.setdefault(table, {})
            held[nodeid] = held.get(nodeid, True) and passed

    def counts(self) -> Counts:
        """{table: {held, of}} of what was run, in the order of the tables."""
        ran = {table: self.by_table[table] for table in cases_by_table() if table in self.by_table}
        return {table: {"held": sum(held.values()), "of": len(held)} for table, held in ran.items()}

    def lines(self) -> list[str]:
        """The end of `make test-faults`: a table, and the sum."""
        counts, cases = self.counts(), cases_by_table()
        rows = [
            f"{table:<14}{one['held']:>5} passed of {one['of']:>4}"
            + ("" if one["of"] == cases[table] else f"   ({cases[table]} in the code)")
            for table, one in counts.items()
        ]
        held, of = (sum(one[what] for one in counts.values()) for what in ("held", "of"))
        return [*rows, f"{'all':<14}{held:>5} passed of {of:>4}"]

    def keep(self, file: Path) -> None:
        """Write the counts for the documents, of each table that was run whole."""
        counts: Counts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        whole = {table: one for table, one in self.counts().items() if one["of"] == cases_by_table()[table]}
        file.write_text(json.dumps(counts | whole, indent=2, sort_keys=True) + "\n", encoding="utf-8")
