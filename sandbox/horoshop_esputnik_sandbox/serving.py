"""Three addresses on loopback, served by uvicorn in one event loop in one thread."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp

    from horoshop_esputnik_sandbox.proxy import Proxy
    from horoshop_esputnik_sandbox.wire import Connections

PATIENCE = 10.0  # seconds to start or to stop
_TICK = 0.1  # seconds, as uvicorn counts them: of every ten it makes the header Date


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
    """A server that says when it listens, and that ends when it is asked: uvicorn's own looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        self.up.set()

    def end(self) -> None:
        """Ask it to end; from any thread."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # its loop has ended already
                self._loop.call_soon_threadsafe(self._asked.set)

    async def main_loop(self) -> None:
        """Serve until it is asked to end."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._asked.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle at once; only an answer that is under way is waited for."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # a connection that closes says so in the loop's next turn
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets=sockets)


class Serving:
    """Applications on their sockets, with proxies in front of some, from `start` to `stop`."""

    def __init__(self, served: list[tuple[ASGIApp, socket.socket, Connections]], proxies: Iterable[Proxy] = ()) -> None:
        self._served = served
        self._proxies = list(proxies)
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
            server.end()
        self._thread.join(PATIENCE)
        for _, bound, _ in self._served:
            bound.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        sockets = [bound for _, bound, _ in self._served]
        pairs = zip(self._servers, sockets, strict=True)
        try:
            for proxy in self._proxies:
                proxy.open()
            await asyncio.gather(*(server.serve(sockets=[bound]) for server, bound in pairs))
        finally:
            for proxy in self._proxies:
                proxy.close()
