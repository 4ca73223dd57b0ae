from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from target_esputnik import stopping

if TYPE_CHECKING:
    from collections.abc import Callable

    from crash_driver import CrashDriver

WATCHDOG = 3.0


def test_the_watchdog_gives_what_is_in_flight_half_a_minute() -> None:
    assert stopping.WATCHDOG_SECONDS == 30.0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_request_that_hangs_is_given_up_and_stays_in_doubt(
    driver_of: Callable[[str], CrashDriver], sent: signal.Signals, code: int
) -> None:
    driver = driver_of("orders_lists")
    driver.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=40)
    began = time.monotonic()
    struck = driver.struck(
        {"request": "POST /v1/orders", "moment": "left", "signal": sent},
        constants={"target_esputnik.stopping:WATCHDOG_SECONDS": WATCHDOG},
    )
    assert struck.code == code
    assert time.monotonic() - began < 40
    assert driver.rows("SELECT DISTINCT reason FROM orders") == [("in_doubt",)]
    assert driver.calm(driver.story.records) == 0
    assert driver.rows("SELECT DISTINCT fate FROM orders") == [("accepted",)]


def test_after_a_signal_no_further_batch_is_begun(driver_of: Callable[[str], CrashDriver]) -> None:
    driver = driver_of("orders_lists")
    struck = driver.struck({"request": "POST /v1/orders", "moment": "left", "signal": signal.SIGTERM})
    assert struck.code == 143
    assert driver.writes().count("POST /v1/orders") == 1
    assert driver.calm(driver.story.records) == 0
    assert driver.rows("SELECT DISTINCT fate FROM orders") == [("accepted",)]
    assert max(count for (kind, _), count in driver.events().items() if kind.startswith("order")) == 1


def test_an_import_that_takes_long_does_not_hold_up_a_stop_and_the_next_run_polls_it_on(
    driver_of: Callable[[str], CrashDriver],
) -> None:
    driver = driver_of("contacts_confirmed")
    driver.sandbox.switch(import_polls=4)
    struck = driver.struck({"request": "GET /v1/importstatus", "moment": "answered", "signal": signal.SIGTERM})
    assert struck.code == 143
    (session,) = (row[0] for row in driver.rows("SELECT session FROM imports WHERE state = 'running'"))
    assert driver.rows("SELECT DISTINCT reason FROM contacts WHERE reason = 'unfinished'") == [("unfinished",)]
    driver.sandbox.switch(import_polls=1)
    asked = driver.requests_so_far()
    assert driver.calm(driver.story.records) == 0
    later = [request["path"] for request in driver.sandbox.requests(api="esputnik")[asked:]]
    assert later.index(f"/v1/importstatus/{session}") < later.index("/v1/contacts"), "sent again before it was over"
    assert driver.rows("SELECT 1 FROM contacts WHERE fate = 'held'") == []


def test_an_import_of_a_killed_run_is_polled_on_from_its_saved_session(
    driver_of: Callable[[str], CrashDriver],
) -> None:
    driver = driver_of("contacts_confirmed")
    driver.sandbox.switch(import_polls=3)
    driver.struck({"request": "GET /v1/importstatus", "moment": "answered", "signal": signal.SIGKILL})
    (session,) = (row[0] for row in driver.rows("SELECT session FROM imports WHERE state = 'running'"))
    asked = driver.requests_so_far()
    assert driver.calm(driver.story.records) == 0
    later = [f"{request['method']} {request['path']}" for request in driver.sandbox.requests(api="esputnik")[asked:]]
    polled = f"GET /v1/importstatus/{session}"
    assert later.count(polled) >= 2, "it was not polled to its end"
    assert polled not in later[later.index("POST /v1/contacts") :], "something was sent before it was over"
    assert driver.rows("SELECT count(*) FROM imports WHERE state != 'FINISHED'") == [(0,)]
