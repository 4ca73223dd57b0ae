"""However the tap ends, each line it wrote is whole, its state is true, and its exit code says what happened."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TAP = str(Path(sys.executable).parent / "tap-horoshop")


@pytest.fixture
def big() -> Iterator[Sandbox]:
    """Give a shop that takes some seconds to read."""
    with Sandbox(customers=10, orders=20_000) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Give a start of the tap as a process that goes on while the test acts."""
    started: list[subprocess.Popen[bytes]] = []

    def run(config: dict[str, Any]) -> subprocess.Popen[bytes]:
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        process = subprocess.Popen(
            [TAP, "--config", str(tmp_path / "config.json")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def lines_until(process: subprocess.Popen[bytes], orders: int) -> list[bytes]:
    """Read lines until so many orders have come."""
    assert process.stdout is not None
    lines: list[bytes] = []
    for line in process.stdout:
        lines.append(line)
        orders -= b'"stream":"orders"' in line
        if orders <= 0:
            break
    return lines


@pytest.mark.parametrize(("signum", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_tap_with_its_code_whole_lines_and_a_true_state(
    signum: int, exit_code: int, big: Sandbox, start: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    process = start(settings(big))
    lines = lines_until(process, 6000)
    begun = time.monotonic()
    process.send_signal(signum)
    # `communicate` would pass by the lines that wait in the buffer.
    rest, log = process.stdout.read(), process.stderr.read()
    process.wait(timeout=20)

    assert not rest or rest.endswith(b"\n"), f"half a line; {process.returncode} after {time.monotonic() - begun:.1f} s"
    messages = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    emitted = {m["record"]["order_id"] for m in messages if m["type"] == "RECORD" and m["stream"] == "orders"}
    bookmark = [m for m in messages if m["type"] == "STATE"][-1]["value"]["bookmarks"]["orders"]
    promised = {o["order_id"] for o in big.orders() if _instant(o["stat_created"]) <= bookmark["replication_key_value"]}
    assert process.returncode == exit_code
    assert len(emitted) < 20_000
    assert promised
    assert promised <= emitted
    assert b"Traceback" not in log


def test_a_signal_while_the_target_reads_no_more_ends_the_tap_all_the_same(
    big: Sandbox, start: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    process = start(settings(big))
    lines_until(process, 1)
    time.sleep(3)  # the pipe fills, and the tap waits in a write
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 143
    assert time.monotonic() - begun < 15


def test_a_signal_while_the_shop_does_not_answer_ends_the_tap_at_once(
    sandbox: Sandbox, start: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    sandbox.fail(api="shop", path="/orders/get", kind="delay", seconds=30, times=None)
    process = start(settings(sandbox))
    # The sandbox notes a request when it has answered it, so what comes before tells when the tap waits.
    while not any(request["path"] == "/users/export" for request in sandbox.requests("shop")):
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(2)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 143
    assert time.monotonic() - begun < 10, "it waited for the answer"


def test_a_target_that_is_gone_ends_the_tap_with_one_line_and_1(
    big: Sandbox, start: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    process = start(settings(big))
    lines_until(process, 10)
    process.stdout.close()
    log = process.stderr.read().decode()

    assert process.wait(timeout=20) == 1
    assert (
        log.rstrip()
        .splitlines()[-1]
        .endswith("target_gone: The target ended before the tap. The reason is in the target's log.")
    )
    assert log.count("ERROR") == 1
    assert "Traceback" not in log
    assert "Exception" not in log


def test_a_closed_stderr_does_not_change_the_exit_code(
    sandbox: Sandbox, settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(sandbox, password="wrong")), encoding="utf-8")
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [TAP, "--config", str(tmp_path / "config.json")], stdout=subprocess.DEVNULL, stderr=write_end, check=False
        )
    finally:
        os.close(write_end)

    assert done.returncode == 2


def test_a_stdout_that_was_closed_from_the_start_is_a_target_that_is_gone(
    sandbox: Sandbox, settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(sandbox)), encoding="utf-8")
    command = f'exec "{TAP}" --config "{tmp_path}/config.json" >&-'

    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert "target_gone: " in done.stderr
    assert "Traceback" not in done.stderr


def _instant(stamp: str) -> str:
    wall = dt.datetime.fromisoformat(stamp).replace(tzinfo=ZoneInfo("Europe/Kyiv"))
    return wall.astimezone(dt.timezone.utc).isoformat()
