"""Meltano's system database, made by Meltano's own code, with runs in it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from meltano.core.job.job import Job, State
from sqlalchemy.orm import Session

OURS = "prod:tap-horoshop-to-target-esputnik"
PLUGIN = {
    "MELTANO_ENVIRONMENT": "prod",
    "MELTANO_EXTRACTOR_NAME": "tap-horoshop",
    "MELTANO_LOADER_NAME": "target-esputnik",
}
CANARY = "canary-state"


class MeltanoDatabase:
    """Meltano's system database, with runs in it.

    Attributes:
        uri: as MELTANO_DATABASE_URI has it.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.engine = sa.create_engine(uri, poolclass=sa.pool.NullPool)
        with self.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(sa.text("PRAGMA journal_mode=WAL"))  # as Meltano has it
            Job.metadata.create_all(connection)

    def environment(self, **more: str) -> dict[str, str]:
        """Give what a loader finds in its environment."""
        return {**PLUGIN, "MELTANO_DATABASE_URI": self.uri, **more}

    def begins(self, job: str = OURS, *, ago: float = 0, silent: float = 0, **columns: Any) -> str:
        """Let a run begin so many seconds ago, whose last heartbeat is so many old; give its id."""
        now = datetime.now(timezone.utc)
        values: dict[str, Any] = {
            "job_name": job,
            "state": State.RUNNING,
            "started_at": now - timedelta(seconds=ago),
            "last_heartbeat_at": now - timedelta(seconds=silent),
            "payload": {"singer_state": {"bookmarks": CANARY}},
        }
        with Session(self.engine) as session:
            run = Job(**values | columns)
            session.add(run)
            session.commit()
            return str(run.run_id)

    def ends(self, run_id: str, state: State = State.SUCCESS) -> None:
        """Let a run end now."""
        with Session(self.engine) as session:
            [run] = session.query(Job).filter(Job.run_id == run_id).all()
            run.state, run.ended_at = state, datetime.now(timezone.utc)
            session.commit()

    def alter(self, statement: str) -> None:
        """Change the tables, as another version would."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement))
