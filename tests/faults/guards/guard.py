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


def package_of(file: str) -> str:
    """The package of a file."""
    return file.partition("/")[0]


def path_of(file: str) -> Path:
    """Where a file of a package lies in the repository."""
    return ROOT / HOMES[package_of(file)] / file


class Edit(NamedTuple):
    """A line that is broken; it stands exactly once in its file."""

    file: str
    line: str
    broken: str


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
        """All that is broken."""
        return (Edit(self.file, self.line, self.broken), *self.also)

    @property
    def files(self) -> tuple[str, ...]:
        """Where it stands."""
        return tuple(dict.fromkeys(edit.file for edit in self.edits))

    @property
    def packages(self) -> frozenset[str]:
        """Whose files these are."""
        return frozenset(map(package_of, self.files))

    def broken_text(self, file: str) -> str:
        """A whole file, with all broken that is to be broken in it."""
        text = path_of(file).read_text(encoding="utf-8")
        for edit in self.edits:
            if edit.file == file:
                text = text.replace(edit.line, edit.broken)
        return text
