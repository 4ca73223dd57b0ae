"""POST and DELETE /v1/orders (esputnik-api.md §4)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik import incoming, merging
from horoshop_esputnik_sandbox.esputnik.names import first_name_problem, last_name_problem
from horoshop_esputnik_sandbox.esputnik.wording import RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.contacts import Contact, ContactBook
    from horoshop_esputnik_sandbox.esputnik.events import EventLog
    from horoshop_esputnik_sandbox.switches import Switches

Order = dict[str, Any]
STATUSES = ("INITIALIZED", "IN_PROGRESS", "DELIVERED", "CANCELLED", "ABANDONED_SHOPPING_CART")
MOST_ORDERS = 1000
REQUIRED = ("externalOrderId", "totalCost", "status", "date", "currency")
IDENTITY = ("externalCustomerId", "email", "phone")
DECIMALS = ("totalCost", "shipping", "discount", "taxes")
DOCUMENTED_CURRENCIES = ("UAH", "USD", "EUR")
DELETE_FORMAT = "%Y-%m-%dT%H:%M:%S"


class MalformedError(ValueError):
    """A value that cannot be read: it may cost the whole request (switch `malformed_order`)."""


class OrderBook:
    """The orders of an account by external id, as last upserted, each with its `contactId`."""

    def __init__(self, book: ContactBook, events: EventLog, switches: Switches, *, brief: bool) -> None:
        self._book = book
        self._events = events
        self._switches = switches
        self._brief = brief
        self.orders: dict[str, Order] = {}

    def accept(self, orders: list[Any]) -> list[tuple[Any, str]]:
        """Take orders in; return those that failed, each with the reason. Malformed ones may refuse the whole."""
        verdicts = [(order, self._problem(order)) for order in orders]
        for order, problem in verdicts:
            if problem is None:
                self._upsert(order)
        return [(order, problem) for order, problem in verdicts if problem is not None]

    def _problem(self, order: object) -> str | None:
        try:
            return self._incomplete(order) or self._malformed(order)
        except MalformedError as problem:
            if self._switches["malformed_order"] == "whole_request":
                raise RefusalError(400, str(problem)) from None
            return str(problem)

    @staticmethod
    def _incomplete(order: object) -> str | None:
        if not isinstance(order, dict):
            raise MalformedError("order must be an object")
        missing = next((name for name in REQUIRED if order.get(name) in (None, "")), None)
        if missing is not None:
            return f"{missing} is required"
        if not any(order.get(name) for name in IDENTITY):
            return "externalCustomerId, email and phone are empty"
        return None

    def _malformed(self, order: Any) -> str | None:
        if order["status"] not in STATUSES:
            raise MalformedError("status is unknown")
        _check_date(order["date"])
        for name in DECIMALS:
            _check_decimal(name, order.get(name))
        items = order.get("items") or []
        if not isinstance(items, list):
            raise MalformedError("items must be a list")
        incomplete = next(filter(None, (_item_problem(item) for item in items)), None)
        return incomplete or self._refused(order)

    def _refused(self, order: Order) -> str | None:
        """Return what the rules say against readable values."""
        if self._switches["currencies"] == "documented" and order["currency"] not in DOCUMENTED_CURRENCIES:
            return "currency is not supported"
        for kind, name in (("email", "email"), ("sms", "phone")):
            if order.get(name) and incoming.channel_problem(kind, str(order[name]), self._switches):
                return f"{name} is invalid"
        if self._switches["order_names"] == "checked":
            first, last = str(order.get("firstName") or "").strip(), str(order.get("lastName") or "").strip()
            if (first and first_name_problem(first)) or (last and last_name_problem(last)):
                return "firstName or lastName is invalid"
        return None

    def _upsert(self, order: Order) -> None:
        key = str(order["externalOrderId"])
        before = self.orders.get(key)
        contact = self._contact(order)
        kept = before if before is not None and self._switches["order_omitted"] == "kept" else {}
        number = before["orderId"] if before else 900_000_001 + len(self.orders)
        stored = {"status": order["status"], "totalCost": order["totalCost"]} if self._brief else {**kept, **order}
        self.orders[key] = {**stored, "externalOrderId": key, "orderId": number, "contactId": contact.id}
        repeats = before is not None and before["status"] == order["status"]
        if not repeats or self._switches["order_event_repeat"] == "fires":
            params = {"eventKey": key, "orderId": number, "contactId": contact.id}
            if order.get("externalCustomerId"):
                params["externalCustomerId"] = str(order["externalCustomerId"])
            self._events.fire(f"order{order['status']}", key, contact.id, params)

    def _contact(self, order: Order) -> Contact:
        """Return whose order it is: an external id seen before, else phone or email, else a new confirmed contact."""
        external_id = str(order.get("externalCustomerId") or "")
        email = str(order.get("email") or "").strip()
        contact = self._book.by_external_id(external_id) if external_id else None
        if contact is None or contact.deleted:
            contact = self._by_address(email, str(order.get("phone") or ""), external_id)
        if contact is None:
            return self._create(order, external_id)
        with self._book.changing(contact):
            if external_id and contact.external_id is None:
                self._book.give_external_id(contact, external_id)
            if self._switches["order_confirms"] == "yes" and email:
                merging.confirm_present(contact, [email])
        return contact

    def _by_address(self, email: str, phone: str, external_id: str) -> Contact | None:
        kinds = [("sms", phone), ("email", email)]
        if self._switches["order_match"] == "email_first":
            kinds.reverse()
        for kind, value in kinds:
            for contact in self._book.by_channel(kind, value) if value else []:
                foreign = bool(external_id) and contact.external_id not in (None, external_id)
                mine = not foreign or self._switches["order_foreign_id"] == "matches"
                if not contact.deleted and mine:
                    return contact
        return None

    def _create(self, order: Order, external_id: str) -> Contact:
        contact = self._book.new("POST orders")
        with self._book.changing(contact):
            if external_id:
                self._book.give_external_id(contact, external_id)
            contact.first_name = str(order.get("firstName") or "").strip() or None
            contact.last_name = str(order.get("lastName") or "").strip() or None
            for kind, name in (("email", "email"), ("sms", "phone")):
                if order.get(name):
                    merging.add_channel(contact, merging.new_channel(kind, str(order[name]).strip(), confirmed=True))
        return contact

    def delete(self, query: dict[str, str]) -> None:
        """Delete one order, or those of at most a day; 400 for anything else (§4, Deletion)."""
        if query.get("externalOrderId"):
            self.orders.pop(query["externalOrderId"], None)
            return
        try:
            since, until = (
                datetime.strptime(query[name], DELETE_FORMAT).replace(tzinfo=timezone.utc) for name in ("from", "to")
            )
        except (KeyError, ValueError):
            raise RefusalError(400, "externalOrderId or from and to are required") from None
        if since >= until or until - since > timedelta(hours=24):
            raise RefusalError(400, "from and to must be in order and at most 24 hours apart")
        gone = [key for key, order in self.orders.items() if since <= _moment(order) <= until]
        for key in gone:
            del self.orders[key]


def _moment(order: Order) -> datetime:
    moment = _read_date(str(order.get("date") or "1970-01-01"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _check_date(value: object) -> None:
    try:
        _read_date(str(value))
    except ValueError:
        raise MalformedError("date is malformed") from None


def _read_date(text: str) -> datetime:
    """Return an ISO 8601 moment; the documented sample has seven digits of a second, which Python does not read."""
    head, dot, tail = text.replace("Z", "+00:00").partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        head = f"{head}.{tail[:digits][:6]:0<6}{tail[digits:]}"
    return datetime.fromisoformat(head)


def _check_decimal(name: str, value: object) -> None:
    if value in (None, ""):
        return  # the vendor's WooCommerce plugin sends "" (§4)
    try:
        finite = not isinstance(value, bool | list | dict) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise MalformedError(f"{name} is malformed")


def _item_problem(item: object) -> str | None:
    """Return what an item lacks, or None; raises MalformedError for what cannot be read."""
    if not isinstance(item, dict):
        raise MalformedError("item must be an object")
    if item.get("externalItemId") in (None, "") or item.get("quantity") in (None, ""):
        return "externalItemId and quantity are required"
    quantity = item["quantity"]
    if isinstance(quantity, bool) or not str(quantity).lstrip("-").isdecimal():
        raise MalformedError("quantity is malformed")
    _check_decimal("cost", item.get("cost"))
    return None
