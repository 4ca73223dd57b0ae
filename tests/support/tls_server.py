"""Servers on loopback that speak TLS by certificates of the tests: one records, one stands before another server.

Each connection is greeted in a thread of its own, so that a client who does not trust the certificate ends that thread
and nothing else.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from typing_extensions import Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

PATIENCE = 20
NOT_FOUND = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
)
GREETING = b"\x16"  # of TLS; who speaks plainly answers it at once, as web servers do


class Server:
    """A server of one port; what it does with a connection is in `meet`.

    Args:
        tls: with the certificate that it shows; None: it speaks plainly.
        host: the address that it listens on.

    Attributes:
        knocks: how many connections were made.
        failed: what went wrong in a greeting of TLS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._tls = tls
        self._listening = socket.create_server((host, 0))
        self._listening.settimeout(0.1)
        self.port: int = self._listening.getsockname()[1]
        self.knocks = 0
        self.failed: list[str] = []
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        """Its address, by the name that certificates of tests are made for."""
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                if self._ends.is_set():  # and whoever connected was let in
                    return
                continue
            self.knocks += 1
            thread = threading.Thread(target=self._greet, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _greet(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection, contextlib.suppress(OSError):
            if self._tls is None:
                self.meet(connection)
                return
            try:
                secure = self._tls.wrap_socket(connection, server_side=True)
            except OSError as error:
                self.failed.append(type(error).__name__)
                return
            with secure:
                self.meet(secure)

    def meet(self, connection: socket.socket) -> None:
        """Do what this server does with one connection."""
        raise NotImplementedError


class Recorder(Server):
    """Keeps every byte that it is sent, and answers each request with the same."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", answer: bytes = NOT_FOUND) -> None:
        super().__init__(tls, host)
        self._answer = answer
        self.seen = bytearray()

    def meet(self, connection: socket.socket) -> None:
        """Record one request."""
        got = bytearray()
        while b"\r\n\r\n" not in got and got[:1] != GREETING and (piece := connection.recv(65536)):
            got += piece
            self.seen += piece
        if got:
            connection.sendall(self._answer)


class Front(Server):
    """Stands before a server that speaks plainly, and passes all on, until a request is one to be cut off.

    Args:
        tls: with the certificate that it shows.
        behind: the port on loopback of whom it stands before.
    """

    def __init__(self, tls: ssl.SSLContext, behind: int) -> None:
        super().__init__(tls)
        self._behind = behind
        self._cuts: Callable[[bytes], bool] = lambda _: False
        self._last_words = b""
        self.cut = 0

    def cut_once(self, carrying: bytes, last_words: bytes = b"") -> None:
        """Let the work of the next request that carries this be done, and end the connection before the answer.

        Args:
            carrying: what the request holds.
            last_words: what is sent outside of TLS before the end.
        """
        waiting = [True]
        self._last_words = last_words

        def is_it(request: bytes) -> bool:
            if waiting and carrying in request:
                waiting.clear()
                return True
            return False

        self._cuts = is_it

    def meet(self, connection: socket.socket) -> None:
        """Pass on both ways."""
        with socket.create_connection(("127.0.0.1", self._behind), PATIENCE) as behind:
            while not self._ends.is_set() and (request := _whole(connection)):
                behind.sendall(request)
                answer = _whole(behind)
                if self._cuts(request):
                    self.cut += 1
                    socket.socket.sendall(connection, self._last_words)  # past TLS
                    return  # without TLS's word of farewell, as a machine that dies
                connection.sendall(answer)


def _whole(connection: socket.socket) -> bytes:
    """Read one message of HTTP with the length that it says; nothing: the other side is gone."""
    got = bytearray()
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            return bytes(got)
        got += piece
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    left = int(lengths[0]) - len(body) if lengths else 0
    while left > 0 and (piece := connection.recv(65536)):
        got += piece
        left -= len(piece)
    return bytes(got)
