"""The way to the shop: which addresses are let in, and a session that gives credentials to nobody else."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from tap_horoshop.hosts import addresses_of, is_host, is_loopback, is_public, leads_to_private

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Allows = Callable[[str], bool]


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
    if not is_host(host):
        raise AddressError("address")
    if parts.scheme not in {"https", "http"}:
        raise AddressError("scheme")
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressError("unencrypted")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise AddressError("path")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


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
    # Its warnings quote what the shop sent; what went wrong reaches us as an exception.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
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
    behind_proxy = bool(session.proxies)
    allows: Allows | None = is_public
    if is_loopback(host):
        allows = is_loopback
    elif allow_private or behind_proxy:
        allows = None
    # A proxy asks a name server of its own, so what this machine knows of the name is all that can be checked.
    refused = behind_proxy and not allow_private and leads_to_private(host)
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(allows, refused=refused, parallel=parallel))
    return session


def _pools(allows: Allows | None) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections are looked at before the first byte: no answer of a name server gets around that."""

    def checked(connected: socket.socket) -> socket.socket:
        if allows is not None and not allows(str(connected.getpeername()[0])):
            connected.close()
            raise PrivateAddressError
        return connected

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return checked(super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            if allows is not None and not all(map(allows, addresses_of(self.host))):
                raise PrivateAddressError  # not even a knock at the door
            return checked(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Adapter(HTTPAdapter):
    def __init__(self, allows: Allows | None, *, refused: bool, parallel: int) -> None:
        self._allows = allows
        self._refused = refused
        super().__init__(pool_connections=1, pool_maxsize=parallel, pool_block=False, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allows)

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        if self._refused:
            raise PrivateAddressError
        return super().send(*args, **kwargs)
