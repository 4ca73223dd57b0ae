from __future__ import annotations

import time
from typing import TYPE_CHECKING

from target_driver import contact

from target_esputnik.pacing import SLOWEST, Pace

if TYPE_CHECKING:
    from target_driver import Driver


def test_a_burst_of_refusals_halves_it_once() -> None:
    pace = Pace(20)
    for _ in range(8):
        pace.slow_down()
    assert pace.rate == 10


def test_it_never_stands_still_and_never_exceeds_what_the_owner_set() -> None:
    pace = Pace(2)
    for _ in range(12):
        pace.slow_down()
        pace._slowed_at = float("-inf")
    assert pace.rate == SLOWEST
    for _ in range(2000):
        pace.went_well()
    assert pace.rate == 2


def test_nothing_leaves_before_retry_after_is_over() -> None:
    pace = Pace(100)
    pace.slow_down(0.3)
    begun = time.monotonic()
    pace.wait_turn()
    assert time.monotonic() - begun >= 0.29


def test_nobody_waits_for_a_pause_that_is_longer_than_he_has() -> None:
    pace = Pace(100)
    pace.slow_down(3600)
    assert pace.wait_turn(60) is False


def test_a_pause_of_an_hour_ends_a_run_instead_of_keeping_it(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/contacts", kind="rate_limit", seconds=3600, after=2)
    result = target(contacts=[contact(number) for number in range(1, 41)], max_parallel_requests=4)
    assert result.code == 1
    assert target(contacts=[contact(number) for number in range(1, 41)]).ended("contacts") == {"accepted": 40}


def test_an_account_that_allows_little_gets_everything_all_the_same(target: Driver) -> None:
    target.sandbox.switch(search_rate_limit=10, retry_after="seconds")
    result = target(contacts=[contact(number) for number in range(1, 41)])
    assert result.ended("contacts") == {"accepted": 40}
