"""One browser and one served ledger for all tests here: pages only read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from browser import NoBrowser, chromium
from page_driver import served
from shop_history import ShopHistory

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Chromium; where there is none its tests are skipped, but never in CI."""
    try:
        with chromium() as running:
            yield running
    except NoBrowser as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopHistory]:
    """Give a sample shop with some days of runs."""
    with Sandbox(customers=40, orders=120, seed=1) as sandbox:
        made = ShopHistory(sandbox, tmp_path_factory.mktemp("history"), days=5)
        made.write()
        yield made


@pytest.fixture(scope="session")
def page_url(history: ShopHistory) -> Iterator[str]:
    """Give the address of its page."""
    with served(history.config) as running:
        yield running.url


@pytest.fixture(scope="session")
def broken_url(tmp_path_factory: pytest.TempPathFactory, history: ShopHistory) -> Iterator[str]:
    """Give the address of a page whose ledger is not there."""
    folder = tmp_path_factory.mktemp("broken")
    text = history.config.read_text(encoding="utf-8").replace(str(history.ledger), str(folder / "none.db"))
    (folder / "settings.json").write_text(text, encoding="utf-8")
    with served(folder / "settings.json") as running:
        yield running.url
