"""What a case of the fault matrix is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from matrix.stage import Stage

DONE, HEALS, PERSON, TOO_MANY = 0, 1, 2, 3
"""The contract's exit codes: done; the next run goes on; a person must act; done, but too many were rejected."""
ENDED_WELL = frozenset({DONE})
GAVE_UP = frozenset({HEALS})
NEEDS_PERSON = frozenset({PERSON})
DONE_OR_GAVE_UP = frozenset({DONE, HEALS})


class Group(str, Enum):
    """The groups of the matrix, as the tables name them."""

    NETWORK = "network"
    HTTP = "HTTP answers"
    DATA = "data"
    PROCESS = "process"


class Before(Enum):
    """What happens before the run that is struck."""

    NOTHING = "the struck run is the first one: the whole shop goes"
    A_DAY = "a calm run, then a day of edits, orders and registrations"


class Runner(Enum):
    """How the struck run and those after it are run."""

    HERE = "in this process, over real sockets"
    PROCESSES = "as two processes and a pipe"
    MELTANO = "by `meltano run`"


class Relaxed(str, Enum):
    """What a case may take from the invariants, if anything: named, and no more than that."""

    NOTHING = "nothing"
    BATCH_TWICE = "events of orders of one batch, whose answer was lost, may fire twice"
    BATCH_THRICE = (
        "events of orders of one batch, all of whose answers were lost, may fire twice, and once in the next run"
    )


class Strike(Protocol):
    """One thing that goes wrong."""

    proxied: bool
    """Whether it needs the sandbox's proxy in front of the APIs."""

    def arm(self, stage: Stage) -> None:
        """Arrange it, before the run that is to be struck."""

    def count(self, stage: Stage) -> int:
        """How often it struck, asked after the run: a case whose strikes never struck proves nothing and fails."""

    def lift(self, stage: Stage) -> None:
        """Take it back, before the calm runs."""


@dataclass(frozen=True)
class FaultCase:
    """One case of the matrix.

    Attributes:
        name: unique; reads as a phrase.
        group: the part of the matrix that it belongs to.
        api: where it strikes: `shop`, `esputnik`, or `` for neither.
        sentence: what happens, for the document.
        strikes: how; each must have struck when the run is over.
        tap: the exit codes of the tap in the struck run that tell the truth.
        target: the same of the target.
        relaxed: what the invariants may be relaxed by.
        before: what happens before the struck run.
        switches: positions of the sandbox's switches, from the start.
        tap_settings: besides the stage's own.
        target_settings: besides the stage's own.
        commands: of `esputnik-ledger`, for what only a person may decide; they are given after the first calm run.
        at_most_calm_runs: after so many calm runs the last one must have had nothing to send.
        also: what else must be true at the end; says what is not.
        by: how the runs are run.
        fast: whether `make test` runs it, too.
        at: when it happens, for all that is in this process, the sandbox too; None: now.
    """

    name: str
    group: Group
    api: str
    sentence: str
    strikes: tuple[Strike, ...]
    tap: frozenset[int] = ENDED_WELL
    target: frozenset[int] = ENDED_WELL
    relaxed: Relaxed = Relaxed.NOTHING
    before: Before = Before.NOTHING
    switches: Mapping[str, Any] = field(default_factory=dict)
    tap_settings: Mapping[str, Any] = field(default_factory=dict)
    target_settings: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    at_most_calm_runs: int = 3
    also: Callable[[Stage], list[str]] | None = None
    by: Runner = Runner.HERE
    fast: bool = False
    at: datetime | None = None

    @property
    def proxied(self) -> bool:
        """Whether the sandbox's proxy stands in front of the APIs."""
        return any(strike.proxied for strike in self.strikes)

    def __str__(self) -> str:
        return self.name
