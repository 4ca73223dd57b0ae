"""One direction of a connection: bytes pass as they are, in slices, at a pace, or only so many."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TURNS_A_SECOND = 20


class Closed(Exception):  # noqa: N818 - it is no error: the connection is to end here
    """Nothing passes any more."""


@dataclass
class Shape:
    """How bytes pass.

    Attributes:
        piece: so many at once; None: all.
        pause: seconds after each piece.
        left: so many more pass at all; None: any number.
    """

    piece: int | None = None
    pause: float = 0.0
    left: int | None = None


class Passage:
    """Bytes on their way to one side.

    Attributes:
        writer: where they go.
        shape: how they pass from now on.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.shape = Shape()

    def be(self, kind: str, options: Mapping[str, Any]) -> None:
        """Take the shape of a kind of disturbance."""
        if kind == "bandwidth":
            pace = max(1, int(options["bytes_a_second"]))
            self.shape = Shape(piece=max(1, pace // _TURNS_A_SECOND), pause=max(1 / _TURNS_A_SECOND, 1 / pace))
        elif kind == "sliced":
            self.shape = Shape(piece=max(1, int(options["bytes"])), pause=float(options["seconds"]))
        else:
            self.shape = Shape(left=int(options["bytes"]))

    async def send(self, data: bytes) -> None:
        """Let bytes pass.

        Raises:
            Closed: no more do.
        """
        shape = self.shape
        allowed = data if shape.left is None else data[: shape.left]
        step = shape.piece or len(allowed) or 1
        for at in range(0, len(allowed), step):
            self.writer.write(allowed[at : at + step])
            await self.writer.drain()
            if shape.piece:
                await asyncio.sleep(shape.pause)
        if shape.left is not None:
            shape.left -= len(allowed)
            if shape.left <= 0:
                raise Closed
