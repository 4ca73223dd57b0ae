"""All that the ledger holds of one person, found by keyed hashes; and how it is erased."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from target_esputnik.hygiene import clean_email, clean_phone, phone_digits
from target_esputnik.identity import Erased, Identity, identity_of, keyed_email, keyed_phone
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import CHUNK, columns_for
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from target_esputnik.ledger.store import Ledger

SHORTEST_PHONE: Final = 9
Record = dict[str, Any]


class _Trace(NamedTuple):
    """What may lead from an order to a person; `record` is text."""

    order_id: int
    buyer: str | None
    record: str | None


@dataclass
class Person:
    """What the ledger holds of a person.

    Attributes:
        contacts: his rows; of one email address all, whoever of the family it is.
        orders: ids.
        sends: ids.
        quotes: emails (case-folded) and phones (digits) that are his, as far as content is kept.
        quoted_by: rows of others whose answer quotes him, by table.
        identities: keyed hashes that nobody is made of again.
    """

    contacts: list[Contact] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    sends: list[int] = field(default_factory=list)
    quotes: set[str] = field(default_factory=set)
    quoted_by: dict[str, list[Any]] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind lose what they hold of him."""
        return {
            "contacts": len(self.contacts),
            "orders": len(self.orders),
            "sends": len(self.sends),
            "quotes": sum(map(len, self.quoted_by.values())),
        }


def person_meant(ledger: Ledger, *, key: str | None, email: str | None, phone: str | None, region: str) -> Person:
    """Find a person by a contact's key, a clean email or a clean phone; several of them mean one person.

    A phone that is named means everybody who has it; else people are told apart by email.
    """
    person = Person()
    typed = Identity(keyed_email(email, ledger) if email else None, keyed_phone(phone, ledger) if phone else None)
    rows = ledger.contacts([key] if key else [])
    emails = {typed.email} if typed.email else set()
    if phone:
        rows |= {row.key: row for row in ledger.contacts_by_phone([typed.phone or ""])}
    emails |= {row.email_key for row in rows.values() if row.email_key}
    rows |= {row.key: row for row in ledger.contacts_by_email(emails)}
    rows |= {row.key: row for row in _once_delivered_to(ledger, emails)}
    identities = {Identity(row.email_key, row.phone_key) for row in rows.values()}
    identities |= {Identity(row.delivered_email, None) for row in rows.values() if _is_nobody_elses(ledger, row, rows)}
    identities |= {Identity(typed.email, None)} if typed.email else set()
    identities |= {Identity(None, typed.phone)} if typed.phone else set()
    person.identities = sorted(identities - {Identity(None, None)}, key=str)
    is_his = _judge(ledger, Erased((one.email, one.phone) for one in person.identities), region)
    for row in _rejected_contacts(ledger):
        if row.key not in rows and is_his(json.loads(row.record or "{}")):
            rows[row.key] = row
    person.contacts = [rows[row_key] for row_key in sorted(rows)]
    _find_content(ledger, person, typed, is_his, region)
    person.quotes |= {email.casefold()} if email else set()
    person.quotes |= {phone_digits(phone)} if phone else set()
    quoting = ledger.answers_quoting(person.quotes)
    own: dict[str, set[Any]] = {"contacts": set(rows), "orders": set(person.orders), "sends": set(person.sends)}
    person.quoted_by = {
        name: rest for name, keys in quoting.items() if (rest := [k for k in keys if k not in own[name]])
    }
    return person


def erase(ledger: Ledger, person: Person) -> None:
    """Take everything of a person out of the ledger, in one transaction; keyed hashes stay, and hold his records."""
    now = now_text()
    with ledger.transaction():
        for row in person.contacts:
            row.erase(now)
        ledger.write_contacts([*person.contacts, *_tombstones(person, now, ledger.run.number)])
        orders = list(ledger.orders(person.orders).values())
        for order in orders:
            order.erase(now)
        ledger.write_orders(orders)
        ledger.forget_sends(person.sends)
        ledger.blot_out_answers(person.quoted_by)


def _tombstones(person: Person, now: str, run: int) -> list[Contact]:
    """Rows that hold his other addresses, so that no guest is made of them."""
    known = {Identity(row.email_key, row.phone_key) for row in person.contacts}
    keys = {row.key for row in person.contacts}
    emails = {row.email_key for row in person.contacts}
    tombstones = []
    for identity in person.identities:
        if identity in known or identity.guest_key in keys or (identity.email and identity.email in emails):
            continue
        row = Contact(identity.guest_key, "order", now, run, email_key=identity.email, phone_key=identity.phone)
        row.erase(now)
        tombstones.append(row)
    return tombstones


# -------------------------------------------------------------------- who and what is his


def _once_delivered_to(ledger: Ledger, emails: set[str]) -> list[Contact]:
    """Contacts whose last delivery was to one of these addresses, though the shop has another one by now."""
    query = _contacts_where(t.contacts.c.delivered_email.in_(sorted(emails)), ledger)
    return [Contact(*row) for row in ledger.read(query)] if emails else []


def _rejected_contacts(ledger: Ledger) -> list[Contact]:
    """Contacts whose kept record may be of another address than their row says: it was not taken over."""
    query = _contacts_where(sa.and_(t.contacts.c.fate == "rejected", t.contacts.c.record.is_not(None)), ledger)
    return [Contact(*row) for row in ledger.read(query)]


def _contacts_where(condition: sa.ColumnElement[bool], ledger: Ledger) -> sa.Select[Any]:
    names = columns_for(Contact, t.contacts)
    return sa.select(*names).where(t.contacts.c.scope_id == ledger.scope.id, condition)


def _is_nobody_elses(ledger: Ledger, row: Contact, rows: dict[str, Contact]) -> bool:
    """Whether the address that a contact was last delivered to is not another one's by now."""
    if row.delivered_email is None or row.delivered_email == row.email_key:
        return False
    return all(other.key in rows for other in ledger.contacts_by_email([row.delivered_email]))


def _judge(ledger: Ledger, erased: Erased, region: str) -> Callable[[Record], bool]:
    """Whether a record is his. One buyer has many orders, so each pair of email and phone is cleaned once."""

    @lru_cache(maxsize=65536)
    def judged(email: str, phone: str) -> bool:
        return erased.holds(identity_of({"email": email, "phone": phone}, ledger, region))

    return lambda record: judged(_text(record.get("email")), _text(record.get("phone")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _find_content(
    ledger: Ledger, person: Person, typed: Identity, is_his: Callable[[Record], bool], region: str
) -> None:
    """His orders and sends, and the addresses and phones that stand in them."""
    keys = {row.key for row in person.contacts}
    for row in person.contacts:
        person.quotes |= _quotes(json.loads(row.record or "{}"), region)
    for order_id, buyer, text in _orders_with_a_trace(ledger, person, keys):
        record = json.loads(text or "{}")
        his = buyer in keys
        if not his and is_his(record):
            # With nothing but a phone it may be another one's of the family, and is, if the ledger knows so.
            lone = identity_of(record, ledger, region)
            his = buyer is None or lone.email is not None or lone.phone == typed.phone
        if his:
            person.orders.append(order_id)
            person.quotes |= _quotes(record, region)
    sends = ledger.sends_of_all("contact", sorted(keys))
    sends += ledger.sends_of_all("order", [str(order_id) for order_id in person.orders])
    person.sends = [number for number, _ in sends]
    for _, payload in sends:
        person.quotes |= _quotes(json.loads(payload or "{}"), region)


def _orders_with_a_trace(ledger: Ledger, person: Person, keys: set[str]) -> Iterator[_Trace]:
    """Every order that may be a person's, once each, by id.

    By its buyer; where its record is kept by its email or phone, too, and those are read for which that was not noted.
    """
    o = t.orders.c
    emails = {identity.email for identity in person.identities if identity.email}
    phones = {identity.phone for identity in person.identities if identity.phone}
    noted: list[sa.ColumnElement[bool]] = [o.email_key.in_(chunk) for chunk in _chunks(emails)]
    noted += [o.phone_key.in_(chunk) for chunk in _chunks(phones)]
    ways: list[sa.ColumnElement[bool]] = [o.buyer.in_(chunk) for chunk in _chunks(keys)]
    unknown: list[sa.ColumnElement[bool]] = [o.email_key.is_(None), o.phone_key.is_(None)]
    if ledger.speaks("postgresql"):  # it reads the whole table for each; SQLite has an index that says it
        unknown = [sa.or_(*unknown)]
    ways += [sa.and_(o.record.is_not(None), by) for by in [*noted, *unknown]]
    found: dict[int, _Trace] = {}
    for way in ways:
        query = sa.select(o.order_id, o.buyer, o.record).where(o.scope_id == ledger.scope.id, way)
        found |= {row.order_id: _Trace(*row) for row in ledger.read(query)}
    yield from (found[order_id] for order_id in sorted(found))


def _chunks(values: set[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))


def _quotes(content: Any, region: str) -> set[str]:
    """The email and the phone of a record or a payload, as an answer would quote them."""
    if not isinstance(content, dict):
        return set()
    channels = content.get("channels")
    values = [content.get("email"), content.get("phone")]
    values += [channel.get("value") for channel in channels if isinstance(channel, dict)] if channels else []
    quotes = {email.casefold() for value in values if (email := clean_email(value))}
    phones = {phone_digits(phone) for value in values if (phone := clean_phone(value, region))}
    return quotes | {phone for phone in phones if len(phone) >= SHORTEST_PHONE}
