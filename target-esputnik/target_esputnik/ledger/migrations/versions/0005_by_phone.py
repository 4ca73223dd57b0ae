"""Orders of one phone are found, and runs that may be forgotten are told, without reading every row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Note the phone of an order (a keyed hash), from now on; the sends of a run are in the order of their moments."""
    op.add_column("orders", sa.Column("phone_key", sa.String(length=32), nullable=True))
    kept = sa.text("record IS NOT NULL")
    op.create_index(
        op.f("ix_orders_phone"), "orders", ["scope_id", "phone_key"], sqlite_where=kept, postgresql_where=kept
    )
    op.create_index(op.f("ix_sends_run_id_at"), "sends", ["run_id", "at"])
    op.drop_index(op.f("ix_sends_run_id"), table_name="sends")


def downgrade() -> None:
    """Take all of it back."""
    op.create_index(op.f("ix_sends_run_id"), "sends", ["run_id"])
    op.drop_index(op.f("ix_sends_run_id_at"), table_name="sends")
    op.drop_index(op.f("ix_orders_phone"), table_name="orders")
    op.drop_column("orders", "phone_key")
