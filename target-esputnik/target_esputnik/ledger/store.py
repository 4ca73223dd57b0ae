"""The ledger that a run works with: one scope, one connection, transactions, and the rows by key.

Reports for people are in `reports.py`; where the ledger lies and how it is opened is in `connection.py`.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from filelock import FileLock, Timeout

from target_esputnik import fates
from target_esputnik.errors import LedgerBusy, LedgerUnusable, no_ledger_yet
from target_esputnik.ledger import connection as opening
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import json_text, keyed_hash
from target_esputnik.ledger.failures import foreign_errors_as_ours
from target_esputnik.ledger.forgetting import Forgetting
from target_esputnik.ledger.moments import now_text, text_of
from target_esputnik.ledger.overlay import NEW_SCOPE, Overlay
from target_esputnik.ledger.rows import Run, Scope
from target_esputnik.ledger.rows_by_key import RowsByKey
from target_esputnik.ledger.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.tries import Exchange

PATIENCE: Final = 1.0
"""Seconds for the lock: a report that looks whether a file's is held holds it for a moment itself."""
LOCK_MODE: Final = 0o600
"""As the ledger's: whoever may open the lock may keep every run off."""


class Ledger(RowsByKey, Sending, Forgetting):
    """The memory of one account and shop. Not for use from several threads.

    Open it by `Ledger.open`; `close` it, or use it as a context.

    Args:
        engine: of one connection.
        dry: keep nothing, and keep nobody waiting.
        url: where it lies.
    """

    @classmethod
    def open(cls, ledger_url: str, *, create: bool, dry: bool = False, writable: bool = True) -> Ledger:
        """Open the ledger, make it if there is none and `create` is set, and bring it up to date.

        A dry run of a ledger that does not exist gets one in memory; else it writes beside the ledger (`overlay.py`).

        Raises:
            LedgerUnusable, LedgerBusy.
        """
        url = opening.parsed_url(ledger_url)
        try:
            if opening.is_file(url) and not _exists(url):
                if dry or not create:
                    raise no_ledger_yet()
                opening.make_room(url)
            return cls._opened(url, create=create, dry=dry, writable=writable)
        except LedgerUnusable as problem:
            if problem.absent and dry and create:
                return cls._opened(opening.parsed_url("sqlite://"), create=True, dry=True, writable=True)
            raise

    @classmethod
    def _opened(cls, url: sa.URL, *, create: bool, dry: bool, writable: bool) -> Ledger:
        with foreign_errors_as_ours():
            in_memory = not opening.is_file(url) and url.get_backend_name() == "sqlite"
            engine = opening.engine_for(url, writable=writable, alone=dry and not in_memory)
            ledger = cls(engine, dry=dry, url=url)
            try:
                with ledger.transaction():
                    opening.bring_up_to_date(ledger._connection, may_change=in_memory or (create and not dry))
                    if dry and not in_memory:
                        ledger._overlay = Overlay(ledger._connection)
                    row = ledger._connection.execute(sa.select(t.ledger)).one()
                    ledger.id, ledger._hash = row.id, keyed_hash(bytes.fromhex(row.secret))
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
        self._connection.close()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()

    # ---------------------------------------------------------------- scope and run

    def enter_scope(self, account: str, account_name: str, shop: str, *, create: bool) -> None:
        """Work for one account and shop from now on. Raises LedgerUnusable where it is unknown and not to be made."""
        where = sa.and_(t.scopes.c.account == account, t.scopes.c.shop == shop)
        with self.transaction():
            row = self._connection.execute(sa.select(t.scopes).where(where)).one_or_none()
            if row is None and not create:
                raise LedgerUnusable("scope_absent")
            if row is None:
                now = now_text()
                values = {} if self._overlay is None else {"id": NEW_SCOPE}
                insert = self._insert(self._place(t.scopes)).values(
                    **values,
                    uid=str(uuid.uuid4()),
                    account=account,
                    account_name=account_name,
                    shop=shop,
                    live_since=now,
                    created_at=now,
                )
                # Two first runs at once: on PostgreSQL both may come here.
                self._connection.execute(insert.on_conflict_do_nothing())
                row = self._connection.execute(sa.select(t.scopes).where(where)).one()
            self._know(row)

    def _know(self, row: sa.Row[Any]) -> None:
        number = self._connection.execute(
            sa.select(sa.func.max(t.runs.c.number)).where(t.runs.c.scope_id == row.id)
        ).scalar()
        self.scope = Scope(**row._mapping, run_number=number or 0)  # noqa: SLF001 - SQLAlchemy's documented name

    def lock(self) -> None:
        """Keep other runs off this scope until `close`, or until the process dies; a dry run keeps nobody off.

        Raises:
            LedgerBusy: another run holds it.
        """
        busy = LedgerBusy("ledger_busy")
        if self._dry:
            pass
        elif opening.is_file(self._url):
            self._lock = FileLock(self._lock_path(), mode=LOCK_MODE)
            with foreign_errors_as_ours():
                try:
                    self._lock.acquire(timeout=PATIENCE, poll_interval=PATIENCE / 20)
                except Timeout:
                    self._lock = None
                    raise busy from None
        elif self._url.get_backend_name() == "postgresql":
            until = time.monotonic() + PATIENCE
            while not self._is_now_ours():
                if time.monotonic() > until:
                    raise busy
                time.sleep(PATIENCE / 20)
        with self.transaction():  # a run may have ended between the look at the scope and the lock
            self._know(self._connection.execute(sa.select(t.scopes).where(t.scopes.c.id == self.scope.id)).one())

    def _is_now_ours(self) -> bool:
        """Whether PostgreSQL gave the lock; it gives back that of a process that is over a moment later."""
        with self.transaction():
            locked = self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(self._lock_number())))
            return bool(locked.scalar())

    def is_locked(self) -> bool:
        """Whether a run is at work on this scope at this moment."""
        if opening.is_file(self._url):
            with foreign_errors_as_ours():
                try:
                    with FileLock(self._lock_path(), mode=LOCK_MODE).acquire(timeout=0):
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
        now = now_text()
        with self.transaction():
            # A run that fails before it has the lock is written down, too: the row keeps two from taking one number.
            scope = sa.select(t.scopes).where(t.scopes.c.id == self.scope.id)
            self._know(self._connection.execute(scope if self._dry else scope.with_for_update()).one())
            number = self.scope.run_number + 1
            key = self._add(
                t.runs,
                {
                    "scope_id": self.scope.id,
                    "number": number,
                    "kind": kind,
                    "started_at": now,
                    "settings_hash": settings_hash,
                    "meltano_run_id": meltano_run_id,
                    "wrote_state": False,
                },
            )
            self.run = Run(key, number, now, kind=kind)
        self.scope.run_number = number

    def end_run(self, **columns: Any) -> None:
        """Write down how the run ended; columns as `tables.runs` names them."""
        with self.transaction(verdict=True):
            self._change(t.runs, lambda r: [r.id == self.run.id], ended_at=now_text(), **columns)

    def set_bookmark_before(self, bookmark: str | None) -> None:
        """Write down from where the tap read on."""
        with self.transaction():
            self._change(t.runs, lambda r: [r.id == self.run.id], bookmark_before=bookmark)

    def note_state_written(self) -> None:
        """Write down that a STATE with this run's number is about to leave."""
        with self.transaction():
            self._change(t.runs, lambda r: [r.id == self.run.id], wrote_state=True)

    def wrote_state(self, number: Any) -> bool:
        """Whether an earlier run with this number wrote a STATE.

        That a run has the number is not enough: in an older copy of the ledger another one may have got it since.
        """
        if not isinstance(number, int) or number >= self.run.number:
            return False
        columns = t.runs.c
        query = sa.select(columns.id).where(
            columns.scope_id == self.scope.id, columns.number == number, columns.wrote_state.is_not(sa.false())
        )
        return bool(self.read(query))

    def keep_prefix(self, prefix: str) -> bool:
        """Remember the prefix of the ids that eSputnik is given. Returns False where it was given others already."""
        if self.scope.external_id_prefix == prefix:
            return True
        if self.scope.external_id_prefix is not None and self._gave_ids():
            return False
        with self.transaction():
            self._change(t.scopes, lambda s: [s.id == self.scope.id], external_id_prefix=prefix)
        self.scope.external_id_prefix = prefix
        return True

    def _gave_ids(self) -> bool:
        """Whether eSputnik has a contact or an order with an id of this scope."""
        contacts, orders = t.contacts.c, t.orders.c
        given = (
            sa.select(contacts.key).where(contacts.scope_id == self.scope.id, contacts.external_id.is_not(None)),
            sa.select(orders.order_id).where(orders.scope_id == self.scope.id, orders.ever_accepted.is_(sa.true())),
        )
        return any(self.read(query.limit(1)) for query in given)

    def take_unknown_as_baseline(self, before: str) -> None:
        """Remember that the ledger was lost: what it does not know of orders from before this moment may be sent.

        Orders that wait in an older copy are recorded, too. They keep the moment of their last change, by which it is
        known that what became of them since is not.
        """
        recorded: dict[str, Any] = {
            "fate": fates.BASELINE,
            "reason": fates.LEDGER_LOST,
            "since": before,
            "shop_status": sa.func.coalesce(sa.column("change_status"), sa.column("shop_status")),
            "change_status": None,
            "change_sent": "[]",
            "version": None,
            "answer": None,
        }
        with self.transaction():
            self._change(t.scopes, lambda s: [s.id == self.scope.id], baseline_before=before)
            self._change(
                t.orders,
                lambda o: [o.scope_id == self.scope.id, o.fate == fates.HELD, o.reason != fates.ERASED],
                **recorded,
            )
        self.scope.baseline_before = before

    def note_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Write down requests that are over."""
        if not exchanges:
            return
        rows = [asdict(exchange) | {"at": text_of(exchange.at), "run_id": self.run.id} for exchange in exchanges]
        if self._overlay is not None:
            rows = [row | {"id": self._overlay.next_id()} for row in rows]
        with self.transaction(verdict=True):
            self._connection.execute(self._place(t.requests).insert(), rows)

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
        insert = self._insert(self._place(t.shop_statuses))
        changed = {name: insert.excluded[name] for name in ("title", "titles", "is_successful", "updated_at")}
        with self.transaction():
            self._connection.execute(
                insert.on_conflict_do_update(index_elements=["scope_id", "id"], set_=changed), rows
            )


def _exists(url: sa.URL) -> bool:
    with foreign_errors_as_ours():
        return Path(str(url.database)).exists()
