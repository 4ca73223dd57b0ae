"""`esputnik-ledger` on ledgers that the target made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledger_driver import LedgerDriver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from target_driver import Driver


@pytest.fixture
def ledger(target: Driver, tmp_path: Path) -> LedgerDriver:
    """Give the commands, on the ledger of `target`."""
    return LedgerDriver(target, tmp_path)


@pytest.fixture
def everything(target: Driver) -> Callable[[], object]:
    """Give all that ledger and account hold, and all that was written to eSputnik, to be compared."""
    tables = ("scopes", "runs", "contacts", "addresses", "orders", "sends", "requests", "imports", "shop_statuses")

    def look() -> object:
        writes = [path for path in target.paths() if not path.startswith("GET")]
        rows = {table: target.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}  # noqa: S608
        return rows, writes, target.sandbox.sent_contacts(), target.sandbox.sent_orders(), target.events()

    return look
