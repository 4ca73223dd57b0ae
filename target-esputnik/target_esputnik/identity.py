"""Who is who: keyed hashes of addresses and phones, and the contact that an order's buyer is.

A buyer is tied to a registered contact by email; by phone only when the order or the contact has no email. The
shop's `user_id` may confirm a tie, never make one: every guest order has a number of its own
(`reference/horoshop-api.md §2.4`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from target_esputnik import fates
from target_esputnik.hygiene import clean_email, clean_phone, email_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from target_esputnik.ledger.base import LedgerBase
    from target_esputnik.ledger.rows import Contact
    from target_esputnik.ledger.store import Ledger

GUEST = "guest:"

REMEMBERED_CUSTOMERS: Final = 1000
"""Emails whose contacts are remembered; each takes some kilobytes."""


class Identity(NamedTuple):
    """What a record can be recognised by; keyed hashes, None where there is nothing usable."""

    email: str | None
    phone: str | None

    @property
    def guest_key(self) -> str:
        """The ledger's key of a guest with this identity."""
        return f"{GUEST}{self.email or self.phone}"


def identity_of(record: Mapping[str, Any], ledger: LedgerBase, phone_region: str) -> Identity:
    """The identity of a contact or of an order's buyer."""
    email = clean_email(record.get("email"))
    phone = clean_phone(record.get("phone"), phone_region)
    return Identity(keyed_email(email, ledger) if email else None, keyed_phone(phone, ledger) if phone else None)


def keyed_email(email: str, ledger: LedgerBase) -> str:
    """What the ledger knows a clean address by."""
    return ledger.keyed_again("email " + email_key(email))


def keyed_phone(phone: str, ledger: LedgerBase) -> str:
    """What the ledger knows a clean phone by."""
    return ledger.keyed_again("phone " + phone)


class Erased:
    """Who was erased on request, so that no record makes them again; known by keyed hashes only.

    Ties are those of buyers: by email; by phone only where one side has no email. A record with nothing but a phone
    that an erased person had is taken as his, though families share phones: to make him again would be worse.

    Args:
        identities: email and phone of each.
    """

    def __init__(self, identities: Iterable[tuple[str | None, str | None]]) -> None:
        self._emails: set[str] = set()
        self._phones: set[str] = set()
        self._lone_phones: set[str] = set()
        for email, phone in identities:
            self.add(Identity(email, phone))

    def add(self, identity: Identity) -> None:
        """Count one more person among them."""
        if identity.email is not None:
            self._emails.add(identity.email)
        if identity.phone is not None:
            self._phones.add(identity.phone)
            if identity.email is None:
                self._lone_phones.add(identity.phone)

    def __bool__(self) -> bool:
        """Whether there is anybody: most shops have erased nobody, and need not look."""
        return bool(self._emails or self._phones)

    def holds(self, identity: Identity) -> bool:
        """Whether a contact or a buyer is one of them."""
        if identity.email is None:
            return identity.phone in self._phones
        return identity.email in self._emails or identity.phone in self._lone_phones


class Customers:
    """The contacts of the ledger by email, of whom those that were asked for lately are remembered.

    Args:
        ledger: whatever is written of any contact makes all be forgotten.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, list[Contact]] = {}
        self._as_of = ledger.contact_writes

    def with_emails(self, emails: Collection[str]) -> list[Contact]:
        """The contacts with these addresses (keyed hashes)."""
        if self._as_of != self._ledger.contact_writes or len(self._known) > REMEMBERED_CUSTOMERS:
            self._as_of, self._known = self._ledger.contact_writes, {}
        found: dict[str, list[Contact]] = {email: [] for email in emails if email not in self._known}
        for row in self._ledger.contacts_by_email(found):
            found[row.email_key or ""].append(row)
        self._known |= found
        return [row for email in emails for row in self._known[email]]


class Buyers:
    """The contacts of the ledger that the buyers of some orders may be.

    Args:
        ledger: asked once for all of them: for whom no customer is found by email, by phone and as guests.
        customers: asked first, by email.
        identities: of the orders' buyers.

    Attributes:
        rows: all that were found, by key.
    """

    def __init__(self, ledger: Ledger, customers: Customers, identities: Iterable[Identity]) -> None:
        wanted = set(identities)
        self._ledger = ledger
        self._by_email: dict[str, list[Contact]] = defaultdict(list)
        self._by_phone: dict[str, list[Contact]] = defaultdict(list)
        self.rows: dict[str, Contact] = {}
        rows = self.rows
        # One object a contact, however it was found: what is learned of it while orders go must not be forgotten.
        for row in customers.with_emails({i.email for i in wanted if i.email}):
            self._by_email[row.email_key or ""].append(rows.setdefault(row.key, row))
        registered = {email for email, found in self._by_email.items() if any(row.registered for row in found)}
        others = [identity for identity in wanted if identity.email not in registered]
        self._phones = {i.phone for i in others if i.phone}
        self._look_up_phones(self._phones)
        guests = ledger.contacts(i.guest_key for i in others if i.email or i.phone)
        self._guests = {key: rows.setdefault(key, row) for key, row in guests.items()}

    def buyer(self, identity: Identity, user_id: Any) -> Contact | None:
        """The contact that a buyer is: a registered one, else a known guest, else None."""
        return self._registered(identity, str(user_id)) or self._guests.get(identity.guest_key)

    def add_guest(self, row: Contact) -> None:
        """Remember a guest who was just met, for the next of his orders."""
        self._guests[row.key] = self.rows[row.key] = row
        if row.phone_key:
            self._by_phone[row.phone_key].append(row)

    def others_with_phone(self, phone: str, row: Contact) -> bool:
        """Whether the ledger knows another contact with this phone."""
        if phone not in self._phones:
            self._phones.add(phone)
            self._look_up_phones([phone])
        return any(other.key != row.key and other.delivered for other in self._by_phone.get(phone, ()))

    def _look_up_phones(self, phones: Collection[str]) -> None:
        for row in self._ledger.contacts_by_phone(phones):
            self._by_phone[row.phone_key or ""].append(self.rows.setdefault(row.key, row))

    def _registered(self, identity: Identity, user_id: str) -> Contact | None:
        if identity.email:
            by_email = [row for row in self._by_email.get(identity.email, ()) if row.registered]
            if by_email:
                return _confirmed_by(user_id, by_email) or min(by_email, key=_first_come)
        by_phone = [
            row
            for row in self._by_phone.get(identity.phone or "", ())
            if row.registered and (identity.email is None or row.email_key is None)
        ]
        # Families share a phone: with several candidates only the shop's own number may pick one.
        return by_phone[0] if len(by_phone) == 1 else _confirmed_by(user_id, by_phone)


def _confirmed_by(user_id: str, rows: Sequence[Contact]) -> Contact | None:
    return next((row for row in rows if row.key == user_id), None)


def _first_come(row: Contact) -> tuple[bool, bool, str]:
    """Of several accounts with one address: a usable one first, then a delivered one, then the oldest."""
    lost = row.fate == fates.HELD and row.reason in {fates.DELETED_THERE, fates.ERASED}
    return (lost, not row.delivered, row.key.rjust(20, "0"))
