"""Webhook subscriptions (horoshop-api.md §5). They are kept, never delivered: the sandbox calls nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.shop.envelope import Bare, Envelope, error

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.shop.timeline import Row

EVENTS = (
    "order_created",
    "order_paid",
    "order_update",
    "user_signup",
    "user_update",
    "request_call_me",
    "comments_created",
)
MOST_PER_EVENT = 5


class Hooks:
    """Who asked to be told of what: {id: (event, target_url)}."""

    def __init__(self) -> None:
        self._subscribers: dict[int, tuple[str, str]] = {}
        self._last = 0

    def subscribe(self, parameters: Row) -> Envelope:
        """Answer 201 and the subscription's id; at most five for one event."""
        event, target = str(parameters.get("event")), str(parameters.get("target_url") or "")
        if event not in EVENTS or not target:
            return error("Wrong event or target_url")
        if sum(1 for subscribed, _ in self._subscribers.values() if subscribed == event) >= MOST_PER_EVENT:
            return error("Subscriptions limit for current event has been reached")
        self._last += 1
        self._subscribers[self._last] = (event, target)
        return Bare("OK", {"id": self._last}, http_status=201)

    def unsubscribe(self, parameters: Row) -> Envelope:
        """Answer 410, which is success here."""
        number = parameters.get("id")
        key = int(str(number)) if str(number).isdecimal() else 0
        if self._subscribers.get(key, ("", ""))[1] != parameters.get("target_url"):
            return error("Subscription not found")
        del self._subscribers[key]
        return Bare("OK", {"status": "OK"}, http_status=410)
