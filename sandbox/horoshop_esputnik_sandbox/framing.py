"""Where one message of HTTP/1.1 ends and the next begins: as much of the protocol as a proxy needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

END_OF_HEAD = b"\r\n\r\n"
PIECE = 65536
_NO_BODY = (b"204", b"304")


@dataclass(frozen=True)
class Head:
    """The start line and headers of a request or an answer, byte for byte.

    Attributes:
        raw: the bytes, with the empty line.
        length: of the body; None: chunked, or until the connection is closed.
        chunked: the body comes in chunks that tell their own length.
    """

    raw: bytes
    length: int | None
    chunked: bool

    @property
    def words(self) -> list[bytes]:
        """The words of the start line."""
        return self.raw.split(b"\r\n", 1)[0].split(b" ")

    @property
    def asks_to_close(self) -> bool:
        """Whether the connection ends with this message."""
        return _header(self.raw, b"connection").lower() == b"close"


async def read_head(reader: asyncio.StreamReader, *, of_answer: bool = False) -> Head | None:
    """Read a head; None where the other side closed the connection instead."""
    try:
        raw = await reader.readuntil(END_OF_HEAD)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    length, chunked = _header(raw, b"content-length"), _header(raw, b"transfer-encoding").lower() == b"chunked"
    if length:
        return Head(raw, int(length), chunked=False)
    bodiless = not of_answer or raw.split(b" ", 2)[1][:3] in _NO_BODY
    return Head(raw, 0 if bodiless and not chunked else None, chunked=chunked)


async def body_of(reader: asyncio.StreamReader, head: Head) -> AsyncIterator[bytes]:
    """Give the body's bytes as they come, framing and all.

    Raises:
        IncompleteReadError: the other side closed the connection before its end.
    """
    if head.chunked:
        async for piece in _chunks(reader):
            yield piece
    elif head.length is None:
        while piece := await reader.read(PIECE):
            yield piece
    else:
        left = head.length
        while left:
            piece = await reader.read(min(left, PIECE))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        yield line + await reader.readexactly(size + 2)
        if not size:
            return


def _header(raw: bytes, name: bytes) -> bytes:
    for line in raw.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""
