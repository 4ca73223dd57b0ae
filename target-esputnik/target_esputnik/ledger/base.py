"""What every part of the ledger stands on: one connection, transactions, keyed hashes, JSON text."""

from __future__ import annotations

import hmac
import json
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from target_esputnik.errors import LedgerAway
from target_esputnik.ledger.failures import foreign_errors_as_ours
from target_esputnik.ledger.rows import Run, Scope
from target_esputnik.text import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from filelock import FileLock

    from target_esputnik.ledger.overlay import Overlay, Where

CHUNK: Final = 400
"""Keys in one IN (…): SQLite takes 999 parameters in its oldest builds."""

SIZES: Final = (1, 8, 50, CHUNK)
"""How many keys an IN (…) has: a database keeps a statement for each number that it is given."""

WANTED: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
SCOPE: Final[sa.BindParameter[Any]] = sa.bindparam("scope")

SOME: Final = 5000
"""Rows of a long answer that are held at one time."""

LARGEST: Final = 2**63 - 1
"""No number in either database is larger; one that somebody types may be."""


class LedgerBase:
    """One connection to the ledger, and the scope and run that it is used for. Not for several threads.

    Args:
        engine: of one connection.
        dry: keep nothing, and keep nobody waiting; see `overlay.py`.
        url: where it lies.

    Attributes:
        phone_region: of the shop's phones; "" where nothing is read from the shop.
        contact_writes: how often contacts were written: what was read of one before is old then.
        keyed_again: `keyed` of what comes many times, such as a buyer's address, and is remembered.
    """

    def __init__(self, engine: sa.Engine, *, dry: bool, url: sa.URL) -> None:
        self._engine = engine
        self._dry = dry
        self._overlay: Overlay | None = None
        self._url = url
        self._connection = engine.connect()
        self._lost = False
        self.contact_writes = 0
        self._lock: FileLock | None = None
        self._hash = keyed_hash(b"")
        self.keyed_again = lru_cache(maxsize=REMEMBERED)(self.keyed)
        self._insert = _insert_of(url)
        self._queries: dict[str, sa.Select[Any]] = {}
        self._compiled: dict[str, tuple[str, Callable[[tuple[Any, ...]], tuple[Any, ...]] | None]] = {}
        self.scope = Scope(0, "", "", "", "", "", None, "")
        self.id = ""
        self.phone_region = ""
        self.run = Run(0, 0, "")

    @contextmanager
    def transaction(self, *, verdict: bool = False) -> Iterator[None]:
        """All or nothing; one inside another is part of it.

        Once the connection was lost, and with it the lock, only a run's verdict is still written, over a new one.

        Raises:
            LedgerUnusable, LedgerBusy.
            LedgerAway: the connection was lost, now or before.
        """
        if self._lost and not verdict:
            raise LedgerAway("ledger_lost")
        try:
            with self._transaction():
                yield
        except LedgerAway:
            self._lost = True
            raise

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with foreign_errors_as_ours():
            if self._connection.in_transaction():
                yield
                return
            with self._connection.begin():
                yield

    # ---------------------------------------------------------------- writing, here or above

    def _place(self, table: sa.Table) -> sa.Table:
        """Where rows of a table are inserted."""
        return table if self._overlay is None else self._overlay.above(table)

    def _add(self, table: sa.Table, values: dict[str, Any]) -> int:
        """Insert a row of a table that counts its rows. Returns its id."""
        if self._overlay is not None:
            values = values | {"id": self._overlay.next_id()}
        key = self._connection.execute(self._place(table).insert().values(values)).inserted_primary_key
        return int(key[0]) if key else 0

    def _add_all(self, table: sa.Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[int]:
        """Insert rows, of named values, of a table that counts its rows. Returns their ids, in the same order."""
        place = self._place(table)
        if self._overlay is not None:
            ids = [self._overlay.next_id() for _ in rows]
        elif self.speaks("sqlite"):  # nobody else writes meanwhile; asked to tell the ids, it takes rows one by one
            last = self._connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
            ids = list(range(last + 1, last + 1 + len(rows)))
        else:
            insert = place.insert().returning(place.c.id, sort_by_parameter_order=True)
            return list(
                self._connection.execute(insert, [dict(zip(names, row, strict=True)) for row in rows]).scalars()
            )
        numbered = [(*row, key) for row, key in zip(rows, ids, strict=True)]
        self._write_many(f"add {table.name}", place.insert, (*names, "id"), numbered)
        return ids

    def _change(self, table: sa.Table, where: Where, **values: Any) -> int:
        """Update the rows that `where` says. Returns how many there were."""
        if self._overlay is not None:
            table = self._overlay.to_change(table, where)
        return int(self._connection.execute(table.update().where(*where(table.c)).values(values)).rowcount)

    def _write_many(
        self, name: str, statement: Callable[[], Any], names: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Execute a statement for many rows by the driver itself: SQLAlchemy looks at each value of each row.

        Args:
            name: of the statement, which is made and compiled once for this connection.
            statement: makes it; its parameters have the names of the rows' values.
            names: of the values, always the same for one statement.
            rows: texts, numbers and truth values, which both drivers take as they are.
        """
        if name not in self._compiled:
            compiled = statement().compile(dialect=self._connection.dialect, column_keys=list(names))
            order = compiled.positiontup if compiled.positional else None
            self._compiled[name] = str(compiled), order and itemgetter(*map(list(names).index, order))
        sql, in_order = self._compiled[name]
        if in_order is None:
            self._connection.exec_driver_sql(sql, [dict(zip(names, row, strict=True)) for row in rows])
        else:
            self._connection.exec_driver_sql(sql, list(map(in_order, rows)))

    # ---------------------------------------------------------------- reading

    def keyed(self, value: str) -> str:
        """A keyed hash: the same value gives the same hash in this ledger, and tells nothing outside of it."""
        hashed = self._hash.copy()
        hashed.update(value.encode())
        return hashed.hexdigest()[:32]

    def version_of(self, value: Any) -> str:
        """A keyed hash of a JSON value, whatever the order of its keys."""
        return self.keyed(json_text(value, sort=True))

    def speaks(self, dialect: str) -> bool:
        """Whether the ledger lies in this kind of database: `sqlite` or `postgresql`."""
        return self._connection.dialect.name == dialect

    def _rows_of(self, name: str, query: Callable[[], sa.Select[Any]], keys: Iterable[Any]) -> Iterator[Any]:
        """The rows that a query has of some keys, in a transaction that is open.

        Args:
            name: of the query, which is made once for this connection: one that holds its keys is a cycle of objects.
            query: makes it; it takes its keys as `WANTED` and the scope as `SCOPE`.
            keys: in any order, and as often as they come.
        """
        if name not in self._queries:
            self._queries[name] = query()
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), CHUNK):
            some = wanted[start : start + CHUNK]
            size = next(size for size in SIZES if size >= len(some))
            some += some[-1:] * (size - len(some))
            found = self._connection.execute(self._queries[name], {"wanted": some, "scope": self.scope.id})
            yield from found.all()  # one by one each would take twice as long

    def read(self, query: sa.Select[Any]) -> list[Any]:
        """The rows of a report (`reports.py` writes the queries)."""
        with self.transaction():
            return list(self._connection.execute(query))

    def each(self, query: sa.Select[Any]) -> Iterator[Any]:
        """The rows of a query, some at a time, for who counts very many of them."""
        with self.transaction():
            yield from self._connection.execute(query.execution_options(yield_per=SOME))


def _insert_of(url: sa.URL) -> Callable[[sa.Table], Any]:
    """INSERT … ON CONFLICT, in the words of one database: both together cost a tenth of a command's start."""
    if url.get_backend_name() == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as of_postgresql  # noqa: PLC0415 - see above

        return of_postgresql
    from sqlalchemy.dialects.sqlite import insert as of_sqlite  # noqa: PLC0415 - see above

    return of_sqlite


def json_text(value: Any, *, sort: bool = False) -> str:
    """A JSON value as text; what is no JSON value leaves as text, a decimal as the number that it is."""
    try:
        return (_IN_ORDER if sort else _AS_IT_IS).encode(value).decode()
    except UnicodeEncodeError:  # half a character, which an answer may spell as \ud800
        return json.dumps(value, separators=(",", ":"), sort_keys=sort, default=str)


_AS_IT_IS: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_IN_ORDER: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=str, order="deterministic")


def keyed_hash(secret: bytes) -> hmac.HMAC:
    """What hashes of one ledger begin with; to begin each anew takes half as long again."""
    return hmac.new(secret, digestmod="sha256")


def names_of(kind: type[Any], *without: str) -> tuple[str, ...]:
    """The columns of a kind of row, in the order of its fields."""
    return tuple(name for name in kind.__match_args__ if name not in without)


def columns_for(kind: type[Any], table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that a kind of row is made of, in the order of its fields: `kind(*row)` makes one."""
    return [table.c[name] for name in names_of(kind)]
