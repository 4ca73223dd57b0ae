"""What every room's tests may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a small shop and an empty eSputnik account, over real sockets, for one test."""
    with Sandbox(customers=50, orders=100) as running:
        yield running
