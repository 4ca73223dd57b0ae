from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from crash_driver import must_heal
from crash_points import POINTS, STREAMS, Point

if TYPE_CHECKING:
    from collections.abc import Callable

    from crash_driver import CalmEnd, CrashDriver

SIGNALS = {signal.SIGTERM: 143, signal.SIGINT: 130}
IN_DEFAULT_RUN = {"migrating", "before_request", "between_waves", "import_polled"}
BEFORE_A_RUN = {"key_proved", "folder_made", "migrating", "migrated", "scope_made"}
EVERYWHERE = [
    pytest.param(
        point,
        stream,
        sent,
        id=f"{point.name}-{stream}-{sent.name}",
        marks=[]
        if point.name in IN_DEFAULT_RUN and (sent is signal.SIGTERM) == (stream == "orders")
        else [pytest.mark.faults_full],
    )
    for point in POINTS
    for stream in STREAMS
    for sent in SIGNALS
]


@pytest.mark.parametrize(("point", "stream", "sent"), EVERYWHERE)
def test_a_run_that_is_stopped_anywhere_settles_and_the_next_repeats_nothing(
    point: Point,
    stream: str,
    sent: signal.Signals,
    driver_of: Callable[[str], CrashDriver],
    calm_ends: Callable[[str], CalmEnd],
) -> None:
    case = point.cases[stream]
    calm = calm_ends(case.story)
    driver = driver_of(case.story)
    driver.sandbox.switch(**case.switches)
    struck = driver.struck(case.strikes[0] | {"signal": sent})
    assert struck.code == (0 if point.over else SIGNALS[sent]), struck.log
    assert "Traceback" not in struck.log
    assert "unexpected" not in struck.log
    assert driver.sent("sending", "in_doubt") == set()
    assert driver.rows("SELECT 1 FROM sends WHERE outcome IN ('sending', 'in_doubt')") == []
    assert driver.rows("SELECT 1 FROM orders WHERE reason = 'in_doubt'") == []
    verdicts = driver.rows("SELECT exit_code FROM runs ORDER BY id DESC LIMIT 1")
    assert point.name in BEFORE_A_RUN or verdicts == [(struck.code,)]
    must_heal(driver, calm)
