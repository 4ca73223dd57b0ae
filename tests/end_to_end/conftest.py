"""What the end-to-end tests share."""

from __future__ import annotations

import pytest
from patience import without_waits


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing but eSputnik's minute, which one test here sits out: a hundred shops' waiting is minutes."""
    without_waits(monkeypatch)
