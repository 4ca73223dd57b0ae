"""Which runs wrote a STATE, and with which prefix eSputnik was given ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; of what is there already neither is known."""
    op.add_column("scopes", sa.Column("external_id_prefix", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("wrote_state", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Take both back."""
    op.drop_column("runs", "wrote_state")
    op.drop_column("scopes", "external_id_prefix")
