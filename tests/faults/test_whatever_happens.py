"""The fault matrix: whatever happens around a run, seven invariants hold after it.

The cases are data, in `matrix/`; so are the invariants. What is waited for comes at once (`support/patience.py`), and
the minute in which a failing request is repeated is `GIVE_UP_AFTER` seconds where a case ends in giving up: no order of
events hangs on either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from fault_tables import id_of
from matrix.case import HEALS, Runner
from matrix.every_case import all_cases
from matrix.invariants import INVARIANTS
from matrix.stage import CalmEnd, Stage, key_of_calm_end, sandbox_of

import tap_horoshop.client
import tap_horoshop.paging
import target_esputnik.client

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from matrix.case import FaultCase

    from horoshop_esputnik_sandbox import Sandbox

GIVE_UP_AFTER = 2.0
"""Seconds, where that is what the case is about; where a fault passes, nothing is given up on a slow machine either."""
ROWS_OF_A_WINDOW = 10


def _with_marks(case: FaultCase) -> object:
    return pytest.param(case, id=id_of(case.group, case.name), marks=() if case.fast else pytest.mark.faults_full)


@pytest.fixture
def clock(case: FaultCase) -> Iterator[time_machine.Coordinates | None]:
    """Let the case happen when it says: the clock goes on from there."""
    if case.at is None:
        yield None
        return
    with time_machine.travel(case.at, tick=True) as coordinates:
        yield coordinates


@pytest.fixture
def account(case: FaultCase, clock: time_machine.Coordinates | None) -> Iterator[Sandbox]:
    """Give the sandbox of the case, whose clock moves by what a run would wait for."""
    with sandbox_of(case) as running:
        yield running


@pytest.fixture
def _sooner(case: FaultCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests that keep failing be given up sooner than in a minute, and so small a shop have several windows."""
    monkeypatch.setattr(tap_horoshop.paging, "ROWS_OF_A_WINDOW", ROWS_OF_A_WINDOW)
    gives_up = HEALS in case.tap | case.target
    for client in (tap_horoshop.client.Client, target_esputnik.client.EsputnikClient) if gives_up else ():
        monkeypatch.setitem(client.__init__.__kwdefaults__, "give_up_after", GIVE_UP_AFTER)
    for name in ("LOGLEVEL", "TAP_HOROSHOP_LOGLEVEL", "TARGET_ESPUTNIK_LOGLEVEL"):
        monkeypatch.setenv(name, "DEBUG")


@pytest.fixture(scope="session")
def project() -> Iterator[Callable[[], IsolatedProject]]:
    """Give a way to a copy of the project with its plugins installed, made when the first case asks for it."""
    made: list[IsolatedProject] = []

    def make() -> IsolatedProject:
        if not made:
            copy = IsolatedProject({})
            copy.__enter__()
            made.append(copy)
            copy.install()
        return made[0]

    yield make
    for copy in made:
        copy.__exit__(None, None, None)


@pytest.fixture(scope="session")
def calm_end_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[FaultCase], CalmEnd]:
    """Give what the same story leads to when nothing goes wrong; each is run once."""
    ends: dict[str, CalmEnd] = {}

    def end_of(case: FaultCase) -> CalmEnd:
        key = key_of_calm_end(case)
        if key not in ends:
            ends[key] = CalmEnd(case, tmp_path_factory.mktemp("calm"))
        return ends[key]

    return end_of


@pytest.mark.filterwarnings("ignore:Python 3.* end of life")  # the SDK's word on a clock that is a year ahead
@pytest.mark.usefixtures("_sooner")
@pytest.mark.parametrize("case", [_with_marks(case) for case in all_cases()])
def test_whatever_happens_the_seven_invariants_hold(
    case: FaultCase,
    account: Sandbox,
    calm_end_of: Callable[[FaultCase], CalmEnd],
    project: Callable[[], IsolatedProject],
    clock: time_machine.Coordinates | None,
    tmp_path: Path,
) -> None:
    calm = calm_end_of(case)
    stage = Stage(case, account, tmp_path, project if case.by is Runner.MELTANO else None)
    stage.clock = clock
    stage.play()
    assert all(stage.strikes), f"it was not struck as it should be: {stage.strikes}"
    wrong = {name: lines for name, holds in INVARIANTS.items() if (lines := holds(stage, calm))}
    if case.also is not None and (lines := case.also(stage)):
        wrong["what this case adds"] = lines
    assert not wrong, wrong
