"""By what users run: a shop and its changes arrive, failures are told, a stop loses nothing.

The guarantees hold by `meltano run` and through Airbyte's protocol alike, so their test has the runner as a parameter.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from airbyte_driver import AirbytePipe
from pipe_driver import LONG_AGO, MeltanoPipe
from story import Story

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipe_driver import Pipe

STOPPED_WITHIN = 60


@pytest.fixture(scope="module")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop of 40 customers and 80 orders, and an account without limits."""
    with Sandbox(customers=40, orders=80, switches={"rate_limit": "none", "search_rate_limit": "none"}) as sandbox:
        yield sandbox


@pytest.fixture
def story(shop: Sandbox, project: IsolatedProject, tmp_path: Path) -> Story:
    """Give a shop, an account, and Meltano between them."""
    return Story(shop, MeltanoPipe(shop, tmp_path, project, live_since=LONG_AGO))


def meltano(story: Story) -> MeltanoPipe:
    assert isinstance(story.pipe, MeltanoPipe)
    return story.pipe


RUNNERS = ("meltano", "airbyte", "airbyte on postgresql")


@pytest.fixture
def pipe(request: pytest.FixtureRequest, shop: Sandbox, tmp_path: Path) -> Pipe:
    """Give what the test's parameter says: Meltano, or both Airbyte connectors, whose ledger lies here or there."""
    if request.param == "meltano":
        project: IsolatedProject = request.getfixturevalue("project")
        return MeltanoPipe(shop, tmp_path, project, live_since=LONG_AGO)
    place = request.getfixturevalue("new_database")() if request.param == "airbyte on postgresql" else None
    return AirbytePipe(shop, tmp_path, place=place, target={"live_since": LONG_AGO})


@pytest.mark.parametrize("pipe", RUNNERS, indirect=True)
def test_a_shop_and_its_changes_arrive_and_the_verdict_of_each_run_can_be_asked_for(shop: Sandbox, pipe: Pipe) -> None:
    story = Story(shop, pipe)
    story.run()
    story.check_consent(story.check())
    code, verdict = pipe.verdict()
    assert (code, "done" in verdict) == (0, True)

    day = story.day()
    story.run()
    there = story.check()
    story.check_consent(there)
    story.check_edits(there, day)
    assert story.run().writes() == []

    pipe.target_settings["api_key"] = "another key"
    refused = pipe.run()
    assert refused.codes == ((1, 1) if isinstance(pipe, MeltanoPipe) else (0, 2))
    assert refused.writes() == []
    assert "another key" not in refused.log
    code, verdict = pipe.verdict()
    assert (code, "credentials" in verdict) == (2, True)
    pipe.target_settings["api_key"] = shop.api_key
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
