"""Accounts and ledgers that are new for every example."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

import pytest
from patience import without_waits
from target_driver import Driver

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.fixture
def new_target(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractContextManager[Driver]]:
    """Give a way to make a target with an empty ledger and an empty account, one after another."""
    caplog.set_level("INFO")
    numbers = itertools.count(1)
    open_now: list[Sandbox] = []
    without_waits(monkeypatch, lambda: open_now[-1] if open_now else None)

    @contextlib.contextmanager
    def make() -> Iterator[Driver]:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        with Sandbox(customers=1, orders=1) as account:
            account.switch(rate_limit="none", search_rate_limit="none")
            open_now.append(account)
            try:
                yield Driver(account, folder, caplog)
            finally:
                open_now.clear()

    return make
