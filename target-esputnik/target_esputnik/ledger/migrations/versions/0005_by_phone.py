"""Orders of one phone, contacts of one source and runs that may be forgotten, without reading every row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FATE = ["scope_id", "fate", "reason", "since"]
BY_FATE = f"ix_contacts_{'_'.join(FATE)}"


def upgrade() -> None:
    """Note the phone of an order (a keyed hash), from now on; indices that tell of sends and contacts a word more."""
    op.add_column("orders", sa.Column("phone_key", sa.String(length=32), nullable=True))
    kept = sa.text("record IS NOT NULL")
    op.create_index(
        op.f("ix_orders_phone"), "orders", ["scope_id", "phone_key"], sqlite_where=kept, postgresql_where=kept
    )
    op.create_index(op.f("ix_sends_run_id_at"), "sends", ["run_id", "at"])
    op.drop_index(op.f("ix_sends_run_id"), table_name="sends")
    op.create_index(op.f(f"{BY_FATE}_source"), "contacts", [*FATE, "source"])
    op.drop_index(op.f(BY_FATE), table_name="contacts")


def downgrade() -> None:
    """Take all of it back."""
    op.create_index(op.f(BY_FATE), "contacts", FATE)
    op.drop_index(op.f(f"{BY_FATE}_source"), table_name="contacts")
    op.create_index(op.f("ix_sends_run_id"), "sends", ["run_id"])
    op.drop_index(op.f("ix_sends_run_id_at"), table_name="sends")
    op.drop_index(op.f("ix_orders_phone"), table_name="orders")
    op.drop_column("orders", "phone_key")
