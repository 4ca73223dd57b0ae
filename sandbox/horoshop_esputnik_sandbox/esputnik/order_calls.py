"""Endpoints of orders and events (esputnik-api.md §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik.bulk import event_key
from horoshop_esputnik_sandbox.esputnik.calls import Call, listed
from horoshop_esputnik_sandbox.esputnik.orders import MOST_ORDERS
from horoshop_esputnik_sandbox.esputnik.wording import Answer, RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.account import Account

MOST_PAST_EVENTS = 500
KEY_PARAMS = ("contactId", "externalCustomerId", "email", "phone", "pushToken")


def post_orders(account: Account, call: Call) -> Answer:
    """POST orders: 200, and in the body those that failed."""
    orders = listed(call.payload(), "orders", MOST_ORDERS, account.switches["oversize"])
    failed = [_failed(account, order, reason) for order, reason in account.orders.accept(orders)]
    if failed:
        return Answer({"failedOrders": failed})
    if account.switches["order_answer"] == "empty":
        return Answer(None)
    if account.switches["order_answer"] == "full":
        return Answer({"id": 0, "asyncSessionId": None, "failedOrders": []})
    return Answer({"failedOrders": []})


def _failed(account: Account, order: Any, reason: str) -> Any:
    form = account.switches["failed_orders"]
    number = order.get("externalOrderId") if isinstance(order, dict) else None
    if form == "unmatched":
        return {"message": reason}
    return number if form == "id" else {"externalOrderId": number, "message": reason}


def delete_orders(account: Account, call: Call) -> Answer:
    """DELETE orders?externalOrderId=… or ?from=…&to=…."""
    account.orders.delete(call.query)
    return Answer(None)


def post_event(account: Account, call: Call) -> Answer:
    """POST event, v1 and v2: an empty answer."""
    _fire(account, call.payload(), needs_key=call.parts["version"] == "v1")
    return Answer(None)


def post_event_v3(account: Account, call: Call) -> Answer:
    """POST v3/event: params are an object."""
    payload = call.payload()
    params = payload.get("params")
    pairs = [{"name": name, "value": value} for name, value in params.items()] if isinstance(params, dict) else []
    _fire(account, {**payload, "params": pairs}, needs_key=False)
    return Answer(None)


def post_past_events(account: Account, call: Call) -> Answer:
    """POST past_events: for history; marked `past`, since they start no workflow."""
    events = listed(call.payload(), "events", MOST_PAST_EVENTS, account.switches["oversize"])
    for event in events:
        _fire(account, event, needs_key=False, past=True)
    return Answer(None)


def delete_past_events(account: Account, call: Call) -> Answer:
    """DELETE past_events: forgets those of the type that the query names."""
    kind = call.query.get("eventTypeKey")
    account.events.fired = [
        event for event in account.events.fired if not (event.get("past") and kind in (None, event["type"]))
    ]
    return Answer(None)


def _fire(account: Account, event: Any, *, needs_key: bool, **more: Any) -> None:
    if not isinstance(event, dict) or not event.get("eventTypeKey"):
        raise RefusalError(400, "eventTypeKey is required")
    try:
        kind = event_key(event["eventTypeKey"])
    except ValueError as problem:
        raise RefusalError(400, str(problem)) from None
    pairs = event.get("params") or []
    params = {str(pair.get("name")): pair.get("value") for pair in pairs if isinstance(pair, dict)}
    key = event.get("keyValue") or next((params[name] for name in KEY_PARAMS if params.get(name)), None)
    if key is None or (needs_key and not event.get("keyValue")):
        raise RefusalError(400, "keyValue is required")
    account.events.fire(str(kind), str(key), None, params, **more)
