"""What a ledger is opened with, and what is told of where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from target_esputnik.ledger.connection import engine_for, make_room, parsed_url, shown

if TYPE_CHECKING:
    from pathlib import Path

FULL = 2


def test_what_is_committed_to_the_file_is_on_the_disk(tmp_path: Path) -> None:
    """Else a power cut would take back that an order was sent. No test can cut the power: SQLite is asked."""
    url = parsed_url(f"sqlite:///{tmp_path}/ledger/ledger.db")
    make_room(url)
    engine = engine_for(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL
    engine.dispose()


@pytest.mark.parametrize("options", ["", "?password=canary", "?sslmode=verify-full&passfile=canary"])
def test_where_it_lies_is_shown_without_who_opens_it(options: str) -> None:
    assert shown(f"postgresql+psycopg://canary:canary@db.example.com:5433/shop{options}") == (
        "postgresql://db.example.com/shop"
    )
