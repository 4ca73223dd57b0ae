"""What every room's tests may ask for."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest
from examples import offer_profiles
from ledger_places import PostgresqlDatabase

from horoshop_esputnik_sandbox import Sandbox

from postgresql_server import NoPrograms, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Tests read what is said, here and in processes that they start: in English, whatever their reader speaks.
for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"

offer_profiles()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a small shop and an empty eSputnik account, over real sockets, for one test."""
    with Sandbox(customers=50, orders=100) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Give a PostgreSQL server; where none is installed its tests are skipped, but never in CI."""
    try:
        with Server.started() as server:
            yield server
    except NoPrograms as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))


@pytest.fixture
def new_database(postgresql: Server) -> Iterator[Callable[[], PostgresqlDatabase]]:
    """Give a way to make empty databases; they are gone after the test."""
    numbers = itertools.count(1)
    made: list[PostgresqlDatabase] = []

    def make() -> PostgresqlDatabase:
        made.append(PostgresqlDatabase(postgresql, f"ledger{next(numbers)}"))
        return made[-1]

    yield make
    for database in made:
        database.remove()
