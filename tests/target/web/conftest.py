"""Ledgers that the target made, and their pages as a process serves them; made once, since pages only read."""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from ledger_places import PostgresqlDatabase, SqliteFile
from page_driver import Served, served
from page_story import tell
from target_driver import Driver

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Story:
    """A ledger with one of everything.

    Attributes:
        target: that made it; its sandbox holds what arrived.
        config: the settings' file.
    """

    target: Driver
    config: Path


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Give a SQLite ledger with one of everything."""
    folder = tmp_path_factory.mktemp("story")
    with Sandbox(customers=1, orders=1) as sandbox:
        yield _told(sandbox, folder, SqliteFile(folder))


def _told(sandbox: Sandbox, folder: Path, place: SqliteFile | PostgresqlDatabase) -> Story:
    silent: Any = types.SimpleNamespace(clear=lambda: None, text="")
    target = Driver(sandbox, folder, silent, place)
    tell(target)
    config = folder / "settings.json"
    config.write_text(json.dumps(target.config()), encoding="utf-8")
    return Story(target, config)


@pytest.fixture(scope="session")
def page(story: Story) -> Iterator[Served]:
    """Give its page, as it is served by default."""
    with served(story.config) as running:
        yield running


@pytest.fixture(scope="session")
def open_page(story: Story) -> Iterator[Served]:
    """Give its page with personal data."""
    with served(story.config, "--show-personal-data") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> tuple[Story, Served]:
    """Give story and page, on either kind of ledger."""
    if request.param == "sqlite":
        return request.getfixturevalue("story"), request.getfixturevalue("page")
    there: tuple[Story, Served] = request.getfixturevalue("on_postgresql")
    return there


@pytest.fixture(scope="session")
def on_postgresql(postgresql: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Served]]:
    """Give the same in PostgreSQL."""
    folder = tmp_path_factory.mktemp("story-in-postgresql")
    database = PostgresqlDatabase(postgresql, "pages")
    with Sandbox(customers=1, orders=1) as sandbox:
        told = _told(sandbox, folder, database)
        with served(told.config) as running:
            yield told, running
    database.remove()
