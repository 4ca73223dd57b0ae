"""The console script, as its users run it: a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

SCRIPT = str(Path(sys.executable).with_name("horoshop-esputnik-sandbox"))


def started(ready: Path, *options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = [SCRIPT, "--customers", "5", "--orders", "7", "--ready-file", str(ready), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not ready.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process, json.loads(ready.read_text())


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    return tmp_path / "ready.json"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(ready: Path, number: signal.Signals) -> None:
    process, addresses = started(ready, "--switch", "sort=desc", "--switch", "page_cap=3")
    login = {"login": addresses["username"], "password": addresses["password"]}
    answer = requests.post(f"{addresses['shop_url']}/api/auth/", json=login, timeout=10).json()
    query = {"token": answer["response"]["token"], "limit": 100}
    orders = requests.post(f"{addresses['shop_url']}/api/orders/get/", json=query, timeout=10).json()
    assert [order["order_id"] for order in orders["response"]["orders"]] == [10_007, 10_006, 10_005]
    auth = ("", addresses["api_key"])
    assert requests.get(f"{addresses['esputnik_url']}/v1/account/info", auth=auth, timeout=10).ok
    process.send_signal(number)
    printed, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert all(value in printed for value in addresses.values())
    assert not ready.exists()


def test_ports_may_be_chosen(ready: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process, addresses = started(ready, "--shop-port", str(port))
    process.terminate()
    process.communicate(timeout=10)
    assert addresses["shop_url"] == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--switch", "nothing=1"), "no switch is named nothing"),
        (("--switch", "sort"), "name=position"),
        (("--host", "0.0.0.0"), "loopback addresses only"),  # noqa: S104 - refused
        (("--orders", "1000001"), "1000001 is not in the range"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_no_traceback(options: tuple[str, ...], sentence: str) -> None:
    done = subprocess.run([SCRIPT, *options], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_one_sentence(ready: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [SCRIPT, "--shop-port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "in use" in done.stderr
