from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError
from target_driver import contact, order, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from target_driver import Driver

TARGET = str(Path(sys.executable).parent / "target-esputnik")
ONE = {"email": "one@example.com"}
A_BATCH = [{"type": "RECORD", "stream": "orders", "record": order(number, **ONE)} for number in range(1, 101)]


def _start(target: Driver, tmp_path: Path, **settings: Any) -> subprocess.Popen[str]:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(target.config(**settings)), encoding="utf-8")
    return subprocess.Popen(
        [TARGET, "--config", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _write(process: subprocess.Popen[str], *lines: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
    process.stdin.flush()


def _wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def _has_begun(target: Driver) -> bool:
    try:
        return target.place.exists() and bool(target.rows("SELECT 1 FROM runs"))
    except OperationalError:
        return False


@pytest.fixture
def start(target: Driver, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give a way to start the target; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(**settings: Any) -> subprocess.Popen[str]:
        started.append(_start(target, tmp_path, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_order_request_in_flight_is_settled_and_not_repeated(
    target: Driver, start: Callable[[], subprocess.Popen[str]], sent: signal.Signals, code: int
) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=2)
    process = start()
    buyer = {"email": "one@example.com"}
    records = [{"type": "RECORD", "stream": "orders", "record": order(number, **buyer)} for number in range(1, 1001)]
    _write(process, schema("orders"), {"type": "STATE", "value": {"seen": 0}}, *records)
    _wait_until(lambda: "POST /v1/orders" in target.paths())
    process.send_signal(sent)
    out, log = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in log
    states = [json.loads(line) for line in out.splitlines()]
    assert all(state["seen"] == 0 for state in states), "STATE went past records that were not read whole"
    delivered = len(target.sandbox.sent_orders())
    assert delivered >= 500
    assert target.rows("SELECT count(*) FROM orders WHERE fate = 'accepted'") == [(delivered,)]
    assert target.rows("SELECT count(*) FROM sends WHERE outcome = 'sending'") == [(0,)]
    target(orders=[line["record"] for line in records])
    assert target.events()["orderINITIALIZED"] == 1000


def test_what_is_under_way_while_the_tap_is_waited_for_is_settled_and_not_repeated(
    target: Driver, start: Callable[..., subprocess.Popen[str]]
) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=2)
    process = start(order_batch_size=100)
    _write(process, schema("orders"), *A_BATCH)
    _wait_until(lambda: "POST /v1/orders" in target.paths())
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=30)
    assert (process.returncode, out) == (143, "")
    assert "Traceback" not in log
    assert target.rows("SELECT fate, count(*) FROM orders GROUP BY fate") == [("accepted", 100)]
    assert target.rows("SELECT count(*) FROM sends WHERE outcome = 'sending'") == [(0,)]
    target(orders=[line["record"] for line in A_BATCH])
    assert target.events()["orderINITIALIZED"] == 100


def test_what_is_under_way_when_a_signal_comes_and_gets_no_answer_is_in_doubt(
    target: Driver, start: Callable[..., subprocess.Popen[str]]
) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="delay_after", seconds=6)
    process = start(order_batch_size=100, request_timeout=2)
    _write(process, schema("orders"), *A_BATCH)
    _wait_until(lambda: "POST /v1/orders" in target.paths())
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "no_answer" in log
    assert target.rows("SELECT DISTINCT fate, reason FROM orders") == [("held", "in_doubt")]
    assert target.rows("SELECT exit_code, error FROM runs") == [(143, "no_answer")]


def test_between_two_records_it_stops_at_once_with_the_state_that_is_true(
    target: Driver, start: Callable[[], subprocess.Popen[str]]
) -> None:
    process = start()
    _write(process, schema("contacts"), {"type": "RECORD", "stream": "contacts", "record": contact(7)})
    _wait_until(lambda: _has_begun(target))
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (143, "")
    assert target.rows("SELECT exit_code FROM runs") == [(143,)]


def test_the_second_of_two_runs_on_one_ledger_stops_with_a_clear_line(
    target: Driver, start: Callable[[], subprocess.Popen[str]]
) -> None:
    first = start()
    _write(first, schema("contacts"))
    _wait_until(lambda: _has_begun(target))
    second = target(contacts=[contact(7)])
    assert second.code == 1
    assert "ledger_busy" in second.log
    out, _ = first.communicate(timeout=30)
    assert (first.returncode, out) == (0, "")


def test_when_the_reader_of_state_is_gone_it_ends_with_one_line(
    target: Driver, start: Callable[[], subprocess.Popen[str]]
) -> None:
    process = start()
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    process.stdout.close()
    _write(process, schema("contacts"), {"type": "STATE", "value": {}})
    process.stdin.close()
    process.wait(timeout=30)
    log = process.stderr.read()
    process.stderr.close()
    assert process.returncode == 1
    assert "Traceback" not in log
    assert "Exception ignored" not in log
