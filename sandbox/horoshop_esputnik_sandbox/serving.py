"""Three addresses on loopback, served by uvicorn in one event loop in one thread."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp

    from horoshop_esputnik_sandbox.wire import Connections

PATIENCE = 10.0  # seconds to start or to stop


def loopback(host: str) -> str:
    """Return a host that only this machine reaches; raises ValueError for any other."""
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    message = f"the sandbox listens on loopback addresses only, such as 127.0.0.1; not on {host!r}"
    raise ValueError(message)


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off Nagle's algorithm only where the protocol is named; with it an answer takes 40 ms more.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def listening_sockets(host: str, ports: Iterable[int]) -> list[socket.socket]:
    """Return a bound socket for each port, or none at all when one is taken."""
    bound: list[socket.socket] = []
    try:
        bound.extend(listening_socket(host, port) for port in ports)
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound


def _protocol(connections: Connections) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol that also notes each connection, so that a fault can close it."""

    class Noting(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Noting


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        self.up.set()


class Serving:
    """Applications on their sockets, from `start` to `stop`."""

    def __init__(self, served: list[tuple[ASGIApp, socket.socket, Connections]]) -> None:
        self._served = served
        self._servers = [
            _Server(
                uvicorn.Config(
                    cast("Any", app),
                    http=_protocol(connections),
                    ws="none",
                    lifespan="off",
                    log_config=None,
                    log_level="critical",
                    access_log=False,
                    timeout_graceful_shutdown=1,
                )
            )
            for app, _, connections in served
        ]
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def start(self) -> None:
        """Serve; return when all addresses answer."""
        self._thread.start()
        if not all(server.up.wait(PATIENCE) for server in self._servers):
            self.stop()
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Stop serving; return when all sockets are closed."""
        for server in self._servers:
            server.should_exit = True
        self._thread.join(PATIENCE)
        for _, bound, _ in self._served:
            bound.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        sockets = [bound for _, bound, _ in self._served]
        pairs = zip(self._servers, sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[bound]) for server, bound in pairs))
