"""A small shop, an account without limits, and both connectors between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from airbyte_driver import AirbytePipe
from pipe_driver import LONG_AGO

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop of 40 customers and 80 orders."""
    with Sandbox(customers=40, orders=80, switches={"rate_limit": "none", "search_rate_limit": "none"}) as sandbox:
        yield sandbox


@pytest.fixture
def pipe(shop: Sandbox, tmp_path: Path) -> AirbytePipe:
    """Give both connectors; all of the shop's history is live."""
    return AirbytePipe(shop, tmp_path, tap={"page_size": 20}, target={"live_since": LONG_AGO, "order_batch_size": 10})
