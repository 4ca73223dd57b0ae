"""Pure: a page of JSON with halves of characters in it.

Shops cut texts to a length by bytes, and emoji in two. One such text makes the whole page unreadable by the book, for
as long as its row exists; so the half is replaced by U+FFFD, and the page is read. A page in another charset is not
mended: it would be one of names that nobody has.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

HALF = "\ufffd"
FEW = 8
"""So many halves may stand in a page that has hardly any letters beyond ASCII."""
RARE = 20
"""In others, at most one in so many of these letters."""
ESCAPED = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)


class BeyondMendingError(ValueError):
    """It is no JSON, or in another charset."""


def mended(body: bytes) -> Any:
    """Read a page that is JSON but for halves of characters, as bytes or as escapes.

    Raises:
        BeyondMendingError: See there.
    """
    text = body.decode("utf-8", "replace")
    halves = text.count(HALF) - body.count(HALF.encode())
    if not halves and not ESCAPED.search(body):
        raise BeyondMendingError
    if halves > FEW and halves * RARE > sum(not letter.isascii() for letter in text):
        raise BeyondMendingError
    try:
        return _whole(json.loads(text, parse_float=Decimal, parse_constant=_refused))
    except (ValueError, RecursionError):
        raise BeyondMendingError from None


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return value


def _refused(constant: str) -> Any:
    raise ValueError(constant)
