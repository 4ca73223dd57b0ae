"""One contact: where he comes from, how his address was delivered and why, all that was done, and his orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_esputnik.cli.contact_record import contact_facts
from target_esputnik.cli.explained_contact import explained_contact
from target_esputnik.cli.shown import parsed
from target_esputnik.confirmation import ROUTES
from target_esputnik.language import Said
from target_esputnik.ledger import people
from target_esputnik.web.commands import command_for
from target_esputnik.web.history import story
from target_esputnik.web.visit import NotThere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_esputnik.web.visit import Visit


def view(visit: Visit, key: str) -> Mapping[str, Any]:
    """What the template `contact.html` is filled in with. Raises NotThere."""
    row = visit.ledger.contacts([key]).get(key) if key.isprintable() else None  # PostgreSQL takes no NUL
    if row is None:
        raise NotThere("web.no_contact", id=key[:20])
    record = parsed(row.record)
    record = record if isinstance(record, dict) else {}
    facts = contact_facts(visit.ledger, row, masked=True)
    person = {name: visit.shown(record.get(name), name) for name in (facts["person"] or {})}
    sends = people.sends_of(visit.ledger, "contact", row.key)
    ours = row.reason == "invalid"
    answer = parsed(row.answer) if visit.house.personal or ours else None
    return {
        "row": row,
        "facts": facts,
        "name": visit.person_of(record),
        "person": person,
        "confirmation": facts["confirmation"],
        "route": str(Said(ROUTES[row.route])) if row.route in ROUTES else None,
        "because": explained_contact(row, visit.house.settings, visit.ledger).because,
        "story": story(visit, sends),
        "events": _events(visit, facts),
        "orders": [order | {"href": visit.link(f"/order/{order['id']}")} for order in facts["orders"]],
        "command": command_for(visit, "contacts", row.key, row.fate, row.reason),
        "answer": {"shown": answer, "hidden": row.answer is not None and answer is None},
    }


def _events(visit: Visit, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The moments of his story that are no sends: registered, delivered last, ordered; the newest first."""
    events = [
        {"at": facts["registered_at"], "name": "registered", "href": None, "id": None},
        {"at": facts["confirmation"]["asked_at"], "name": "asked", "href": None, "id": None},
        {"at": facts["delivered_at"], "name": "delivered", "href": None, "id": None},
    ]
    events += [
        {"at": order["created_at"], "name": "ordered", "href": visit.link(f"/order/{order['id']}"), "id": order["id"]}
        for order in facts["orders"]
    ]
    return sorted((event for event in events if event["at"]), key=lambda event: str(event["at"]), reverse=True)
