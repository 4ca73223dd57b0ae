"""Contacts and orders as the probe sends them, and what it reads out of bodies. Pure but for the moment of an order."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from target_esputnik.probe.addresses import Subject, TestAddress


def contact_of(subject: Subject, *more_emails: str, with_id: bool = True, **fields: Any) -> dict[str, Any]:
    """A contact as it is sent."""
    channels = [{"type": "email", "value": email} for email in (subject.email, *more_emails)]
    key = {"externalCustomerId": subject.external_id} if with_id else {}
    return {**key, "firstName": "Probe", "channels": channels, **fields}


def order_of(address: TestAddress, name: str, buyer: Subject | None, **fields: Any) -> dict[str, Any]:
    """An order as it is sent: the smallest, over 1 UAH, of now."""
    identity = {"externalCustomerId": buyer.external_id, "email": buyer.email} if buyer else {}
    return {
        "externalOrderId": address.external_id(name),
        **identity,
        "status": "INITIALIZED",
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "totalCost": 1,
        "currency": "UAH",
        "items": [{"externalItemId": "probe", "name": "probe", "quantity": 1, "cost": 1}],
        **fields,
    }


def session_of(answer: Any) -> str | None:
    """The session of an import that was begun."""
    session = answer.get("asyncSessionId") if isinstance(answer, dict) else None
    return str(session) if session else None


def first_email(contact: dict[str, Any]) -> str:
    """The first address of a contact; empty if it has none."""
    return next((str(c["value"]) for c in contact["channels"] if c["type"] == "email"), "")
