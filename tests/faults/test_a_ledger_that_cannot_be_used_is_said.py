from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from crash_driver import must_be_settled_but_for_one_batch, must_heal

from target_esputnik.ledger import connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crash_driver import CalmEnd, CrashDriver, Struck

NOBODY = "65534"


def _must_be_clear(struck: Struck, driver: CrashDriver, code: int, *, names: str = "ledger_url") -> None:
    """One line that names the setting: no traceback, and neither the key nor where the ledger lies."""
    assert struck.code == code, struck.log
    assert "Traceback" not in struck.log
    assert "unexpected" not in struck.log
    assert names in struck.log
    assert driver.sandbox.api_key not in struck.log
    assert str(driver.ledger) not in struck.log
    assert "example.com" not in struck.log


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(4_096, id="from-the-start"),
        pytest.param(150_000, id="in-the-middle"),
        pytest.param(400_000, id="later", marks=pytest.mark.faults_full),
    ],
)
@pytest.mark.parametrize("story", ["contacts", "orders"])
def test_a_full_disk_is_said_and_the_next_run_goes_on(
    driver_of: Callable[[str], CrashDriver], calm_ends: Callable[[str], CalmEnd], story: str, room: int
) -> None:
    driver = driver_of(story)
    struck = driver.struck(None, largest_file=room)
    if struck.code == 0 and room > 200_000:
        pytest.skip("the ledger had room enough")
    _must_be_clear(struck, driver, 2)
    must_be_settled_but_for_one_batch(driver)
    must_heal(driver, calm_ends(story))


def test_a_file_that_is_no_ledger_is_said_and_left_as_it_is(driver_of: Callable[[str], CrashDriver]) -> None:
    driver = driver_of("orders_new")
    driver.ledger.parent.mkdir()
    driver.ledger.write_bytes(b"dear diary, this is not a database " * 100)
    before = driver.ledger.read_bytes()
    _must_be_clear(driver.struck(None), driver, 2)
    assert driver.ledger.read_bytes() == before
    assert driver.writes() == []


def test_a_ledger_of_a_newer_version_is_said_and_left_as_it_is(driver_of: Callable[[str], CrashDriver]) -> None:
    driver = driver_of("orders")
    with contextlib.closing(sqlite3.connect(driver.ledger)) as ledger, ledger:
        ledger.execute("UPDATE alembic_version SET version_num = '9999'")
    known, written = driver.rows("SELECT * FROM orders"), driver.writes()
    _must_be_clear(driver.struck(None), driver, 2, names="newer version")
    assert (driver.rows("SELECT * FROM orders"), driver.writes()) == (known, written)


def test_a_ledger_that_another_process_holds_is_said(
    driver_of: Callable[[str], CrashDriver], calm_ends: Callable[[str], CalmEnd]
) -> None:
    driver = driver_of("orders")
    written = driver.writes()
    with contextlib.closing(sqlite3.connect(driver.ledger, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        struck = driver.struck(None, constants={"target_esputnik.ledger.connection:BUSY_SECONDS": 1})
        other.execute("ROLLBACK")
    _must_be_clear(struck, driver, 1, names="locked by another process")
    assert driver.writes() == written
    must_heal(driver, calm_ends("orders"))


def test_it_waits_a_while_for_another_process_before_it_gives_up() -> None:
    assert connection.BUSY_SECONDS == 10


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_ledger_that_may_not_be_written_is_said_and_nothing_is_sent(
    driver_of: Callable[[str], CrashDriver], what: str
) -> None:
    driver = driver_of("orders" if what == "file" else "orders_new")
    written = driver.writes()
    if what == "file":
        driver.ledger.chmod(0o444)
        driver.ledger.parent.chmod(0o555)
    else:
        driver.ledger.parent.mkdir(mode=0o555)
    try:
        struck = driver.struck(None, as_user=_somebody_whom_rights_bind(driver.ledger.parent))
    finally:
        driver.ledger.parent.chmod(0o755)
    _must_be_clear(struck, driver, 2)
    assert driver.writes() == written


def _somebody_whom_rights_bind(folder: Path) -> str | None:
    """Nobody's number if this is root, whom no mode keeps out; else None: this user will do."""
    if os.geteuid() != 0:
        return None
    for above in (folder, *folder.parents):
        if above.stat().st_uid == 0 and above.parent != above and str(above).count("/") > 1:
            above.chmod(above.stat().st_mode | 0o055)
    python = subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", sys.executable, "-c", ""],
        capture_output=True,
        check=False,
    )
    if python.returncode != 0:
        pytest.skip("this is root, whom no mode keeps out, and another user may not run this Python")
    return NOBODY


def test_two_runs_at_once_the_second_stops_and_the_first_is_not_disturbed(
    driver_of: Callable[[str], CrashDriver], calm_ends: Callable[[str], CalmEnd]
) -> None:
    driver = driver_of("orders")
    driver.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=6)
    with driver.beside() as first:
        driver.wait_for_request("POST", "/v1/orders")
        second = driver.struck(None)
        _must_be_clear(second, driver, 1, names="ledger_busy")
        assert second.states == []
        assert first.wait(timeout=60) == 0
    must_heal(driver, calm_ends("orders"))


def test_a_lock_dies_with_its_run(driver_of: Callable[[str], CrashDriver], calm_ends: Callable[[str], CalmEnd]) -> None:
    driver = driver_of("orders")
    driver.struck({"request": "POST /v1/orders", "moment": "before", "signal": signal.SIGKILL})
    must_heal(driver, calm_ends("orders"))
