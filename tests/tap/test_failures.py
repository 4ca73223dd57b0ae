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

if TYPE_CHECKING:
    from collections.abc import Callable

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


def test_a_host_of_a_private_network_is_refused_and_not_even_knocked_at(tap_process: Callable[..., Any]) -> None:
    """`localhost` under another name would need a name server; a literal address that is not loopback needs none."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - its own address is the private one
        own = _own_address()
        if own is None:
            pytest.fail("this machine has no address but loopback")
        url = f"https://{own}:{server.getsockname()[1]}"

        outcome = tap_process({"site_url": url, "username": "u", "password": PASSWORD})
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()

    assert_told(outcome, "private_host", 2)


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


def _own_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
        except OSError:
            return None
        return str(probe.getsockname()[0])


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


@pytest.mark.parametrize("catalog", ['{"streams":5}', '{"streams":[{}]}', "[]", "x"])
def test_a_catalog_that_is_none_ends_with_2(
    catalog: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "catalog.json").write_text(catalog, encoding="utf-8")

    outcome = tap_process(settings(sandbox), "--catalog", str(tmp_path / "catalog.json"))

    assert_told(outcome, "settings_invalid", 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site_url", "https://[::1"),
        ("end_date", "9999-12-31T23:59:59Z"),
        ("end_date", "9999-12-31T23:59:59-05:00"),
        ("start_date", "0001-01-01"),
        ("user_agent", "  Mozilla/5.0 "),
    ],
)
def test_no_setting_is_a_failure_that_nobody_foresaw(
    name: str, value: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    outcome = tap_process(settings(sandbox, **{name: value}))

    if name == "site_url":
        assert_told(outcome, "settings_invalid", 2)
    else:
        assert outcome.exit_code == 0
        assert outcome.counts()["orders"] == 100


def test_stream_maps_that_cannot_be_read_end_with_2(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    outcome = tap_process(settings(sandbox, stream_maps={"orders": {"total": f"{PASSWORD}("}}))

    assert_told(outcome, "settings_invalid", 2)
