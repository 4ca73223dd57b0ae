"""Endpoints of segments, categories and the unsubscribed (esputnik-api.md §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.esputnik.calls import Call, listed
from horoshop_esputnik_sandbox.esputnik.contact_calls import as_read
from horoshop_esputnik_sandbox.esputnik.wording import Answer, RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.account import Account
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact

MOST_ATTACHED = 500
CATEGORIES = [{"id": 1, "key": "news", "name": "News"}, {"id": 2, "key": "sales", "name": "Sales"}]


def groups(account: Account, call: Call) -> Answer:
    """GET groups: those whose name contains `name`."""
    wanted = call.query.get("name", "").lower()
    found = [
        {"id": number, "name": name, "type": "Static"}
        for name, number in account.book.groups.items()
        if wanted in name.lower()
    ]
    return Answer(call.rows(found), {"TotalCount": str(len(found))})


def members(account: Account, call: Call) -> Answer:
    """GET group/{id}/contacts."""
    found = _members(account, _group(account, call))
    return Answer([as_read(account.book, contact) for contact in call.rows(found)], {"TotalCount": str(len(found))})


def attach(account: Account, call: Call) -> Answer:
    """POST group/{id}/contacts/attach."""
    name = _group(account, call)
    for contact in _named(account, call):
        with account.book.changing(contact):
            account.book.join(contact, [name])
    return Answer("Contacts were attached")


def detach(account: Account, call: Call) -> Answer:
    """POST group/{id}/contacts/detach: with no contact named it removes all, as documented."""
    name = _group(account, call)
    leaving = _named(account, call) if _asked(call) else _members(account, name)
    for contact in leaving:
        with account.book.changing(contact):
            contact.groups = [group for group in contact.groups if group != name]
    return Answer("Contacts were detached")


def add_unsubscribed(account: Account, call: Call) -> Answer:
    """POST emails/unsubscribed/add."""
    account.book.unsubscribed |= _addresses(call)
    return Answer(None)


def delete_unsubscribed(account: Account, call: Call) -> Answer:
    """POST emails/unsubscribed/delete."""
    account.book.unsubscribed -= _addresses(call)
    return Answer(None)


def categories(_account: Account, _: Call) -> Answer:
    """GET subscriptions."""
    return Answer(CATEGORIES)


def subscriptions(account: Account, call: Call) -> Answer:
    """GET contact/{id}/subscriptions."""
    return Answer({"subscriptions": list(account.singles.living(call.parts["id"]).subscriptions)})


def put_subscriptions(account: Account, call: Call) -> Answer:
    """PUT contact/{id}/subscriptions."""
    contact = account.singles.living(call.parts["id"])
    keys = call.payload().get("subscriptions")
    if not isinstance(keys, list):
        raise RefusalError(400, "subscriptions is required")
    contact.subscriptions = [str(key) for key in keys]
    return Answer(f"Contact with id='{contact.id}' has been updated")


def _group(account: Account, call: Call) -> str:
    for name, number in account.book.groups.items():
        if number == call.parts["id"]:
            return name
    raise RefusalError(404, f"Group with id='{call.parts['id']}' not found")


def _members(account: Account, name: str) -> list[Contact]:
    return [contact for contact in account.book if name in contact.groups and not contact.deleted]


def _asked(call: Call) -> bool:
    payload = call.payload() if call.body else {}
    return bool(payload.get("contactIds") or payload.get("externalCustomerIds"))


def _named(account: Account, call: Call) -> list[Contact]:
    """Return the living contacts that a body names, by eSputnik's ids or by external ids; at most 500."""
    payload, oversize = call.payload(), account.switches["oversize"]
    if payload.get("contactIds"):
        numbers = listed(payload, "contactIds", MOST_ATTACHED, oversize)
        found = [account.book.living(int(number)) for number in numbers if str(number).isdecimal()]
    else:
        external_ids = listed(payload, "externalCustomerIds", MOST_ATTACHED, oversize)
        found = [account.book.by_external_id(str(external_id)) for external_id in external_ids]
    return [contact for contact in found if contact is not None and not contact.deleted]


def _addresses(call: Call) -> set[str]:
    emails = call.payload().get("emails")
    if not isinstance(emails, list):
        raise RefusalError(400, "emails is required")
    return {str(email).strip().lower() for email in emails}
