"""Pure: which orders are followed by id, beyond the lookback, and for how long.

The API has no filter for changes (`horoshop-api.md` §2.1), so an old order's change is seen only by asking for it by
id. All orders that are open, or over for less than 14 days, are kept; those within the lookback are read by time
anyway, and are here so that they are not lost on the day they leave it. Ids are written as ranges (`1-4500,4502`):
order numbers are dense, and a year of them must not make a state of megabytes.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_horoshop.errors import StateInvalidError
from tap_horoshop.order_marks import OrderMarks, Ranges
from tap_horoshop.shop_time import UTC, bookmark_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

STAYS_AFTER_END = dt.timedelta(days=14)
TRIES = 3
SLACK = dt.timedelta(minutes=5)

# What is remembered of an order is one number: whether this run has met it, and what it is. From `_FIRST_END` on: over,
# since the moment that stands there in the list of ends.
_NOT, _OPEN, _FIRST_END = 0, 1, 2


def is_due(last: dt.datetime | None, every: dt.timedelta, now: dt.datetime) -> bool:
    """Tell whether something that is done every so often is due; a scheduler's jitter of minutes does not put it off.

    A last time that lies in the future is a clock that was wrong: it is due.
    """
    return last is None or last > now or now - last >= every - SLACK


class SeenOrder(NamedTuple):
    """What an order was read as: its number, whether its status is final, and when it was created."""

    number: int
    is_over: bool
    created: dt.datetime


class Followed:
    """The orders that are followed, as the state of the stream keeps them.

    Args:
        state: What `as_state` wrote in the run before; `{}` at first.
        bookmark: Up to where the run before had read orders; one that was created by then is known.
        now: The start of this run.
        follow: How long an order is followed, from its creation.
        start: Orders from before are nobody's business.
        final: The ids of the statuses after which an order is over.
    """

    def __init__(
        self,
        state: dict[str, Any],
        *,
        bookmark: dt.datetime | None,
        now: dt.datetime,
        follow: dt.timedelta,
        start: dt.datetime | None = None,
        final: frozenset[int] = frozenset(),
    ) -> None:
        self._now = now
        self._follow = follow
        self._known_until = bookmark if state else None
        self.read_at = _instant(state.get("read_at"))
        self._marks = OrderMarks()
        for number in _numbers(state.get("open", "")):
            self._mark(number, _OPEN)
        over = _object(state.get("over"))
        self._ends = list(dict.fromkeys([*over, bookmark_text(now)]))
        self._now_over = _FIRST_END + self._ends.index(bookmark_text(now))
        self._long_over = [self._is_long_over(since) for since in self._ends]
        for kind, numbers in enumerate(over.values(), start=_FIRST_END):
            for number in _numbers(numbers):
                self._mark(number, kind)
        self._missing = _tries(state.get("missing"))
        self._wanted_since = max(filter(None, [now - follow, start]))
        self._final = final
        # What is known of an order that is not followed: that it was over for long, if it is not older than this.
        self._complete_since = _instant(state.get("since"))
        self._complete_with = _statuses(state.get("final"))
        self._complete_before = self._complete_since
        if bookmark is None:
            self.note_read_by_time()

    @property
    def unknown_since(self) -> dt.datetime | None:
        """Since when orders have to be read by time, for none that is open to be missed; None: all are known.

        So it is when no run before followed orders, or it did so for a shorter time, or an order was over then that is
        not by the settings of now.
        """
        if not self._follow:
            return None
        known = self._complete_since is not None and self._wanted_since >= self._complete_since - SLACK
        return None if known and self._complete_with <= self._final else self._wanted_since

    def meet(self, number: int) -> None:
        """Take in that this run has an order, whatever it is read as."""
        self._marks[number] = self._marks[number] | 1

    def not_met(self) -> list[int]:
        """Return the ids of all orders that are followed, and that this run does not have yet; in order."""
        return [number for number, mark in self._marks if not mark & 1 and self._follows(mark >> 1)]

    def note(self, seen: SeenOrder) -> None:
        """Take in what an order was read as."""
        number, is_over, created = seen
        self._missing.pop(number, None)
        before = self._marks[number] >> 1
        kind = _NOT
        if self._now - created <= self._follow:
            if not is_over:
                kind = _OPEN
            elif before >= _FIRST_END:
                kind = _NOT if self._long_over[before - _FIRST_END] else before
            elif before == _OPEN or not self._was_known(created):
                # A known order that is final and was not followed any more has been over for long.
                kind = self._now_over
        self._mark(number, kind)

    def note_read_by_time(self) -> None:
        """Take in that all orders were read that a run has to read by time."""
        self._complete_since, self._complete_with = self._wanted_since, self._final

    def forget(self, number: int) -> None:
        """Follow an order no longer."""
        self._mark(number, _NOT)
        self._missing.pop(number, None)

    def note_all_read(self, missing: Iterable[int]) -> list[int]:
        """Take in that all followed orders were asked for.

        Args:
            missing: Those that the shop did not know.

        Returns:
            Those that it did not know for the third time; they are followed no longer.
        """
        self.read_at = self._now
        given_up = []
        for number in missing:
            self._missing[number] = self._missing.get(number, 0) + 1
            if self._missing[number] >= TRIES:
                self.forget(number)
                given_up.append(number)
        return given_up

    def as_state(self) -> dict[str, Any]:
        """Return what the next run needs, as JSON; never more than the orders that are followed."""
        of_kind: dict[int, Ranges] = {}
        for number, mark in self._marks:
            kind = mark >> 1
            if kind == _OPEN or (kind and not self._long_over[kind - _FIRST_END]):
                if kind not in of_kind:
                    of_kind[kind] = Ranges()
                of_kind[kind].add(number)
        open_ones = of_kind.pop(_OPEN, Ranges())
        return {
            "open": str(open_ones),
            "over": dict(sorted((self._ends[kind - _FIRST_END], str(numbers)) for kind, numbers in of_kind.items())),
            "missing": {
                str(number): tries
                for number, tries in sorted(self._missing.items())
                if self._follows(self._marks[number] >> 1)
            },
            "read_at": bookmark_text(self.read_at) if self.read_at else None,
            "since": bookmark_text(self._complete_since) if self._complete_since else None,
            "final": sorted(self._complete_with),
        }

    def _was_known(self, created: dt.datetime) -> bool:
        """Tell whether the run before knew the orders of that time."""
        if self._known_until is None or created > self._known_until:
            return False
        return self._complete_before is not None and created >= self._complete_before

    def _mark(self, number: int, kind: int) -> None:
        self._marks[number] = kind << 1 | self._marks[number] & 1

    def _follows(self, kind: int) -> bool:
        """Tell whether orders of this kind are followed."""
        if kind < _FIRST_END:
            return kind == _OPEN and bool(self._follow)
        return bool(self._follow) and not self._long_over[kind - _FIRST_END]

    def _is_long_over(self, since: str) -> bool:
        moment = _instant(since)
        return moment is not None and self._now - moment >= STAYS_AFTER_END


def _numbers(text: object) -> Iterable[int]:
    if not isinstance(text, str):
        raise StateInvalidError("state_ids")
    try:
        for run in filter(None, text.split(",")):
            first, _, last = run.partition("-")
            yield from range(int(first), int(last or first) + 1)
    except ValueError:
        raise StateInvalidError("state_ids") from None


def _object(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise StateInvalidError("state_followed")
    return value


def _tries(value: object) -> dict[int, int]:
    try:
        return {int(number): int(tries) for number, tries in _object(value).items()}
    except (TypeError, ValueError):
        raise StateInvalidError("state_ids") from None


def _statuses(value: object) -> frozenset[int]:
    return frozenset(number for number in value if isinstance(number, int)) if isinstance(value, list) else frozenset()


def _instant(text: object) -> dt.datetime | None:
    return parse_instant(text, UTC) if isinstance(text, str) else None
