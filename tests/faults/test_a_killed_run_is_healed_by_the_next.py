from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from crash_driver import must_be_settled_but_for_one_batch, must_heal
from crash_points import POINTS, STREAMS, Point

if TYPE_CHECKING:
    from collections.abc import Callable

    from crash_driver import CalmEnd, CrashDriver

EVERYWHERE = [
    pytest.param(point, stream, id=f"{point.name}-{stream}", marks=[] if point.fast else [pytest.mark.faults_full])
    for point in POINTS
    for stream in STREAMS
]


@pytest.mark.parametrize(("point", "stream"), EVERYWHERE)
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    point: Point,
    stream: str,
    driver_of: Callable[[str], CrashDriver],
    calm_ends: Callable[[str], CalmEnd],
) -> None:
    case = point.cases[stream]
    calm = calm_ends(case.story)
    driver = driver_of(case.story)
    driver.sandbox.switch(**case.switches)
    if case.fault:
        driver.sandbox.fail(**case.fault)
    for strike in case.strikes:
        struck = driver.struck(strike | {"signal": signal.SIGKILL})
        assert struck.code == -signal.SIGKILL, f"the point was never met: {struck.log}"
        must_be_settled_but_for_one_batch(driver)
    driver.sandbox.clear_faults()
    must_heal(driver, calm)
