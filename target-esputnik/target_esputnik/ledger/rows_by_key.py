"""Contacts, orders and addresses of one scope, by key: read many at once, written many at once."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from target_esputnik.identity import identity_of
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import LARGEST, SCOPE, WANTED, LedgerBase, columns_for, names_of
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Address, Contact, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from target_esputnik.identity import Identity

_R = TypeVar("_R", Contact, Order, Address)


class _Person(msgspec.Struct):
    """As much of a stored order as its row is found by; reading it whole takes five times as long."""

    email: Any = None
    phone: Any = None


_ENDING_NAMES: Final = (
    "fate",
    "reason",
    "since",
    "shop_status",
    "esputnik_status",
    "ever_accepted",
    "change_status",
    "change_sent",
    "content",
    "version",
    "answer",
)
_ENDING: Final = attrgetter(*_ENDING_NAMES)

_PERSONS: Final = msgspec.json.Decoder(_Person)


def _person_in(record: str) -> dict[str, Any]:
    try:
        return msgspec.structs.asdict(_PERSONS.decode(record))
    except msgspec.MsgspecError:
        return {}


class RowsByKey(LedgerBase):
    """What is known of contacts, orders and addresses."""

    def contacts(self, keys: Iterable[str]) -> dict[str, Contact]:
        """The contacts with these keys."""
        return {row.key: row for row in self._by(t.contacts, t.contacts.c.key, keys, Contact)}

    def contacts_by_email(self, email_keys: Iterable[str]) -> list[Contact]:
        """The contacts with these email addresses (keyed hashes)."""
        return self._by(t.contacts, t.contacts.c.email_key, email_keys, Contact)

    def contacts_by_phone(self, phone_keys: Iterable[str]) -> list[Contact]:
        """The contacts with these phones (keyed hashes)."""
        return self._by(t.contacts, t.contacts.c.phone_key, phone_keys, Contact)

    def erased_identities(self) -> list[tuple[str | None, str | None]]:
        """Email and phone (keyed hashes) of everybody who was erased on request."""
        query = sa.select(t.contacts.c.email_key, t.contacts.c.phone_key).where(
            t.contacts.c.scope_id == self.scope.id, t.contacts.c.fate == "held", t.contacts.c.reason == "erased"
        )
        return [(email, phone) for email, phone in self.read(query)]

    def orders(self, order_ids: Iterable[int]) -> dict[int, Order]:
        """The orders with these ids."""
        possible = [number for number in order_ids if abs(number) <= LARGEST]
        return {row.order_id: row for row in self._by(t.orders, t.orders.c.order_id, possible, Order)}

    def addresses(self, email_keys: Iterable[str]) -> dict[str, Address]:
        """What was done about these addresses (keyed hashes)."""
        return {row.email_key: row for row in self._by(t.addresses, t.addresses.c.email_key, email_keys, Address)}

    def _by(self, table: sa.Table, column: sa.Column[Any], values: Iterable[Any], kind: type[_R]) -> list[_R]:
        def query() -> sa.Select[Any]:
            return sa.select(*columns_for(kind, table)).where(column.in_(WANTED), table.c.scope_id == SCOPE)

        with self.transaction():
            return [kind(*row) for row in self._rows_of(f"{table.name} by {column.name}", query, values)]

    def waiting_contacts(self, *, reasons: Collection[str], limit: int, after: str = "") -> list[Contact]:
        """Held contacts with one of these reasons, in the order of their keys, beginning after a key."""
        query = (
            sa.select(*columns_for(Contact, t.contacts))
            .where(
                t.contacts.c.scope_id == self.scope.id,
                t.contacts.c.fate == "held",
                t.contacts.c.reason.in_(list(reasons)),
                t.contacts.c.key > after,
            )
            .order_by(t.contacts.c.key)
            .limit(limit)
        )
        with self.transaction():
            return [Contact(*row) for row in self._connection.execute(query)]

    def waiting_orders(
        self, *, reasons: Collection[str], limit: int, after: int = -1, since: str | None = None
    ) -> list[Order]:
        """Held orders with one of these reasons, by id, beginning after an id; `since`: held at or after it."""
        query = sa.select(*columns_for(Order, t.orders)).where(
            t.orders.c.scope_id == self.scope.id,
            t.orders.c.fate == "held",
            t.orders.c.reason.in_(list(reasons)),
            t.orders.c.order_id > after,
        )
        if since is not None:
            query = query.where(t.orders.c.since >= since)
        with self.transaction():
            rows = self._connection.execute(query.order_by(t.orders.c.order_id).limit(limit))
            return [Order(*row) for row in rows]

    # ---------------------------------------------------------------- writing rows

    def write_contacts(self, rows: Sequence[Contact]) -> None:
        """Insert or replace contacts by key."""
        self.contact_writes += bool(rows)
        self._upsert(t.contacts, rows, ("scope_id", "key"))

    def write_orders(self, rows: Sequence[Order], identities: Mapping[int, Identity] | None = None) -> None:
        """Insert or replace orders by id.

        Args:
            rows: of orders.
            identities: of their buyers, by id, where they are known; else they are read from the records.
        """

        def found_by(row: Order) -> tuple[str | None, str | None]:
            return self._found_by(row, None if identities is None else identities[row.order_id])

        self._upsert(t.orders, rows, ("scope_id", "order_id"), ("email_key", "phone_key"), found_by)

    def write_ends_of_orders(self, rows: Sequence[Order]) -> None:
        """Write what became of orders; all else, the record among it, the ledger has of them as it is.

        Half of `write_orders`: what does not change is in no index written anew.
        """
        if not rows:
            return
        always = (now_text(), self.scope.id)
        values = [(*_ENDING(row), *always, row.order_id) for row in rows]
        names = [f"its_{name}" for name in (*_ENDING_NAMES, "updated_at", "scope_id", "order_id")]
        with self.transaction():
            self._write_many("end orders", self._ending, names, values)

    def _ending(self) -> sa.Update:
        place = self._place(t.orders)
        value = {column.name: sa.bindparam(f"its_{column.name}", type_=column.type) for column in place.c}
        its_row = (place.c.scope_id == value["scope_id"], place.c.order_id == value["order_id"])
        return place.update().where(*its_row).values({name: value[name] for name in (*_ENDING_NAMES, "updated_at")})

    def _found_by(self, row: Order, identity: Identity | None) -> tuple[str | None, str | None]:
        """By what an order of one person is found, email and phone; see `tables.orders`."""
        if row.record is None:
            return None, None
        if identity is None:
            identity = identity_of(_person_in(row.record), self, self.phone_region)
        return identity.email or "", (identity.phone or "") if self.phone_region else None

    def write_addresses(self, rows: Sequence[Address]) -> None:
        """Insert or replace addresses by keyed hash."""
        self._upsert(t.addresses, rows, ("scope_id", "email_key"))

    def _upsert(
        self,
        table: sa.Table,
        rows: Sequence[_R],
        key: tuple[str, ...],
        further: tuple[str, ...] = (),
        values_of: Callable[[_R], tuple[Any, ...]] = lambda _: (),
    ) -> None:
        """Insert or replace rows; `values_of`: the values of further columns, which follow from the others."""
        if not rows:
            return
        names = names_of(type(rows[0]), "updated_at")
        of_row: Callable[[_R], tuple[Any, ...]] = attrgetter(*names)
        always = (self.scope.id, now_text())
        values = [of_row(row) + values_of(row) + always for row in rows]

        def upsert() -> Any:
            insert = self._insert(self._place(table))
            changed = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
            return insert.on_conflict_do_update(index_elements=list(key), set_=changed)

        with self.transaction():
            self._write_many(table.name, upsert, names + further + ("scope_id", "updated_at"), values)
