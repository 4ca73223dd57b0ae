"""One sandbox account for all tests of a file, as new for each, whose clock runs while the probe waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from probe_driver import place_bystanders

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.probe.client import ProbeClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@pytest.fixture(scope="module")
def lasting() -> Iterator[Sandbox]:
    """Give an account that lasts for a file."""
    with Sandbox(customers=1, orders=1) as running:
        yield running


@pytest.fixture
def account(lasting: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Give that account as new; waiting takes no time, but the sandbox's clock moves."""
    lasting.reset()

    def pause(_: ProbeClient, seconds: float) -> bool:
        lasting.advance(seconds)
        return True

    monkeypatch.setattr(ProbeClient, "pause", pause)
    return lasting


@pytest.fixture
def bystanders(account: Sandbox) -> list[dict[str, Any]]:
    """Give contacts of the account that are nearly the probe's, and are to stay as they are."""
    return place_bystanders(account)
