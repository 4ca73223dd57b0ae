"""What a command shows: the same facts as JSON for programs, and as sentences and tables for people.

Tables are drawn on a terminal (without colours when NO_COLOR is set), and are plain columns with tabs when piped.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik.cli.words import say
from target_esputnik.ledger.moments import moment_of
from target_esputnik.text import for_the_eye, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_OBEYED: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Table:
    """A table; `columns` are names of words, cells are text."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' titles."""
        return tuple(say(f"column.{name}") for name in self.columns)


@dataclass
class Sheet:
    """A command's result.

    Attributes:
        facts: the whole result as a JSON object.
        parts: sentences and tables, in order.
    """

    facts: dict[str, Any]
    parts: list[str | Table] = field(default_factory=list)

    def say(self, name: str, /, **values: object) -> None:
        """Add a sentence."""
        self.parts.append(say(name, **values))

    def table(self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """Add a table, unless it is empty; `title` is text."""
        if rows:
            self.parts.append(Table(title, columns, [tuple(map(clean, row)) for row in rows]))

    def show(self, *, as_json: bool) -> None:
        """Write it to stdout."""
        if as_json:
            click.echo(json_for_the_eye(self.facts))
        elif sys.stdout.isatty():
            self._draw()
        else:
            click.echo(self._as_text())

    def _as_text(self) -> str:
        """Sentences line by line, tables set off by an empty line."""
        lines: list[str] = []
        after_table = False
        for part in self.parts:
            table = isinstance(part, Table)
            lines += [""] * bool(lines and (table or after_table)) + _plain(part)
            after_table = table
        return "\n".join(lines)

    def _draw(self) -> None:
        from rich import box, console, table, text  # noqa: PLC0415 - a tenth of a second that a pipe does not need

        terminal = console.Console(highlight=False)
        for part in self.parts:
            if isinstance(part, str):
                terminal.print(text.Text(for_the_eye(part)))
                continue
            drawn = table.Table(
                box=box.SIMPLE_HEAD, header_style="bold cyan", title=part.title or None, title_justify="left"
            )
            for name in part.header:
                drawn.add_column(name, overflow="fold")
            for row in part.rows:
                drawn.add_row(*map(text.Text, row))
            terminal.print(drawn)


def clean(cell: str) -> str:
    """A cell on one line, without what a shop's title or an answer may bring to steer a terminal or hide in it."""
    return one_line(for_the_eye(cell)) or ""


def json_for_the_eye(facts: object) -> str:
    """The same value as JSON, with everything escaped that a terminal would obey; JSON itself escapes but a part."""
    text = json.dumps(facts, ensure_ascii=False, indent=2)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def local(moment: str | None) -> str:
    """Ledger text as this machine's time, to the second."""
    return moment_of(moment).astimezone().isoformat(sep=" ", timespec="seconds") if moment else ""


def _plain(part: str | Table) -> list[str]:
    if isinstance(part, str):
        return [for_the_eye(part)]
    lines = [part.header, *part.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ["\t".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return [*([part.title] if part.title else []), *padded]
