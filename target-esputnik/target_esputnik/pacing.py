"""How fast requests leave: an even pace that halves when eSputnik says 429, and recovers slowly.

Limits per account can be far stricter than the documented 200 a second (`reference/esputnik-api.md §1.7`), so the
pace is found, not assumed.
"""

from __future__ import annotations

import threading
import time

SLOWEST = 0.2
"""Requests a second that the pace never falls below: one each five seconds still gets somewhere."""

_GAIN = 1.1
_SUCCESSES_BEFORE_GAIN = 20
_SECONDS_OF_A_BURST = 1.0


class Pace:
    """Gives every request its turn. Safe to use from several threads.

    Args:
        fastest: requests a second at the most.
    """

    def __init__(self, fastest: float) -> None:
        self._fastest = float(fastest)
        self._rate = float(fastest)
        self._next_turn = 0.0
        self._paused_until = float("-inf")
        self._successes = 0
        self._slowed_at = float("-inf")
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Requests a second at the moment."""
        return self._rate

    def wait_turn(self, patience: float = float("inf")) -> bool:
        """Sleep until it is this request's turn.

        Args:
            patience: seconds of a pause that are worth waiting for.

        Returns:
            False, at once, where the pause that eSputnik asked for is longer: this request has no turn in time.
        """
        with self._lock:
            now = time.monotonic()
            if self._paused_until - now > patience:
                return False
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self._rate
        if turn > now:
            time.sleep(turn - now)
        return True

    def slow_down(self, pause: float = 0.0) -> None:
        """Halve the pace after a 429, and let nothing leave for `pause` seconds (Retry-After).

        Requests that were under way together are refused together: that is one reason to slow down, not several.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._slowed_at >= _SECONDS_OF_A_BURST:
                self._rate = max(SLOWEST, self._rate / 2)
                self._slowed_at = now
            self._successes = 0
            self._paused_until = max(self._paused_until, now + pause)
            self._next_turn = max(self._next_turn, now + pause)

    def went_well(self) -> None:
        """Count a request that was taken; after enough of them the pace grows by a tenth."""
        with self._lock:
            self._successes += 1
            if self._successes >= _SUCCESSES_BEFORE_GAIN and self._rate < self._fastest:
                self._successes = 0
                self._rate = min(self._fastest, self._rate * _GAIN)
