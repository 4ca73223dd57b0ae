"""A list as a file: all its records, not only a page of them, written while they are read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.language import speaking
from target_esputnik.ledger.listing import Place, page
from target_esputnik.web.lists import listed_in, row_told
from target_esputnik.web.visit import opened
from target_esputnik.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_esputnik.web.visit import Visit

AT_A_TIME: Final = 1000
KINDS: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
COMMON: Final = ("time", "id", "name", "source", "result", "reason", "meaning", "attempts")
OF_ORDERS: Final = ("shop_status", "esputnik_status", "total", "currency")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run instead of show."""


@dataclass(frozen=True)
class File:
    """A file on its way: its kind, headers and parts."""

    kind: str
    headers: dict[str, str]
    parts: Iterator[bytes]


def file_of(visit: Visit, stream: str, form: str) -> File:
    """The records that the address asks for, as `csv` or `json`."""
    name = f"esputnik-{stream}-{visit.today.isoformat()}.{form}"
    write = _csv if form == "csv" else _json
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return File(KINDS[form], headers, write(stream, _lines(visit, stream)))


def _lines(visit: Visit, stream: str) -> Iterator[list[dict[str, Any]]]:
    """The records, some at a time. Each time the ledger is opened anew: a part may be asked for by another thread."""
    listed = listed_in(visit, stream)
    after: Place | None = None
    while True:
        with (
            speaking(visit.language),
            opened(visit.house, visit.path, visit.query, visit.language) as look,
        ):
            rows = page(look.ledger, listed, after=after, limit=AT_A_TIME)
            lines = [_fields(look, stream, row_told(look, stream, row)) for row in rows]
        if not rows:
            return
        yield lines
        after = Place(rows[-1].since, rows[-1].key)


def _fields(visit: Visit, stream: str, told: dict[str, Any]) -> dict[str, Any]:
    line = {
        "time": visit.tell.iso(told["since"]),
        "id": told["key"],
        "name": told["name"],
        "source": told["source"],
        "result": told["fate"],
        "reason": told["reason"],
        "meaning": told["meaning"],
        "attempts": told["attempts"],
    }
    return line | ({name: told[name] for name in OF_ORDERS} if stream == "orders" else {})


def _csv(stream: str, lines: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    """CSV as spreadsheets read it: with a byte order mark, and no cell that is a formula."""
    columns = (*COMMON, *(OF_ORDERS if stream == "orders" else ()))
    yield b"\xef\xbb\xbf" + _written([[say(f"web.column.{name}") for name in columns]])
    for some in lines:
        yield _written([[defused(line[name]) for name in columns] for line in some])


def _written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def defused(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: one that would be begins with an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text


def _json(_: str, lines: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    """A JSON array, a record a line."""
    between = b"[\n"
    for some in lines:
        for line in some:
            yield between + json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace")
            between = b",\n"
    yield b"]\n" if between == b",\n" else b"[]\n"
