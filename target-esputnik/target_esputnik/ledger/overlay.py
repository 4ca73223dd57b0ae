"""What a dry run would write, laid over the ledger for its connection alone: others see and wait for nothing of it.

Each table gets a temporary one for the rows that are new or changed, and a temporary view of the table's own name over
both: SQLite and PostgreSQL look among temporary names first, so every query reads what it would read after a real run.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from target_esputnik.ledger import tables as t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Where = Callable[[sa.ColumnCollection[str, sa.Column[Any]]], Iterable[sa.ColumnElement[bool]]]
    """Gives the conditions that rows of a table must meet, on the columns of that table or of the one above it."""

UNUSED_IDS: Final = 2**40
"""Rows of a dry run count from here: a number that a real row has would hide that row."""

NEW_SCOPE: Final = 2**31 - 1
"""The same for the one scope that it may make; PostgreSQL's INTEGER ends there."""

LAID_OVER: Final = (
    t.scopes,
    t.runs,
    t.contacts,
    t.addresses,
    t.orders,
    t.shop_statuses,
    t.requests,
    t.sends,
    t.imports,
)


class Overlay:
    """The temporary tables and views of one connection, which go with it.

    Args:
        connection: in a transaction; the ledger's tables are there.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._ids = itertools.count(UNUSED_IDS)
        self._above: dict[str, sa.Table] = {}
        metadata = sa.MetaData()
        for table in LAID_OVER:
            above = _above(table, metadata)
            schema = _schema_of(connection, table)
            above.create(connection)
            connection.exec_driver_sql(_view(table, above, schema))
            self._above[table.name] = above

    def next_id(self) -> int:
        """An id that no row has."""
        return next(self._ids)

    def above(self, table: sa.Table) -> sa.Table:
        """Where new rows of a table go."""
        return self._above[table.name]

    def to_change(self, table: sa.Table, where: Where) -> sa.Table:
        """The same, with the rows that are to be changed brought there."""
        above = self._above[table.name]
        there = sa.exists().where(*(above.c[column.name] == column for column in table.primary_key))
        rows = sa.select(table).where(*where(table.c), sa.not_(there))
        self._connection.execute(above.insert().from_select([column.name for column in table.c], rows))
        return above


def _above(table: sa.Table, metadata: sa.MetaData) -> sa.Table:
    columns = [
        sa.Column(column.name, column.type, primary_key=column.primary_key, autoincrement=False) for column in table.c
    ]
    above = sa.Table(f"dry_{table.name}", metadata, *columns, prefixes=["TEMPORARY"])
    for index in table.indexes:
        sa.Index(f"dry_{index.name}", *[above.c[column.name] for column in index.columns])
    return above


def _schema_of(connection: sa.Connection, table: sa.Table) -> str:
    if connection.dialect.name == "sqlite":
        return "main"
    where = sa.text("SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = CAST(:name AS regclass)")
    return str(connection.execute(where, {"name": table.name}).scalar_one())


def _view(table: sa.Table, above: sa.Table, schema: str) -> str:
    """The view; of names of our own only, but for the schema's, which the database has quoted."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    same = " AND ".join(f'above."{column.name}" = below."{column.name}"' for column in table.primary_key)
    return (
        f'CREATE TEMPORARY VIEW "{table.name}" AS SELECT {names} FROM {schema}."{table.name}" AS below '  # noqa: S608
        f'WHERE NOT EXISTS (SELECT 1 FROM "{above.name}" AS above WHERE {same}) '
        f'UNION ALL SELECT {names} FROM "{above.name}"'
    )
