"""The intervals of schedules that Meltano takes: its own names, and the five fields of cron."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

INTERVALS: Final = frozenset(
    {"@once", "@manual", "@none", "@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually", "@midnight"}
)
"""Meltano's own names."""


class _Field(NamedTuple):
    least: int
    most: int
    names: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field(0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_PART: Final = re.compile(r"(\*|(?P<first>[0-9]{1,2}|[a-z]{3})(-(?P<last>[0-9]{1,2}|[a-z]{3}))?)(/[1-9][0-9]*)?")


def is_interval(value: Any) -> bool:
    """Whether Meltano takes it for the interval of a schedule."""
    if not isinstance(value, str):
        return False
    fields = value.lower().split()
    return value in INTERVALS or (
        len(fields) == len(_FIELDS) and all(_is_field(text, field) for text, field in zip(fields, _FIELDS, strict=True))
    )


def _is_field(text: str, field: _Field) -> bool:
    found = [_PART.fullmatch(part) for part in text.split(",")]
    return all(part and all(_fits(part[end], field) for end in ("first", "last")) for part in found)


def _fits(end: str | None, field: _Field) -> bool:
    return end is None or end in field.names or (end.isdecimal() and field.least <= int(end) <= field.most)
