"""Workflow events: what would have started an account's workflows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock


class EventLog:
    """Every event fired, oldest first; with `counts_only` just how many of each type."""

    def __init__(self, clock: Clock, *, counts_only: bool) -> None:
        self._clock = clock
        self._counts_only = counts_only
        self.fired: list[dict[str, Any]] = []
        self.by_type: Counter[str] = Counter()

    def fire(self, kind: str, key: str, contact_id: int | None, params: dict[str, Any], **more: Any) -> None:
        """Fire an event."""
        self.by_type[kind] += 1
        if not self._counts_only:
            event = {"type": kind, "key": key, "contactId": contact_id, "params": params, "at": self._clock.stamp()}
            self.fired.append({**event, **more})
