"""What is taken out of the ledger for good: a person's data on request, and old requests, sends and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import CHUNK, LedgerBase
from target_esputnik.ledger.failures import foreign_errors_as_ours

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GONE: Final = "[erased]"
UNSETTLED: Final = ("sending", "in_doubt")
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

    def prune(self, before: str) -> dict[str, int]:
        """Delete requests, settled sends, ended imports and runs from before a moment. Returns how many of each.

        The newest run stays, whatever its age: run numbers must go on, or the tap's state would seem to be from a
        ledger that is newer than this one, and this one lost.
        """
        scope, runs = self.scope.id, t.runs.c
        ours = sa.select(runs.id).where(runs.scope_id == scope)
        last = [
            sa.select(sa.func.max(runs.number)).where(runs.scope_id == scope, *kind).scalar_subquery()
            for kind in ([], [runs.kind == "run"])
        ]
        unused = [sa.not_(sa.exists().where(table.c.run_id == runs.id)) for table in (t.requests, t.sends, t.imports)]
        deletions: dict[str, sa.Delete] = {
            "requests": t.requests.delete().where(t.requests.c.run_id.in_(ours), t.requests.c.at < before),
            "sends": t.sends.delete().where(
                t.sends.c.scope_id == scope, t.sends.c.at < before, t.sends.c.outcome.not_in(UNSETTLED)
            ),
            "imports": t.imports.delete().where(
                t.imports.c.scope_id == scope, t.imports.c.state != "running", t.imports.c.ended_at < before
            ),
            "runs": t.runs.delete().where(
                runs.scope_id == scope,
                runs.started_at < before,
                runs.ended_at.is_not(None),
                runs.number.not_in(last),
                *unused,
            ),
        }
        with self.transaction():
            return {name: self._connection.execute(deletion).rowcount for name, deletion in deletions.items()}

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
                for table in ("contacts", "orders", "sends", "requests", "runs", "imports"):
                    raw.execute(f"VACUUM {table}")
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
