"""Where a test's ledger lies: a SQLite file, or a database of a real PostgreSQL server; and what can befall it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

if TYPE_CHECKING:
    from pathlib import Path

    from postgresql_server import Server


class LedgerPlace(Protocol):
    """A place for one ledger.

    Attributes:
        url: for `ledger_url`.
        where: as `esputnik-ledger check` names it.
    """

    url: str
    where: str

    def exists(self) -> bool:
        """Tell whether a ledger is there."""

    def lose(self) -> None:
        """Take it away, as a wiped disk or a dropped database would."""

    def back_up(self) -> None:
        """Keep a copy of it."""

    def restore(self) -> None:
        """Put the copy in its place."""


class SqliteFile:
    """A file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger" / "ledger.db"
        self.url = f"sqlite:///{self.path}"
        self.where = str(self.path)
        self._copy = folder / "ledger-copy.db"

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    def lose(self) -> None:
        """Delete it, and what SQLite keeps beside it."""
        for file in self.path.parent.glob("ledger.db*"):
            file.unlink()

    def back_up(self) -> None:
        """Copy the file."""
        shutil.copy(self.path, self._copy)

    def restore(self) -> None:
        """Put the copy back."""
        self.lose()
        shutil.copy(self._copy, self.path)


class PostgresqlDatabase:
    """A database on a server; empty at first."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.url = server.url(name)
        self.where = f"postgresql://127.0.0.1/{name}"
        server.create(name)

    def exists(self) -> bool:
        """Tell whether it holds a ledger."""
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        return bool(sa.inspect(engine).has_table("scopes"))

    def lose(self) -> None:
        """Make it empty."""
        self.server.drop(self.name)
        self.server.create(self.name)

    def back_up(self) -> None:
        """Copy it whole."""
        self.server.create(f"{self.name}_copy", like=self.name)

    def restore(self) -> None:
        """Put the copy in its place."""
        self.server.drop(self.name)
        self.server.create(self.name, like=f"{self.name}_copy")

    def remove(self) -> None:
        """Remove it and its copy."""
        self.server.drop(self.name)
        self.server.drop(f"{self.name}_copy")


def rows_of(place: LedgerPlace, query: str) -> list[Any]:
    """Give the rows of a query."""
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text(query)))


def change(place: LedgerPlace, statement: str) -> None:
    """Change a ledger behind the target's back, as time or an accident would."""
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
