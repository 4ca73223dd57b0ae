"""The server: one socket, bound before anything is said, and an end that a signal asks for."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from target_esputnik.errors import ConfigProblem
from target_esputnik.hosts import is_loopback
from target_esputnik.web.memory import one_heap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SECONDS_TO_FINISH: Final = 5
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class WithoutTraces(logging.Filter):
    """What a server says of an error of its own: one line, since a traceback may quote what it was working on."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback out."""
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"web: {record.exc_info[0].__name__}", ()
        record.exc_info = record.exc_text = None
        return True


class Server(uvicorn.Server):
    """uvicorn, which ends by a signal as every command here does: with 128 and the signal's number."""

    code = 0

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM end the server."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.code = 128 + number
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, stop) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bound(host: str, port: int) -> socket.socket:
    """A socket on an address and port; port 0 is any that is free. Raises ConfigProblem."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, place = found[0]
        made = socket.socket(family, kind, protocol)
    except OSError:
        raise ConfigProblem("page_address") from None
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(place)
    except (OSError, OverflowError):
        made.close()
        raise ConfigProblem("page_port", port=port) from None
    return made


def is_for_this_machine_only(listening: socket.socket) -> bool:
    """Whether nobody else can reach it: by the address that it is bound to, not by the name that was typed."""
    return is_loopback(str(listening.getsockname()[0]))


def address_of(listening: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound: shown
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def serve_on(listening: socket.socket, app: Any, *, ready: Callable[[], None]) -> int:
    """Serve until a signal comes. Returns the exit code; `ready` is called when a browser finds the page."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        h11_max_incomplete_event_size=16 * 1024,
    )
    logger = logging.getLogger("uvicorn.error")
    logger.setLevel(logging.ERROR)
    logger.addFilter(WithoutTraces())
    server = Server(config)
    listening.listen(128)
    one_heap()
    with server.capture_signals():  # also while it begins
        gc.collect()
        gc.freeze()  # the program itself: see `_tidily` in app.py
        ready()
        server.run(sockets=[listening])
    return server.code
