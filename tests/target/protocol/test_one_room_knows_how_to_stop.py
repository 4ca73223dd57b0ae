from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from target_esputnik import stopping
from target_esputnik.stopping import Stopping, StopSignals

HANGS = """
import signal, sys, time
from target_esputnik import stopping
stopping.WATCHDOG_SECONDS = 0.3
with stopping.StopSignals(lambda: None, watchdog={watchdog}, idle={idle}) as signals:
    try:
        signal.raise_signal(signal.SIGTERM)
    except stopping.Stopping:
        assert {idle}
    time.sleep(2)
sys.exit(5)
"""


def test_while_something_is_in_flight_a_signal_is_told_once_and_waits() -> None:
    told: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    with StopSignals(lambda: told.append(1), watchdog=False) as signals:
        signals.check()
        os.kill(os.getpid(), signal.SIGTERM)
        assert (signals.code, signals.again, told) == (143, False, [1])
        os.kill(os.getpid(), signal.SIGINT)
        assert (signals.code, signals.again, told) == (143, True, [1])
        with pytest.raises(Stopping):
            signals.check()
    assert signal.getsignal(signal.SIGTERM) == before


def test_while_somebody_is_waited_for_a_signal_ends_it_at_once() -> None:
    with StopSignals(lambda: None, watchdog=False) as signals:
        with pytest.raises(Stopping), signals.waiting():
            os.kill(os.getpid(), signal.SIGINT)
        assert signals.code == 130
        with pytest.raises(Stopping), signals.waiting():
            raise AssertionError("after a signal nobody is asked any more")


def test_who_is_idle_at_first_is_stopped_after_the_outermost_thing_in_flight() -> None:
    signals = StopSignals(lambda: None, watchdog=False, idle=True)
    reached: list[str] = []

    def work() -> None:
        with signals.settling():
            with signals.settling():
                signals.note(signal.SIGTERM)
            reached.append("the inner one raises nothing")

    with pytest.raises(Stopping):
        work()
    assert reached
    idle = StopSignals(lambda: None, watchdog=False, idle=True)
    with pytest.raises(Stopping):
        idle.note(signal.SIGTERM)


def test_an_error_in_what_is_in_flight_is_not_hidden_by_the_signal() -> None:
    signals = StopSignals(lambda: None, watchdog=False, idle=True)

    def fail() -> None:
        with signals.settling():
            signals.note(signal.SIGTERM)
            raise ValueError("the error")

    with pytest.raises(ValueError, match="the error"):
        fail()


@pytest.mark.parametrize("idle", [False, True], ids=["working", "idle"])
@pytest.mark.parametrize(("watchdog", "code"), [(True, 143), (False, 5)])
def test_what_hangs_is_ended_by_the_watchdog_where_there_is_one(watchdog: bool, code: int, idle: bool) -> None:
    """Who is idle is stopped at once, but what is under way then is waited for, and may hang, too."""
    command = [sys.executable, "-c", HANGS.format(watchdog=watchdog, idle=idle)]
    assert subprocess.run(command, timeout=60, check=False).returncode == code


def test_who_is_done_in_time_is_left_alone_by_the_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "WATCHDOG_SECONDS", 3600.0)
    with StopSignals(lambda: None) as signals:
        signals.note(signal.SIGTERM)
        watchdog = signals._watchdog
        assert watchdog is not None
        assert watchdog.is_alive()
    watchdog.join(timeout=5)
    assert not watchdog.is_alive()
