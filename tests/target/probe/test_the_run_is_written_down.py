from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledger_driver import LedgerDriver
from probe_driver import GIVEN
from target_driver import contact, order

if TYPE_CHECKING:
    from pathlib import Path

    from target_driver import Driver

    from horoshop_esputnik_sandbox import Sandbox

EMAIL = ("--email", GIVEN)


@pytest.fixture
def ledger(target: Driver, tmp_path: Path) -> LedgerDriver:
    """Give the commands, on a ledger in SQLite and on one in PostgreSQL."""
    return LedgerDriver(target, tmp_path)


def test_the_ledger_keeps_the_run_and_its_requests_and_nothing_else(
    account: Sandbox, target: Driver, ledger: LedgerDriver
) -> None:
    assert target(contacts=[contact(1)], orders=[order(1)]).code == 0
    tables = ("contacts", "orders", "sends", "addresses", "imports", "shop_statuses", "scopes")
    before = {name: target.rows(f"SELECT * FROM {name}") for name in tables}  # noqa: S608
    made = len(account.requests("esputnik"))
    said = ledger("probe", *EMAIL, "--yes", "--only", "put_omitted")
    assert said.code == 0, said
    assert {name: target.rows(f"SELECT * FROM {name}") for name in tables} == before  # noqa: S608
    (run,) = target.rows("SELECT id, number, exit_code, ended_at FROM runs WHERE kind = 'probe'")
    assert (run.number, run.exit_code) == (2, 0)
    assert run.ended_at
    (requests,) = target.rows(f"SELECT count(*) AS made FROM requests WHERE run_id = {run.id}")  # noqa: S608
    assert requests.made == len(account.requests("esputnik")) - made
    assert ledger.facts("last-run")["number"] == 1
    assert target(contacts=[contact(1)], orders=[order(1)]).code == 0
