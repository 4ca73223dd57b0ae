"""Alembic's environment: migrates over the connection that the ledger hands it, never over one of its own."""

from __future__ import annotations

from alembic import context

from target_esputnik.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
context.run_migrations()
