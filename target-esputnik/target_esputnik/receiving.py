"""One answer of HTTP, read whole: neither endless, nor endlessly slow, nor cut off without a word."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES: Final = 16 * 2**20
"""Of an answer, unpacked. The largest that is expected, a search of 500 contacts, has a tenth of it."""
MOST_BYTES_OF_AN_ERROR: Final = 64 * 2**10
"""What is read of an answer that is no success: a few sentences, of which the ledger keeps 4,000 letters."""
_CHUNK: Final = 2**14
_BODILESS: Final = frozenset({204, 304})
_HTTP_1_1: Final = 11


class HeadCutOff(Exception):  # noqa: N818 - it never leaves `transport.py`
    """The connection ended within the headers: `http.client` takes them for whole, and the body for empty."""


class TooLarge(Exception):  # noqa: N818 - the same
    """The body has more than `MOST_BYTES`."""


@dataclass(frozen=True)
class Answer:
    """An answer that came whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever its bytes are."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_utf8(self) -> bool:
        """Whether its bytes are what they should be, no other charset and no half character."""
        try:
            self.content.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True


def receive(response: requests.Response, *, seconds: float) -> Answer:
    """Read an answer to its end, and give its connection back.

    Args:
        response: as a session gives it with `stream=True`.
        seconds: for the whole body; the timeout of `requests` is for each read only.

    Raises:
        HeadCutOff: its head was.
        TooLarge: it is no error, and its body is.
        requests.RequestException: time was up.
        urllib3.exceptions.HTTPError: the connection broke, or what is packed cannot be unpacked.
    """
    with response:
        if _head_was_cut_off(response):
            raise HeadCutOff
        content = _bounded(response, time.monotonic() + seconds)
        return Answer(response.status_code, response.headers, content)


def _bounded(response: requests.Response, ends: float) -> bytes:
    is_error = response.status_code >= 300  # noqa: PLR2004 - HTTP's
    most = MOST_BYTES_OF_AN_ERROR if is_error else MOST_BYTES
    read, size = [], 0
    # `iter_content` comes back with a full chunk only: drop by drop, one would take hours.
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        read.append(chunk)
        size += len(chunk)
        if size > most and is_error:
            break
        if size > most:
            raise TooLarge
        if time.monotonic() > ends:
            raise requests.exceptions.ReadTimeout
    return b"".join(read)[:most]


def _head_was_cut_off(response: requests.Response) -> bool:
    """Whether nothing says where the body ends: in HTTP/1.1 one of these headers does, or the server is to close."""
    headers, version = response.headers, getattr(response.raw, "version", None)
    if version != _HTTP_1_1 or response.status_code in _BODILESS:
        return False
    says_length = headers.get("Content-Length", "").strip().isdigit() or "Transfer-Encoding" in headers
    return not says_length and headers.get("Connection", "").strip().lower() != "close"
