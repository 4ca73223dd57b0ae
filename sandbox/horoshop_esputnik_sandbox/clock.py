"""The sandbox's own clock, so that tests need not wait for what takes minutes at the vendors."""

from __future__ import annotations

import time
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Europe/Kyiv")


class Clock:
    """Real time plus what `advance` has added: for token lifetimes, imports, the duplicate guard."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return seconds since 1970 as the sandbox sees them."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._ahead += seconds

    def stamp(self) -> str:
        """Return the present moment as ISO 8601 in UTC, for logs and events."""
        return datetime.fromtimestamp(self.now(), tz=timezone.utc).isoformat()


def shop_time_now(zone: tzinfo = SHOP_ZONE) -> str:
    """Return the shop's local time, without a zone, as Horoshop writes it.

    It is the real time: `advance` would otherwise date new orders in a client's future.
    """
    return datetime.now(zone).strftime("%Y-%m-%d %H:%M:%S")
