"""Moments as the ledger writes them: UTC, microseconds, fixed width, so that text sorts as time does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final

_FRACTION: Final = re.compile(r"\.(\d+)")
_USUAL: Final = "2026-11-28T09:30:00+02:00"
"""As the tap writes them, which Python reads without help."""


def text_of(moment: datetime) -> str:
    """A moment with a zone as ledger text."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """Ledger text as a moment."""
    return datetime.fromisoformat(text)


def parsed(text: str) -> datetime:
    """A date-time of a record or a setting; one without an offset is taken as UTC. Raises ValueError."""
    # Python 3.10 reads neither a Z nor a fraction of other than three or six digits.
    if not (len(text) == len(_USUAL) and text[19] in "+-"):
        text = text.strip().upper().replace("Z", "+00:00")
        text = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def now() -> datetime:
    """This moment."""
    return datetime.now(timezone.utc)


def now_text() -> str:
    """This moment, as ledger text."""
    return now().isoformat(timespec="microseconds")


def days_ago(days: float) -> str:
    """The moment so many days ago, as ledger text."""
    return text_of(now() - timedelta(days=days))
