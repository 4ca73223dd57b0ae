"""What an answer of HTTP, or its absence, asks for: a table, and the two headers and errors that need reading."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

RETRY, REFUSE, PERSON, GONE, MISPLACED, DUPLICATE = "retry", "refuse", "person", "gone", "misplaced", "duplicate"

ACTION_BY_STATUS: Final[dict[int, str]] = {
    400: REFUSE,
    401: PERSON,
    403: PERSON,
    404: GONE,
    408: RETRY,
    409: DUPLICATE,
    413: REFUSE,
    422: REFUSE,
    429: RETRY,
}
"""What an HTTP status asks for. Any 5xx is retried; any other 3xx or 4xx is not eSputnik speaking."""


def action_for(status: int) -> str:
    """The action for an HTTP status of 300 or more."""
    return RETRY if status >= 500 else ACTION_BY_STATUS.get(status, MISPLACED)  # noqa: PLR2004


def never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection was never made, so that the request cannot have done anything."""
    reason: object = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, (NewConnectionError, NameResolutionError))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for, given as seconds or as a date; None without it."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    if not value:
        return None
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())
