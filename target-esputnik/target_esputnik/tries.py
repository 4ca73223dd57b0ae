"""One request to eSputnik and all its tries: what is sent, what went on with them so far, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from target_esputnik.errors import NoAnswer, TargetError


@dataclass(frozen=True)
class Exchange:
    """What the ledger remembers of one request, all its tries together. Holds no body and no address of a person."""

    endpoint: str
    method: str
    at: datetime
    seconds: float
    tries: int
    status: int | None
    outcome: str
    records: int


@dataclass(frozen=True)
class Request:
    """One request, as every try of it is sent: byte for byte the same."""

    method: str
    path: str
    query: dict[str, Any] | None
    content: bytes | None
    page_is_foreign: bool
    careful: bool = False


@dataclass
class Tries:
    """What went on with the tries of one request so far.

    Attributes:
        unanswered: the last one got no answer.
        doubt: one of them got none, so whatever kept the others from being sent, the work may be done.
        echoes: a 409 now is the echo of that one; what was turned away in between (429) leaves none of its own.
    """

    count: int = 0
    status: int | None = None
    unanswered: bool = False
    doubt: NoAnswer | None = None
    echoes: bool = False

    def lost(self, doubt: NoAnswer) -> TryAgain:
        """This try got no answer, so that it may have done the work."""
        self.unanswered, self.doubt, self.echoes = True, doubt, True
        return TryAgain(doubt)


@dataclass
class Allowance:
    """How many more times something may be done."""

    left: int

    def take(self) -> bool:
        """Use one up; False when none is left."""
        self.left -= 1
        return self.left >= 0


class TryAgain(Exception):  # noqa: N818 - it is no error: it never leaves `transport.py`
    """The request is to be repeated, after `wait` seconds if an answer asked for them."""

    def __init__(self, cause: TargetError, wait: float | None = None) -> None:
        super().__init__()
        self.cause = cause
        self.wait = wait
