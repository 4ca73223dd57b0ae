"""The buyers of due orders: found, or made from the order, and delivered before it.

An order for a buyer whom eSputnik does not know creates him there as *confirmed* (`reference/esputnik-api.md §0.2`),
so consent is lost unless he goes first.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from target_esputnik import answers, contacts, fates
from target_esputnik.delivery.lookups import known_there
from target_esputnik.delivery.pending import Pending, is_historical, is_of_a_lost_ledger, pending_contact
from target_esputnik.errors import RequestRefused, TargetError
from target_esputnik.hygiene import clean_email, clean_phone
from target_esputnik.identity import Buyers, Customers
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from target_esputnik.delivery.contacts import ContactDelivery
    from target_esputnik.delivery.due import Due
    from target_esputnik.delivery.workroom import Workroom

_LOST = frozenset({fates.DELETED_THERE, fates.ERASED})


class BuyerDelivery:
    """Finds, makes and delivers the buyers of due orders.

    Args:
        room: the run's tools.
        contact_delivery: sends them.
        before_requests: called before eSputnik is asked for anything, or told.
    """

    def __init__(
        self, room: Workroom, contact_delivery: ContactDelivery, before_requests: Callable[[], None] = lambda: None
    ) -> None:
        self._room = room
        self._contacts = contact_delivery
        self._before_requests = before_requests
        self._customers = Customers(room.ledger)
        self._seen: set[str] = set()

    def deliver(self, dues: Sequence[Due]) -> None:
        """Give every due order its buyer, and deliver those whom eSputnik does not have.

        An order without a usable email and phone is left without a buyer.

        Raises:
            TargetError: eSputnik is away; rows say who was delivered.
        """
        buyers = Buyers(self._room.ledger, self._customers, [due.identity for due in dues])
        # Oldest first, so that the newest order of a guest is the one that tells who he is, and how old.
        by_buyer: dict[str, list[Due]] = {}
        for due in sorted(dues, key=lambda due: due.reading.created_at):
            if due.identity.email is None and due.identity.phone is None:
                continue
            due.buyer = buyers.buyer(due.identity, due.record.get("user_id")) or self._guest(due, buyers)
            by_buyer.setdefault(due.buyer.key, []).append(due)
        self._room.ledger.write_contacts(
            [of_one[0].buyer for of_one in by_buyer.values() if of_one[0].buyer and not of_one[0].buyer.delivered]
        )
        going = [self._pending(of_one) for of_one in by_buyer.values() if self._must_go(of_one[-1])]
        if going:
            self._before_requests()
            self._contacts.deliver_buyers(going, buyers.rows)
        unsure = self._see_who_was_deleted([of_one[0] for of_one in by_buyer.values()])
        learned: dict[str, Contact] = {}
        for of_one in by_buyer.values():
            for due in of_one:
                due.buyer_unsure = due.buyer is not None and due.buyer.key in unsure
                due.row.buyer = due.buyer.key if due.buyer else None
                due.with_phone = self._may_carry_phone(due, buyers, learned)
        self._room.ledger.write_contacts(list(learned.values()))

    def _see_who_was_deleted(self, dues: Sequence[Due]) -> set[str]:
        """Hold buyers whom somebody deleted in eSputnik since: their order would make them again, as confirmed.

        Args:
            dues: one order of each buyer.

        Returns:
            The keys of those of whom eSputnik does not tell: their orders alone wait.
        """
        began = self._room.ledger.run.started_at
        asked = [
            (due.buyer, due)
            for due in dues
            if due.buyer is not None and due.buyer.delivered and (due.buyer.delivered_at or "") < began
            if due.buyer.key not in self._seen
        ]
        gone: list[Contact] = []
        unsure: set[str] = set()
        if asked:
            self._before_requests()
        for (row, _), there in zip(asked, self._room.in_parallel(self._is_there, asked), strict=True):
            if isinstance(there, RequestRefused):
                unsure.add(row.key)
                continue
            if isinstance(there, TargetError):
                raise there
            self._seen.add(row.key)
            if not there:
                before = (row.fate, row.reason)
                row.fate, row.reason, row.since = fates.HELD, fates.DELETED_THERE, now_text()
                if before == (fates.HELD, fates.BACKLOG):
                    self._room.tally.contact_went(row, before)
                gone.append(row)
        self._room.ledger.write_contacts(gone)
        return unsure

    def _is_there(self, asked: tuple[Contact, Due]) -> bool:
        client, (row, due) = self._room.client, asked
        if row.esputnik_id or row.external_id:
            return known_there(client, row.esputnik_id, row.external_id) is not None
        # A guest whose import did not tell his number is known by nothing but what he orders with.
        email, region = clean_email(due.record.get("email")), self._room.settings.phone_region
        return bool(client.contacts_with(email=email, phone=clean_phone(due.record.get("phone"), region)))

    def _guest(self, due: Due, buyers: Buyers) -> Contact:
        """A contact made from an order, to be delivered."""
        row = Contact(
            key=due.identity.guest_key,
            source="order",
            since=now_text(),
            read_run=self._room.ledger.run.number,
            email_key=due.identity.email,
            # Whose the phone is, beside an email, is known when it was looked up: people mistype.
            phone_key=None if due.identity.email else due.identity.phone,
        )
        buyers.add_guest(row)
        self._room.tally.guest_met(row)
        return row

    def _must_go(self, due: Due) -> bool:
        buyer = due.buyer
        if buyer is None or buyer.delivered or buyer.reason in _LOST:
            return False
        # A rejected buyer is tried again only in another version: of the stream `contacts`, or of a guest's order.
        return buyer.fate != fates.REJECTED or not (buyer.registered or buyer.version == due.reading.version)

    def _pending(self, of_one: Sequence[Due]) -> Pending:
        """The buyer of one or more orders, ready to be sent."""
        newest, row = of_one[-1], of_one[-1].buyer
        assert row is not None  # noqa: S101 - `_must_go` saw to it
        room, settings = self._room, self._room.settings
        if not row.registered:
            row.registered_at, row.record = newest.reading.created_at, newest.reading.text
            row.version = newest.reading.version
            return pending_contact(row, newest.record, settings, room.ledger, room.live_since)
        if settings.receive_contacts and row.record is not None:
            return pending_contact(row, json.loads(row.record), settings, room.ledger, room.live_since)
        # "Receive contacts" is off: only what identifies the buyer goes, so that his order does not confirm him.
        draft = contacts.contact_from_order(
            newest.record,
            contact_fields=settings.contact_fields,
            phone_region=settings.phone_region,
            external_customer_id=settings.external_id_prefix + row.key,
            identity_only=True,
        )
        historical, lost = is_historical(row, room.live_since), is_of_a_lost_ledger(row, room.ledger)
        return Pending(row, draft, {}, row.newsletter, historical, lost=lost)

    def _may_carry_phone(self, due: Due, buyers: Buyers, learned: dict[str, Contact]) -> bool:
        """Whether the order may carry its phone: eSputnik may tie an order by phone, and people mistype (§4).

        What a search told of a guest's phone is put into his row, and the row into `learned`.
        """
        buyer, phone = due.buyer, due.identity.phone
        if buyer is None or phone is None or due.identity.email is None or not buyer.delivered:
            return True
        if buyer.registered and buyer.external_id:
            return True  # an external id that eSputnik knows outranks the phone
        if phone == buyer.phone_taken or buyers.others_with_phone(phone, buyer):
            return False
        if phone == buyer.phone_key:
            return True
        region = self._room.settings.phone_region
        number = clean_phone(due.record.get("phone"), region)
        self._before_requests()
        try:
            found = self._room.client.contacts_with(phone=number)
        except RequestRefused:
            return False
        his = all(answers.contact_id(contact) == buyer.esputnik_id for contact in found)
        if not buyer.registered:
            buyer.phone_key, buyer.phone_taken = (phone, buyer.phone_taken) if his else (buyer.phone_key, phone)
            learned[buyer.key] = buyer
        return his
