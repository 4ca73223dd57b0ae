"""What the tests of security may ask for: an authority of their own, a name server of their own, and every program."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from patience import without_waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox

BIN = Path(sys.executable).parent
SCRUBBED = ("TAP_", "TARGET_", "MELTANO_", "SINGER_")
# One contact, so that the target has a reason to speak to eSputnik.
SCHEMA = '{"type":"SCHEMA","stream":"contacts","schema":{"properties":{}},"key_properties":["id"]}\n'


@dataclass(frozen=True)
class Ended:
    """How a program ended, and all that it said."""

    code: int
    said: str


@dataclass(frozen=True)
class Program:
    """Tap or target, as a process that is given its settings in a file.

    Attributes:
        name: of the console script.
        address: the setting with the address that it speaks to.
        settings: all others that it needs; their secrets are `secrets`.
        secrets: what nobody may see.
    """

    name: str
    address: str
    settings: dict[str, Any]
    secrets: tuple[str, ...]
    folder: Path

    def run(self, address: str, *, environment: dict[str, str] | None = None, **settings: Any) -> Ended:
        """Run it once, against an address."""
        file = self.folder / "settings.json"
        file.write_text(json.dumps(self.settings | {self.address: address} | settings), encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)}
        clean = {name: value for name, value in clean.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run(
            [str(BIN / self.name), "--config", str(file)],
            input=SCHEMA,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=clean | (environment or {}),
        )
        return Ended(done.returncode, done.stdout + done.stderr)


@pytest.fixture(params=["tap-horoshop", "target-esputnik"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """Give both programs that speak to others, one after the other."""
    if request.param == "tap-horoshop":
        settings = {"username": "canary-user-5c1", "password": "canary-password-8d2"}
        return Program("tap-horoshop", "site_url", settings, tuple(settings.values()), tmp_path)
    settings = {"api_key": "canary-key-3f9", "ledger_url": f"sqlite:///{tmp_path}/ledger/ledger.db"}
    return Program("target-esputnik", "api_url", settings, ("canary-key-3f9",), tmp_path)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give an authority that no machine trusts by itself."""
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    """Give the file that `ca_bundle` may name."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def showing() -> Callable[..., ssl.SSLContext]:
    """Give a way to show a certificate to those who connect."""

    def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(tls)
        return tls

    return context


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str]]:
    """Give a name server: {name: (the address before anybody connects, the address for who connects)}.

    Only who connects asks with a port. So nothing ever goes to the first address, which may be one of the internet.
    """
    known: dict[str, tuple[str, str]] = {}
    asked = socket.getaddrinfo

    def answer(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host in known:
            return asked(known[host][port is not None], port, *arguments, **named)
        return asked(host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Let runs in this process wait for nothing."""
    without_waits(monkeypatch, lambda: sandbox)
