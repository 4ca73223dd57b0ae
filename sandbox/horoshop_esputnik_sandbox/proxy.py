"""A small TCP proxy on loopback in front of one API: it passes every byte, or disturbs connections as it is told.

It lives in the event loop of the APIs, and knows just enough of HTTP to tell the moments of an exchange apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.aim import bare_path
from horoshop_esputnik_sandbox.disturbances import ANSWER, BEFORE_ANSWER, CONNECT, REQUEST
from horoshop_esputnik_sandbox.framing import PIECE, body_of, read_head
from horoshop_esputnik_sandbox.passage import Closed, Passage

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.disturbances import Disturbance, Disturbances
    from horoshop_esputnik_sandbox.framing import Head

BACKLOG = 100
_SHARED = getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR)


class Proxy:
    """Stands in front of one API.

    Args:
        api: `shop` or `esputnik`.
        host: a loopback address.
        port: to listen on; 0 takes a free one.
        disturbances: those in force.

    Attributes:
        port: that clients connect to.
    """

    def __init__(self, api: str, host: str, port: int, disturbances: Disturbances) -> None:
        self._api = api
        self._host = host
        self._disturbances = disturbances
        self._upstream = (host, 0)
        # It is bound and never listens: while the API is down nobody else gets the port, and who connects is refused.
        self._holder = self._bound(port)
        self.port: int = self._holder.getsockname()[1]
        self._listener: socket.socket | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._until: asyncio.TimerHandle | None = None
        disturbances.on_clear.append(self.up)

    def lead_to(self, host: str, port: int) -> None:
        """Say where the API listens itself."""
        self._upstream = (host, port)

    def open(self) -> None:
        """Begin to listen; within the event loop."""
        self._loop = asyncio.get_running_loop()
        self.up()

    def close(self) -> None:
        """Listen no more, and end every connection."""
        self._disturbances.on_clear.remove(self.up)
        self._refuse()
        for talk in list(self._talks):
            talk.cancel()
        self._holder.close()

    def up(self) -> None:
        """Accept connections."""
        if self._until is not None:
            self._until.cancel()
            self._until = None
        if self._listener is None:
            self._listener = self._bound(self.port)
            self._listener.listen(BACKLOG)
            self._loop.add_reader(self._listener, self._accept)

    def down(self, seconds: float | None) -> None:
        """Reset every connection, and refuse new ones; for some seconds, or until `up`."""
        self._refuse()
        for client in list(self._clients):
            _reset(client)
        if seconds is not None:
            self._until = self._loop.call_later(seconds, self.up)

    def _refuse(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, _SHARED, 1)
        try:
            bound.bind((self._host, port))
        except OSError:
            bound.close()
            raise
        return bound

    def _accept(self) -> None:
        assert self._listener is not None  # noqa: S101 - its reader is removed when it is closed
        with contextlib.suppress(OSError):  # who connected has gone already
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = self._loop.create_task(self._talk(connection))
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)

    async def _talk(self, connection: socket.socket) -> None:
        """Serve one connection to its end."""
        reader, client = await asyncio.open_connection(sock=connection)
        self._clients.add(client)
        upstream: asyncio.StreamWriter | None = None
        try:
            back = Passage(client)
            await self._meet(self._disturbances.pick(CONNECT, self._api), reader, back)
            answers, upstream = await asyncio.open_connection(*self._upstream)
            while (head := await read_head(reader)) is not None:
                await self._exchange(head, reader, upstream, answers, back)
        except (Closed, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._clients.discard(client)
            for writer in (client, upstream):
                if writer is not None:
                    writer.close()

    async def _exchange(
        self,
        head: Head,
        reader: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        back: Passage,
    ) -> None:
        """Pass one request on, and its answer back."""
        method, path = head.words[0].decode(), bare_path(head.words[1].decode().split("?")[0])
        body = b"".join([piece async for piece in body_of(reader, head)])
        request = head.raw + body
        half = len(head.raw) + len(body) // 2 if body else len(head.raw) // 2
        there = Passage(upstream)
        await there.send(request[:half])
        await self._meet(self._disturbances.pick(REQUEST, self._api, method, path, body), reader, back, shaped=there)
        await there.send(request[half:])
        answer = await read_head(answers, of_answer=True)
        if answer is None:
            raise Closed
        shape = back.shape
        await self._meet(self._disturbances.pick(BEFORE_ANSWER, self._api, method, path, body), reader, back)
        await back.send(answer.raw)
        disturbance = self._disturbances.pick(ANSWER, self._api, method, path, body)
        if disturbance is None:
            async for piece in body_of(answers, answer):
                await back.send(piece)
        else:
            whole = b"".join([piece async for piece in body_of(answers, answer)])
            await back.send(whole[: len(whole) // 2])
            await self._meet(disturbance, reader, back)
            await back.send(whole[len(whole) // 2 :])
        back.shape = shape
        if answer.asks_to_close or (answer.length is None and not answer.chunked):
            raise Closed

    async def _meet(
        self,
        disturbance: Disturbance | None,
        reader: asyncio.StreamReader,
        back: Passage,
        *,
        shaped: Passage | None = None,
    ) -> None:
        """Let a disturbance have its way; raises Closed where nothing goes on after it."""
        if disturbance is None:
            return
        kind, options = disturbance.kind, disturbance.options
        if kind == "latency":
            await asyncio.sleep(float(options["seconds"]))
            return
        if kind in {"bandwidth", "sliced", "limited"}:
            (shaped or back).be(kind, options)
            return
        if kind == "slow_close":
            await asyncio.sleep(float(options["seconds"]))
        elif kind == "timeout":
            while await reader.read(PIECE):
                pass
        elif kind == "reset":
            _reset(back.writer)
        elif kind == "down":
            self.down(None if options["seconds"] is None else float(options["seconds"]))
        raise Closed


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection by RST: without lingering, what is unsent is thrown away."""
    opened = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
