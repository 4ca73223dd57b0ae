"""The strikes of the group process: another machine, another clock, signals, and what happens to the text between."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import time_machine
from pipe_driver import MeltanoPipe, ProcessPipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from matrix.stage import Stage

PATIENCE = 60


def nothing(_: Stage) -> None:
    """Nothing more happens."""


@dataclass(frozen=True)
class World:
    """How the machine is during the struck run, or what is done to the processes.

    Attributes:
        arrange: before the struck run.
        happened: whether it was met, asked after it.
        then: what happens before the calm runs, when the machine is as always again.
    """

    arrange: Callable[[Stage], None]
    happened: Callable[[Stage], bool]
    then: Callable[[Stage], None] = nothing
    proxied = False

    def arm(self, stage: Stage) -> None:
        """Arrange it."""
        self.arrange(stage)

    def count(self, stage: Stage) -> int:
        """Whether it was met."""
        return int(self.happened(stage))

    def lift(self, stage: Stage) -> None:
        """Let the machine be as always."""
        pipe = stage.pipe
        pipe.around_tap = pipe.around_target = contextlib.nullcontext
        pipe.on_the_way = str
        if isinstance(pipe, ProcessPipe):
            pipe.is_calm = True
        if isinstance(pipe, (ProcessPipe, MeltanoPipe)):
            pipe.meanwhile = None
        stage.sandbox.clear_faults()
        self.then(stage)


def processes(stage: Stage) -> ProcessPipe:
    """The pipe of a case that is run as two processes."""
    assert isinstance(stage.pipe, ProcessPipe)
    return stage.pipe


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for a moment of the run; fails where it does not come."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "the moment did not come"
        time.sleep(0.02)


def at_moment(stage: Stage, act: Callable[[], None], api: str, path: str, **fault: Any) -> None:
    """Do something while both are at work, and a request takes its time; so do all after it, for who waits for one."""
    order = {"kind": "delay", "seconds": 2, "times": None, "after": 1, **fault}
    stage.sandbox.fail(api=api, path=path, **order)
    pipe = stage.pipe
    assert isinstance(pipe, (ProcessPipe, MeltanoPipe))

    def meanwhile() -> None:
        wait_until(lambda: any(one["done"] for one in stage.sandbox.faults()))
        wait_until(lambda: bool(stage.sandbox.requests(api="esputnik")))  # the target is at work, too
        act()

    pipe.meanwhile = meanwhile


def shifted(**by: float) -> Callable[[], AbstractContextManager[Any]]:
    """Another clock, so far ahead of the right one, or behind it."""
    return lambda: time_machine.travel(datetime.now(timezone.utc) + timedelta(**by), tick=True)


def move_clock(stage: Stage, moment: datetime) -> None:
    """Let it be another moment, for the shop and for all runs to come."""
    assert stage.clock is not None
    stage.clock.move_to(moment)
