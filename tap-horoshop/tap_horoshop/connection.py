"""The way to the shop: which addresses are let in, and a session that gives credentials to nobody else."""

from __future__ import annotations

import ipaddress
import logging
import re
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket

HOST = re.compile(r"^(?=.{1,253}$)(?:[\w](?:[\w-]{0,61}[\w])?\.)*[\w](?:[\w-]{0,61}[\w])?$")


class AddressError(ValueError):
    """An address that cannot be the shop's; `problem` is the name of the words that say why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class PrivateAddressError(OSError):
    """The shop's name leads to an address of a private network."""


def base_url(site_url: str) -> str:
    """Return the shop's address as `scheme://host[:port]`; a bare host means https.

    Raises:
        AddressError: It is no address of a shop; the sentence says why and does not repeat it.
    """
    text = site_url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        # Brackets that hold no address, or letters that turn into others.
        raise AddressError("address") from None
    try:
        port = parts.port
    except ValueError:
        raise AddressError("port") from None
    host = parts.hostname or ""
    if parts.username or parts.password:
        raise AddressError("userinfo")
    if not (HOST.match(host) or _address(host)):
        raise AddressError("address")
    if parts.scheme not in {"https", "http"}:
        raise AddressError("scheme")
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressError("unencrypted")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise AddressError("path")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name, without asking a name server."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def new_session(
    url: str, *, user_agent: str, ca_bundle: str | None, allow_private: bool, parallel: int
) -> requests.Session:
    """Open a session with the shop.

    Args:
        url: What `base_url` returned.
        user_agent: Sent with each request; empty for this tap's own.
        ca_bundle: Path of a PEM file with the authorities to trust, or None for the usual ones.
        allow_private: Whether the shop's address may belong to a private network.
        parallel: How many connections are kept open.

    Returns:
        A session that keeps no cookies, and takes no credentials from `.netrc`.
    """
    # It tells of a head that was cut off with a traceback; what that means is told by the client, in a line.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    session = requests.Session()
    # `.netrc` and REQUESTS_CA_BUNDLE would change who gets which credentials behind our settings' back.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = ca_bundle or True
    session.headers["User-Agent"] = user_agent or f"tap-horoshop/{version('tap-horoshop')}"
    host = urlsplit(url).hostname or ""
    if url.startswith("https://") and not is_loopback(host):
        # A proxy sees no more of https than the shop's name; http goes to this machine only, past any proxy.
        proxies = requests.utils.get_environ_proxies(url)
        session.proxies = {"https": proxies["https"]} if proxies.get("https") else {}
    guarded = not allow_private and not is_loopback(host) and not session.proxies
    session.mount("http://", _Adapter(guarded=False, parallel=parallel))
    session.mount("https://", _Adapter(guarded=guarded, parallel=parallel))
    return session


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_private(host: str) -> bool:
    address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


class _GuardedHTTPSConnection(HTTPSConnection):
    """Looks at whom it is really connected with, before the first byte: no answer of a name server gets around it."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if _is_private(connected.getpeername()[0]):
            connected.close()
            raise PrivateAddressError
        return connected


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = HTTPConnection


class _Adapter(HTTPAdapter):
    def __init__(self, *, guarded: bool, parallel: int) -> None:
        self._guarded = guarded
        super().__init__(pool_connections=1, pool_maxsize=parallel, pool_block=False, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        if self._guarded:
            pools = {"http": _PlainPool, "https": _GuardedHTTPSPool}
            self.poolmanager.pool_classes_by_scheme = pools
