"""A fault that passes is tried again, for a bounded time, and costs no row; one that does not is not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.client import Client
from tap_horoshop.connection import new_session
from tap_horoshop.errors import AnswerUnexpectedError, ShopUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

PASSING = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 524, "body": "<html>a timeout occurred</html>"},
    {"kind": "html", "status": 200},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "truncate"},
    {"kind": "garbage"},
    {"kind": "empty"},
    {"kind": "rate_limit", "seconds": None},
    {"kind": "rate_limit", "seconds": 1},
    {"kind": "rate_limit", "seconds": 1, "date": True},
    {"kind": "status", "status": 200, "body": '{"status":"EXCEPTION","response":{"message":"m"}}'},
    {"kind": "drip", "seconds": 0.5},
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: "-".join(map(str, fault.values()))[:40])
def test_a_fault_that_passes_costs_no_row(fault: dict[str, Any], sandbox: Sandbox, read: Callable[..., Any]) -> None:
    for path in ("/users/export", "/orders/get"):
        sandbox.fail(api="shop", path=path, after=2, times=1, **fault)

    outcome = read(sandbox)

    assert sorted(outcome.keys("orders")) == sorted(order["order_id"] for order in sandbox.orders())
    assert sorted(outcome.keys("contacts")) == sorted(user["id"] for user in sandbox.customers())


@pytest.mark.parametrize(
    "fault",
    [fault for fault in PASSING if fault["kind"] not in {"drip", "html"}] + [{"kind": "rate_limit", "seconds": 3600}],
    ids=lambda fault: "-".join(map(str, fault.values()))[:40],
)
def test_a_fault_that_stays_is_given_up_in_time_with_1(
    fault: dict[str, Any], sandbox: Sandbox, client: Callable[..., Client]
) -> None:
    sandbox.fail(api="shop", path="/auth", times=None, **fault)
    begun = time.monotonic()

    with pytest.raises(ShopUnavailableError) as failure:
        client(sandbox, give_up_after=1.2).check()

    assert failure.value.exit_code == 1
    assert time.monotonic() - begun < 5


def test_a_pause_that_the_shop_asks_for_is_kept(sandbox: Sandbox, client: Callable[..., Client]) -> None:
    sandbox.fail(api="shop", path="/auth", kind="rate_limit", seconds=2, times=1)
    begun = time.monotonic()

    client(sandbox).check()

    assert 2 <= time.monotonic() - begun < 4


@pytest.mark.parametrize("kind", ["huge", "gzip_bomb"])
def test_an_answer_without_measure_is_an_error_and_not_a_full_memory(
    kind: str, sandbox: Sandbox, client: Callable[..., Client]
) -> None:
    sandbox.fail(api="shop", path="/orders/get", kind=kind, times=None)

    with pytest.raises(AnswerUnexpectedError, match="larger than"):
        client(sandbox).call("orders/get", limit=10)


def test_an_answer_that_comes_drop_by_drop_for_ever_is_given_up(client: Callable[..., Client]) -> None:
    with Sandbox(customers=5, orders=20, proxied=True) as dripping:
        talking = client(dripping, give_up_after=0.5, request_timeout=1)
        talking.check()
        dripping.disturb(api="shop", kind="sliced", at="answer", bytes=1, seconds=0.2, times=None)
        begun = time.monotonic()
        with pytest.raises(ShopUnavailableError, match="no answer in time"):
            talking.call("orders/get", limit=20)
        assert time.monotonic() - begun < 60  # at this pace the page alone would take hours


def test_a_shop_that_is_unreachable_in_the_middle_of_a_run_ends_with_1(
    sandbox: Sandbox, client: Callable[..., Client]
) -> None:
    talking = client(sandbox, give_up_after=1)
    talking.check()
    sandbox.stop()

    with pytest.raises(ShopUnavailableError):
        talking.call("orders/get", limit=10)


def test_the_rate_of_requests_is_kept_over_all_threads(sandbox: Sandbox, read: Callable[..., Any]) -> None:
    begun = time.monotonic()

    read(sandbox, max_requests_per_second=5, max_parallel_requests=8, page_size=20)

    seconds = time.monotonic() - begun
    after_another = len(sandbox.requests("shop")) - 1  # the first waits for none
    assert after_another > 10
    assert after_another / seconds <= 5


def _receive_and_close(server: socket.socket, received: list[bytes]) -> None:
    """Take the first words of TLS, and close in good order; until the server is closed."""
    server.settimeout(10)
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                received.append(connection.recv(65536))


@pytest.mark.parametrize("body", ['{"status":"OK"}', '{"status":"OK","response":{"message":"try later"}}'])
def test_an_answer_without_rows_moves_no_bookmark(body: str, sandbox: Sandbox, read: Callable[..., Any]) -> None:
    sandbox.fail(api="shop", path="/users/export", status=200, body=body, times=None)

    outcome = read(sandbox, fails=AnswerUnexpectedError)

    assert not outcome.state["bookmarks"].get("contacts")


def test_threads_that_need_a_new_token_do_not_try_to_log_in_one_after_the_other(
    sandbox: Sandbox, client: Callable[..., Client]
) -> None:
    talking = client(sandbox, give_up_after=1.5)
    talking.check()
    sandbox.expire_tokens()
    sandbox.fail(api="shop", path="/auth", status=503, times=None)
    begun = time.monotonic()

    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(talking.call, "orders/get", limit=10) for _ in range(8)]
        failures = [call.exception() for call in calls]

    assert all(isinstance(failure, ShopUnavailableError) for failure in failures)
    assert time.monotonic() - begun < 5
    sandbox.clear_faults()
    assert talking.call("orders/get", limit=10)["orders"]


def test_a_connection_that_breaks_while_tls_begins_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[bytes] = []
        thread = threading.Thread(target=_receive_and_close, args=(server, received))
        thread.start()
        session = new_session("https://localhost", user_agent="", ca_bundle=None, allow_private=False, parallel=1)
        url = f"https://localhost:{server.getsockname()[1]}"
        talking = Client(url, "u", "p", session=session, give_up_after=1)
        with contextlib.closing(talking), pytest.raises(ShopUnavailableError):
            talking.check()
        server.close()
        thread.join()

    assert len(received) > 1
