"""The guard against duplicates: the same request again within a minute answers 409 (esputnik-api.md §1.9)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.switches import Switches

MINUTE = 60.0


class DuplicateGuard:
    """Remembers bodies of POSTs for a minute of the sandbox's clock."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._seen: dict[bytes, float] = {}

    def watches(self, method: str, path: str) -> bool:
        """Return whether the guard looks at such a request."""
        scope = self._switches["duplicate_guard"]
        return method == "POST" and (scope == "all" or (scope == "subscribe" and path.endswith("/contact/subscribe")))

    def knows(self, path: str, body: bytes) -> bool:
        """Return whether the same body came to the same address within the last minute."""
        return self._clock.now() - self._seen.get(_key(path, body), -MINUTE) < MINUTE

    def remember(self, path: str, body: bytes) -> None:
        """Keep a request in mind."""
        now = self._clock.now()
        while self._seen and now - next(iter(self._seen.values())) >= MINUTE:
            del self._seen[next(iter(self._seen))]
        self._seen[_key(path, body)] = now


def _key(path: str, body: bytes) -> bytes:
    return blake2b(path.encode() + b"\0" + body, digest_size=16).digest()
