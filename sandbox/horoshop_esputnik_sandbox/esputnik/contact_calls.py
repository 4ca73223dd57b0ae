"""Endpoints of contacts: bulk, single, subscribe, search (esputnik-api.md §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik import incoming
from horoshop_esputnik_sandbox.esputnik.bulk import MOST_CONTACTS, read_call
from horoshop_esputnik_sandbox.esputnik.calls import Call, listed
from horoshop_esputnik_sandbox.esputnik.wording import Answer, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox.esputnik.account import Account
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact, ContactBook


def bulk(account: Account, call: Call) -> Answer:
    """POST contacts: rows that break the rules are listed at once, the others are imported later."""
    payload = call.payload()
    rows = listed(payload, "contacts", MOST_CONTACTS, account.switches["oversize"])
    accepted: list[incoming.Incoming] = []
    failed: list[Any] = []
    for row in rows:
        problem = _take(account, row, accepted)
        if problem is not None:
            failed.append(_failed(account, row, problem))
    try:
        bulk_call = read_call(payload, accepted)
    except ValueError as problem:
        if account.switches["bulk_problem"] == "message":
            return Answer({"id": 0, "errorMessage": str(problem)})
        raise RefusalError(400, str(problem)) from None
    answer: dict[str, Any] = {"id": 0, "asyncSessionId": account.imports.start(bulk_call)}
    if failed and account.switches["failed_contacts"] != "vanish":
        answer["failedContacts"] = failed
    return Answer(answer)


def _take(account: Account, row: Any, accepted: list[incoming.Incoming]) -> str | None:
    try:
        contact = incoming.read(row)
    except ValueError as unreadable:
        return str(unreadable)
    problem = incoming.problem(contact, account.switches)
    if problem is None:
        accepted.append(contact)
    return problem


def _failed(account: Account, row: Any, problem: str) -> Any:
    form = account.switches["failed_contacts"]
    if not isinstance(row, dict) or form == "contact":
        return row
    if form == "reason":
        return {**row, "message": problem}
    channels = row.get("channels") or [{}]
    return row.get("externalCustomerId") or (channels[0] if isinstance(channels[0], dict) else {}).get("value", "")


def import_status(account: Account, call: Call) -> Answer:
    """GET importstatus/{id}."""
    return Answer(account.imports.poll(str(call.parts["session"])))


def add(account: Account, call: Call) -> Answer:
    """POST contact."""
    row = account.singles.read(call.payload())
    return Answer({"id": account.singles.add_or_update(row).id})


def subscribe(account: Account, call: Call) -> Answer:
    """POST contact/subscribe."""
    return Answer({"id": account.singles.subscribe(call.payload()).id})


def get(account: Account, call: Call) -> Answer:
    """GET contact/{id}."""
    return Answer(as_read(account.book, account.singles.living(call.parts["id"])))


def put(account: Account, call: Call) -> Answer:
    """PUT contact/{id}: answers a sentence."""
    row = account.singles.read(call.payload(), needs_channel=False)
    contact = account.singles.put(call.parts["id"], row)
    return Answer(f"Contact with id='{contact.id}' has been updated")


def delete(account: Account, call: Call) -> Answer:
    """DELETE contact/{id}: answers a sentence."""
    contact = account.singles.living(call.parts["id"])
    account.singles.delete(contact, erase=False)
    return Answer(f"Contact with id='{contact.id}' has been deleted")


def delete_by_external_id(account: Account, call: Call) -> Answer:
    """DELETE contact?externalCustomerId=X&erase=true|false."""
    external_id = call.query.get("externalCustomerId", "")
    contact = account.book.by_external_id(external_id)
    if contact is None or contact.deleted:
        raise RefusalError(404, f"Contact with externalCustomerId='{external_id}' not found")
    account.singles.delete(contact, erase=call.query.get("erase") == "true")
    return Answer(f"Contact with id='{contact.id}' has been deleted")


def search(account: Account, call: Call) -> Answer:
    """GET contacts: an array, its whole size in the header `TotalCount`; the email is not compared exactly."""
    external_id = call.query.get("externalCustomerId")
    others = {name: call.query[name] for name in ("email", "sms", "firstname", "lastname") if call.query.get(name)}
    if external_id and others:
        raise RefusalError(400, "externalCustomerId excludes other parameters")
    if external_id:
        one = account.book.by_external_id(external_id)
        found = [one] if one is not None and not one.deleted else []
    else:
        found = _found(account, others)
    shown = [as_read(account.book, contact) for contact in call.rows(found)]
    headers = {"TotalCount": str(len(found))}
    if not shown and account.switches["search_none"] == "empty":
        return Answer(None, headers)
    return Answer(shown, headers)


def _found(account: Account, wanted: dict[str, str]) -> list[Contact]:
    tests = [_email_test(account, wanted["email"])] if "email" in wanted else []
    if "sms" in wanted:
        candidates = account.book.by_channel("sms", wanted["sms"])
    elif "email" in wanted and account.switches["search_email"] != "contains":
        candidates = account.book.by_email_prefix(wanted["email"].lower())
    else:
        candidates = list(account.book)
    for name, attribute in (("firstname", "first_name"), ("lastname", "last_name")):
        if name in wanted:
            tests.append(_name_test(attribute, wanted[name]))
    return [contact for contact in candidates if not contact.deleted and all(test(contact) for test in tests)]


def _name_test(attribute: str, wanted: str) -> Callable[[Contact], bool]:
    return lambda contact: str(getattr(contact, attribute) or "").lower() == wanted.lower()


def _email_test(account: Account, wanted: str) -> Callable[[Contact], bool]:
    sensitive = account.switches["search_case"] == "sensitive"
    compared = wanted if sensitive else wanted.lower()
    form = account.switches["search_email"]

    def matches(contact: Contact) -> bool:
        values = [channel.value if sensitive else channel.value.lower() for channel in contact.of_type("email")]
        if form == "contains":
            return any(compared in value for value in values)
        if form == "prefix":
            return any(value.startswith(compared) for value in values)
        return compared in values

    return matches


def emails(account: Account, call: Call) -> Answer:
    """GET contacts/email?ids=1,2."""
    numbers = [int(number) for number in call.query.get("ids", "").split(",") if number.strip().isdecimal()]
    found = [contact for contact in map(account.book.living, numbers) if contact is not None]
    results = [
        {"contactId": contact.id, "email": channel.value} for contact in found for channel in contact.of_type("email")
    ]
    return Answer({"results": results})


def upload(_account: Account, _: Call) -> Answer:
    """POST contacts/upload: refused, since the sandbox fetches nothing from anywhere."""
    raise RefusalError(400, "The sandbox does not fetch files")


def as_read(book: ContactBook, contact: Contact) -> dict[str, Any]:
    """Return a contact as the API shows it: no source shows whether an email is confirmed (§2)."""
    shown: dict[str, Any] = {
        "id": contact.id,
        "channels": [{"type": channel.type, "value": channel.value} for channel in contact.channels],
        "address": dict(contact.address),
        "fields": [{"id": number, "value": value} for number, value in contact.fields.items()],
        "groups": [{"id": book.groups[name], "name": name, "type": "Static"} for name in contact.groups],
        "addressBookId": 1,
    }
    optional = {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "externalCustomerId": contact.external_id,
        "languageCode": contact.language_code,
        "timeZone": contact.time_zone,
        "contactKey": contact.contact_key,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}
