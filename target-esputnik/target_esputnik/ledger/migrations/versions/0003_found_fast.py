"""What is old or of one person is found without reading every row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDICES = {
    "ix_contacts_scope_id_delivered_email": ("contacts", ["scope_id", "delivered_email"], None),
    "ix_contacts_content": ("contacts", ["scope_id", "fate", "updated_at"], "record IS NOT NULL OR answer IS NOT NULL"),
    "ix_contacts_answer": ("contacts", ["scope_id"], "answer IS NOT NULL"),
    "ix_orders_content": ("orders", ["scope_id", "fate", "updated_at"], "record IS NOT NULL OR answer IS NOT NULL"),
    "ix_orders_answer": ("orders", ["scope_id"], "answer IS NOT NULL"),
    "ix_orders_email": ("orders", ["scope_id", "email_key"], "record IS NOT NULL"),
    "ix_sends_content": ("sends", ["scope_id", "at", "outcome"], "payload IS NOT NULL OR answer IS NOT NULL"),
    "ix_sends_answer": ("sends", ["scope_id"], "answer IS NOT NULL"),
    "ix_sends_run_id": ("sends", ["run_id"], None),
    "ix_imports_run_id": ("imports", ["run_id"], None),
}


def upgrade() -> None:
    """Note the email of an order (a keyed hash), from now on, and add the indices."""
    op.add_column("orders", sa.Column("email_key", sa.String(length=32), nullable=True))
    for name, (table, columns, where) in INDICES.items():
        only: dict[str, Any] = (
            {} if where is None else {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
        )
        op.create_index(op.f(name), table, columns, unique=False, **only)


def downgrade() -> None:
    """Take all of it back."""
    for name, (table, _, _) in reversed(INDICES.items()):
        op.drop_index(op.f(name), table_name=table)
    op.drop_column("orders", "email_key")
