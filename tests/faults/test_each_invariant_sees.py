"""The matrix proves nothing if its invariants cannot fail: each is shown what it is there to see."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from matrix.case import ENDED_WELL, FaultCase, Group
from matrix.invariants import INVARIANTS, TRACEBACK
from matrix.stage import CalmEnd, Stage, sandbox_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox

    Tampering = Callable[[Stage], None]

NOTHING = FaultCase("nothing at all", Group.NETWORK, "", "Nothing happens", strikes=())


@pytest.fixture
def account() -> Iterator[Sandbox]:
    with sandbox_of(NOTHING) as running:
        yield running


@pytest.fixture
def stage(account: Sandbox, tmp_path: Path) -> Stage:
    """Give a case in which nothing went wrong, played to its end."""
    played = Stage(NOTHING, account, tmp_path)
    played.play()
    return played


def in_ledger(statement: str) -> Tampering:
    def tamper(stage: Stage) -> None:
        with contextlib.closing(sqlite3.connect(stage.pipe.ledger)) as connection, connection:
            assert connection.execute(statement).rowcount > 0

    return tamper


def said(level: int, words: Callable[[Stage], str]) -> Tampering:
    return lambda stage: stage.heard.records.append((level, f"it said: {words(stage)}"))


def an_email(stage: Stage) -> str:
    return str(stage.story.before.unconfirmed)


def _ends(**exit_codes: Any) -> Tampering:
    def tamper(stage: Stage) -> None:
        assert stage.ran is not None
        stage.ran = replace(stage.ran, **exit_codes)

    return tamper


def _one_more_event(stage: Stage) -> None:
    sandbox = stage.sandbox
    order = {key: value for key, value in sandbox.sent_orders()[0].items() if key not in {"contactId", "at", "orderId"}}
    with requests.Session() as session:
        session.trust_env = False
        address, key = f"{sandbox.esputnik_url}/v1/orders", ("", sandbox.api_key)
        assert session.post(address, json={"orders": [order]}, auth=key, timeout=10).ok


def _late(stage: Stage) -> None:
    stage.seconds = 10_000


def _unread(stage: Stage) -> None:
    del stage.known["orders"][next(iter(stage.known["orders"]))]


def _unsettled(stage: Stage) -> None:
    stage.known["contacts"]["1001"] = "sending"


IN_MEMORY: list[tuple[str, Tampering]] = [
    ("no early bookmark", _unread),
    ("no early bookmark", _unsettled),
    ("no leak", said(logging.DEBUG, lambda stage: stage.sandbox.api_key)),
    ("no leak", said(logging.DEBUG, lambda stage: quote(stage.sandbox.password))),
    ("no leak", said(logging.INFO, an_email)),
    ("no leak", said(logging.WARNING, lambda stage: quote(an_email(stage), safe=""))),
    ("no leak", said(logging.INFO, lambda stage: stage.sandbox.customers()[-1]["phone"])),
    ("no leak", said(logging.DEBUG, lambda _: TRACEBACK)),
    ("true end", _late),
    ("true end", _ends(tap=1)),
    ("true end", _ends(target=2)),
]
IN_LEDGER: list[tuple[str, Tampering]] = [
    ("no loss", in_ledger("DELETE FROM orders WHERE order_id = (SELECT min(order_id) FROM orders)")),
    ("no loss", in_ledger("UPDATE contacts SET fate = 'held', reason = 'backlog' WHERE key = '1001'")),
    ("balance", in_ledger("UPDATE runs SET counts = replace(counts, '\"orders\":36', '\"orders\":37')")),
    ("true end", in_ledger("UPDATE runs SET exit_code = 1 WHERE number = 1")),
]
AT_ESPUTNIK: list[tuple[str, Tampering]] = [
    ("same end", lambda stage: stage.sandbox.delete_contact(stage.sandbox.sent_contacts()[0]["id"])),
    ("bounded repeats", _one_more_event),
]


def test_each_invariant_sees_what_it_is_there_to_see(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    calm = CalmEnd(NOTHING, tmp_path_factory.mktemp("calm"))
    assert {name: lines for name, holds in INVARIANTS.items() if (lines := holds(stage, calm))} == {}
    assert stage.case.tap == ENDED_WELL
    kept = stage.pipe.ledger.with_name("kept")
    shutil.copy(stage.pipe.ledger, kept)
    for name, tamper in IN_MEMORY:
        records, known, ran, seconds = list(stage.heard.records), dict(stage.known), stage.ran, stage.seconds
        stage.known = {table: dict(fates) for table, fates in known.items()}
        tamper(stage)
        assert INVARIANTS[name](stage, calm), f"{name} does not see it: {tamper}"
        stage.heard.records, stage.known, stage.ran, stage.seconds = records, known, ran, seconds
    for name, tamper in IN_LEDGER:
        tamper(stage)
        assert INVARIANTS[name](stage, calm), f"{name} does not see it: {tamper}"
        shutil.copy(kept, stage.pipe.ledger)
    for name, tamper in AT_ESPUTNIK:
        tamper(stage)
        assert INVARIANTS[name](stage, calm), f"{name} does not see it: {tamper}"
    assert {name for name, _ in IN_MEMORY + IN_LEDGER + AT_ESPUTNIK} == set(INVARIANTS)
