"""A ledger that is absent, empty, newer, locked or at work: a page says so, in words, and nothing is changed."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import requests
from ledger_places import SqliteFile, rows_of
from page_driver import Served, served
from page_story import PATHS

from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Story


class Copy:
    """A copy of the story's ledger that a test may spoil, and its page."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.place = SqliteFile(folder)
        self.place.path.parent.mkdir()
        with contextlib.closing(sqlite3.connect(story.target.ledger_path)) as source:
            source.execute("VACUUM INTO ?", (str(self.place.path),))
        settings: dict[str, Any] = story.target.config() | {"ledger_url": self.place.url}
        self.config = folder / "settings.json"
        self.config.write_text(json.dumps(settings), encoding="utf-8")
        self.page = Served("", None)  # type: ignore[arg-type] # set by the fixture

    def change(self, statement: str) -> None:
        """Change the copy."""
        with contextlib.closing(sqlite3.connect(self.place.path)) as connection:
            connection.executescript(statement)


@pytest.fixture(scope="module")
def served_copy(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """Give a copy that is served; each test has it as it was."""
    copy = Copy(story, tmp_path_factory.mktemp("copy"))
    with served(copy.config) as page:
        copy.page = page
        yield copy


@pytest.fixture
def copy(served_copy: Copy) -> Iterator[Copy]:
    """Give the copy, and mend it afterwards."""
    served_copy.place.back_up()
    yield served_copy
    served_copy.place.restore()


def test_without_a_ledger_the_page_says_how_to_get_one_and_makes_none(copy: Copy) -> None:
    copy.place.lose()

    words = copy.page.words("/", code=503)

    assert "Nothing to show yet" in words
    assert "meltano run tap-horoshop target-esputnik" in words
    assert not copy.place.exists()


def test_a_ledger_of_a_newer_program_is_named(copy: Copy) -> None:
    copy.change("UPDATE alembic_version SET version_num = '9999'")

    assert "newer version of target-esputnik" in copy.page.words("/orders", code=503)


def test_a_file_that_is_no_ledger_is_named_without_a_trace(copy: Copy) -> None:
    copy.place.lose()
    copy.place.path.write_bytes(b"this is no database" * 100)

    text = copy.page.text("/", code=503)

    assert "cannot be used" in text
    assert "Traceback" not in text
    assert "sqlite" not in text.lower()


def test_an_empty_ledger_says_that_nothing_has_run(copy: Copy) -> None:
    copy.place.lose()
    with Ledger.open(copy.place.url, create=True) as ledger:
        ledger.enter_scope("loopback:1", "Sandbox Org", "default", create=True)

    assert "Nothing has run for this shop yet" in copy.page.words("/")
    assert "Nothing in this period" in copy.page.words("/")
    assert "No such records in this period" in copy.page.words("/orders")
    assert "No run yet" in copy.page.words("/runs")


def test_a_locked_ledger_is_busy_and_comes_back(copy: Copy) -> None:
    with contextlib.closing(sqlite3.connect(copy.place.path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another process" in copy.page.words("/", code=503)
        other.execute("ROLLBACK")

    copy.page.get("/")


def test_while_a_run_writes_the_page_is_there_and_says_so(copy: Copy) -> None:
    with Ledger.open(copy.place.url, create=False) as ledger:
        (scope,) = rows_of(copy.place, "SELECT account, account_name, shop FROM scopes")
        ledger.enter_scope(*scope, create=False)
        ledger.lock()
        ledger.begin_run(kind="run", settings_hash="x", meltano_run_id=None)
        with ledger.transaction():
            ledger._connection.exec_driver_sql("UPDATE orders SET fate = 'held' WHERE order_id = 1")
            words = copy.page.words("/")
            assert "A run is at work" in words
        assert "Running" in copy.page.words("/runs")

    copy.change("UPDATE runs SET started_at = started_at")  # the lock is free: that run died
    assert "was cut off" in copy.page.words("/")
    assert "Incomplete, heals by itself" in copy.page.words("/runs")


def test_two_shops_in_one_ledger_are_apart_and_can_be_chosen(copy: Copy) -> None:
    with Ledger.open(copy.place.url, create=False) as ledger:
        ledger.enter_scope("loopback:1", "Sandbox Org", "second", create=True)
        number = ledger.scope.id

    first, second = copy.page.words("/"), copy.page.words(f"/?shop={number}")

    assert "second · Sandbox Org" in first
    assert "Nothing has run for this shop yet" in second
    assert "Nothing has run" not in first
    assert f'href="/orders?shop={number}"' in copy.page.text(f"/?shop={number}")
    assert "no such shop" in copy.page.words("/?shop=99", code=404)


def test_all_shops_stand_side_by_side_and_lead_to_their_own_pages(copy: Copy) -> None:
    assert "All shops" not in copy.page.words("/"), "one shop has nobody to stand beside"
    with Ledger.open(copy.place.url, create=False) as ledger:
        ledger.enter_scope("loopback:1", "Sandbox Org", "second", create=True)
        number = ledger.scope.id
    assert "All shops" in copy.page.words("/")

    words = copy.page.words("/shops")
    assert "second · Sandbox Org" in words
    assert "No run yet" in words
    told = [(href, count) for href, count in copy.page.numbers("/shops") if f"shop={number}" not in href]
    assert {(href.split("?")[0], len(copy.page.records(href)) == count) for href, count in told} == {
        ("/contacts", True),
        ("/orders", True),
    }
    assert sum(count for _, count in told) > 5
    others = [count for href, count in copy.page.numbers("/shops") if f"shop={number}" in href]
    assert others == [0] * len(told)


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({}, None),
        ({"MELTANO_PROJECT_ROOT": "x"}, None),
        (
            {"MELTANO_PROJECT_ROOT": "x", "MELTANO_LOADER_NAME": "target-esputnik--default"},
            "meltano invoke target-esputnik--second:release --stream orders --id 3",
        ),
    ],
)
def test_a_command_is_named_for_the_shop_that_is_looked_at_or_not_at_all(
    copy: Copy, environment: dict[str, str], command: str | None
) -> None:
    """Typed as it stands, the command of another shop would send the order of the same number there."""
    with served(copy.config, environment=environment) as page:
        text = page.words("/order/3")
        assert "release" in text
        name = environment.get("MELTANO_LOADER_NAME", "target-esputnik")
        assert (f"meltano invoke {name}:release" in text) is bool(environment)
        copy.change("UPDATE scopes SET shop = 'second'")
        with Ledger.open(copy.place.url, create=False) as ledger:
            ledger.enter_scope("loopback:1", "Sandbox Org", "default", create=True)
        number = next(row[0] for row in rows_of(copy.place, "SELECT id FROM scopes WHERE shop = 'second'"))
        text = page.words(f"/order/3?shop={number}")
        assert (command in text) if command else ("--id 3" not in text)


def test_looking_changes_nothing(copy: Copy) -> None:
    tables = ("scopes", "runs", "contacts", "addresses", "orders", "sends", "requests", "imports", "shop_statuses")

    def everything() -> dict[str, list[Any]]:
        return {table: rows_of(copy.place, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}  # noqa: S608

    before = everything()
    for path in PATHS:
        copy.page.get(path)

    assert everything() == before


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/order/424242", "no order 424242"),
        ("/order/9" + "9" * 30, "no order 9"),
        ("/order/x", "no order x"),
        ("/contact/424242", "no contact 424242"),
        ("/contact/%00", "no contact"),
        ("/run/77", "no run 77"),
        ("/nothing", "no page at this address"),
    ],
)
def test_what_is_not_there_is_said(path: str, words: str, page: Served) -> None:
    assert words in page.words(path, code=404)


def test_what_is_not_there_is_said_on_postgresql_too(on_postgresql: tuple[Story, Served]) -> None:
    for path in ("/contact/%00", "/order/99999999999999999999", "/contact/%ED%A0%80"):
        on_postgresql[1].get(path, code=404)


@pytest.mark.parametrize(
    ("typed", "path"),
    [("1", "/order/1"), ("№ 1", "/order/1"), ("7", "/contact/7"), ("Canary.Person@example.com", "/contact/7")],
)
def test_the_search_finds_by_number_id_and_address(typed: str, path: str, page: Served) -> None:
    answer = requests.post(f"{page.url}/find", data={"what": typed}, allow_redirects=False, timeout=10)

    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_the_search_says_when_it_finds_nothing(page: Served) -> None:
    for typed in ("", "nobody@example.net", "\x00", "x" * 900):
        answer = requests.post(f"{page.url}/find", data={"what": typed}, allow_redirects=False, timeout=10)
        assert answer.status_code == 404
    assert requests.post(f"{page.url}/find", data={"what": "x" * 9000}, timeout=10).status_code == 413


def test_the_first_page_is_one_request_of_thirty_kilobytes_at_the_most(page: Served) -> None:
    for path in ("/", "/?period=30d", "/?lang=uk", "/?lang=uk&period=30d"):
        assert len(page.get(path).content) <= 30 * 1024
        assert re.findall(r'<(?:link|script|img)[^>]*(?:src|href)="(?!data:)', page.text(path)) == []
