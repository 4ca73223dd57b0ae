"""The ways to strike that several groups use."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matrix.stage import Stage


@dataclass(frozen=True)
class WireFault:
    """A fault of the sandbox: see its README.

    Attributes:
        order: as `Sandbox.fail` takes it.
    """

    order: dict[str, Any]
    proxied = False

    def arm(self, stage: Stage) -> None:
        """Put it in force."""
        stage.sandbox.fail(**self.order)

    def count(self, stage: Stage) -> int:
        """How many requests met it."""
        asked = {name: value for name, value in self.order.items() if name in {"api", "path", "kind", "after"}}
        faults = [one for one in stage.sandbox.faults() if all(one[name] == value for name, value in asked.items())]
        return sum(one["done"] for one in faults)

    def lift(self, stage: Stage) -> None:
        """Take it back, with all other faults."""
        stage.sandbox.clear_faults()


def wire(api: str, path: str | None, kind: str, **more: Any) -> WireFault:
    """Give a fault of the sandbox in one line."""
    return WireFault({"api": api, "path": path, "kind": kind, **more})


@dataclass(frozen=True)
class Disturbed:
    """A disturbance of connections by the sandbox's proxy: see its README.

    Attributes:
        order: as `Sandbox.disturb` takes it.
    """

    order: dict[str, Any]
    proxied = True

    def arm(self, stage: Stage) -> None:
        """Put it in force."""
        stage.sandbox.disturb(**self.order)

    def count(self, stage: Stage) -> int:
        """How many requests or connections met it."""
        asked = {name: value for name, value in self.order.items() if name in {"api", "path", "kind", "at", "after"}}
        there = [one for one in stage.sandbox.disturbances() if all(one[name] == asked[name] for name in asked)]
        return sum(one["done"] for one in there)

    def lift(self, stage: Stage) -> None:
        """Take it back, with all others."""
        stage.sandbox.clear_disturbances()


@dataclass(frozen=True)
class RedirectedElsewhere:
    """A redirect to another host, which listens and keeps what it is sent in the stage's note `elsewhere`.

    Attributes:
        order: as `Sandbox.fail` takes it, but for the address.
    """

    order: dict[str, Any]
    proxied = False

    def arm(self, stage: Stage) -> None:
        """Listen on another address of this machine, and redirect there."""
        listener = socket.create_server(("127.0.0.2", 0))
        received: list[bytes] = []
        thread = threading.Thread(target=_keep_all, args=(listener, received), daemon=True)
        thread.start()
        stage.notes.update(elsewhere=received, listener=listener, listening=thread)
        there = f"http://127.0.0.2:{listener.getsockname()[1]}/api/"
        stage.sandbox.fail(kind="redirect", to=there, **self.order)

    def count(self, stage: Stage) -> int:
        """How many requests were redirected."""
        return sum(one["done"] for one in stage.sandbox.faults())

    def lift(self, stage: Stage) -> None:
        """Redirect no more, and listen no more."""
        stage.sandbox.clear_faults()
        stage.notes["listener"].shutdown(socket.SHUT_RDWR)
        stage.notes["listener"].close()
        stage.notes["listening"].join(10)


def _keep_all(listener: socket.socket, received: list[bytes]) -> None:
    """Keep the first bytes of every connection, and close it; until nobody listens any more."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                received.append(connection.recv(65536))
