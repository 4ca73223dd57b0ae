from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from ledger_places import PostgresqlDatabase, change, rows_of

from target_esputnik.errors import LedgerBusy, LedgerUnusable
from target_esputnik.ledger import connection as opening
from target_esputnik.ledger.store import Ledger
from target_esputnik.ledger.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger_places import LedgerPlace

LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{before}", None, None


def upgrade() -> None:
    with op.batch_alter_table("scopes") as table:
        table.add_column(sa.Column("later", sa.Integer(), nullable=False, server_default="7"))
    {then}
"""


def _open(place: LedgerPlace) -> None:
    Ledger.open(place.url, create=True).close()


def _shape(place: LedgerPlace) -> list[tuple[Any, ...]]:
    rows_before = rows_of(place, "SELECT id, secret FROM ledger")
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool)
    looked = sa.inspect(engine)
    columns = [(name, column["name"]) for name in looked.get_table_names() for column in looked.get_columns(name)]
    return [*rows_before, *rows_of(place, "SELECT version_num FROM alembic_version"), *sorted(columns)]


def _migrated_from_nothing(place: LedgerPlace) -> None:
    _open(place)  # for its folder
    place.lose()
    with sa.create_engine(place.url, poolclass=sa.pool.NullPool).begin() as connection:
        opening.migrate(connection)


def _anatomy(place: LedgerPlace) -> dict[str, Any]:
    """The version, and every table's columns, keys and indexes, with the condition of each index."""
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool)
    looked = sa.inspect(engine)
    indexes = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if place.url.startswith("sqlite")
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    )
    version = rows_of(place, "SELECT version_num FROM alembic_version")
    return {"version": version, "indexes": sorted(rows_of(place, indexes))} | {
        name: {
            "columns": sorted(str(column | {"type": str(column["type"])}) for column in looked.get_columns(name)),
            "key": looked.get_pk_constraint(name),
            "foreign keys": sorted(map(str, looked.get_foreign_keys(name))),
            "unique": sorted(map(str, looked.get_unique_constraints(name))),
        }
        for name in looked.get_table_names()
    }


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a way to be a newer version of the program, whose tables have one column more."""

    def become(then: str = "pass") -> None:
        newest = opening.known_revisions()[-1]
        shutil.copytree(opening.MIGRATIONS, tmp_path / "later", ignore=shutil.ignore_patterns("__pycache__"))
        file = tmp_path / "later" / "versions" / "9999_later.py"
        file.write_text(LATER.format(before=newest, then=then), encoding="utf-8")
        monkeypatch.setattr(opening, "MIGRATIONS", tmp_path / "later")

    return become


def test_migrations_make_exactly_the_tables_that_the_code_knows(place: LedgerPlace) -> None:
    _migrated_from_nothing(place)
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_ledger_that_was_made_at_once_is_as_one_that_was_migrated_all_the_way(
    place: LedgerPlace,
) -> None:
    _open(place)
    at_once = _anatomy(place)
    _migrated_from_nothing(place)
    assert _anatomy(place) == at_once


def test_migrations_are_one_chain_in_the_order_of_their_names() -> None:
    scripts = ScriptDirectory(str(opening.MIGRATIONS))
    chain = [script.revision for script in scripts.walk_revisions()]
    assert list(reversed(chain)) == opening.known_revisions()


def test_an_older_ledger_is_brought_up_to_date_and_keeps_its_rows(
    place: LedgerPlace, later: Callable[..., None]
) -> None:
    with Ledger.open(place.url, create=True) as ledger:
        ledger.enter_scope("1", "One", "default", create=True)
    before = rows_of(place, "SELECT uid FROM scopes"), rows_of(place, "SELECT id, secret FROM ledger")
    later()
    _open(place)
    assert rows_of(place, "SELECT later FROM scopes") == [(7,)]
    assert (rows_of(place, "SELECT uid FROM scopes"), rows_of(place, "SELECT id, secret FROM ledger")) == before


@pytest.mark.parametrize("dry", [True, False])
def test_who_may_not_change_an_older_ledger_says_so(place: LedgerPlace, later: Callable[..., None], dry: bool) -> None:
    _open(place)
    before = _shape(place)
    later()
    with pytest.raises(LedgerUnusable) as told:
        Ledger.open(place.url, create=dry, dry=dry)
    assert told.value.case == "ledger_older"
    assert _shape(place) == before


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(place: LedgerPlace, later: Callable[..., None]) -> None:
    _open(place)
    before = _shape(place)
    later(then="op.execute('INSERT INTO no_such_table VALUES (1)')")
    with pytest.raises(LedgerUnusable):
        _open(place)
    assert _shape(place) == before


def test_a_ledger_of_a_newer_version_is_left_alone(
    place: LedgerPlace, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_today = opening.MIGRATIONS
    later()
    _open(place)
    before = _shape(place)
    monkeypatch.setattr(opening, "MIGRATIONS", of_today)
    with pytest.raises(LedgerUnusable) as told:
        _open(place)
    assert (told.value.case, told.value.exit_code) == ("ledger_newer", 2)
    assert _shape(place) == before


def test_several_that_make_the_ledger_at_once_all_find_the_same_one(place: LedgerPlace) -> None:
    problems: list[BaseException] = []

    def first_run() -> None:
        try:
            with Ledger.open(place.url, create=True) as ledger:
                ledger.enter_scope("1", "One", "default", create=True)
        except BaseException as problem:  # noqa: BLE001 - told by the thread that may fail the test
            problems.append(problem)

    threads = [threading.Thread(target=first_run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # SQLite does not wait where a file becomes a write-ahead one: such a run says so; the next one goes on.
    busy = [problem for problem in problems if isinstance(problem, LedgerBusy) and place.url.startswith("sqlite")]
    assert problems == busy
    assert len(busy) < len(threads)
    assert len(rows_of(place, "SELECT id FROM ledger")) == 1
    assert len(rows_of(place, "SELECT id FROM scopes")) == 1


class TestADatabaseOfAnotherProgram:
    @pytest.mark.parametrize("table", ["alembic_version", "runs"])
    def test_is_refused_and_left_alone(self, place: LedgerPlace, table: str) -> None:
        """Meltano's own database has both."""
        if not isinstance(place, PostgresqlDatabase):
            _open(place)
            for name in ("ledger", "scopes"):
                change(place, f"DROP TABLE {name}")
        else:
            change(place, f"CREATE TABLE {table} (version_num varchar(32))")
        with pytest.raises(LedgerUnusable) as told:
            _open(place)
        assert told.value.case == "ledger_foreign"
        assert "search_path" in told.value.action

    def test_a_schema_of_its_own_is_enough(self, new_database: Callable[[], PostgresqlDatabase]) -> None:
        place = new_database()
        change(place, "CREATE TABLE runs (id integer)")
        url = f"{place.url}?options=-csearch_path%3Desputnik"
        with pytest.raises(LedgerUnusable) as told:
            Ledger.open(url, create=True)
        assert "schema" in told.value.sentence
        change(place, "CREATE SCHEMA esputnik")
        Ledger.open(url, create=True).close()
        assert len(rows_of(place, "SELECT id FROM esputnik.ledger")) == 1
        assert rows_of(place, "SELECT count(*) FROM runs") == [(0,)]
        with Ledger.open(url, create=True, dry=True) as dry:
            dry.enter_scope("1", "One", "default", create=True)
            dry.begin_run(kind="run", settings_hash="", meltano_run_id=None)
        assert rows_of(place, "SELECT count(*) FROM esputnik.runs") == [(0,)]
