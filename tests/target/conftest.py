"""An eSputnik account with nothing in it, and a target with an empty ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_driver import Driver

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """Give an eSputnik account with nothing in it."""
    with Sandbox(customers=1, orders=1) as running:
        yield running


@pytest.fixture
def target(account: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Driver:
    """Give a target with an empty ledger and that account."""
    caplog.set_level("INFO")
    return Driver(account, tmp_path, caplog)
