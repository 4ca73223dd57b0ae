"""The strikes of the group process: another machine, another clock, signals, and what happens to the text between."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import time_machine
from pipe_driver import MeltanoPipe, ProcessPipe

from matrix.case import DONE, HEALS, FaultCase, Group, Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from matrix.stage import Stage

PATIENCE = 60
ANY_END = frozenset({DONE, HEALS})


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


def process_case(
    name: str,
    sentence: str,
    arrange: Callable[[Stage], None],
    happened: Callable[[Stage], bool],
    *,
    tap: int | frozenset[int] = DONE,
    target: int | frozenset[int] = DONE,
    by: Runner = Runner.PROCESSES,
    then: Callable[[Stage], None] = nothing,
    **more: Any,
) -> FaultCase:
    """Give a case of the group; exit codes are one, or those of which any tells the truth."""
    codes = {"tap": tap, "target": target}
    ends = {which: frozenset({code}) if isinstance(code, int) else code for which, code in codes.items()}
    return FaultCase(name, Group.PROCESS, "", sentence, (World(arrange, happened, then),), by=by, **ends, **more)


def ended_with(stage: Stage, *, tap: int | None = None, target: int | None = None) -> bool:
    """Whether the struck run ended with these exit codes."""
    assert stage.ran is not None
    return tap in (None, stage.ran.tap) and target in (None, stage.ran.target)


def said(*words: str) -> Callable[[Stage], bool]:
    """Whether one of these stands in what both said."""
    return lambda stage: any(word in stage.heard.stderr + stage.heard.at_least(0) for word in words)
