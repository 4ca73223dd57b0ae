"""Opening the ledger: where it lies, its rights, its driver, its version."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from target_esputnik.errors import LedgerUnusable, no_ledger_yet
from target_esputnik.ledger import tables
from target_esputnik.ledger.failures import foreign_errors_as_ours
from target_esputnik.ledger.moments import now_text

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_SECONDS: Final = 10
PAGE: Final = 16384
"""Bytes: a batch of orders changes a quarter less of a file than with SQLite's own 4096, in a tenth less time."""
POSTGRESQL: Final = "postgresql+psycopg"
KEEPALIVES: Final = {"keepalives_idle": 30, "keepalives_interval": 15, "keepalives_count": 4}
MIGRATING: Final = 0x6573707574  # names the lock of those who make or migrate tables: "esput"
MIGRATIONS: Final = Path(__file__).parent / "migrations"

# As Alembic makes it, which is not there yet when a new ledger is made.
_VERSION: Final = sa.Table(
    "alembic_version",
    sa.MetaData(naming_convention={"pk": "alembic_version_pkc"}),
    sa.Column("version_num", sa.String(32), primary_key=True),
)


def parsed_url(ledger_url: str) -> sa.URL:
    """The ledger's address. Raises LedgerUnusable, without the address: it may hold a password."""
    try:
        url = make_url(ledger_url)
    except (exc.ArgumentError, ValueError):  # ValueError: the port is no number
        raise LedgerUnusable("ledger_address") from None
    if url.get_backend_name() not in {"sqlite", "postgresql", "postgres"}:
        raise LedgerUnusable("ledger_kind")
    if url.get_backend_name() != "sqlite" and url.drivername != POSTGRESQL:
        raise LedgerUnusable("ledger_scheme")
    return url


def shown(ledger_url: str) -> str:
    """Where the ledger lies, for a person: without user, password and options. Raises LedgerUnusable."""
    url = parsed_url(ledger_url)
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return f"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}"


def is_file(url: sa.URL) -> bool:
    """Whether the ledger is a SQLite file (and not PostgreSQL, or memory)."""
    return url.get_backend_name() == "sqlite" and bool(url.database) and url.database != ":memory:"


def make_room(url: sa.URL) -> None:
    """Create the SQLite ledger's folder, for its owner only and outside of git, and the file with mode 0600.

    A folder that is there already keeps its rights: it is somebody else's.
    """
    path = Path(str(url.database))
    with foreign_errors_as_ours():
        if not path.parent.exists():
            with contextlib.suppress(FileExistsError):  # two first runs at once: the other one made it
                path.parent.mkdir(mode=0o700, parents=True)
                path.parent.chmod(0o700)
        if not any(path.parent.iterdir()):  # just made, now or by a run that was killed before its next line
            (path.parent / ".gitignore").write_text("# the ledger holds personal data\n*\n", encoding="utf-8")
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def engine_for(url: sa.URL, *, writable: bool = True, alone: bool = False) -> sa.Engine:
    """An engine of one connection; on SQLite with a write-ahead log that is flushed to disk at every commit.

    Args:
        url: of `parsed_url`.
        writable: whether it may write.
        alone: it writes temporary tables only, and so waits for nobody, and nobody for it.
    """
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, writable=writable)
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, poolclass=sa.pool.StaticPool
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions itself, DDL included
        connection.execute("PRAGMA foreign_keys = ON")
        if writable and not alone and is_file(url):
            connection.execute(f"PRAGMA page_size = {PAGE}")  # of a ledger that is made now; others keep theirs
            connection.execute("PRAGMA journal_mode = WAL")
        if not writable and is_file(url):
            connection.execute("PRAGMA query_only = ON")
        # FULL: what is marked accepted must survive a power cut, or an order is sent twice.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writable and not alone else "BEGIN")

    return engine


def _postgresql(url: sa.URL, *, writable: bool) -> sa.Engine:
    """An engine that notices within two minutes that the other side is gone, and whose server notices it, too.

    A server that still believed in a run whose machine lost its power would keep that run's lock for hours.
    """
    # Its warnings name host, user and database; what went wrong reaches us as an exception.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    patience = {"connect_timeout": BUSY_SECONDS, "tcp_user_timeout": 60_000} | KEEPALIVES
    given = {name: value for name, value in patience.items() if name not in url.query}
    options = {} if writable else {"postgresql_readonly": True}
    try:
        engine = sa.create_engine(
            url, hide_parameters=True, poolclass=sa.pool.NullPool, connect_args=given, execution_options=options
        )
    except ImportError as error:
        raise LedgerUnusable("ledger_driver", cause=type(error).__name__) from None

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        for name, value in KEEPALIVES.items():
            connection.execute(f"SET tcp_{name} = {value}")
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.commit()

    return engine


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's configuration for a connection, with our migrations."""
    from alembic.config import Config  # noqa: PLC0415 - a tenth of a run's memory, needed for older ledgers only

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def bring_up_to_date(connection: sa.Connection, *, may_change: bool) -> None:
    """Create the tables, or migrate an older ledger, in the transaction that is open.

    A new ledger is made at once: by all migrations, one after another, it would take five times as long.

    Raises:
        LedgerUnusable: the ledger is newer than this program, or older and `may_change` is false; or the place holds
            tables of another program.
    """
    if may_change and connection.dialect.name == "postgresql":
        # Two first runs at once: the second waits here, and finds the tables.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
    names = set(sa.inspect(connection).get_table_names())
    present = "alembic_version" in names
    if names & {*tables.metadata.tables, "alembic_version"} and not names >= {"alembic_version", "ledger", "scopes"}:
        raise LedgerUnusable("ledger_foreign")  # Meltano's own database has `runs` and `alembic_version`, too
    current = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() if present else None
    known = known_revisions()
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise LedgerUnusable("ledger_newer")
    if not may_change and current is None:
        raise no_ledger_yet()
    if not may_change:
        raise LedgerUnusable("ledger_older")
    if current is not None:
        migrate(connection)
        return
    if connection.dialect.name == "postgresql":
        tables.say_it_to_postgresql()
    tables.metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=known[-1]))
    connection.execute(
        tables.ledger.insert().values(id=str(uuid.uuid4()), secret=secrets.token_hex(32), created_at=now_text())
    )


def migrate(connection: sa.Connection) -> None:
    """Bring the tables from whatever version they are of, none among them, to the newest."""
    # Its plugins and dialects are not news to an owner. Before the import: that is when it sets its plugins up.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command  # noqa: PLC0415 - see alembic_config

    command.upgrade(alembic_config(connection), "head")


def known_revisions() -> list[str]:
    """The revisions of the migrations, oldest first: files are named `NNNN_what.py`, and a test holds them to it."""
    return sorted(path.stem.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
