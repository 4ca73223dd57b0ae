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
from tap_horoshop.shop_time import UTC, bookmark_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

STAYS_AFTER_END = dt.timedelta(days=14)
TRIES = 3
SLACK = dt.timedelta(minutes=5)


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
        # One text for them all: a hundred thousand orders may be found to be over in one run.
        self._now_as_text = bookmark_text(now)
        self._long_over: dict[str, bool] = {}
        self._follow = follow
        self._known_until = bookmark if state else None
        self.read_at = _instant(state.get("read_at"))
        self._open = set(_numbers(state.get("open", "")))
        self._over = {
            number: since for since, numbers in _object(state.get("over")).items() for number in _numbers(numbers)
        }
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

    def ids(self) -> set[int]:
        """Return the ids of all orders that are followed now."""
        over = {number for number, since in self._over.items() if not self._is_long_over(since)}
        return self._open | over if self._follow else set()

    def note(self, seen: SeenOrder) -> None:
        """Take in what an order was read as."""
        number, is_over, created = seen
        self._missing.pop(number, None)
        was_open = number in self._open
        self._open.discard(number)
        since = self._over.pop(number, None)
        if self._now - created > self._follow:
            return
        if not is_over:
            self._open.add(number)
        elif since is not None:
            if not self._is_long_over(since):
                self._over[number] = since
        elif was_open or not self._was_known(created):
            # A known order that is final and was not followed any more has been over for long.
            self._over[number] = self._now_as_text

    def note_read_by_time(self) -> None:
        """Take in that all orders were read that a run has to read by time."""
        self._complete_since, self._complete_with = self._wanted_since, self._final

    def forget(self, number: int) -> None:
        """Follow an order no longer."""
        self._open.discard(number)
        self._over.pop(number, None)
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
        by_end: dict[str, list[int]] = {}
        for number, since in self._over.items():
            if not self._is_long_over(since):
                by_end.setdefault(since, []).append(number)
        return {
            "open": _ranges(self._open),
            "over": {since: _ranges(numbers) for since, numbers in sorted(by_end.items())},
            "missing": {
                str(number): tries for number, tries in sorted(self._missing.items()) if self._is_followed(number)
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

    def _is_followed(self, number: int) -> bool:
        since = self._over.get(number)
        return bool(self._follow) and (number in self._open or (since is not None and not self._is_long_over(since)))

    def _is_long_over(self, since: str) -> bool:
        if since not in self._long_over:
            moment = _instant(since)
            self._long_over[since] = moment is not None and self._now - moment >= STAYS_AFTER_END
        return self._long_over[since]


def _ranges(numbers: Iterable[int]) -> str:
    """Write numbers as `1-3,7`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


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
