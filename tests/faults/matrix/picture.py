"""All that must be the same after a case as after a calm run: at eSputnik, in what fired, and in the ledger."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipe_driver import Pipe

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
_OF_A_PERSON = ("firstName", "lastName", "externalCustomerId", "groups", "channels", "address", "languageCode")
_NOT_OF_AN_ORDER = {"contactId", "orderId", "at", "date"}  # numbers of eSputnik's, and moments of the sandbox's


def picture(sandbox: Sandbox, pipe: Pipe) -> dict[str, Counter[str]]:
    """Give it: {part: what stands in it, as lines}."""
    people = sandbox.sent_contacts()
    channels = {one["id"]: sorted(channel["value"] for channel in one["channels"]) for one in people}
    return {
        "people at eSputnik": Counter(_line(_only(one, _OF_A_PERSON)) for one in people),
        "orders at eSputnik": Counter(_line(_order(one, channels)) for one in sandbox.sent_orders()),
        "contacts in the ledger": Counter(
            _line(row) for row in pipe.rows("SELECT key, fate, reason, delivered FROM contacts WHERE source != 'order'")
        ),
        "guests in the ledger": Counter(
            _line(row) for row in pipe.rows("SELECT fate, reason, delivered FROM contacts WHERE source = 'order'")
        ),
        "orders in the ledger": Counter(
            _line(row) for row in pipe.rows("SELECT order_id, fate, reason, shop_status, esputnik_status FROM orders")
        ),
    }


def fired(sandbox: Sandbox) -> Counter[str]:
    """Give every workflow event, by kind and order, or by kind and person: eSputnik's numbers vary."""
    people = {one["id"]: sorted(c["value"] for c in one["channels"]) for one in sandbox.sent_contacts()}
    return Counter(
        f"{event['type']} {event['key'] if event['type'].startswith('order') else people[event['contactId']]}"
        for event in sandbox.events()
    )


def _order(row: Row, channels: dict[int, list[str]]) -> Row:
    kept = {name: value for name, value in row.items() if name not in _NOT_OF_AN_ORDER}
    if kept.get("email"):
        # A phone that two people gave is whose contact was made first; by the address the order is at the right one.
        kept.pop("phone", None)
    return {**kept, "buyer": channels.get(row["contactId"])}


def _only(row: Row, names: tuple[str, ...]) -> Row:
    return {name: row.get(name) for name in names}


def _line(row: Row) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
