"""The demo ends well only if all agree, and leaves nothing behind, however it ends."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
import requests

from demo_report import customers_that_differ, orders_that_differ
from demo_views import Arrived, Remembered

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--customers", "60", "--orders", "240"]


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the demo makes its copy in."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def left_behind(folder: Path) -> list[str]:
    """What is left of a demo: its processes, its files."""
    running = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return [line for line in running if str(folder) in line] + [str(path) for path in folder.iterdir()]


def test_the_demo_ends_well_and_leaves_nothing_but_a_ledger_and_how_to_see_it(
    own_temporary_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = tmp_path_factory.mktemp("kept") / "demo"
    ended = subprocess.run(
        [sys.executable, "tools/demo.py", *SMALL, "--keep", str(kept)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "shop, ledger and eSputnik agree" in ended.stdout
    assert "orders held (unmapped_status)" in ended.stdout
    assert left_behind(own_temporary_folder) == []
    last = ended.stdout.strip().splitlines()[-1].strip()
    page = subprocess.Popen([*shlex.split(last), "--port", "0", "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        url = json.loads(page.stdout.readline() if page.stdout else "")["url"]
        shown = requests.get(f"{url}orders?period=all&result=accepted", timeout=30).text
        arrived = re.search(r"orders: (\d+)", ended.stdout.rpartition("second run")[2])
        count = re.search(r'id="count">(\d+)', shown)
        assert arrived is not None
        assert count is not None
        assert count[1] == arrived[1]
    finally:
        page.terminate()
        page.communicate(timeout=20)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_demo_that_is_stopped_in_a_run_leaves_nothing(
    number: signal.Signals, code: int, own_temporary_folder: Path
) -> None:
    process = subprocess.Popen([sys.executable, "tools/demo.py", *SMALL], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for_the_target(own_temporary_folder, process)
        process.send_signal(number)
        assert process.wait(timeout=60) == code
    finally:
        process.kill()
        process.wait()
    assert left_behind(own_temporary_folder) == []


def wait_for_the_target(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until Meltano has started the target."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the demo ended before its first run"
        if any("target-esputnik --config" in line for line in left_behind(folder)):
            return
        time.sleep(0.1)
    pytest.fail("Meltano never started the target")


def test_an_order_that_differs_is_told() -> None:
    in_shop = [{"order_id": 7, "stat_status": 3, "total_sum": 10.5}]
    good = {"externalOrderId": "7", "status": "DELIVERED", "totalCost": 10.5}
    assert list(orders_that_differ(in_shop, [good])) == []
    assert list(orders_that_differ(in_shop, [good | {"status": "IN_PROGRESS"}])) != []
    assert list(orders_that_differ(in_shop, [good | {"totalCost": 10.49}])) != []


def test_a_customer_that_the_ledger_only_believes_to_be_there_is_told() -> None:
    in_shop = [{"id": 1, "email": "A@example.com"}, {"id": 2, "email": "a@example.com"}, {"id": 3, "email": ""}]
    contact = {"externalCustomerId": "1", "channels": [{"type": "email", "value": "a@example.com", "confirmed": False}]}
    arrived = Arrived([contact], [], [], [])
    ledger = Counter({("contacts", "accepted", ""): 5, ("contacts", "rejected", "no_identity"): 1})
    assert list(customers_that_differ(in_shop, arrived, Remembered(ledger, buyers=3))) == []
    assert list(customers_that_differ(in_shop, arrived, Remembered(ledger, buyers=2))) != []


def test_confirmed_addresses_and_repeated_events_are_counted() -> None:
    contact = {"channels": [{"type": "email", "confirmed": True}, {"type": "sms", "confirmed": None}]}
    event = {"type": "orderDELIVERED", "key": "7"}
    arrived = Arrived([contact], [], [event, event, event | {"key": "8"}], [])
    assert arrived.confirmed_emails() == 1
    assert arrived.events_fired_twice() == ["orderDELIVERED 7"]
