from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from crash_driver import CrashDriver

SUBSCRIBE = "/v1/contact/subscribe"
CUT_OFF = {"request": f"POST {SUBSCRIBE}", "moment": "answered", "signal": signal.SIGKILL}
STORIES = pytest.mark.parametrize("story", ["one_contact", "moved_contact"])


def _asked(driver: CrashDriver) -> int:
    """How often the last contact was asked, under whatever name of the event."""
    return sum(count for (kind, _), count in driver.events().items() if kind.startswith("subscribe")) - (
        driver.story.before is not None
    )


@STORIES
def test_a_lost_answer_is_looked_for_before_anybody_is_asked_again(
    story: str, driver_of: Callable[[str], CrashDriver]
) -> None:
    driver = driver_of(story)
    driver.sandbox.switch(duplicate_guard="off")
    driver.sandbox.fail(api="esputnik", path=SUBSCRIBE, times=1, kind="drop_after")
    assert driver.calm(driver.story.records) == 0
    assert _asked(driver) == 1


@STORIES
def test_a_request_that_did_nothing_is_sent_again(story: str, driver_of: Callable[[str], CrashDriver]) -> None:
    driver = driver_of(story)
    driver.sandbox.switch(duplicate_guard="off")
    driver.sandbox.fail(api="esputnik", path=SUBSCRIBE, times=1, kind="drop_before")
    assert driver.calm(driver.story.records) == 0
    assert _asked(driver) == 1


@STORIES
def test_while_the_look_up_fails_too_it_stays_in_doubt_and_the_next_run_looks(
    story: str, driver_of: Callable[[str], CrashDriver]
) -> None:
    driver = driver_of(story)
    driver.sandbox.switch(duplicate_guard="off")
    driver.sandbox.fail(api="esputnik", path=SUBSCRIBE, times=1, kind="drop_after")
    looked_before = 1 if story == "one_contact" else 0
    driver.sandbox.fail(
        api="esputnik", path="/v1/contacts", method="GET", after=looked_before, times=1, kind="status", status=403
    )
    assert driver.calm(driver.story.records) == 1
    driver.sandbox.clear_faults()
    assert driver.calm(driver.story.records) == 0
    assert _asked(driver) == 1


def test_a_switch_that_is_turned_after_a_crash_confirms_nobody_who_may_have_been_asked(
    driver_of: Callable[[str], CrashDriver],
) -> None:
    driver = driver_of("one_contact")
    assert driver.struck(CUT_OFF).code == -signal.SIGKILL
    assert driver.calm(driver.story.records, email_confirmation="confirmed") == 0
    channels = [channel for person in driver.sandbox.sent_contacts() for channel in person["channels"]]
    assert [channel["confirmed"] for channel in channels] == [False]
    assert _asked(driver) == 1
