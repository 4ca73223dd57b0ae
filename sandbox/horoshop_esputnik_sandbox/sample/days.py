"""When things happened in the sample shop: seconds of local time, and their written form.

Times are *local seconds*: seconds since 1970-01-01 00:00:00 on the shop's wall clock, since Horoshop writes and filters
times without a zone (horoshop-api.md §6).
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from horoshop_esputnik_sandbox.clock import SHOP_ZONE

DAY = 86_400


def local_seconds(moment: datetime) -> int:
    """Return the local seconds of a moment; a moment without a zone is taken as the shop's local time."""
    local = moment.astimezone(SHOP_ZONE) if moment.tzinfo else moment
    return int(local.replace(tzinfo=timezone.utc).timestamp())


def written(seconds: int) -> str:
    """Return local seconds as `YYYY-MM-DD HH:MM:SS`."""
    day, rest = divmod(seconds, DAY)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return f"{date_of(day)} {hour:02}:{minute:02}:{second:02}"


@lru_cache(maxsize=4096)
def date_of(day: int) -> str:
    """Return a day since 1970 as `YYYY-MM-DD`."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(days=day)).strftime("%Y-%m-%d")


def parse_written(text: str) -> int:
    """Return the local seconds of `YYYY-MM-DD HH:MM:SS`."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp())


class Density:
    """How `size` events spread over the days before `end`: evenly, but `recent_share` in the last 30 days."""

    RECENT = 30 * DAY

    def __init__(self, size: int, end: int, span_days: int, recent_share: float) -> None:
        self.size = size
        self.end = end
        self.start = end - span_days * DAY
        self._old_share = 1 - recent_share
        self._turn = end - self.RECENT

    def at(self, place: float) -> int:
        """Return the local second of a place in the sequence, 0 ≤ place ≤ size."""
        share = place / self.size
        if share < self._old_share:
            return int(self.start + (self._turn - self.start) * share / self._old_share)
        return int(self._turn + self.RECENT * (share - self._old_share) / (1 - self._old_share))

    def place(self, second: int) -> float:
        """Return the place in the sequence of a local second: the inverse of `at`."""
        if second <= self.start:
            return 0.0
        if second < self._turn:
            share = (second - self.start) / (self._turn - self.start) * self._old_share
        else:
            share = self._old_share + (second - self._turn) / self.RECENT * (1 - self._old_share)
        return min(1.0, share) * self.size


def clock_changes(start: int, end: int) -> list[tuple[int, bool]]:
    """Return the nights when Kyiv's clocks change within local seconds: (that midnight, whether an hour repeats)."""
    changes = []
    for day in range(start // DAY + 1, end // DAY):
        midnight = datetime(1970, 1, 1, tzinfo=SHOP_ZONE) + timedelta(days=day)
        before, after = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
        if before is not None and after is not None and before != after:
            changes.append((day * DAY, after < before))
    return changes
