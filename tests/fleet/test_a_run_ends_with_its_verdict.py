"""`horoshop-shops run` ends with the verdict of its own run, also after one that was killed; `pools` reckons slots."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from fleet_driver import ACCOUNT_OF, horoshop_shops, write_yaml

from horoshop_esputnik_fleet.names import TAP, key_variable, variable_of

if TYPE_CHECKING:
    from fleet_driver import Fleet

COMMAND = str(Path(sys.executable).with_name("horoshop-shops"))


def begin(fleet: Fleet, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Start the run of a shop, as a scheduler does."""
    return subprocess.Popen(
        [COMMAND, "run", "--project", str(fleet.project.root), *arguments],
        env=fleet.project.environment() | fleet.secrets() | fleet.settings | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for its end; give its exit code and its last line."""
    _, log = process.communicate(timeout=200)
    return process.returncode, log.strip().splitlines()[-1]


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_it_is_the_code_of_whoever_failed(fleet: Fleet) -> None:
    """Of the target, or of the tap, of which the target cannot know."""
    assert ended(begin(fleet, "tea")) == (0, "shop tea: done (exit code 0)")
    assert fleet.arrived("tea") == fleet.there_is("tea")
    before = fleet.writes()
    for variable, value, code in (
        (variable_of(TAP, "tea", "password"), "wrong", 2),
        (key_variable("agency"), "wrong", 2),
        ("TARGET_ESPUTNIK_LEDGER_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", 1),
    ):
        assert ended(begin(fleet, "tea", **{variable: value}))[0] == code, variable
    assert fleet.writes() == before


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_a_shop_that_there_is_not_is_named_and_nothing_is_run(fleet: Fleet) -> None:
    code, line = ended(begin(fleet, "cofee"))
    assert (code, line) == (2, "shops.yml: has no shop cofee; `horoshop-shops list` has those that there are")
    code, line = ended(begin(fleet, "--output", "others.meltano.yml", "tea"))
    assert (code, line) == (2, "others.meltano.yml: has no job for the shop tea yet; run `horoshop-shops generate`")
    assert fleet.writes() == 0


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["TARGET_ESPUTNIK_LEDGER_URL", "MELTANO_DATABASE_URI"])
def test_force_is_refused_where_two_machines_would_not_see_each_other(fleet: Fleet, name: str) -> None:
    shared = dict.fromkeys(fleet.settings, "postgresql+psycopg://nobody@127.0.0.1:1/none")
    code, line = ended(begin(fleet, "--force", "tea", **shared | {name: fleet.settings[name]}))
    assert (code, line.startswith(f"{name}: must name a PostgreSQL database")) == (2, True), line
    assert fleet.writes() == 0


@pytest.mark.parametrize("fleet", ["postgresql"], indirect=True)
def test_what_a_killed_run_had_begun_another_one_ends_at_once_and_two_never_meet(fleet: Fleet) -> None:
    """A worker dies: Meltano takes its run for going on, and the next one has to come before five minutes are over."""
    account = fleet.accounts["flowers"]
    # It waits for answers to its searches, when a few customers have arrived already.
    account.fail(api="esputnik", path="/v1/contacts", method="GET", kind="delay", seconds=30, after=6, times=4)
    process = begin(fleet, "tulips")
    until(account.sent_contacts, process)
    other = begin(fleet, "--force", "tulips")
    assert ended(other)[0] == 1  # the ledger's lock is the first one's
    assert process.poll() is None, "the first run was over too early to show anything"
    kill_family(process)
    account.clear_faults()

    assert ended(begin(fleet, "tulips"))[0] == 1  # without --force Meltano waits for the dead
    assert ended(begin(fleet, "--force", "tulips"))[0] == 0
    assert fleet.arrived("tulips") == fleet.there_is("tulips")
    fired = [(event["type"], event["key"]) for event in account.events()]
    assert len(set(fired)) == len(fired)


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_stops_meltano_once_and_ends_with_the_signal(fleet: Fleet, signum: int) -> None:
    account = fleet.accounts["flowers"]
    account.fail(api="esputnik", path="/v1/contact/subscribe", kind="delay", seconds=1, times=None)
    process = begin(fleet, "tulips")
    until(lambda: any(one["path"].startswith("/v1/contact") for one in account.requests("esputnik")), process)
    # As a terminal does, and systemd: all that belong together get it, and Meltano must not get it twice.
    os.killpg(process.pid, signum)
    os.killpg(process.pid, signum)
    code, line = ended(process)
    assert (code, line) == (128 + signum, f"shop tulips: was stopped (exit code {128 + signum})")
    written = fleet.writes()
    time.sleep(2)
    assert fleet.writes() == written  # nothing of it goes on
    account.clear_faults()
    assert ended(begin(fleet, "tulips"))[0] == 0  # Meltano wrote down that it was over
    assert fleet.arrived("tulips") == fleet.there_is("tulips")


@pytest.mark.parametrize(
    ("rate", "of_shop", "slots", "told"),
    [
        (50, 20, 2, ""),
        (50, 50, 1, ""),
        (50, 51, 1, "the shop tea alone may send 51 requests a second"),
        (100, None, 5, ""),
    ],
)
def test_a_pool_has_as_many_slots_as_shops_of_its_account_may_send_at_once(
    rate: int, of_shop: int | None, slots: int, told: str, tmp_path: Path
) -> None:
    def shop(name: str, **target: Any) -> dict[str, Any]:
        tap = {"site_url": f"{name}.example.com", "username": "api"}
        return {"account": ACCOUNT_OF[name], "tap": tap, "target": {"external_id_prefix": f"{name}-"} | target}

    of_tea = {} if of_shop is None else {"max_requests_per_second": of_shop}
    content = {
        "accounts": {"agency": None, "flowers": None},
        "shops": {
            "coffee": shop("coffee", max_requests_per_second=1),
            "tea": shop("tea", **of_tea),
            "roses": shop("roses", max_requests_per_second=1),
        },
    }
    write_yaml(tmp_path / "shops.yml", content)
    found = horoshop_shops(tmp_path, "pools", "--requests-per-second", str(rate))
    assert found.code == (2 if told else 0)
    pools = json.loads(found.out)
    assert {name: one["slots"] for name, one in pools.items()} == {"esputnik-agency": slots, "esputnik-flowers": rate}
    assert all(one["include_deferred"] is False for one in pools.values())
    assert told in found.err
    assert bool(found.err) is bool(told)


def until(seen: Any, process: subprocess.Popen[str]) -> None:
    """Wait until something is seen, while a run goes on."""
    while not seen():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def kill_family(process: subprocess.Popen[str]) -> None:
    """Kill a run with all that it started, as a machine that dies."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        one.kill()
    process.communicate()
