"""Meltano's own runs, read from its system database: which one we are part of, and how each of them ended.

A room of its own, beside `ledger/`: this database is somebody else's. It is only read, in the few columns that are
shown (never `payload`, which holds the tap's state), and nothing may hang on it: where it cannot be read, one debug
line says so, and all goes on without it.

What Meltano 4.4.1 gives its plugins (seen in their environment; `tests/end_to_end/test_run_statistics.py` holds it):

* MELTANO_DATABASE_URI, always: SQLAlchemy's form, a SQLite path already absolute, a PostgreSQL password inside.
* MELTANO_ENVIRONMENT, MELTANO_EXTRACTOR_NAME, MELTANO_LOADER_NAME: the parts of the run's `job_name`
  (`prod:tap-horoshop-to-target-esputnik`, and `:suffix` behind it). A plugin that is invoked alone has no extractor.
* Not the run's id. MELTANO_RUN_ID is what Meltano takes *from* its caller (`meltano run --run-id`), and so it reaches
  plugins exactly where the caller exports it. A job in meltano.yml cannot: its `env` is constant, an id is for one run.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from target_esputnik.ledger.moments import moment_of, now, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PATIENCE_SECONDS: Final = 2
"""No run and no page waits longer than this for Meltano's database."""

HEARTBEAT_VALID: Final = timedelta(minutes=5)
HEARTBEATLESS_VALID: Final = timedelta(hours=24)
"""After so long Meltano itself takes a run that says RUNNING as dead (its `Job.valid_until`)."""

IDS_AT_ONCE: Final = 500
LOADER: Final = "target-esputnik"

_runs = sa.table(
    "runs",
    sa.column("id", sa.Integer),
    sa.column("run_id", sa.Uuid),
    sa.column("job_name", sa.String),
    sa.column("state", sa.String),
    sa.column("started_at", sa.DateTime),
    sa.column("ended_at", sa.DateTime),
    sa.column("last_heartbeat_at", sa.DateTime),
    sa.column("trigger", sa.String),
)

logger = logging.getLogger("target-esputnik")


@dataclass(frozen=True)
class MeltanoRun:
    """A run as Meltano has it.

    Attributes:
        run_id: as the ledger's runs name it.
        job: Meltano's state id, such as `prod:tap-horoshop-to-target-esputnik`.
        state: RUNNING, SUCCESS or FAIL; one that was killed stays RUNNING until Meltano begins the same job again.
        started_at, ended_at: ledger text; `ended_at` is None while it runs.
        trigger: what started it: `cli`, or what the scheduler put into MELTANO_JOB_TRIGGER.
    """

    run_id: str
    job: str
    state: str
    started_at: str | None
    ended_at: str | None
    trigger: str | None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (moment_of(self.ended_at) - moment_of(self.started_at)).total_seconds()


def exported_run_id(environment: Mapping[str, str]) -> str | None:
    """The id that the caller of Meltano gave to its run; None where he left that to Meltano."""
    exported = _uuid(environment.get("MELTANO_RUN_ID", ""))
    return None if exported is None else str(exported)


def meltano_run_id(environment: Mapping[str, str]) -> str | None:
    """The id of the Meltano run that this process is part of; None without Meltano, or where it cannot be told.

    Never raises, and takes PATIENCE_SECONDS at the most.

    Args:
        environment: of this process.

    Returns:
        A UUID: MELTANO_RUN_ID, else that of the newest run of our pipeline that is going on.
    """
    exported = exported_run_id(environment)
    if exported is not None:
        return exported
    if "MELTANO_LOADER_NAME" in environment and "MELTANO_EXTRACTOR_NAME" not in environment:
        return None  # `meltano invoke`: no run, and the one that goes on beside it is not ours
    going_on = (
        sa.select(_runs.c.run_id, _runs.c.job_name)
        .where(_runs.c.state == "RUNNING", _alive(now().replace(tzinfo=None)))
        .order_by(_runs.c.started_at.desc(), _runs.c.id.desc())
    )
    ours = (row.run_id for row in _read(environment, [going_on]) if _is_our_job(row.job_name or "", environment))
    found = next(ours, None)
    return str(found) if found is not None else None


def meltano_runs_of(run_ids: Collection[str], environment: Mapping[str, str]) -> dict[str, MeltanoRun]:
    """What Meltano knows of some runs; those that it knows nothing of (any more) are missing.

    Never raises, and takes PATIENCE_SECONDS at the most.

    Args:
        run_ids: as the ledger's runs name them.
        environment: with MELTANO_DATABASE_URI, as Meltano gives it to its plugins and their commands.
    """
    asked = {uuid: text for text in run_ids if (uuid := _uuid(text)) is not None}
    ids = list(asked)
    columns = [column for column in _runs.c if column.name != "last_heartbeat_at"]
    queries = [
        sa.select(*columns).where(_runs.c.run_id.in_(ids[start : start + IDS_AT_ONCE])).order_by(_runs.c.id)
        for start in range(0, len(ids), IDS_AT_ONCE)
    ]
    found: dict[str, MeltanoRun] = {}
    loader = environment.get("MELTANO_LOADER_NAME", LOADER)
    # One id may have several rows: `meltano run` gives it to each pipeline on its command line. Ours comes last.
    for row in sorted(_read(environment, queries), key=lambda row: (_leads_to(row.job_name or "", loader), row.id)):
        run_id = asked[row.run_id]
        found[run_id] = MeltanoRun(
            run_id=run_id,
            job=row.job_name or "",
            state=row.state or "",
            started_at=_text(row.started_at),
            ended_at=_text(row.ended_at),
            trigger=row.trigger,
        )
    return found


# ---------------------------------------------------------------- which run is ours


def _alive(at: datetime) -> sa.ColumnElement[bool]:
    """Meltano's own rule; a run that was killed says RUNNING for ever."""
    beats = _runs.c.last_heartbeat_at
    return sa.or_(beats > at - HEARTBEAT_VALID, sa.and_(beats.is_(None), _runs.c.started_at > at - HEARTBEATLESS_VALID))


def _is_our_job(job: str, environment: Mapping[str, str]) -> bool:
    """Whether a job is our pipeline; where the environment names none, any may be."""
    extractor, loader = environment.get("MELTANO_EXTRACTOR_NAME"), environment.get("MELTANO_LOADER_NAME")
    if extractor is None or loader is None:
        return True
    if job == environment.get("MELTANO_STATE_ID"):  # `meltano el` names its job so
        return True
    of_environment, _, pipeline = job.partition(":")
    named = environment.get("MELTANO_ENVIRONMENT")
    return (named in (None, of_environment) and f"{pipeline}:".startswith(f"{extractor}-to-{loader}:")) or job.endswith(
        f"--{extractor}--{loader}"
    )


def _leads_to(job: str, loader: str) -> bool:
    return f"-to-{loader}:" in f"{job}:"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:  # Meltano refuses such an id, too
        return None


def _text(moment: datetime | None) -> str | None:
    """A moment of Meltano's, which are in UTC and do not say so, as ledger text."""
    if moment is None:
        return None
    return text_of(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


# ---------------------------------------------------------------- reading


def _read(environment: Mapping[str, str], queries: Sequence[sa.Select[Any]]) -> list[Any]:
    """The rows of some queries; none, and a debug line, where Meltano's database does not give them in time.

    In a thread of its own, since neither the name of a server nor a network drive has a time-out that is ours to set.
    """
    uri = environment.get("MELTANO_DATABASE_URI")
    if not uri or not queries:
        return []
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_rows(uri, environment, queries))
        except Exception as error:  # noqa: BLE001 - whatever is wrong there must not become wrong here
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="meltano-runs").start()
    try:
        answer = answers.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception):
        # By its kind alone: its text may hold the address, which holds a password.
        logger.debug("Meltano's system database cannot be read (%s): its runs are not shown.", type(answer).__name__)
        return []
    return answer


def _rows(uri: str, environment: Mapping[str, str], queries: Sequence[sa.Select[Any]]) -> list[Any]:
    engine = _engine(make_url(uri), environment)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'")
            return [row for query in queries for row in connection.execute(query)]
    finally:
        engine.dispose()


def _engine(url: sa.URL, environment: Mapping[str, str]) -> sa.Engine:
    """An engine that can only read. Raises ValueError for a database that is neither SQLite nor PostgreSQL."""
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        import sqlite3  # noqa: PLC0415 - where both databases are PostgreSQL nobody needs it

        path = (Path(environment.get("MELTANO_PROJECT_ROOT", "")) / url.database).absolute()
        # SQLite would lay a log beside a database that nobody has open, and leave it there.
        at_rest = not path.with_name(f"{path.name}-wal").exists()
        address = f"{path.as_uri()}?mode=ro" + "&immutable=1" * at_rest
        return sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS / 2),
            poolclass=sa.pool.NullPool,
            hide_parameters=True,
        )
    if backend in {"postgresql", "postgres"}:
        logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # its warnings name host, user and database
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),  # ours; Meltano's may be psycopg2
            poolclass=sa.pool.NullPool,
            hide_parameters=True,
            connect_args={"connect_timeout": PATIENCE_SECONDS},
            execution_options={"postgresql_readonly": True},
        )
    raise ValueError(backend)
