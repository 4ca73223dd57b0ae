"""Why a contact went as it did, at every send; and a buyer's orders found without reading them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the confirmation rule to sends, and an index of orders by buyer."""
    op.add_column("sends", sa.Column("why", sa.String(length=64), nullable=True))
    op.create_index(
        op.f("ix_orders_scope_id_buyer_created_at"), "orders", ["scope_id", "buyer", "created_at"], unique=False
    )


def downgrade() -> None:
    """Take both back."""
    op.drop_index(op.f("ix_orders_scope_id_buyer_created_at"), table_name="orders")
    op.drop_column("sends", "why")
