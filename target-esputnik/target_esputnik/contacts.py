"""A customer or a buyer as an eSputnik contact (esputnik-api.md §3.1).

Pure. Cleaning leaves a part out rather than sending it blank, because a blank would erase what eSputnik has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_esputnik.hygiene import clean_email, clean_first_name, clean_last_name, clean_phone, phone_digits
from target_esputnik.money import as_source, exact, plain, whole
from target_esputnik.text import clean_text, is_blank, one_line, without_blanks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = [
    "CONTACT_FIELDS",
    "SOURCE_FIELDS",
    "ContactDraft",
    "contact_from_order",
    "contact_from_record",
    "sent_source_fields",
]

EMAIL, PHONE, FIRST_NAME, LAST_NAME, ADDRESS = "email", "phone", "first_name", "last_name", "address"
CONTACT_FIELDS: tuple[str, ...] = (EMAIL, PHONE, FIRST_NAME, LAST_NAME, ADDRESS)
"""What the setting `contact_fields` may list."""

SOURCE_FIELDS: Mapping[str, tuple[str, ...]] = {
    EMAIL: ("email",),
    PHONE: ("phone",),
    FIRST_NAME: ("first_name",),
    LAST_NAME: ("last_name",),
    ADDRESS: ("city", "address"),
}
"""The record fields behind each of them."""


@dataclass(frozen=True)
class ContactDraft:
    """What one contact is to become in eSputnik; every part is clean, and None where there is none.

    Attributes:
        external_customer_id: the shop's id with the shop's prefix; None for a guest.
        email: as it was typed, usable.
        phone: E.164.
        first_name: passes eSputnik's rules.
        last_name: passes eSputnik's rules.
        town: one line of text.
        address: street and house, or a branch, one line.
        custom_fields: (id of the additional field, value) pairs.
        left_out: names of the record's fields that hold something which cannot be sent.
    """

    external_customer_id: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    town: str | None = None
    address: str | None = None
    custom_fields: tuple[tuple[int, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def channels(self) -> list[dict[str, str]]:
        """The ways to reach the contact: `{"type": "email" | "sms", "value": …}`, email first, phones as digits."""
        email = [{"type": "email", "value": self.email}] if self.email else []
        sms = [{"type": "sms", "value": phone_digits(self.phone)}] if self.phone else []
        return email + sms

    def field_names(self) -> tuple[str, ...]:
        """The names for `contactFields` that this contact carries, sorted.

        A bulk call clears every listed field that a contact of it lacks (esputnik-api.md §3.3), so only contacts
        with equal names may share a call.
        """
        carried = {
            "address": self.address,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "sms": self.phone,
            "town": self.town,
        }
        return tuple(sorted(name for name, value in carried.items() if value))

    def payload(self) -> dict[str, Any]:
        """The contact object as eSputnik takes it, with nothing blank in it."""
        payload: dict[str, Any] = without_blanks(
            {
                "externalCustomerId": self.external_customer_id,
                "firstName": self.first_name,
                "lastName": self.last_name,
                "channels": self.channels(),
                "address": {"town": self.town, "address": self.address},
                "fields": [{"id": field, "value": value} for field, value in self.custom_fields],
            }
        )
        return payload


def contact_from_record(
    record: Mapping[str, Any],
    *,
    contact_fields: Collection[str],
    custom_fields: Sequence[tuple[str, int]],
    external_id_prefix: str,
    phone_region: str,
) -> ContactDraft:
    """A registered customer, from a record of the stream `contacts`.

    Args:
        record: the record, valid by its schema.
        contact_fields: which of `CONTACT_FIELDS` are sent; a phone also goes where no email does.
        custom_fields: (record field, id of the eSputnik field) pairs.
        external_id_prefix: put before the shop's id.
        phone_region: country of phones without a country code ("UA").
    """
    values, unusable = _custom_values(record, custom_fields)
    draft = _standard_parts(record, contact_fields, phone_region)
    return replace(
        draft,
        external_customer_id=f"{external_id_prefix}{record['id']}",
        custom_fields=values,
        left_out=(*draft.left_out, *unusable),
    )


def contact_from_order(
    record: Mapping[str, Any],
    *,
    contact_fields: Collection[str],
    phone_region: str,
    external_customer_id: str | None = None,
    identity_only: bool = False,
) -> ContactDraft:
    """The buyer of an order.

    His email is part of the contact whatever `contact_fields` says: his order carries it, and for an address
    that eSputnik does not know an order makes a confirmed contact (esputnik-api.md §2).

    Args:
        record: a record of the stream `orders`.
        contact_fields: as in `contact_from_record`.
        phone_region: as in `contact_from_record`.
        external_customer_id: of the registered contact that the buyer is tied to; None for a guest.
        identity_only: leave out all that does not identify him ("Receive contacts" is off).
    """
    wanted = {EMAIL} if identity_only else {EMAIL, *contact_fields}
    return replace(_standard_parts(record, wanted, phone_region), external_customer_id=external_customer_id)


def sent_source_fields(
    record: Mapping[str, Any],
    *,
    contact_fields: Collection[str],
    custom_fields: Sequence[tuple[str, int]],
    newsletter_matters: bool,
) -> dict[str, Any]:
    """The source values behind what is sent, by record field: when one of them changes, the contact is due.

    They are the shop's own values (only white space, blank and absent are evened out), so that a new version of
    the cleaning does not make every contact look changed.
    """
    wanted = set(contact_fields)
    if EMAIL not in wanted or clean_email(record.get("email")) is None:
        wanted.add(PHONE)
    names = [name for part, sources in SOURCE_FIELDS.items() if part in wanted for name in sources]
    names += [name for name, _ in custom_fields]
    if newsletter_matters:
        names.append("newsletter_subscribed")
    return {name: as_source(record.get(name)) for name in sorted(set(names))}


def _standard_parts(record: Mapping[str, Any], wanted: Collection[str], phone_region: str) -> ContactDraft:
    """The wanted parts, clean, and the names of those that hold something unusable."""
    email = clean_email(record.get("email")) if EMAIL in wanted else None
    tried = {*wanted, PHONE} if email is None else set(wanted)
    clean = {
        EMAIL: email,
        PHONE: clean_phone(record.get("phone"), phone_region) if PHONE in tried else None,
        FIRST_NAME: clean_first_name(record.get("first_name")) if FIRST_NAME in tried else None,
        LAST_NAME: clean_last_name(record.get("last_name")) if LAST_NAME in tried else None,
    }
    return ContactDraft(
        email=clean[EMAIL],
        phone=clean[PHONE],
        first_name=clean[FIRST_NAME],
        last_name=clean[LAST_NAME],
        town=one_line(record.get("city")) if ADDRESS in tried else None,
        address=one_line(record.get("address")) if ADDRESS in tried else None,
        left_out=tuple(
            part
            for part, value in clean.items()
            if part in tried and value is None and clean_text(record.get(part)) is not None
        ),
    )


def _custom_values(
    record: Mapping[str, Any], custom_fields: Iterable[tuple[str, int]]
) -> tuple[tuple[tuple[int, str], ...], tuple[str, ...]]:
    """(id, value) for each field that the record fills, and the names of those that hold no plain value."""
    values: list[tuple[int, str]] = []
    unusable: list[str] = []
    for name, field in custom_fields:
        source = record.get(name)
        value = _as_field_value(source)
        if value is not None:
            values.append((field, value))
        elif source is not None and not is_blank(source):
            unusable.append(name)
    return tuple(values), tuple(unusable)


def _as_field_value(source: Any) -> str | None:
    """An additional field's value: eSputnik takes strings only (esputnik-api.md §3.1)."""
    if isinstance(source, bool):
        return "true" if source else "false"
    if isinstance(source, int):
        return whole(source)
    if isinstance(source, float | Decimal):
        number = exact(source)
        return None if number is None else plain(number)
    return clean_text(source)
