"""The ledger that a run works with: one scope, one connection, transactions, and the rows by key.

Reports for people are in `reports.py`; where the ledger lies and how it is opened is in `connection.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.dialects import postgresql, sqlite

from target_esputnik.errors import LedgerBusy, LedgerUnusable, no_ledger_yet
from target_esputnik.ledger import connection as opening
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.moments import now_text, text_of
from target_esputnik.ledger.rows import Address, Contact, Import, Order, Run, Scope, Send

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from target_esputnik.transport import Exchange

CHUNK: Final = 400
"""Keys in one IN (…): SQLite takes 999 parameters in its oldest builds."""

_R = TypeVar("_R", Contact, Order, Address)


class Ledger:
    """The memory of one account and shop. Not for use from several threads.

    Open it by `Ledger.open`; `close` it, or use it as a context.

    Args:
        engine: of one connection.
        dry: keep nothing: everything is rolled back at `close`.
        url: where it lies.
    """

    def __init__(self, engine: sa.Engine, *, dry: bool, url: sa.URL) -> None:
        self._engine = engine
        self._dry = dry
        self._url = url
        self._connection = engine.connect()
        self._lock: FileLock | None = None
        self._secret = b""
        self._insert = postgresql.insert if url.get_backend_name() == "postgresql" else sqlite.insert
        self.scope = Scope(0, "", "", "", "", "", None, "")
        self.id = ""
        self.run = Run(0, 0, "")

    @classmethod
    def open(cls, ledger_url: str, *, create: bool, dry: bool = False, writable: bool = True) -> Ledger:
        """Open the ledger, make it if there is none and `create` is set, and bring it up to date.

        A dry run of a ledger that does not exist gets one in memory.

        Raises:
            LedgerUnusable, LedgerBusy.
        """
        url = opening.parsed_url(ledger_url)
        absent = opening.is_file(url) and not _exists(url)
        if absent and dry and create:
            url = opening.parsed_url("sqlite://")
        elif absent and not create:
            raise no_ledger_yet()
        elif absent:
            opening.make_room(url)
        with opening.foreign_errors_as_ours():
            ledger = cls(opening.engine_for(url, writable=writable), dry=dry, url=url)
            try:
                with ledger.transaction():
                    in_memory = not opening.is_file(url) and url.get_backend_name() == "sqlite"
                    opening.bring_up_to_date(ledger._connection, may_change=in_memory or (create and not dry))
                    row = ledger._connection.execute(sa.select(t.ledger)).one()
                    ledger.id, ledger._secret = row.id, bytes.fromhex(row.secret)
            except BaseException:
                ledger.close()
                raise
        return ledger

    def __enter__(self) -> Ledger:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give everything back; a dry run forgets all it did."""
        if self._dry and self._connection.in_transaction():
            self._connection.rollback()
        self._connection.close()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another is part of it. A dry run stays in one, which `close` rolls back."""
        with opening.foreign_errors_as_ours():
            if self._dry or self._connection.in_transaction():
                if not self._connection.in_transaction():
                    self._connection.begin()
                yield
                return
            with self._connection.begin():
                yield

    # ---------------------------------------------------------------- scope and run

    def keyed(self, value: str) -> str:
        """A keyed hash: the same value gives the same hash in this ledger, and tells nothing outside of it."""
        return hmac.new(self._secret, value.encode(), hashlib.sha256).hexdigest()[:32]

    def version_of(self, value: Any) -> str:
        """A keyed hash of a JSON value, whatever the order of its keys."""
        return self.keyed(json_text(value, sort=True))

    def enter_scope(self, account: str, account_name: str, shop: str, *, create: bool) -> None:
        """Work for one account and shop from now on. Raises LedgerUnusable where it is unknown and not to be made."""
        where = sa.and_(t.scopes.c.account == account, t.scopes.c.shop == shop)
        with self.transaction():
            row = self._connection.execute(sa.select(t.scopes).where(where)).one_or_none()
            if row is None and not create:
                raise LedgerUnusable(
                    "The ledger knows nothing of this account and shop yet.",
                    action="Run the target once, or correct api_key and shop.",
                )
            if row is None:
                now = now_text()
                self._connection.execute(
                    t.scopes.insert().values(
                        uid=str(uuid.uuid4()),
                        account=account,
                        account_name=account_name,
                        shop=shop,
                        live_since=now,
                        created_at=now,
                    )
                )
                row = self._connection.execute(sa.select(t.scopes).where(where)).one()
            number = self._connection.execute(
                sa.select(sa.func.max(t.runs.c.number)).where(t.runs.c.scope_id == row.id)
            ).scalar()
            self.scope = Scope(**row._mapping, run_number=number or 0)  # noqa: SLF001

    def lock(self) -> None:
        """Keep other runs off this scope until `close`, or until the process dies.

        Raises:
            LedgerBusy: another run holds it.
        """
        busy = LedgerBusy("Another run is working on this ledger and shop.")
        if opening.is_file(self._url):
            self._lock = FileLock(self._lock_path())
            with opening.foreign_errors_as_ours():
                try:
                    self._lock.acquire(timeout=0)
                except Timeout:
                    self._lock = None
                    raise busy from None
        elif self._url.get_backend_name() == "postgresql":
            with self.transaction():
                locked = self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(self._lock_number())))
                if not locked.scalar():
                    raise busy

    def is_locked(self) -> bool:
        """Whether a run is at work on this scope at this moment."""
        if opening.is_file(self._url):
            with opening.foreign_errors_as_ours():
                try:
                    with FileLock(self._lock_path()).acquire(timeout=0):
                        return False
                except Timeout:
                    return True
        if self._url.get_backend_name() != "postgresql":
            return False
        # Looked up, not tried: a lock that is taken for a moment only could turn a run away.
        held = sa.text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
            "AND (classid::bigint << 32 | objid::bigint) = :key"
        )
        with self.transaction():
            return bool(self._connection.execute(held, {"key": self._lock_number()}).scalar())

    def _lock_path(self) -> str:
        return f"{self._url.database}.{self.scope.id}.lock"

    def _lock_number(self) -> int:
        return int.from_bytes(hashlib.sha256(self.scope.uid.encode()).digest()[:8], "big", signed=True)

    def begin_run(self, *, kind: str, settings_hash: str, meltano_run_id: str | None) -> None:
        """Give this run a number and write down that it began."""
        number, now = self.scope.run_number + 1, now_text()
        with self.transaction():
            result = self._connection.execute(
                t.runs.insert().values(
                    scope_id=self.scope.id,
                    number=number,
                    kind=kind,
                    started_at=now,
                    settings_hash=settings_hash,
                    meltano_run_id=meltano_run_id,
                )
            )
            key = result.inserted_primary_key
            self.run = Run(key[0] if key else 0, number, now, kind=kind)
        self.scope.run_number = number

    def end_run(self, **columns: Any) -> None:
        """Write down how the run ended; columns as `tables.runs` names them."""
        with self.transaction():
            self._connection.execute(
                t.runs.update().where(t.runs.c.id == self.run.id).values(ended_at=now_text(), **columns)
            )

    def set_bookmark_before(self, bookmark: str | None) -> None:
        """Write down from where the tap read on."""
        with self.transaction():
            self._connection.execute(t.runs.update().where(t.runs.c.id == self.run.id).values(bookmark_before=bookmark))

    def take_unknown_as_baseline(self, before: str) -> None:
        """Remember that the ledger was lost: unknown orders from before this moment may have been sent."""
        with self.transaction():
            self._connection.execute(
                t.scopes.update().where(t.scopes.c.id == self.scope.id).values(baseline_before=before)
            )
        self.scope.baseline_before = before

    def note_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Write down requests that are over."""
        if not exchanges:
            return
        rows = [asdict(exchange) | {"at": text_of(exchange.at), "run_id": self.run.id} for exchange in exchanges]
        with self.transaction():
            self._connection.execute(t.requests.insert(), rows)

    # ---------------------------------------------------------------- rows by key

    def contacts(self, keys: Iterable[str]) -> dict[str, Contact]:
        """The contacts with these keys."""
        return {row.key: row for row in self._by(t.contacts, t.contacts.c.key, keys, Contact)}

    def contacts_by_email(self, email_keys: Iterable[str]) -> list[Contact]:
        """The contacts with these email addresses (keyed hashes)."""
        return self._by(t.contacts, t.contacts.c.email_key, email_keys, Contact)

    def contacts_by_phone(self, phone_keys: Iterable[str]) -> list[Contact]:
        """The contacts with these phones (keyed hashes)."""
        return self._by(t.contacts, t.contacts.c.phone_key, phone_keys, Contact)

    def orders(self, order_ids: Iterable[int]) -> dict[int, Order]:
        """The orders with these ids."""
        return {row.order_id: row for row in self._by(t.orders, t.orders.c.order_id, order_ids, Order)}

    def addresses(self, email_keys: Iterable[str]) -> dict[str, Address]:
        """What was done about these addresses (keyed hashes)."""
        return {row.email_key: row for row in self._by(t.addresses, t.addresses.c.email_key, email_keys, Address)}

    def _by(self, table: sa.Table, column: sa.Column[Any], values: Iterable[Any], kind: type[_R]) -> list[_R]:
        wanted = sorted(set(values))
        found: list[_R] = []
        names = [table.c[field.name] for field in fields(kind)]
        with self.transaction():
            for start in range(0, len(wanted), CHUNK):
                query = sa.select(*names).where(
                    table.c.scope_id == self.scope.id, column.in_(wanted[start : start + CHUNK])
                )
                found += [kind(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001
        return found

    def waiting_contacts(self, *, reasons: Collection[str], limit: int, after: str = "") -> list[Contact]:
        """Held contacts with one of these reasons, in the order of their keys, beginning after a key."""
        query = (
            sa.select(*[t.contacts.c[field.name] for field in fields(Contact)])
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
            return [Contact(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001

    def waiting_orders(
        self, *, reasons: Collection[str], limit: int, after: int = -1, since: str | None = None
    ) -> list[Order]:
        """Held orders with one of these reasons, by id, beginning after an id; `since`: held at or after it."""
        query = sa.select(*[t.orders.c[field.name] for field in fields(Order)]).where(
            t.orders.c.scope_id == self.scope.id,
            t.orders.c.fate == "held",
            t.orders.c.reason.in_(list(reasons)),
            t.orders.c.order_id > after,
        )
        if since is not None:
            query = query.where(t.orders.c.since >= since)
        with self.transaction():
            rows = self._connection.execute(query.order_by(t.orders.c.order_id).limit(limit))
            return [Order(**row._mapping) for row in rows]  # noqa: SLF001

    # ---------------------------------------------------------------- writing rows

    def write_contacts(self, rows: Sequence[Contact]) -> None:
        """Insert or replace contacts by key."""
        self._upsert(t.contacts, rows, ("scope_id", "key"))

    def write_orders(self, rows: Sequence[Order]) -> None:
        """Insert or replace orders by id."""
        self._upsert(t.orders, rows, ("scope_id", "order_id"))

    def write_addresses(self, rows: Sequence[Address]) -> None:
        """Insert or replace addresses by keyed hash."""
        self._upsert(t.addresses, rows, ("scope_id", "email_key"))

    def _upsert(self, table: sa.Table, rows: Sequence[Contact | Order | Address], key: tuple[str, ...]) -> None:
        if not rows:
            return
        now = now_text()
        values = [_columns(row) | {"scope_id": self.scope.id, "updated_at": now} for row in rows]
        insert = self._insert(table)
        changed = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
        with self.transaction():
            self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=changed), values)

    def note_statuses(self, statuses: Sequence[dict[str, Any]]) -> None:
        """Write down the shop's statuses, records of the stream `order_statuses`."""
        if not statuses:
            return
        now = now_text()
        rows = [
            {
                "scope_id": self.scope.id,
                "id": status["id"],
                "title": status.get("title"),
                "titles": json_text(status.get("titles") or {}),
                "is_successful": bool(status.get("is_successful")),
                "updated_at": now,
            }
            for status in statuses
        ]
        insert = self._insert(t.shop_statuses)
        changed = {name: insert.excluded[name] for name in ("title", "titles", "is_successful", "updated_at")}
        with self.transaction():
            self._connection.execute(
                insert.on_conflict_do_update(index_elements=["scope_id", "id"], set_=changed), rows
            )

    # ---------------------------------------------------------------- intents

    def intend(self, sends: Sequence[Send]) -> None:
        """Write down what is about to be sent, and give every intent its id."""
        now = now_text()
        with self.transaction():
            for send in sends:
                values = _columns(send) | {"scope_id": self.scope.id, "run_id": self.run.id, "at": now}
                del values["id"]
                key = self._connection.execute(t.sends.insert().values(values)).inserted_primary_key
                send.id = key[0] if key else 0

    def settle(self, sends: Sequence[Send]) -> None:
        """Write down what became of intents."""
        if not sends:
            return
        update = (
            t.sends.update()
            .where(t.sends.c.id == sa.bindparam("send_id"))
            .values(
                outcome=sa.bindparam("send_outcome"),
                reason=sa.bindparam("send_reason"),
                answer=sa.bindparam("send_answer"),
            )
        )
        rows = [
            {"send_id": s.id, "send_outcome": s.outcome, "send_reason": s.reason, "send_answer": s.answer}
            for s in sends
        ]
        with self.transaction():
            self._connection.execute(update, rows)

    def settle_forgotten(self) -> int:
        """Call every intent of an earlier run that was never settled `in_doubt`. Returns how many there were."""
        with self.transaction():
            done = self._connection.execute(
                t.sends.update()
                .where(
                    t.sends.c.scope_id == self.scope.id,
                    t.sends.c.outcome == "sending",
                    t.sends.c.run_id != self.run.id,
                )
                .values(outcome="in_doubt")
            )
        return int(done.rowcount)

    # ---------------------------------------------------------------- bulk imports

    def begin_import(self, session: str, keys: Sequence[str]) -> Import:
        """Write down an import that eSputnik began."""
        with self.transaction():
            key = self._connection.execute(
                t.imports.insert().values(
                    scope_id=self.scope.id,
                    run_id=self.run.id,
                    session=session,
                    state="running",
                    started_at=now_text(),
                    keys=json_text(list(keys)),
                )
            ).inserted_primary_key
        return Import(session, list(keys), id=key[0] if key else 0)

    def end_import(self, session: Import, state: str) -> None:
        """Write down how an import ended."""
        with self.transaction():
            self._connection.execute(
                t.imports.update().where(t.imports.c.id == session.id).values(state=state, ended_at=now_text())
            )

    def running_imports(self) -> list[Import]:
        """Imports whose end no run has seen."""
        query = sa.select(t.imports).where(t.imports.c.scope_id == self.scope.id, t.imports.c.state == "running")
        with self.transaction():
            return [
                Import(row.session, json.loads(row.keys), id=row.id, state=row.state)
                for row in self._connection.execute(query)
            ]

    # ---------------------------------------------------------------- forgetting

    def drop_old_payloads(self, before: str) -> int:
        """Forget the personal data of accepted records that were settled before a moment. Returns how many rows."""
        dropped = 0
        settled = ("accepted", "unchanged", "baseline")
        with self.transaction():
            for table in (t.contacts, t.orders):
                dropped += self._connection.execute(
                    table.update()
                    .where(
                        table.c.scope_id == self.scope.id,
                        table.c.fate.in_(settled),
                        table.c.updated_at < before,
                        sa.or_(table.c.record.is_not(None), table.c.answer.is_not(None)),
                    )
                    .values(record=None, answer=None)
                ).rowcount
            dropped += self._connection.execute(
                t.sends.update()
                .where(
                    t.sends.c.scope_id == self.scope.id,
                    t.sends.c.at < before,
                    t.sends.c.outcome.not_in(("sending", "in_doubt")),
                    sa.or_(t.sends.c.payload.is_not(None), t.sends.c.answer.is_not(None)),
                )
                .values(payload=None, answer=None)
            ).rowcount
        return dropped

    def read(self, query: sa.Select[Any]) -> list[Any]:
        """The rows of a report (`reports.py` writes the queries)."""
        with self.transaction():
            return list(self._connection.execute(query))


def json_text(value: Any, *, sort: bool = False) -> str:
    """A JSON value as text; the Singer SDK reads numbers with a point as Decimal, which leave as numbers here."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort, default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else str(value)


def _columns(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _exists(url: sa.URL) -> bool:
    with opening.foreign_errors_as_ours():
        return Path(str(url.database)).exists()
