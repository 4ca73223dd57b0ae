"""Between the socket and an API: notes each request, and lets faults have their way with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.effects import EFFECTS, go_on
from horoshop_esputnik_sandbox.exchange import Exchange

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

    from horoshop_esputnik_sandbox.faults import Fault
    from horoshop_esputnik_sandbox.world import World

Connections = dict[Any, "asyncio.Transport"]


class Wire:
    """The ASGI application that stands around one of the APIs."""

    def __init__(self, app: ASGIApp, api: str, world: World, connections: Connections) -> None:
        self._app = app
        self._api = api
        self._world = world
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _whole(receive)
        if body is None:
            return
        connection = self._connections.get(scope["client"])
        exchange = Exchange(self._app, self._world, scope, body, send, connection)
        content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        log = self._world.log
        entry = log.receive(self._api, exchange.method, exchange.path, query, content_type, body)
        try:
            await self._meet(
                self._world.faults.pick(self._api, exchange.method, exchange.path, exchange.body), exchange
            )
        finally:
            log.close(entry, exchange.answered)

    @staticmethod
    async def _meet(fault: Fault | None, exchange: Exchange) -> None:
        if fault is None:
            await go_on(exchange, {})
        else:
            await EFFECTS[fault.kind](exchange, fault.options)


async def _whole(receive: Receive) -> bytes | None:
    """Return a request's body; None where the connection ended in its midst, so that there is no request."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
