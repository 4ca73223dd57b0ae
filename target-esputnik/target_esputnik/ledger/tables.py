"""The ledger's tables: what was read, what was sent, what came back.

Times are ISO 8601 text in UTC with a fixed width, so that they sort as text on SQLite and PostgreSQL alike. Personal
data stands only in columns named `record`, `payload` and `answer`; people are recognised by keyed hashes (`*_key`).
PostgreSQL holds text to its length: only words of our own have one.
A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    or_,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only for a primary key that is exactly INTEGER.
_RowId = BigInteger().with_variant(Integer, "sqlite")
_MOMENT = String(32)


def _scope() -> Column[int]:
    return Column("scope_id", Integer, ForeignKey("scopes.id"), primary_key=True)


def has_content(table: Table) -> ColumnElement[bool]:
    """Whether a row holds personal data; its index says the same, or no database would use it."""
    content = table.c.payload if "payload" in table.c else table.c.record
    return or_(content.is_not(None), table.c.answer.is_not(None))


def only_where(condition: ColumnElement[bool]) -> dict[str, Any]:
    """How an index is told to hold some rows only; PostgreSQL is told by `say_it_to_postgresql`."""
    return {"sqlite_where": condition}


def say_it_to_postgresql() -> None:
    """Tell its dialect the conditions of indexes. Here alone is it named: who does, loads it, on every start."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def index_content(table: Table, *columns: str) -> None:
    """Index the few rows that hold personal data, and the fewer with an answer: the others are never looked through."""
    scope = table.c.scope_id
    Index(f"ix_{table.name}_content", scope, *(table.c[name] for name in columns), **only_where(has_content(table)))
    Index(f"ix_{table.name}_answer", scope, **only_where(table.c.answer.is_not(None)))


ledger = Table(
    "ledger",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("secret", String(64), nullable=False),  # the key of the keyed hashes; it never leaves the ledger
    Column("created_at", _MOMENT, nullable=False),
)

# One row per eSputnik account and shop: shops in one ledger neither see nor block each other.
scopes = Table(
    "scopes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(36), nullable=False, unique=True),  # `esputnik_ledger.id` in STATE
    Column("account", Text, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("shop", Text, nullable=False),
    Column("external_id_prefix", Text),  # of the ids that eSputnik was given; unknown until something was
    Column("live_since", _MOMENT, nullable=False),
    Column("baseline_before", _MOMENT),  # set when the ledger was found to be lost or old
    Column("created_at", _MOMENT, nullable=False),
    UniqueConstraint("account", "shop"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("scope_id", Integer, ForeignKey("scopes.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(16), nullable=False),  # run, release, resend, retry
    Column("started_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
    Column("exit_code", Integer),
    Column("error", String(32)),
    Column("sentence", Text),
    Column("counts", Text),  # JSON: read, fates, derived, carried, attempts
    Column("settings_hash", String(32), nullable=False),
    Column("wrote_state", Boolean),  # a STATE with this number may have left; unknown of old runs
    Column("bookmark_before", Text),
    Column("bookmark_after", Text),
    Column("meltano_run_id", Text),
    UniqueConstraint("scope_id", "number"),
)

contacts = Table(
    "contacts",
    metadata,
    _scope(),
    Column("key", Text, primary_key=True),  # the shop's id, or guest:<keyed hash>
    Column("source", String(16), nullable=False),  # registration, order
    Column("fate", String(16), nullable=False),
    Column("reason", String(32)),
    Column("since", _MOMENT, nullable=False),  # since when it has this fate and reason
    Column("read_run", BigInteger, nullable=False),
    Column("email_key", String(32)),
    Column("phone_key", String(32)),
    Column("phone_taken", String(32)),  # a guest's phone that belongs to another contact
    Column("hashes", Text),  # JSON: keyed hash by source field, as last accepted
    Column("version", String(32)),  # keyed hash of the version that is held or rejected
    Column("newsletter", Boolean),  # the box as last accepted
    Column("delivered", Boolean, nullable=False),
    Column("delivered_email", String(32)),
    Column("esputnik_id", BigInteger),
    Column("external_id", Text),  # as eSputnik's contact carries it
    Column("route", String(16)),
    Column("why", String(64)),
    Column("asked_at", _MOMENT),  # when the double opt-in was last set off
    Column("delivered_at", _MOMENT),
    Column("registered_at", _MOMENT),
    Column("record", Text),
    Column("answer", Text),
    Column("updated_at", _MOMENT, nullable=False),
    Index(None, "scope_id", "email_key"),
    Index(None, "scope_id", "phone_key"),
    Index(None, "scope_id", "delivered_email"),
    Index(None, "scope_id", "fate", "reason", "since", "source"),  # with the source, the page counts by it, too
)
index_content(contacts, "fate", "updated_at")

addresses = Table(
    "addresses",
    metadata,
    _scope(),
    Column("email_key", String(32), primary_key=True),
    Column("confirmation", String(16), nullable=False),  # unconfirmed, confirmed: by the route it went
    Column("unsubscribed", Boolean, nullable=False),  # put on the list by us
    Column("updated_at", _MOMENT, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    _scope(),
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fate", String(16), nullable=False),
    Column("reason", String(32)),
    Column("since", _MOMENT, nullable=False),
    Column("read_run", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("shop_status", BigInteger),  # last accepted or recorded
    Column("esputnik_status", String(32)),  # last accepted; after a lost ledger: what may have been
    Column("ever_accepted", Boolean, nullable=False),
    Column("change_status", BigInteger),  # the shop's status that is being delivered
    Column("change_sent", Text, nullable=False),  # JSON list: accepted for that change
    Column("content", String(32)),  # keyed hash of the content last accepted
    Column("version", String(32)),  # keyed hash of the version that is held or rejected
    Column("buyer", Text),
    Column("email_key", String(32)),  # of the record; "" where it has no usable one, NULL where that was not noted
    Column("phone_key", String(32)),  # the same
    Column("record", Text),
    Column("answer", Text),
    Column("updated_at", _MOMENT, nullable=False),
    Index(None, "scope_id", "fate", "reason", "since"),
    Index(None, "scope_id", "shop_status", "change_status"),
    Index(None, "scope_id", "created_at"),
    Index(None, "scope_id", "buyer", "created_at"),  # without the moment SQLite reads all orders by it
)
index_content(orders, "fate", "updated_at")
for _name in ("email", "phone"):
    Index(f"ix_orders_{_name}", orders.c.scope_id, orders.c[f"{_name}_key"], **only_where(orders.c.record.is_not(None)))

shop_statuses = Table(
    "shop_statuses",
    metadata,
    _scope(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text),
    Column("titles", Text, nullable=False),  # JSON: title by language
    Column("is_successful", Boolean, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("run_id", _RowId, ForeignKey("runs.id"), nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("endpoint", String(48), nullable=False),
    Column("method", String(8), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("status", Integer),
    Column("outcome", String(32), nullable=False),
    Column("records", Integer, nullable=False),
    # Reports count by endpoint and outcome from the index alone; a million rows take a fraction of a second.
    Index(None, "run_id", "endpoint", "outcome", "records"),
    Index(None, "at"),
)

# One row per thing that was sent: written as `sending` before the request leaves, settled after its answer.
sends = Table(
    "sends",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("scope_id", Integer, ForeignKey("scopes.id"), nullable=False),
    Column("run_id", _RowId, ForeignKey("runs.id"), nullable=False),
    Column("kind", String(8), nullable=False),  # contact, order
    Column("key", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("what", String(32), nullable=False),  # the route, or the eSputnik status
    Column("why", String(64)),  # of a contact: the confirmation rule that chose the route
    Column("shop_status", BigInteger),
    Column("outcome", String(16), nullable=False),  # sending, accepted, rejected, in_doubt, not_sent
    Column("reason", String(32)),
    Column("payload", Text),
    Column("answer", Text),
    Index(None, "scope_id", "kind", "key"),
    Index(None, "scope_id", "outcome"),
    Index(None, "run_id", "at"),
    Index(None, "at"),
)
index_content(sends, "at", "outcome")

imports = Table(
    "imports",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("scope_id", Integer, ForeignKey("scopes.id"), nullable=False),
    Column("run_id", _RowId, ForeignKey("runs.id"), nullable=False),
    Column("session", Text, nullable=False),
    Column("state", String(16), nullable=False),  # running, FINISHED, ERROR, UNKNOWN
    Column("started_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
    Column("keys", Text, nullable=False),  # JSON: contact keys
    Index(None, "scope_id", "state"),
    Index(None, "run_id"),
)
