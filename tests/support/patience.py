"""Lets what a run waits for come at once: time is the sandbox's to give, and no order of events hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tap_horoshop.client
import target_esputnik.client
from target_esputnik.delivery import imports
from target_esputnik.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from horoshop_esputnik_sandbox import Sandbox

FIRST_POLL = 0.02
FASTEST = {tap_horoshop.client: 100, target_esputnik.client: 200}
"""{module: the highest pace that the settings allow}: in tests it stands for none at all. A lower one is kept."""
AT_ONCE = 10_000


def without_waits(monkeypatch: pytest.MonkeyPatch, account_of: Callable[[], Sandbox | None] = lambda: None) -> None:
    """Let runs in this process ask sooner whether an import is over, and keep no pace at the highest setting.

    Args:
        monkeypatch: takes it back after the test.
        account_of: gives the sandbox whose clock moves by what the target sleeps until eSputnik has forgotten a
            request; None: it sleeps for real.
    """
    monkeypatch.setattr(imports, "FIRST_POLL", FIRST_POLL)
    for module, fastest in FASTEST.items():
        original = module.Pace

        def pace(most: int, original: type = original, fastest: int = fastest) -> object:
            return original(AT_ONCE if most == fastest else most)

        monkeypatch.setattr(module, "Pace", pace)
    asleep = Transport.sleep

    def sleep(transport: Transport, seconds: float) -> bool:
        sandbox = account_of()
        if sandbox is None or transport._stopping.is_set():
            return asleep(transport, seconds)
        sandbox.advance(seconds)
        return True

    monkeypatch.setattr(Transport, "sleep", sleep)
