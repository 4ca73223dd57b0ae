"""Every request received, within bounds: the oldest bodies go first."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock

MOST_ENTRIES = 100_000
MOST_BYTES = 64 * 2**20
HIDDEN = "[secure]"
SECRETS = ("token", "password")
_NUMBERED = re.compile(r"/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")


@dataclass
class Entry:
    """One request; `status` is what was answered, None if the connection was closed instead. No headers are kept."""

    seq: int
    api: str
    method: str
    path: str
    query: str
    content_type: str
    body: bytes | None
    at: str
    status: int | None = None

    def shown(self) -> dict[str, Any]:
        """Return the request as the control API shows it; the shop's tokens and passwords are hidden."""
        return {
            "seq": self.seq,
            "api": self.api,
            "method": self.method,
            "path": self.path,
            "query": _hidden(dict(parse_qsl(self.query, keep_blank_values=True))),
            "body": self._readable(),
            "status": self.status,
            "at": self.at,
        }

    def _readable(self) -> Any:
        if self.body is None:
            return None
        text = self.body.decode("utf-8", "replace")
        if "urlencoded" in self.content_type:
            return _hidden(parse_qs(text, keep_blank_values=True))
        try:
            return _hidden(json.loads(text))
        except ValueError:
            return HIDDEN if any(secret in text for secret in SECRETS) else text


class RequestLog:
    """The log; with `counts_only` it counts and keeps nothing."""

    def __init__(self, clock: Clock, *, counts_only: bool) -> None:
        self._clock = clock
        self._counts_only = counts_only
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._with_body: deque[Entry] = deque()
        self._bytes = 0
        self._last = 0
        self.counts: Counter[str] = Counter()

    def receive(self, api: str, method: str, path: str, query: str, content_type: str, body: bytes) -> Entry:  # noqa: PLR0917
        """Take a request in; its status is given to `close` when it is known."""
        self._last += 1
        kept = None if self._counts_only else body
        entry = Entry(self._last, api, method, path, query, content_type, kept, self._clock.stamp())
        if not self._counts_only:
            self._entries.append(entry)
            self._bound(entry)
        return entry

    def close(self, entry: Entry, status: int | None) -> None:
        """Note what a request was answered."""
        entry.status = status
        kind = _NUMBERED.sub("/{id}", entry.path)
        self.counts[f"{entry.api} {entry.method} {kind} {status or 'dropped'}"] += 1

    def entries(self, api: str | None) -> list[Entry]:
        """Return the requests kept, oldest first."""
        return [entry for entry in self._entries if api in (None, entry.api)]

    def _bound(self, entry: Entry) -> None:
        self._with_body.append(entry)
        self._bytes += len(entry.body or b"")
        while self._bytes > MOST_BYTES or len(self._with_body) > MOST_ENTRIES:
            oldest = self._with_body.popleft()
            self._bytes -= len(oldest.body or b"")
            oldest.body = None


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: HIDDEN if name in SECRETS else inner for name, inner in value.items()}
    return value
