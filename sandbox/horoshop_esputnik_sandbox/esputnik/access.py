"""Who may call what, and how often (esputnik-api.md §1.2, §1.7)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.esputnik.wording import RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.switches import Switches

API_KEY = "sandbox-api-key"
# "need no special right" (§1.2)
FREE = ("version", "account/info", "balance", "subscriptions", "addressbooks")
SCOPES: dict[str, tuple[str, ...]] = {
    "full": ("read", "write", "orders", "event"),
    "contacts": ("read", "write", "event"),
    "contacts_write": ("write", "event"),
    "events": ("event",),
    "messages": (),
}


def check_key(header: str | None, switches: Switches) -> None:
    """Raise 401 unless HTTP Basic brings the key as the password, with any user name."""
    scheme, _, token = (header or "").partition(" ")
    try:
        _, _, key = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        key = ""
    if scheme.lower() != "basic" or key != API_KEY or switches["key_scope"] == "disabled":
        raise RefusalError(401, "Unauthorized", {"www-authenticate": 'Basic realm="eSputnik"'})


def check_scope(method: str, path: str, switches: Switches) -> None:
    """Raise 403 when the key's level of access lacks the right for a call below `/v1/`."""
    if path in FREE:
        return
    if path.startswith("orders"):
        right = "orders"
    elif path.endswith(("event", "past_events")):
        right = "event"
    else:
        right = "read" if method == "GET" else "write"
    if right not in SCOPES[str(switches["key_scope"])]:
        raise RefusalError(403, "Access is denied")


class RateLimit:
    """Counts requests in each second of real time; what is too much answers 429."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._counts: dict[str, tuple[int, int]] = {}

    def check(self, *, search: bool) -> None:
        """Count one request; raise 429 when the second is full."""
        name = "search_rate_limit" if search else "rate_limit"
        most = self._switches.number(name)
        second = int(self._clock.now())
        before, count = self._counts.get(name, (second, 0))
        count = count + 1 if before == second else 1
        self._counts[name] = (second, count)
        if most is not None and count > most:
            raise RefusalError(429, "Too many requests", retry_after(str(self._switches["retry_after"]), 1))


def retry_after(form: str, seconds: float) -> dict[str, str]:
    """Return the header in one of its forms: none, seconds, or a date of real time."""
    if form == "seconds":
        return {"retry-after": str(int(seconds))}
    if form == "date":
        moment = datetime.fromtimestamp(datetime.now(timezone.utc).timestamp() + seconds, tz=timezone.utc)
        return {"retry-after": format_datetime(moment, usegmt=True)}
    return {}
