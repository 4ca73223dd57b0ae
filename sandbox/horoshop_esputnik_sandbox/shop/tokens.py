"""Tokens of the shop's API: 32 hex characters that live for 600 seconds (horoshop-api.md §1.2)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.switches import Switches


class Tokens:
    """Tokens given out, and until when each is good."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._good_until: dict[str, float] = {}

    def give(self) -> str:
        """Return a new token; with the switch `token_sessions` at `newest` older ones end."""
        if self._switches["token_sessions"] == "newest":  # noqa: S105 - a switch, no token
            self.expire()
        token = secrets.token_hex(16)
        self._good_until[token] = self._until()
        return token

    def accepts(self, token: object) -> bool:
        """Return whether a token is known and has not run out."""
        if not isinstance(token, str) or self._good_until.get(token, 0.0) <= self._clock.now():
            return False
        if self._switches["token_window"] == "sliding":  # noqa: S105
            self._good_until[token] = self._until()
        return True

    def has_given(self, token: object) -> bool:
        """Return whether a token was good once."""
        return token in self._good_until

    def expire(self) -> None:
        """End every token at once."""
        self._good_until = dict.fromkeys(self._good_until, 0.0)

    def _until(self) -> float:
        return self._clock.now() + (self._switches.number("token_ttl") or 0)
