"""What an endpoint of the API is given, and the small readings that several of them share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from horoshop_esputnik_sandbox.esputnik.wording import RefusalError

MOST_ROWS = 500


@dataclass(frozen=True)
class Call:
    """One request that was let in: parts of its path, its query, its body as it came."""

    parts: dict[str, Any]
    query: dict[str, str]
    body: bytes = b""

    def payload(self) -> dict[str, Any]:
        """Return the body as a JSON object, or refuse the request with 400."""
        try:
            payload = json.loads(self.body)
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            raise RefusalError(400, "Request body is not readable")
        return payload

    def rows(self, found: list[Any]) -> list[Any]:
        """Return the part of a list that `startindex` (from 1) and `maxrows` (at most 500) ask for."""
        start, most = self.whole("startindex", 1), self.whole("maxrows", MOST_ROWS)
        if start < 1 or not 1 <= most <= MOST_ROWS:
            raise RefusalError(400, "startindex and maxrows are out of range")
        return found[start - 1 : start - 1 + most]

    def whole(self, name: str, default: int) -> int:
        """Return a whole number of the query."""
        text = self.query.get(name)
        if text in (None, ""):
            return default
        if not str(text).isdecimal():
            raise RefusalError(400, f"{name} must be a number")
        return int(str(text))


def listed(payload: dict[str, Any], name: str, most: int, oversize: object) -> list[Any]:
    """Return a list of the payload, of 1 to `most` elements, or refuse the request."""
    elements = payload.get(name)
    if not isinstance(elements, list) or not elements:
        raise RefusalError(400, f"{name} is required")
    if len(elements) > most:
        raise RefusalError(int(str(oversize)), f"{name} has more than {most} elements")
    return elements
