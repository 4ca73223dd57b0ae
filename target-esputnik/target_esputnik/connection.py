"""The way to eSputnik: a session that gives the key to nobody else; its connections look at whom they are with."""

from __future__ import annotations

import logging
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from target_esputnik.hosts import addresses_of, is_loopback, is_public

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Allows = Callable[[str], bool]
CUT_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What TLS says of a connection that ended: it passes, where other faults of TLS stay."""


class PrivateAddressError(OSError):
    """The name in api_url leads to an address of a private network."""


class UntrustedError(ssl.SSLError):
    """The other side could not prove who it is, or speaks no TLS; nothing was sent."""


def new_session(base_url: str, *, ca_bundle: str | None, allow_private: bool, parallel: int) -> requests.Session:
    """Open a session with eSputnik.

    Args:
        base_url: of settings that were checked.
        ca_bundle: a file of authorities to trust, or None for the usual ones.
        allow_private: whether the address may belong to a private network.
        parallel: how many connections are kept open.

    Returns:
        A session that keeps no cookies, and whose certificates and credentials nothing in the environment changes.
    """
    # Searches go by address and phone, and urllib3 tells the whole URL: at DEBUG always, as a warning at odd headers.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    session = requests.Session()
    # `.netrc` would give other credentials, and REQUESTS_CA_BUNDLE outranks `session.verify`.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = ca_bundle or True
    host = urlsplit(base_url).hostname or ""
    if not is_loopback(host):
        # A proxy sees no more of https than the host's name; http goes to this machine only, past any proxy.
        proxies = requests.utils.get_environ_proxies(base_url)
        session.proxies = {"https": proxies["https"]} if proxies.get("https") else {}
    allows: Allows = is_loopback if is_loopback(host) else is_public
    adapter = _Adapter(None if session.proxies or (allow_private and not is_loopback(host)) else allows, parallel)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
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

        def connect(self) -> None:
            try:
                super().connect()
            except PrivateAddressError:
                raise
            except OSError as error:
                # Whatever breaks up to here broke before the request left. Later the same faults leave it in doubt.
                if isinstance(error, ssl.SSLError) and not isinstance(error, CUT_OFF):
                    raise UntrustedError(*error.args) from error
                raise NewConnectionError(self, "broken before the request") from error

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Adapter(HTTPAdapter):
    def __init__(self, allows: Allows | None, parallel: int) -> None:
        self._allows = allows
        super().__init__(pool_maxsize=parallel)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allows)
