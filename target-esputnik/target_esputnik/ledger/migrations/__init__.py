"""Alembic's migrations of the ledger; `connection.py` runs them when a run opens an older ledger."""
