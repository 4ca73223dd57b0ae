"""Rows in the order of their numbers and times: most of them computed, the changed ones held."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

from horoshop_esputnik_sandbox.sample.days import parse_written

Row = dict[str, Any]


class Sample(Protocol):
    """What a timeline starts from: `size` rows, whose times never fall with the index."""

    size: int

    def row(self, index: int) -> Row:
        """Return one row."""

    def second(self, index: int) -> int:
        """Return a row's local second without making the row."""


class Segments:
    """Numbers in ascending order, as ranges: a window of a million rows costs as little as one of ten."""

    def __init__(self, ranges: list[range]) -> None:
        self._ranges = [part for part in ranges if part]
        self.total = sum(len(part) for part in self._ranges)

    def __iter__(self) -> Iterator[int]:
        for part in self._ranges:
            yield from part

    def __contains__(self, number: object) -> bool:
        return any(number in part for part in self._ranges)

    def slice(self, offset: int, limit: int) -> list[int]:
        """Return the numbers at places offset … offset + limit."""
        found: list[int] = []
        for part in self._ranges:
            if offset >= len(part):
                offset -= len(part)
                continue
            found += part[offset : offset + limit - len(found)]
            offset = 0
            if len(found) >= limit:
                break
        return found


class Timeline:
    """The rows of one kind (customers, or orders) as the shop holds them now.

    `version` grows with every change.
    """

    def __init__(self, sample: Sample, first_id: int, id_field: str, time_field: str) -> None:
        self._sample = sample
        self._first = first_id
        self._id_field = id_field
        self._time_field = time_field
        self.version = 0
        self._held: dict[int, Row] = {}
        self._moved: dict[int, int] = {}  # local seconds of rows that the sample does not have there
        self._deleted: set[int] = set()
        self._next = first_id + sample.size
        self._last_window: tuple[object, Segments] | None = None

    def __len__(self) -> int:
        added = sum(1 for number in self._held if not self._in_sample(number))
        return self._sample.size + added - sum(1 for number in self._deleted if self._in_sample(number))

    def get(self, number: int) -> Row | None:
        """Return a row by its number; None if there is none (any more)."""
        if number in self._deleted:
            return None
        held = self._held.get(number)
        if held is not None:
            return held
        return self._sample.row(number - self._first) if self._in_sample(number) else None

    def add(self, row: Row) -> int:
        """Put a new row at the end, or under the number that it brings; return the number."""
        number = int(row.get(self._id_field) or self._next)
        if self.get(number) is not None:
            message = f"{self._id_field} {number} is taken"
            raise ValueError(message)
        self._next = max(self._next, number + 1)
        self._deleted.discard(number)
        self._hold(number, {self._id_field: number, **row, self._id_field: number})
        return number

    def edit(self, number: int, fields: Row) -> Row:
        """Change fields of a row; raises KeyError if there is none."""
        row = self.get(number)
        if row is None:
            raise KeyError(number)
        self._hold(number, {**row, **fields, self._id_field: number})
        return self._held[number]

    def delete(self, number: int) -> None:
        """Take a row away, without a trace for the API; raises KeyError if there is none."""
        if self.get(number) is None:
            raise KeyError(number)
        self._held.pop(number, None)
        self._moved.pop(number, None)
        self._deleted.add(number)
        self.version += 1

    def window(self, since: int | None, until: int | None) -> Segments:
        """Return the numbers of rows whose time lies within local seconds, both ends included."""
        key = (since, until, self.version)
        if self._last_window is None or self._last_window[0] != key:
            self._last_window = (key, self._find(since, until))
        return self._last_window[1]

    def _find(self, since: int | None, until: int | None) -> Segments:
        indices = range(self._sample.size)
        low = 0 if since is None else bisect_left(indices, since, key=self._sample.second)
        high = len(indices) if until is None else bisect_right(indices, until, key=self._sample.second)
        base = range(self._first + low, self._first + max(low, high))

        def within(number: int) -> bool:
            second = self._moved[number]
            return (since is None or second >= since) and (until is None or second <= until)

        leaving = {number for number in self._moved if number in base and not within(number)}
        gone = sorted(leaving | {number for number in self._deleted if number in base})
        joining = [range(number, number + 1) for number in self._moved if number not in base and within(number)]
        kept, start = [], base.start
        for number in gone:
            kept.append(range(start, number))
            start = number + 1
        return Segments(sorted([*kept, range(start, base.stop), *joining], key=lambda part: part.start))

    def _hold(self, number: int, row: Row) -> None:
        second = parse_written(row[self._time_field])
        if self._in_sample(number) and second == self._sample.second(number - self._first):
            self._moved.pop(number, None)
        else:
            self._moved[number] = second
        self._held[number] = row
        self.version += 1

    def _in_sample(self, number: int) -> bool:
        return 0 <= number - self._first < self._sample.size
