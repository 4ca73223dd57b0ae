"""One request and its answer on the wire."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.aim import bare_path

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Message, Scope, Send

    from horoshop_esputnik_sandbox.world import World

log = logging.getLogger(__name__)


@dataclass
class Reply:
    """An answer before it goes out."""

    status: int = 500
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Exchange:
    """One request and its answer, for an effect to play with. `answered` is the status sent, None if none was."""

    def __init__(  # noqa: PLR0917 - all that an exchange has to do with
        self, app: ASGIApp, world: World, scope: Scope, body: bytes, send: Send, connection: asyncio.Transport | None
    ) -> None:
        self.world = world
        self.method: str = scope["method"]
        self.path = bare_path(scope["path"])
        self.body = body
        self.answered: int | None = None
        self._app = app
        self._scope = scope
        self._send = send
        self._connection = connection

    async def work(self) -> Reply:
        """Have the API do the work; return its answer without sending it."""
        reply = Reply()

        async def receive() -> Message:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = {name.decode(): value.decode() for name, value in message.get("headers", [])}
            else:
                reply.body += message.get("body", b"")

        try:
            await self._app(self._scope, receive, keep)
        except Exception:  # the sandbox's own mistake: it must show, and the client gets its 500
            log.exception("the sandbox failed at %s %s", self.method, self.path)
        return reply

    async def answer(self, reply: Reply, *, length: int | None = None) -> None:
        """Send an answer; `length` is the content length to claim, the body's own unless given."""
        await self.start(reply, len(reply.body) if length is None else length)
        await self._send({"type": "http.response.body", "body": reply.body, "more_body": length is not None})

    async def start(self, reply: Reply, length: int) -> None:
        """Send the head of an answer."""
        self.answered = reply.status
        headers = {**reply.headers, "content-length": str(length)}
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": reply.status, "headers": pairs})

    async def more(self, piece: bytes, *, last: bool) -> None:
        """Send a piece of the body after `start`."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": not last})

    def hang_up(self) -> None:
        """Close the connection; what was sent so far arrives."""
        if self._connection is not None:
            self._connection.close()
