"""Whatever umask the scheduler has: the ledger, all that lies beside it, and their folder are the owner's alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from pipe_driver import BIN, LONG_AGO, ProcessPipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run the test, and what it starts, under each umask."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_file_log_memory_and_lock_are_0600_and_the_folder_is_0700_while_a_run_goes_on(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fail(api="esputnik", path="/v1/contact/subscribe", kind="delay", seconds=0.5, times=2)
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    pipe.start()
    seen: dict[str, set[str]] = {}
    try:
        while pipe.processes[1].poll() is None:
            for path in list(pipe.ledger.parent.iterdir()) if pipe.ledger.parent.exists() else []:
                with contextlib.suppress(FileNotFoundError):  # SQLite's journal comes and goes
                    mode = rights(path)
                    seen.setdefault(path.name, set()).add(mode)
        assert pipe.wait().codes == (0, 0)
    finally:
        pipe.kill()
    del seen[".gitignore"]  # names nothing
    assert seen.keys() - {"ledger.db-journal"} == {"ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.1.lock"}
    assert {name: modes for name, modes in seen.items() if modes != {"0o600"}} == {}
    assert rights(pipe.ledger.parent) == "0o700"


def test_who_only_reads_makes_nothing_that_others_can_read(sandbox: Sandbox, tmp_path: Path) -> None:
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    assert pipe.run().codes == (0, 0)
    for lock in pipe.ledger.parent.glob("*.lock"):
        lock.unlink()
    for command in ("stats", "check"):
        done = subprocess.run(
            [str(BIN / "esputnik-ledger"), command, *pipe.target_arguments()], capture_output=True, check=False
        )
        assert done.returncode == 0
    with contextlib.closing(sqlite3.connect(pipe.ledger)) as reader:
        reader.execute("SELECT count(*) FROM runs").fetchall()
        modes = {path.name: rights(path) for path in pipe.ledger.parent.iterdir() if path.name != ".gitignore"}
    assert set(modes.values()) == {"0o600"}, modes


def test_git_does_not_see_the_ledger(sandbox: Sandbox, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    assert pipe.run().codes == (0, 0)
    seen = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "tap.json" in seen
    assert "ledger" not in seen
