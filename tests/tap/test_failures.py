"""Each foreseen failure: its own sentence, its exit code, no traceback, no secret, and no retry where none can help."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tap_horoshop.client import Client
from tap_horoshop.connection import new_session
from tap_horoshop.errors import AnswerUnexpectedError, ShopUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from horoshop_esputnik_sandbox import Sandbox

PASSWORD = "c4nary-p4ssword"
TAP = str(Path(sys.executable).parent / "tap-horoshop")


def paths(sandbox: Sandbox) -> list[str]:
    return [request["path"] for request in sandbox.requests("shop")]


def assert_told(outcome: Any, code: str, exit_code: int) -> None:
    lines = [line for line in outcome.log.splitlines() if "| ERROR" in line]
    assert outcome.exit_code == exit_code
    assert len(lines) == 1, outcome.log
    assert f"{code}: " in lines[0]
    assert "Traceback" not in outcome.log
    assert PASSWORD not in outcome.log


def test_a_wrong_password_ends_with_2_after_one_try(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    outcome = tap_process(settings(sandbox, password=PASSWORD))

    assert_told(outcome, "wrong_credentials", 2)
    assert paths(sandbox) == ["/auth"]


@pytest.mark.parametrize(
    ("position", "code"), [("off", "api_off"), ("storefront", "not_a_shop"), ("redirect", "redirected")]
)
def test_an_address_without_the_api_ends_with_2_after_one_try(
    position: str, code: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    sandbox.switch(api_access=position)

    outcome = tap_process(settings(sandbox))

    assert_told(outcome, code, 2)
    assert len(paths(sandbox)) == 1


def test_an_unknown_host_ends_with_2_at_once(tap_process: Callable[..., Any]) -> None:
    begun = time.monotonic()

    outcome = tap_process({"site_url": "https://no-such-shop.invalid", "username": "u", "password": PASSWORD})

    assert_told(outcome, "unknown_host", 2)
    assert time.monotonic() - begun < 15


def test_a_host_of_a_private_network_is_refused_before_a_byte_is_sent(tap_process: Callable[..., Any]) -> None:
    """`localhost` under another name would need a name server; a literal address that is not loopback needs none."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - its own address is the private one
        own = _own_address()
        if own is None:
            pytest.fail("this machine has no address but loopback")
        url = f"https://{own}:{server.getsockname()[1]}"
        received: list[bytes] = []
        thread = threading.Thread(target=_receive_once, args=(server, received))
        thread.start()

        outcome = tap_process({"site_url": url, "username": "u", "password": PASSWORD})
        thread.join(timeout=10)

    assert_told(outcome, "private_host", 2)
    assert received == [b""]


def test_a_server_that_speaks_no_tls_is_told_as_such(sandbox: Sandbox, tap_process: Callable[..., Any]) -> None:
    outcome = tap_process(
        {"site_url": sandbox.shop_url.replace("http://", "https://"), "username": "u", "password": PASSWORD}
    )

    assert_told(outcome, "certificate", 2)


def test_an_authority_of_one_s_own_is_trusted_when_it_is_named_and_only_then(
    tap_process: Callable[..., Any], tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*make, "-keyout", key, "-out", certificate, *subject], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with _Listener(tls) as (address, seen):
        config = {"site_url": address, "username": "u", "password": PASSWORD}
        refused = tap_process(config, "--test")
        assert seen == []
        reached = tap_process({**config, "ca_bundle": str(certificate)}, "--test")

    assert_told(refused, "certificate", 2)
    assert_told(reached, "api_off", 2)
    assert len(seen) == 1


def test_no_redirect_is_followed_with_credentials(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    for status in (301, 302, 303, 307, 308):
        sandbox.fail(api="shop", path="/orders/get", kind="redirect", status=status, to=f"{sandbox.shop_url}/api/auth/")
        seen = len(paths(sandbox))

        outcome = tap_process(settings(sandbox))

        assert_told(outcome, "redirected", 2)
        assert paths(sandbox)[seen:].count("/auth") == 1
        sandbox.clear_faults()


def test_a_right_that_is_missing_ends_with_2(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    body = '{"status":"FORBIDDEN","response":{"message":"m"}}'
    sandbox.fail(api="shop", path="/users/export", kind="status", status=200, body=body, times=None)

    assert_told(tap_process(settings(sandbox)), "access_refused", 2)
    assert paths(sandbox).count("/users/export") == 1


@pytest.mark.parametrize("word", ["ERROR", "HTTP_ERROR", "SOMETHING_NEW"])
def test_a_refusal_that_nobody_knows_ends_with_1_and_without_its_words(
    word: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    body = json.dumps({"status": word, "response": {"message": "olena@example.com"}})
    sandbox.fail(api="shop", path="/orders/get", kind="status", status=200, body=body, times=None)

    outcome = tap_process(settings(sandbox))

    assert_told(outcome, "answer_unexpected", 1)
    assert "olena@" not in outcome.log


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

    read(sandbox, max_requests_per_second=5, max_parallel_requests=8)

    requests = len(sandbox.requests("shop"))
    assert requests / (time.monotonic() - begun) <= 5.5


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"])
def test_no_proxy_of_the_environment_sees_what_goes_to_this_machine(
    variable: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    with _Listener() as (address, seen):
        outcome = tap_process(settings(sandbox), **{variable: address, variable.lower(): address})

    assert outcome.exit_code == 0
    assert seen == []


def test_netrc_gives_no_credentials(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path
) -> None:
    """The sandbox keeps no headers, so a server that does stands in for the shop."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password c4nary\n", encoding="utf-8")
    with _Listener() as (address, seen):
        config = {**settings(sandbox), "site_url": address}
        tap_process(config, HOME=str(tmp_path), NETRC=str(tmp_path / ".netrc"))

    assert seen
    assert not any("authorization" in {name.lower() for name in headers} for headers in seen)


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """Give a conversation with a sandbox's shop."""
    opened: list[Client] = []

    def make(sandbox: Sandbox, **options: Any) -> Client:
        session = new_session(sandbox.shop_url, user_agent="", ca_bundle=None, allow_private=False, parallel=2)
        opened.append(Client(sandbox.shop_url, sandbox.username, sandbox.password, session=session, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def _own_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _receive_once(server: socket.socket, received: list[bytes]) -> None:
    server.settimeout(20)
    connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        received.append(connection.recv(64))


class _Listener:
    """A server that keeps the headers of all that it is asked, and answers 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    def __enter__(self) -> tuple[str, list[dict[str, str]]]:
        seen: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.append(dict(self.headers))
                self.send_error(404)

            do_CONNECT = do_GET = do_POST  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
            self._server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self._server.server_port}", seen

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_a_command_line_that_is_wrong_ends_with_2() -> None:
    done = subprocess.run([TAP, "--no-such-flag"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
