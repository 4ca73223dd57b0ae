"""Each kind of disturbance does what the table says, at each moment, to the connections that it is meant for."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox, SandboxError
from horoshop_esputnik_sandbox.disturbances import KINDS, MOMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENT, IMPATIENT = 10.0, 0.4
ENDS_IT = ("slow_close", "timeout", "reset", "limited", "down")
SOON = {
    "latency": {"seconds": 0.2},
    "slow_close": {"seconds": 0.1},
    "bandwidth": {"bytes_a_second": 1000},
}
Got = tuple[int | None, bytes]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(customers=5, orders=5, proxied=True) as sandbox:
        yield sandbox


@pytest.fixture
def proxied(running: Sandbox) -> Sandbox:
    """Give the running sandbox as new."""
    running.reset()
    return running


def log_in(sandbox: Sandbox, *, timeout: float = PATIENT, times: int = 1) -> requests.Response:
    """Log in at the shop, some times over one connection; give the last answer."""
    login = {"login": sandbox.username, "password": sandbox.password}
    with requests.Session() as session:
        session.trust_env = False
        answers = [session.post(f"{sandbox.shop_url}/api/auth/", json=login, timeout=timeout) for _ in range(times)]
    return answers[-1]


def patience_with(kind: str) -> float:
    return IMPATIENT if kind == "timeout" else PATIENT


@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize("kind", ENDS_IT)
def test_what_ends_a_connection_leaves_the_work_done_exactly_if_the_whole_request_had_passed(
    kind: str, at: str, proxied: Sandbox
) -> None:
    proxied.disturb(api="shop", kind=kind, at=at, **SOON.get(kind, {}))
    if kind == "limited" and at in {"connect", "before_answer"}:
        # Python takes a head that was cut off for a whole one.
        assert log_in(proxied).content == b""
    else:
        with pytest.raises(requests.RequestException):
            log_in(proxied, timeout=patience_with(kind))
    assert [one["done"] for one in proxied.disturbances()] == [1]
    done = at in {"before_answer", "answer"} or (kind, at) == ("limited", "connect")
    assert len(proxied.requests("shop")) == done


@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ENDS_IT])
def test_what_slows_a_connection_changes_no_byte(kind: str, at: str, proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind=kind, at=at, **SOON.get(kind, {}))
    assert log_in(proxied).json()["status"] == "OK"
    assert [one["done"] for one in proxied.disturbances()] == [1]


def test_latency_and_bandwidth_take_their_time(proxied: Sandbox) -> None:
    for kind, options in (("latency", {"seconds": 0.4}), ("bandwidth", {"bytes_a_second": 200})):
        proxied.disturb(api="shop", kind=kind, at="before_answer", **options)
        begun = time.monotonic()
        log_in(proxied)
        assert time.monotonic() - begun >= 0.4, kind


def test_a_connection_that_is_reset_says_so(proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind="reset", at="before_answer")
    with pytest.raises(requests.ConnectionError, match="ConnectionResetError"):
        log_in(proxied)


def test_an_api_that_is_down_refuses_connections_until_it_is_taken_back(proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind="down")
    port = int(proxied.shop_url.rpartition(":")[2])
    with pytest.raises(requests.ConnectionError):
        log_in(proxied)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENT)
    proxied.clear_disturbances()
    assert log_in(proxied).ok


def test_an_api_may_be_down_for_a_while_only(proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind="down", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        log_in(proxied)
    time.sleep(0.4)
    assert log_in(proxied).ok


def test_only_the_requests_that_are_meant_are_met_and_only_so_often(proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind="reset", at="answer", path="/auth", method="POST", after=1, times=1)
    proxied.disturb(api="shop", kind="reset", at="request", path="/orders/get", times=None)
    proxied.disturb(api="esputnik", kind="reset", times=None)
    with pytest.raises(requests.RequestException):
        log_in(proxied, times=2)
    assert log_in(proxied, times=2).ok
    assert [one["done"] for one in proxied.disturbances()] == [1, 0, 0]


def test_as_connections_are_made_they_are_counted_instead_of_requests(proxied: Sandbox) -> None:
    proxied.disturb(api="shop", kind="reset", after=1, times=None)
    assert log_in(proxied, times=3).ok
    with pytest.raises(requests.RequestException):
        log_in(proxied)


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "eaten"},
        {"kind": "reset", "at": "noon"},
        {"kind": "reset", "at": "connect", "path": "/auth"},
        {"kind": "reset", "seconds": 1},
        {"kind": "reset", "api": "bank"},
    ],
    ids=str,
)
def test_a_disturbance_that_cannot_be_is_refused(order: dict[str, str], proxied: Sandbox) -> None:
    with pytest.raises(SandboxError):
        proxied.disturb(**order)
    assert proxied.disturbances() == []


def test_without_the_proxy_nothing_can_be_disturbed(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="proxied=True"):
        sandbox.disturb(api="shop", kind="reset")


def test_a_sandbox_that_stops_leaves_no_connection_waiting() -> None:
    with Sandbox(customers=1, orders=1, proxied=True) as sandbox:
        sandbox.disturb(api="shop", kind="timeout")
        port = int(sandbox.shop_url.rpartition(":")[2])
        waiting = socket.create_connection(("127.0.0.1", port), timeout=PATIENT)
    with waiting:
        assert waiting.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENT)


def test_the_ports_that_were_asked_for_are_the_proxys() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(customers=1, orders=1, proxied=True, ports=(port, 0, 0)) as sandbox:
        assert sandbox.shop_url.endswith(f":{port}")
        assert log_in(sandbox).ok
