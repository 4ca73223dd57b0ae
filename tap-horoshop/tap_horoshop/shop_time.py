"""Pure: between the shop's zone-less timestamps and instants.

The shop writes and filters by wall-clock time without a zone (`horoshop-api.md` §6). Twice a year that time is not one
line: an hour is repeated in autumn and skipped in spring. Whatever is computed here errs towards reading an hour twice.
"""

from __future__ import annotations

import datetime as dt

UTC = dt.timezone.utc
SECOND = dt.timedelta(seconds=1)
STAMP = "%Y-%m-%d %H:%M:%S"
# Before any shop, and after all of them: what people write for "always" and "never" is counted on from, and overflows.
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=UTC)
LATEST = dt.datetime(9000, 1, 1, tzinfo=UTC)


def parse_stamp(text: object) -> dt.datetime | None:
    """Read the shop's `YYYY-MM-DD HH:MM:SS` (also with T, also a bare date) as wall-clock time.

    Returns:
        A datetime without zone, or None when it is no date; MySQL's `0000-00-00 00:00:00` is none.
    """
    if not isinstance(text, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if moment.tzinfo else moment.replace(microsecond=0)


def with_offset(wall: dt.datetime, zone: dt.tzinfo) -> str:
    """Write a wall-clock time with the zone's offset; in a repeated hour the first of both."""
    return wall.replace(tzinfo=zone).isoformat()


def wall_clock(instant: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Tell what the shop's clock shows at an instant, to the second."""
    return instant.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def earliest_instant(wall: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Return the earliest instant that a wall-clock time can stand for.

    A repeated time stands for two instants, and a skipped one has two readings; the earlier never skips a row.
    """
    readings = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings)


def first_wall_clock_since(instant: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Return a wall-clock time that is not after the stamp of anything made at the instant or later.

    In a repeated hour later rows carry earlier stamps, so the whole hour is stepped back over.
    """
    wall = wall_clock(instant, zone)
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1))
    return wall - max(first - second, dt.timedelta())


def parse_instant(text: str, zone: dt.tzinfo) -> dt.datetime | None:
    """Read an ISO date or date-time; without an offset it is the zone's time.

    Returns:
        An instant in UTC, from `EARLIEST` to `LATEST`, or None when the text is no date.
    """
    try:
        # Python 3.10 does not know the letter Z.
        moment = dt.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if not EARLIEST.year <= moment.year < LATEST.year:
        return EARLIEST if moment.year < EARLIEST.year else LATEST
    return moment.astimezone(UTC) if moment.tzinfo else earliest_instant(moment, zone)


def bookmark_text(instant: dt.datetime) -> str:
    """Write an instant in the one form of every bookmark: `YYYY-MM-DDTHH:MM:SS+00:00`."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")
