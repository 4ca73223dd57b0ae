"""Pure: eSputnik's answers, read in every shape that they are known to come in.

Bodies are JSON, a plain sentence (even with a JSON content type), or empty; one-element lists may be collapsed into
the element, numbers may be strings (`reference/esputnik-api.md §1.6`). Nothing here raises for a shape.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HALF_CHARACTER: Final = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
"""What an escape of half a character looks like, alone or beside its other half."""


@dataclass(frozen=True)
class Account:
    """The account behind a key: `id` names it in the ledger, `name` is for people."""

    id: str
    name: str


@dataclass(frozen=True)
class ImportStatus:
    """Where an import session stands.

    Attributes:
        status: STARTED, IMPORTING, FINISHED, ERROR, or UNKNOWN when the answer could not be read.
        contact_ids: eSputnik's contact ids by the value that was deduplicated on, as text in lower case.
        has_mapping: whether the answer listed contacts at all; not every account's does.
    """

    status: str
    contact_ids: Mapping[str, int] = field(default_factory=dict)
    has_mapping: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {"FINISHED", "ERROR"}


def body_of(text: str) -> Any:
    """The JSON value of a body, or the body itself as text, or None when it is empty."""
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    return _without_half_characters(value) if HALF_CHARACTER.search(text) else value


def _without_half_characters(value: Any) -> Any:
    """A value without the halves of characters that an escape may name alone: neither UTF-8 nor a database has them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_half_characters(one) for one in value]
    if isinstance(value, dict):
        return {_without_half_characters(key): _without_half_characters(one) for key, one in value.items()}
    return value


def looks_like_html(text: str, content_type: str) -> bool:
    """Whether a page for people came instead of an answer; by content, since proxies label it as they like."""
    start = text.lstrip()[:64].lower()
    return "html" in content_type.lower() or start.startswith(("<!doctype", "<html", "<head", "<script", "<?xml"))


def as_list(value: Any) -> list[Any]:
    """A list that may have been collapsed into its one element, or be missing."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def whole_number(value: Any) -> int | None:
    """An id that comes as a number or as digits in a string."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return None


def account(body: Any) -> Account | None:
    """The account of `GET account/info`; `orgId` is missing in older answers, so the organisation's name stands in."""
    if not isinstance(body, dict):
        return None
    org_id = whole_number(body.get("orgId"))
    name = str(body.get("organisationName") or body.get("userEmail") or "")
    if org_id is None and not name:
        return None
    return Account(id=str(org_id) if org_id is not None else f"name:{name.casefold()}", name=name)


def additional_fields(body: Any) -> dict[int, str]:
    """The additional fields of `GET addressbooks`: {id: name}; every list may be collapsed into its one element."""
    found: dict[int, str] = {}
    books = as_list(body.get("addressBook")) if isinstance(body, dict) else as_list(body)
    groups = [group for book in books if isinstance(book, dict) for group in as_list(book.get("fieldGroups"))]
    for one in [one for group in groups if isinstance(group, dict) for one in as_list(group.get("fields"))]:
        number = whole_number(one.get("id")) if isinstance(one, dict) else None
        if number is not None:
            found[number] = str(one.get("name") or "")
    return found


def contact_id(body: Any) -> int | None:
    """The id in the answer of a call for one contact: a number, or a string in older answers."""
    return whole_number(body.get("id")) if isinstance(body, dict) else None


def refused_elements(body: Any, name: str) -> list[Any]:
    """The elements of `failedContacts` or `failedOrders`: a list, a single collapsed element, or nothing."""
    return as_list(body.get(name)) if isinstance(body, dict) else []


def error_message(body: Any) -> str | None:
    """A problem of the whole request that came with HTTP 200 (`errorMessage`, §3.3)."""
    if isinstance(body, dict) and body.get("errorMessage"):
        return str(body["errorMessage"])
    return None


def unclear(body: Any, name: str) -> str | None:
    """What an answer says in words alone, without the list of what was refused: no success is known to look so."""
    words = reason_of(body)
    known = isinstance(body, dict) and ({name, "asyncSessionId", "id"} & body.keys())
    return None if known or not words else words


def error_in_body(body: Any) -> int | None:
    """The HTTP status of an error that came with HTTP 200: a numeric `status`, as Spring's error bodies have (§1.6).

    The guard against duplicates is known by its words (§1.9), wherever they stand.
    """
    if not isinstance(body, dict):
        return None
    status = whole_number(body.get("status"))
    if status is not None and 400 <= status < 600:  # noqa: PLR2004 - HTTP's errors
        return status
    return 409 if reason_of(body).strip().rstrip(".").casefold() == "duplicated request" else None


def order_key(element: Any) -> str | None:
    """The external order id that an element of `failedOrders` speaks of; its shape is not documented."""
    if isinstance(element, (str, int)) and not isinstance(element, bool):
        return str(element)
    if isinstance(element, dict):
        for name in ("externalOrderId", "orderId", "externalId"):
            if element.get(name) not in (None, ""):
                return str(element[name])
        if isinstance(element.get("order"), dict):
            return order_key(element["order"])
    return None


def contact_keys(element: Any) -> tuple[str | None, frozenset[str]]:
    """What an element of `failedContacts` can be recognised by: its external id, and its channel values."""
    if isinstance(element, (str, int)) and not isinstance(element, bool):
        return str(element), frozenset({_channel_key(str(element))})
    if not isinstance(element, dict):
        return None, frozenset()
    if isinstance(element.get("contact"), dict):
        return contact_keys(element["contact"])
    external_id = element.get("externalCustomerId")
    return str(external_id) if external_id not in (None, "") else None, frozenset(channel_values(element))


def reason_of(element: Any) -> str:
    """The reason that an element gives, under any of the names it may have; empty when it gives none."""
    if isinstance(element, dict):
        for name in ("message", "error", "errorMessage", "reason", "description"):
            if isinstance(element.get(name), str):
                return str(element[name])
    return ""


def channel_values(contact: Mapping[str, Any], kind: str | None = None) -> Iterator[str]:
    """The values of a contact's channels, ready to be compared; `channels` may be collapsed into one object."""
    for channel in as_list(contact.get("channels")):
        if isinstance(channel, dict) and channel.get("value") and kind in (None, channel.get("type")):
            yield _channel_key(str(channel["value"]))


def _channel_key(value: str) -> str:
    """Emails compare without case, phones by their digits."""
    return value.strip().casefold() if "@" in value else "".join(filter(str.isdigit, value))


def contacts_found(body: Any, *, email: str | None = None, phone: str | None = None) -> list[dict[str, Any]]:
    """The contacts of a search that really carry the channel: eSputnik's email search is not exact (§3.5)."""
    wanted, kind = (email, "email") if email is not None else (phone, "sms")
    contacts = [contact for contact in as_list(body) if isinstance(contact, dict) and contact_id(contact) is not None]
    if wanted is None:
        return contacts
    return [contact for contact in contacts if _channel_key(wanted) in channel_values(contact, kind)]


def import_status(body: Any) -> ImportStatus:
    """The answer of `GET importstatus/{id}`."""
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        return ImportStatus("UNKNOWN")
    rows = [row for row in as_list(body.get("mapping")) if isinstance(row, dict)]
    ids = {
        str(row["dedupeValue"]).strip().casefold(): number
        for row in rows
        if row.get("dedupeValue") not in (None, "") and (number := whole_number(row.get("contactId"))) is not None
    }
    return ImportStatus(body["status"].upper(), ids, has_mapping=bool(ids))
