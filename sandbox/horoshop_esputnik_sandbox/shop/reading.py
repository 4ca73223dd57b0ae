"""orders/get and users/export: filters, paging, order of rows (horoshop-api.md §2, §4)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.sample.days import DAY, parse_written
from horoshop_esputnik_sandbox.shop.envelope import EMPTY_BODIES, Envelope, okay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from horoshop_esputnik_sandbox.shop.timeline import Row, Segments, Timeline
    from horoshop_esputnik_sandbox.switches import Switches

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{2})\.(\d{2})\.(\d{4})")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}")
_FEW = 1000  # windows up to this size are put in a shuffled order anew; larger ones are remembered


class BadParameter(ValueError):  # noqa: N818 - a refusal of the API, said in its words
    """A parameter that cannot be read."""


def as_list(value: Any) -> list[Any]:
    """Return a parameter that may be one value or several."""
    if value is None:
        return []
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def whole(name: str, value: Any) -> int:
    """Return a parameter that must be a whole number."""
    try:
        return int(str(value))
    except ValueError:
        message = f"Parameter {name} must be integer"
        raise BadParameter(message) from None


class Reader:
    """Reads pages of a timeline as the switches say."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._shuffled: dict[object, list[int]] = {}

    def page(self, rows: Timeline, parameters: Row) -> list[Row]:
        """Return the rows that `from`, `to`, `ids`, `status`, `offset` and `limit` ask for."""
        found = (rows.get(number) for number in self.numbers(rows, parameters))
        return [row for row in found if row is not None]

    def numbers(self, rows: Timeline, parameters: Row) -> Iterable[int]:
        """Return the numbers of those rows, in their order."""
        offset, limit = self._span(parameters)
        return self._placed(self._numbers(rows, parameters), rows, offset, limit)

    def answer(self, name: str, rows: list[Row]) -> Envelope:
        """Return the envelope of a page; no rows are EMPTY, in one of the forms that it may have."""
        empty = str(self._switches["empty_body"])
        if rows or empty == "ok":
            return okay({name: rows})
        return Envelope("EMPTY", EMPTY_BODIES[empty])

    def _span(self, parameters: Row) -> tuple[int, int | None]:
        cap, default = self._switches.number("page_cap"), self._switches.number("default_limit")
        asked = parameters.get("limit")
        limit = default if asked is None else whole("limit", asked)
        # `offset` only works together with `limit` (§2.1).
        offset = 0 if asked is None else whole("offset", parameters.get("offset") or 0)
        if self._switches["offset"] == "ignored":
            offset = 0
        if limit == 0 and asked is not None and self._switches["limit_zero"] == "unlimited":
            limit = None
        if limit is not None and (limit < 0 or offset < 0):
            message = "Parameters limit and offset must not be negative"
            raise BadParameter(message)
        sizes = [size for size in (limit, cap) if size is not None]
        return offset, min(sizes) if sizes else None

    def _numbers(self, rows: Timeline, parameters: Row) -> Segments | list[int]:
        window = rows.window(self._bound("from", parameters), self._bound("to", parameters))
        numbers: Segments | list[int] = window
        if parameters.get("ids"):
            wanted = {whole("ids", number) for number in as_list(parameters["ids"])}
            numbers = sorted(number for number in wanted if number in window)
        if parameters.get("status") not in (None, "", []):
            statuses = {whole("status", status) for status in as_list(parameters["status"])}
            numbers = [number for number in numbers if (rows.get(number) or {}).get("stat_status") in statuses]
        return numbers

    def _bound(self, name: str, parameters: Row) -> int | None:
        text = parameters.get(name)
        if text in (None, ""):
            return None
        date, _, time = str(text).strip().partition(" ")
        match = _DATE.fullmatch(date)
        if match is None or (time and not _TIME.fullmatch(time)):
            message = f"Parameter {name} has wrong format"
            raise BadParameter(message)
        year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
        try:
            second = parse_written(f"{year}-{month}-{day} {time or '00:00:00'}")
        except ValueError:
            message = f"Parameter {name} has wrong format"
            raise BadParameter(message) from None
        whole_day = name == "to" and not time and self._switches["date_only_to"] == "end_of_day"
        return second + DAY - 1 if whole_day else second

    def _placed(self, numbers: Segments | list[int], rows: Timeline, offset: int, limit: int | None) -> Iterable[int]:
        total = len(numbers) if isinstance(numbers, list) else numbers.total
        take = total if limit is None else limit
        sort = self._switches["sort"]
        if sort == "shuffled":
            return self._in_chance_order(numbers, rows)[offset : offset + take]
        if sort == "desc":
            end = max(0, total - offset)
            start = max(0, end - take)
            offset, take = start, end - start
        part = numbers[offset : offset + take] if isinstance(numbers, list) else numbers.slice(offset, take)
        return reversed(part) if sort == "desc" else part

    def _in_chance_order(self, numbers: Segments | list[int], rows: Timeline) -> list[int]:
        """Return the numbers in an order that means nothing, yet is the same at every call (as an index scan's is)."""
        if isinstance(numbers, list) or numbers.total <= _FEW:
            return sorted(numbers, key=_chance)
        key = (id(rows), rows.version, numbers)
        if key not in self._shuffled:
            self._shuffled = {key: sorted(numbers, key=_chance)}
        return self._shuffled[key]


def _chance(number: int) -> bytes:
    return blake2b(b"%d" % number, digest_size=8).digest()
