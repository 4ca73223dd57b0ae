"""The first ledger: scopes, runs, contacts, addresses, orders, statuses, requests, sends, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "ledger",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_table(
        "scopes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("live_since", sa.String(length=32), nullable=False),
        sa.Column("baseline_before", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scopes")),
        sa.UniqueConstraint("account", "shop", name=op.f("uq_scopes_account_shop")),
        sa.UniqueConstraint("uid", name=op.f("uq_scopes_uid")),
    )
    op.create_table(
        "addresses",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(length=32), nullable=False),
        sa.Column("confirmation", sa.String(length=16), nullable=False),
        sa.Column("unsubscribed", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_addresses_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "email_key", name=op.f("pk_addresses")),
    )
    op.create_table(
        "contacts",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("fate", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("read_run", sa.BigInteger(), nullable=False),
        sa.Column("email_key", sa.String(length=32), nullable=True),
        sa.Column("phone_key", sa.String(length=32), nullable=True),
        sa.Column("phone_taken", sa.String(length=32), nullable=True),
        sa.Column("hashes", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=32), nullable=True),
        sa.Column("newsletter", sa.Boolean(), nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("delivered_email", sa.String(length=32), nullable=True),
        sa.Column("esputnik_id", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("route", sa.String(length=16), nullable=True),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.String(length=32), nullable=True),
        sa.Column("delivered_at", sa.String(length=32), nullable=True),
        sa.Column("registered_at", sa.String(length=32), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_contacts_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "key", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_scope_id_email_key"), "contacts", ["scope_id", "email_key"], unique=False)
    op.create_index(
        op.f("ix_contacts_scope_id_fate_reason_since"),
        "contacts",
        ["scope_id", "fate", "reason", "since"],
        unique=False,
    )
    op.create_index(op.f("ix_contacts_scope_id_phone_key"), "contacts", ["scope_id", "phone_key"], unique=False)
    op.create_table(
        "orders",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fate", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("read_run", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("shop_status", sa.BigInteger(), nullable=True),
        sa.Column("esputnik_status", sa.String(length=32), nullable=True),
        sa.Column("ever_accepted", sa.Boolean(), nullable=False),
        sa.Column("change_status", sa.BigInteger(), nullable=True),
        sa.Column("change_sent", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=True),
        sa.Column("version", sa.String(length=32), nullable=True),
        sa.Column("buyer", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_orders_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "order_id", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_scope_id_created_at"), "orders", ["scope_id", "created_at"], unique=False)
    op.create_index(
        op.f("ix_orders_scope_id_fate_reason_since"), "orders", ["scope_id", "fate", "reason", "since"], unique=False
    )
    op.create_index(
        op.f("ix_orders_scope_id_shop_status_change_status"),
        "orders",
        ["scope_id", "shop_status", "change_status"],
        unique=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("settings_hash", sa.String(length=32), nullable=False),
        sa.Column("bookmark_before", sa.Text(), nullable=True),
        sa.Column("bookmark_after", sa.Text(), nullable=True),
        sa.Column("meltano_run_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_runs_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("scope_id", "number", name=op.f("uq_runs_scope_id_number")),
    )
    op.create_table(
        "shop_statuses",
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("titles", sa.Text(), nullable=False),
        sa.Column("is_successful", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_shop_statuses_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "id", name=op.f("pk_shop_statuses")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_imports_run_id")),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_imports_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_scope_id_state"), "imports", ["scope_id", "state"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("endpoint", sa.String(length=48), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_requests_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_at"), "requests", ["at"], unique=False)
    op.create_index(
        op.f("ix_requests_run_id_endpoint_outcome_records"),
        "requests",
        ["run_id", "endpoint", "outcome", "records"],
        unique=False,
    )
    op.create_table(
        "sends",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("shop_status", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_sends_run_id")),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_sends_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sends")),
    )
    op.create_index(op.f("ix_sends_at"), "sends", ["at"], unique=False)
    op.create_index(op.f("ix_sends_scope_id_kind_key"), "sends", ["scope_id", "kind", "key"], unique=False)
    op.create_index(op.f("ix_sends_scope_id_outcome"), "sends", ["scope_id", "outcome"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(op.f("ix_sends_scope_id_outcome"), table_name="sends")
    op.drop_index(op.f("ix_sends_scope_id_kind_key"), table_name="sends")
    op.drop_index(op.f("ix_sends_at"), table_name="sends")
    op.drop_table("sends")
    op.drop_index(op.f("ix_requests_run_id_endpoint_outcome_records"), table_name="requests")
    op.drop_index(op.f("ix_requests_at"), table_name="requests")
    op.drop_table("requests")
    op.drop_index(op.f("ix_imports_scope_id_state"), table_name="imports")
    op.drop_table("imports")
    op.drop_table("shop_statuses")
    op.drop_table("runs")
    op.drop_index(op.f("ix_orders_scope_id_shop_status_change_status"), table_name="orders")
    op.drop_index(op.f("ix_orders_scope_id_fate_reason_since"), table_name="orders")
    op.drop_index(op.f("ix_orders_scope_id_created_at"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_contacts_scope_id_phone_key"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_scope_id_fate_reason_since"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_scope_id_email_key"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_table("addresses")
    op.drop_table("scopes")
    op.drop_table("ledger")
