"""What can go wrong on the way to an API, by order: the table of kinds and moments, and which request meets which."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.aim import COMMON, Aim, FaultError, aim_of, options_in_words, own_options

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT, REQUEST, BEFORE_ANSWER, ANSWER = "connect", "request", "before_answer", "answer"
MOMENTS: dict[str, str] = {
    CONNECT: "as a connection is made; what shapes its bytes does so for all of it",
    REQUEST: "in the middle of a request: half of its body, or without one of its head, has reached the API",
    BEFORE_ANSWER: "the API has the whole request and has done the work; nothing of its answer has come back",
    ANSWER: "in the middle of an answer: its head and half of its body have come back",
}


@dataclass(frozen=True)
class Kind:
    """A kind of disturbance: what it does, and its own options with their defaults."""

    name: str
    meaning: str
    options: dict[str, Any] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("latency", "nothing passes for a while, then all goes on", {"seconds": 1.0}),
        Kind("bandwidth", "so many bytes a second pass from here on", {"bytes_a_second": 2000}),
        Kind(
            "slow_close",
            "nothing passes any more; after a while the connection is closed in good order",
            {"seconds": 1.0},
        ),
        Kind("timeout", "nothing passes any more; the connection stays until the client closes it"),
        Kind("reset", "the connection is reset (RST)"),
        Kind("sliced", "what is left comes in pieces of a few bytes", {"bytes": 5, "seconds": 0.001}),
        Kind("limited", "so many bytes more pass, then the connection is closed in good order", {"bytes": 20}),
        Kind(
            "down",
            "every connection is reset, and new ones are refused, for some seconds or until it is taken back",
            {"seconds": None},
        ),
    )
}
_COMMON = (*COMMON, "at")


@dataclass(kw_only=True)
class Disturbance(Aim):
    """One order: which requests, at which moment of theirs, when, how often, and what happens to the connection."""

    kind: str
    at: str
    options: dict[str, Any]


def read_disturbance(order: dict[str, Any]) -> Disturbance:
    """Return a disturbance from its description; raises FaultError for what there is not."""
    kind = KINDS.get(str(order.get("kind")))
    if kind is None:
        raise FaultError(f"no disturbance is of kind {order.get('kind')!r}; there are: {', '.join(KINDS)}")
    at = str(order.get("at", CONNECT))
    if at not in MOMENTS:
        raise FaultError(f"at is one of {', '.join(MOMENTS)}")
    if at == CONNECT and any(order.get(name) is not None for name in ("path", "method", "carrying")):
        raise FaultError("as a connection is made, nobody knows yet what will be asked: no path, method or carrying")
    options = own_options(order, f"a disturbance of kind {kind.name}", kind.options, _COMMON)
    return Disturbance(kind=kind.name, at=at, options=options, **aim_of(order))


class Disturbances:
    """The disturbances in force, in the order in which they were given.

    Attributes:
        on_clear: told when all are taken back.
    """

    def __init__(self) -> None:
        self._all: list[Disturbance] = []
        self._chance = random.Random(0)  # noqa: S311 - chance in a test, repeatable on purpose
        self.on_clear: list[Callable[[], None]] = []

    def add(self, order: dict[str, Any]) -> None:
        """Put a disturbance in force."""
        self._all.append(read_disturbance(order))

    def clear(self) -> None:
        """Take all disturbances back."""
        self._all, self._chance = [], random.Random(0)  # noqa: S311
        for told in self.on_clear:
            told()

    def pick(self, at: str, api: str, method: str = "", path: str = "", body: bytes = b"") -> Disturbance | None:
        """Return the disturbance that a request meets at a moment, if any."""
        there = (one for one in self._all if one.at == at)
        return next((one for one in there if one.hits(api, method, path, body, self._chance)), None)

    def shown(self) -> list[dict[str, Any]]:
        """Return the disturbances in force and how often each has struck."""
        return [dict(vars(one)) for one in self._all]


def as_markdown() -> str:
    """Return the tables of kinds and moments for the README."""
    kinds = [f"| `{kind.name}` | {kind.meaning} | {options_in_words(kind.options)} |" for kind in KINDS.values()]
    moments = [f"| `{name}` | {meaning} |" for name, meaning in MOMENTS.items()]
    return "\n".join(
        [
            "| kind | what happens | options (defaults) |",
            "|---|---|---|",
            *kinds,
            "",
            "| at | the moment |",
            "|---|---|",
            *moments,
        ]
    )
