"""What the end-to-end tests share."""

from __future__ import annotations

import pytest

from target_esputnik.delivery import imports


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask sooner whether an import is over: a hundred shops' waiting is minutes."""
    monkeypatch.setattr(imports, "FIRST_POLL", 0.02)
