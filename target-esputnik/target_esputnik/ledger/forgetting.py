"""What is taken out of the ledger for good: a person's data on request, and old requests, sends and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import CHUNK, LedgerBase
from target_esputnik.ledger.failures import foreign_errors_as_ours
from target_esputnik.ledger.old import old_payloads, old_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GONE: Final = "[erased]"
PARALLEL_SINCE: Final = 130_000
"""PostgreSQL 13: VACUUM knows the word."""

WITH_ANSWERS: Final = {"contacts": t.contacts, "orders": t.orders, "sends": t.sends}
_KEYS: Final[dict[str, sa.Column[Any]]] = {
    "contacts": t.contacts.c.key,
    "orders": t.orders.c.order_id,
    "sends": t.sends.c.id,
}


class Forgetting(LedgerBase):
    """Deletions. What keeps a thing from being sent twice (contacts, orders, addresses) is never deleted."""

    def answers_quoting(self, quotes: Collection[str]) -> dict[str, list[Any]]:
        """The rows whose answer holds one of these texts, by table: keys of contacts and orders, ids of sends."""
        found: dict[str, list[Any]] = {}
        for name, table in WITH_ANSWERS.items() if quotes else ():
            query = sa.select(_KEYS[name], table.c.answer).where(
                table.c.scope_id == self.scope.id, table.c.answer.is_not(None), table.c.answer != GONE
            )
            found[name] = [
                key for key, answer in self.read(query) if any(quote in answer.casefold() for quote in quotes)
            ]
        return {name: keys for name, keys in found.items() if keys}

    def blot_out_answers(self, rows: dict[str, list[Any]]) -> None:
        """Replace the answers of such rows: that there was one still counts, for an order in doubt."""
        for name, keys in rows.items():
            table = WITH_ANSWERS[name]
            self._in_chunks(table.update().values(answer=GONE), table, _KEYS[name], keys)

    def sends_of_all(self, kind: str, keys: Sequence[str]) -> list[tuple[int, str | None]]:
        """Ids and payloads of everything that was sent of these contacts or orders."""
        rows: list[tuple[int, str | None]] = []
        for start in range(0, len(keys), CHUNK):
            query = sa.select(t.sends.c.id, t.sends.c.payload).where(
                t.sends.c.scope_id == self.scope.id,
                t.sends.c.kind == kind,
                t.sends.c.key.in_(keys[start : start + CHUNK]),
            )
            rows += [(number, payload) for number, payload in self.read(query)]
        return rows

    def forget_sends(self, ids: Sequence[int]) -> None:
        """Delete sends by id."""
        self._in_chunks(t.sends.delete(), t.sends, t.sends.c.id, ids)

    def _in_chunks(
        self, statement: sa.Update | sa.Delete, table: sa.Table, column: sa.Column[Any], keys: Sequence[Any]
    ) -> None:
        with self.transaction():
            for start in range(0, len(keys), CHUNK):
                chosen = column.in_(keys[start : start + CHUNK])
                self._connection.execute(statement.where(table.c.scope_id == self.scope.id, chosen))

    # ---------------------------------------------------------------- old rows

    def drop_old_payloads(self, before: str) -> int:
        """Forget the personal data of accepted records that were settled before a moment. Returns how many rows."""
        with self.transaction():
            return sum(
                self._connection.execute(
                    table.update().where(*old).values(dict.fromkeys((table.c.answer, content)))
                ).rowcount
                for table, content, old in old_payloads(self.scope.id, before)
            )

    def prune(self, before: str) -> dict[str, int]:
        """Delete requests, settled sends, ended imports and runs from before a moment. Returns how many of each."""
        with self.transaction():
            return {
                name: self._connection.execute(table.delete().where(*old)).rowcount
                for name, (table, old) in old_rows(self.scope.id, before).items()
            }

    def would_forget(self, payloads_before: str, before: str | None) -> dict[str, int]:
        """What `drop_old_payloads` and, where `before` is given, `prune` would, by the same conditions."""
        payloads = [(table, old) for table, _, old in old_payloads(self.scope.id, payloads_before)]
        counts = {"payloads": sum(self._count(table, old) for table, old in payloads)}
        rows = old_rows(self.scope.id, before) if before else {}
        return counts | {name: self._count(table, old) for name, (table, old) in rows.items()}

    def _count(self, table: sa.Table, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
        return int(self.read(sa.select(sa.func.count()).select_from(table).where(*conditions))[0][0])

    # ---------------------------------------------------------------- bytes

    def compact(self) -> bool:
        """Write the ledger anew, so that its file and its log hold nothing that was deleted.

        Returns:
            False where another program reads the log, so that it cannot be cleared yet; true on PostgreSQL, whose
            own `VACUUM` this calls.
        """
        with foreign_errors_as_ours():
            raw: Any = self._connection.connection.driver_connection
            if self._url.get_backend_name() == "postgresql":
                before, raw.autocommit = raw.autocommit, True
                # To start workers takes longer than all that an erasure leaves to be done.
                alone = "(PARALLEL 0) " if raw.info.server_version >= PARALLEL_SINCE else ""
                for table in ("contacts", "orders", "sends", "requests", "runs", "imports"):
                    raw.execute(f"VACUUM {alone}{table}")
                raw.autocommit = before
                return True
            # Past SQLAlchemy, which would begin a transaction: VACUUM and checkpoints work outside of any.
            try:
                raw.execute("VACUUM")
                busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except raw_errors() as error:
                raise sa.exc.OperationalError("VACUUM", None, error) from None
            return not busy


def raw_errors() -> tuple[type[Exception], ...]:
    """SQLite's own errors, which SQLAlchemy does not see here."""
    import sqlite3  # noqa: PLC0415

    return (sqlite3.Error,)
