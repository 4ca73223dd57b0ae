"""Tap and target speak to the host of their setting: over TLS, on the internet, and to nobody whom it names instead."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

import pytest
from settings_driver import ran
from tls_server import Recorder

from tap_horoshop.client import Client
from tap_horoshop.connection import new_session
from tap_horoshop.errors import HoroshopError
from target_esputnik.client import EsputnikClient
from target_esputnik.errors import TargetError
from target_esputnik.settings import Settings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    import trustme
    from conftest import Program

    from horoshop_esputnik_sandbox import Sandbox

NAME = "shop.example.com"
PUBLIC = "192.88.99.7"  # global by its number, and nobody's: the relays that it was for are gone


def tap(url: str, *, allow_private: bool = False, ca_bundle: str | None = None) -> str | None:
    """Let the tap log in. Returns the case that it ends in."""
    session = new_session(url, user_agent="", ca_bundle=ca_bundle, allow_private=allow_private, parallel=1)
    client = Client(url, "user", "canary-password", session=session, request_timeout=5, give_up_after=1)
    with contextlib.closing(client):
        try:
            client.check()
        except HoroshopError as error:
            return error.case
    return None


def target(url: str, *, allow_private: bool = False, ca_bundle: str | None = None) -> str | None:
    """Let the target ask whose key it has. Returns the case that it ends in."""
    config: dict[str, Any] = {"api_key": "canary-key", "api_url": url, "allow_private_hosts": allow_private}
    try:
        client = EsputnikClient(Settings.from_config(config | {"ca_bundle": ca_bundle}), give_up_after=1)
        with contextlib.closing(client):
            client.account()
    except TargetError as error:
        return error.case
    return None


SPEAKS = {"tap": (tap, "private_host"), "target": (target, "private_address")}
both = pytest.mark.parametrize(("speak", "refusal"), SPEAKS.values(), ids=SPEAKS)


@pytest.fixture(autouse=True)
def _no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# -------------------------------------------------------------------- private addresses

FORMS = {
    "of an office": "10.1.2.3",
    "of a home": "192.168.0.1",
    "of a container": "172.17.0.1",
    "of the cloud's secrets": "169.254.169.254",
    "of a provider's own net": "100.64.0.1",
    "nowhere": "0.0.0.0",  # noqa: S104 - it is refused
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "octal": "0177.0.0.1",
    "short": "10.1",
    "mapped": "[::ffff:10.0.0.1]",
    "mapped secrets of the cloud": "[::ffff:169.254.169.254]",
    "compatible": "[::10.0.0.1]",
    "6to4": "[2002:a00:1::1]",
    "nat64": "[64:ff9b::a00:1]",
    "unique local": "[fd00::1]",
    "link local": "[fe80::1]",
    "site local": "[fec0::1]",
    "unspecified": "[::]",
    "to many": "[ff02::1]",
    "to many of the old kind": "224.0.0.1",
    "to all": "255.255.255.255",
    "for measuring": "198.18.0.1",
}


@both
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_address_that_is_not_of_the_internet_is_refused_in_every_form(
    form: str, speak: Callable[..., str | None], refusal: str
) -> None:
    assert speak(f"https://{form}:9") == refusal


@both
@pytest.mark.parametrize("form", ["10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_a_name_that_leads_to_a_private_address_is_refused_and_not_even_knocked_at(
    form: str, speak: Callable[..., str | None], refusal: str, names: dict[str, tuple[str, str]]
) -> None:
    names[NAME] = (form, form)
    with Recorder() as server:
        assert speak(f"https://{NAME}:{server.port}") == refusal
    assert server.knocks == 0


@both
def test_a_name_that_leads_elsewhere_once_it_was_checked_gets_not_a_byte(
    speak: Callable[..., str | None],
    refusal: str,
    names: dict[str, tuple[str, str]],
    authority: trustme.CA,
    bundle: str,
    showing: Callable[..., ssl.SSLContext],
) -> None:
    names[NAME] = (PUBLIC, "127.0.0.1")
    with Recorder(showing(authority.issue_cert(NAME))) as server:
        assert speak(f"https://{NAME}:{server.port}", ca_bundle=bundle) == refusal
    assert server.knocks == 1, "it was connected with, and looked at"
    assert server.failed != [], "and no greeting of TLS was begun"
    assert server.seen == b""


@both
def test_who_means_a_private_address_gets_there(
    speak: Callable[..., str | None],
    refusal: str,
    names: dict[str, tuple[str, str]],
    authority: trustme.CA,
    bundle: str,
    showing: Callable[..., ssl.SSLContext],
) -> None:
    names[NAME] = ("127.0.0.1", "127.0.0.1")
    with Recorder(showing(authority.issue_cert(NAME))) as server:
        assert speak(f"https://{NAME}:{server.port}", ca_bundle=bundle, allow_private=True) != refusal
    assert server.seen != b""


@both
def test_what_may_go_unencrypted_goes_to_this_machine_alone(
    speak: Callable[..., str | None], refusal: str, names: dict[str, tuple[str, str]]
) -> None:
    own = own_address()
    names["localhost"] = (own, own)  # a name server, or a hosts file, that was turned
    with Recorder(host="0.0.0.0") as server:  # noqa: S104 - its own address is not loopback
        assert speak(f"http://localhost:{server.port}") == refusal
    assert server.seen == b""


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
        return str(probe.getsockname()[0])


# -------------------------------------------------------------------- plain http, and addresses that hold more

NOT_TAKEN = [
    "http://example.com",
    "http://10.0.0.1",
    "http://2130706433",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://localhost#@example.com",
    "http://localhost\\@example.com",
    "http://localhost\\.example.com",
    "https://example.com\\.example.org",
    "https://user:word@example.com",
    "https://example.com:word",
    "https://[::1",
    "https://exa mple.com",
    "ftp://example.com",
    "file:///etc/passwd",
    "https://",
    "https://?x",
    "javascript:alert(1)",
]


def test_an_address_that_is_not_a_host_over_tls_is_no_setting(program: Program) -> None:
    orders = [{"config": program.settings | {program.address: address}, "environment": {}} for address in NOT_TAKEN]
    found = ran(program.name, orders)
    assert len(found) == len(NOT_TAKEN)
    for address, ended in zip(NOT_TAKEN, found, strict=True):
        case = f"{address}: {ended}"
        assert ended["code"] == 2, case
        assert program.address in ended["said"], case
        assert address == "https://" or address not in ended["said"], case  # which the advice has, too
        assert "Traceback" not in ended["said"], case


# -------------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("tls", [True, False], ids=["to https", "to http"])
def test_a_redirect_to_another_host_is_not_followed_and_nothing_is_given_away_there(
    status: int,
    tls: bool,
    program: Program,
    sandbox: Sandbox,
    authority: trustme.CA,
    bundle: str,
    showing: Callable[..., ssl.SSLContext],
) -> None:
    is_tap = program.name == "tap-horoshop"
    api, url = ("shop", sandbox.shop_url) if is_tap else ("esputnik", sandbox.esputnik_url)
    certificate = showing(authority.issue_cert("localhost")) if tls else None
    with Recorder(certificate) as elsewhere:
        sandbox.fail(api=api, kind="redirect", status=status, to=f"{elsewhere.url}/api/auth/", times=None)
        ended = program.run(url, ca_bundle=bundle)
    assert sandbox.faults()[0]["done"] == 1
    assert elsewhere.knocks == 0
    assert ended.code == 2
    assert not any(secret in ended.said for secret in program.secrets)


# -------------------------------------------------------------------- proxies


def proxied_by(server: Recorder) -> dict[str, str]:
    return dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), f"http://127.0.0.1:{server.port}")


@both
def test_a_proxy_learns_the_name_of_the_host_and_nothing_else(
    speak: Callable[..., str | None], refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(answer=b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        for name, value in proxied_by(proxy).items():
            monkeypatch.setenv(name, value)
        assert speak("https://nobody.invalid") not in {None, refusal}
    assert proxy.seen.startswith(b"CONNECT nobody.invalid:443 ")
    assert b"uthorization" not in proxy.seen
    assert b"canary" not in proxy.seen


def test_no_proxy_is_asked_for_this_machine(program: Program) -> None:
    with Recorder() as proxy, Recorder() as server:
        program.run(server.url, environment=proxied_by(proxy))
    assert server.seen != b""
    assert proxy.knocks == 0


@pytest.mark.parametrize("address", ["https://10.1.2.3", "https://2130706433"])
def test_a_private_address_is_not_asked_of_a_proxy_either(address: str, program: Program) -> None:
    with Recorder() as proxy:
        ended = program.run(address, environment=proxied_by(proxy))
    assert proxy.knocks == 0
    assert ended.code == 2
    assert "allow_private_hosts" in ended.said


def test_no_file_of_the_home_folder_gives_other_credentials(program: Program) -> None:
    netrc = program.folder / ".netrc"
    netrc.write_text("default login somebody password canary-netrc\n", encoding="utf-8")
    with Recorder() as server:
        program.run(server.url, environment={"HOME": str(program.folder), "NETRC": str(netrc)})
    assert server.seen != b""
    assert b"Y2FuYXJ5" not in server.seen  # `canary` as Basic writes it
    assert b"c29tZWJvZHk" not in server.seen
