"""By the user's own command, `meltano run`: a shop and its changes arrive, failures are told, a stop loses nothing."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from pipe_driver import LONG_AGO, MeltanoPipe
from story import Story

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

STOPPED_WITHIN = 60


@pytest.fixture(scope="module")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


@pytest.fixture
def story(project: IsolatedProject, tmp_path: Path) -> Iterator[Story]:
    """Give a shop, an account, and Meltano between them."""
    with Sandbox(customers=40, orders=80, switches={"rate_limit": "none", "search_rate_limit": "none"}) as sandbox:
        yield Story(sandbox, MeltanoPipe(sandbox, tmp_path, project, live_since=LONG_AGO))


def meltano(story: Story) -> MeltanoPipe:
    assert isinstance(story.pipe, MeltanoPipe)
    return story.pipe


def test_a_shop_and_its_changes_arrive_and_the_verdict_of_each_run_can_be_asked_for(story: Story) -> None:
    story.run()
    story.check_consent(story.check())
    verdict = meltano(story).meltano("invoke", "target-esputnik:last-run")
    assert (verdict.returncode, "done" in verdict.stdout) == (0, True)

    day = story.day()
    story.run()
    there = story.check()
    story.check_consent(there)
    story.check_edits(there, day)
    assert story.run().writes() == []

    story.pipe.target_settings["api_key"] = "another key"
    refused = story.pipe.run()
    assert (refused.codes, refused.writes()) == ((1, 1), [])
    assert "another key" not in refused.log
    verdict = meltano(story).meltano("invoke", "target-esputnik:last-run")
    assert (verdict.returncode, "credentials" in verdict.stdout) == (2, True)
    story.pipe.target_settings["api_key"] = story.sandbox.api_key
    assert story.run().writes() == []
    story.check()


@pytest.mark.parametrize("stop", ["ctrl-c", "sigterm"])
def test_a_run_that_is_stopped_loses_nothing_and_the_next_one_mails_nobody_twice(story: Story, stop: str) -> None:
    sandbox = story.sandbox
    sandbox.fail(api="esputnik", path="/v1/contact/subscribe", kind="delay_after", seconds=0.2, times=None)
    process = meltano(story).start()
    wait_until(lambda: sandbox.counts()["sent_contacts"] > 15, process)
    family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    if stop == "ctrl-c":  # the terminal signals the whole group
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    process.communicate(timeout=STOPPED_WITHIN)
    wait_until(lambda: not any(map(psutil.pid_exists, family)))
    assert process.returncode != 0
    assert sandbox.counts()["sent_contacts"] < 40

    sandbox.clear_faults()
    story.run()
    story.check_consent(story.check())
    assert story.run().writes() == []


def wait_until(happened: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> None:
    end = time.monotonic() + STOPPED_WITHIN
    while not happened():
        assert process is None or process.poll() is None, "it ended before"
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
