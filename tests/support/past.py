"""Shops with a past, and states of runs that were earlier."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox import Sandbox

UTC = dt.timezone.utc
NOW = dt.datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> dt.datetime:
    """Tell when it was so long ago."""
    return NOW - dt.timedelta(**span)


def stamp(moment: dt.datetime) -> str:
    """Write a moment as the shop does: some hours off do no harm where days are counted."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def earlier(state: dict[str, Any], **span: float) -> dict[str, Any]:
    """Return a state as if the run that wrote it had been so much earlier."""

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {moved(key): moved(item) for key, item in value.items()}
        if isinstance(value, str) and value.endswith("+00:00"):
            return (dt.datetime.fromisoformat(value) - dt.timedelta(**span)).isoformat()
        return value

    return dict(moved(copy.deepcopy(state)))


def ids_asked_for(sandbox: Sandbox, since: int) -> list[int]:
    """Return the ids that were asked for after so many requests."""
    bodies = [r["body"] for r in sandbox.requests("shop")[since:] if r["path"] == "/orders/get"]
    return sorted(number for body in bodies for number in body.get("ids", []))
