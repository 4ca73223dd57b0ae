"""What a guard is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[3]

HOMES: Final = {
    "tap_horoshop": "tap-horoshop",
    "target_esputnik": "target-esputnik",
    "singer_airbyte": "singer-airbyte",
}
"""The folder of each package."""


class Edit(NamedTuple):
    """A line that is broken; it stands exactly once in its file."""

    file: str
    line: str
    broken: str

    @property
    def path(self) -> Path:
        """Where the file lies in the repository."""
        return ROOT / HOMES[self.package] / self.file

    @property
    def package(self) -> str:
        """The package that it is of."""
        return self.file.partition("/")[0]

    def broken_text(self) -> str:
        """The whole file, with the line broken."""
        return self.path.read_text(encoding="utf-8").replace(self.line, self.broken)


@dataclass(frozen=True)
class Guard:
    """A line that something depends on.

    Attributes:
        name: what it keeps from happening, in words.
        file: where it stands, from the package on.
        line: itself, as far as it takes to stand there exactly once.
        broken: what takes its place: the same program without the guard.
        tests: of which at least one has to fail then, as `tests/room/test_file.py::test_name`.
        also: what has to be broken with it, where two lines guard the same.
    """

    name: str
    file: str
    line: str
    broken: str
    tests: tuple[str, ...]
    also: tuple[Edit, ...] = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All that is broken; of one file one edit."""
        return (Edit(self.file, self.line, self.broken), *self.also)
