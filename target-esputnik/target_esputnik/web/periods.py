"""Pure: the period that a visitor chose, as moments of the ledger and as the bars of a chart.

Days are those of the zone that is shown: on the nights of a clock change they have 23 or 25 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from target_esputnik.ledger.moments import text_of
from target_esputnik.ledger.standing import Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

PRESETS: Final = {"today": 1, "7d": 7, "30d": 30}
DEFAULT: Final = "7d"
ALL: Final = "all"
CUSTOM: Final = "custom"
MOST_DAYS_BY_DAY: Final = 62
MOST_DAYS_BY_WEEK: Final = 400
FIRST_YEAR: Final = 2000


class Bar(NamedTuple):
    """A bar of the chart: its days, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Chosen:
    """A period of whole days.

    Attributes:
        name: of a preset, `all` or `custom`.
        first: its first day; None is the beginning.
        last: its last day; None is open.
        zone: whose days are meant.
        wrong: what was typed makes no period; the default is taken.
    """

    name: str
    first: date | None
    last: date | None
    zone: ZoneInfo
    wrong: bool = False

    @property
    def span(self) -> Span:
        """The period as ledger text."""
        return Span(
            None if self.first is None else midnight(self.first, self.zone),
            None if self.last is None else midnight(self.last + timedelta(days=1), self.zone),
        )

    @property
    def query(self) -> dict[str, str]:
        """What stands in a link that means this period."""
        if self.name == CUSTOM and self.first is not None and self.last is not None:
            same = {"day": self.first.isoformat()}
            return same if self.first == self.last else {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {} if self.name == DEFAULT else {"period": self.name}

    def bars(self, beginning: date, today: date) -> list[Bar]:
        """Its days, or weeks or months where there are too many of them; they leave no gap.

        Args:
            beginning: where a period without a first day begins at the latest.
            today: where one without a last day ends.
        """
        last = self.last if self.last is not None else today
        first = self.first if self.first is not None else min(beginning, last)
        days = (last - first).days + 1
        bars: list[Bar] = []
        while first <= last:
            if days <= MOST_DAYS_BY_DAY:
                end = first
            elif days <= MOST_DAYS_BY_WEEK:
                end = first + timedelta(days=6 - first.weekday())
            else:
                end = (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            bars.append(Bar(first, min(end, last)))
            first = end + timedelta(days=1)
        return bars

    def spans(self, bars: list[Bar]) -> list[Span]:
        """The bars as ledger text; the outer ones are open where the period is."""
        edges = [midnight(bar.first, self.zone) for bar in bars]
        begin, end = self.span
        return [
            Span(begin if place == 0 else edge, end if place == len(edges) - 1 else edges[place + 1])
            for place, edge in enumerate(edges)
        ]


def midnight(day: date, zone: ZoneInfo) -> str:
    """The moment in which a day begins, as ledger text."""
    return text_of(datetime.combine(day, time(), zone))


def chosen(query: Mapping[str, str], zone: ZoneInfo, today: date) -> Chosen:
    """The period that a link or a form asks for: `day`, `from` and `to`, or `period`; else the default."""
    typed = [query.get("day", ""), query.get("day", "")] if query.get("day") else [query.get("from"), query.get("to")]
    if any(typed):
        first, last = (_day(text) for text in typed)
        wrong = any(text and day is None for text, day in zip(typed, (first, last), strict=True))
        begin = first or last or today
        end = last or max(today, begin)
        if not wrong and begin <= end:
            return Chosen(CUSTOM, begin, end, zone)
        return _preset(DEFAULT, zone, today, wrong=True)
    name = query.get("period") or DEFAULT
    if name == ALL:
        return Chosen(ALL, None, None, zone)
    return _preset(name if name in PRESETS else DEFAULT, zone, today, wrong=name not in PRESETS)


def _preset(name: str, zone: ZoneInfo, today: date, *, wrong: bool) -> Chosen:
    return Chosen(name, today - timedelta(days=PRESETS[name] - 1), today, zone, wrong)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    # Beyond, midnights of some zone lie outside of what a date can hold.
    return day if day is None or FIRST_YEAR <= day.year < 9000 else None  # noqa: PLR2004
