"""What can go wrong on the wire, by order: the one table of kinds, and which request meets which fault."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from horoshop_esputnik_sandbox.aim import COMMON, Aim, FaultError, aim_of, options_in_words, own_options


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it does, and its own options with their defaults. A default of None: not sent."""

    name: str
    meaning: str
    options: dict[str, Any] = field(default_factory=dict)


_ANSWER = {"status": 500, "headers": None, "body": None}
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("status", "answers a status (with headers and body) without doing the work", _ANSWER),
        Kind("status_after", "does the work, then answers a status as if it had failed", _ANSWER),
        Kind("html", "answers an HTML page", {"status": 200}),
        Kind("drop_before", "closes the connection, no work done"),
        Kind("drop_after", "does the work, then closes the connection without an answer"),
        Kind("truncate", "does the work, sends half of the body under the length of the whole"),
        Kind("delay", "waits, then does the work and answers", {"seconds": 1.0}),
        Kind("delay_after", "does the work, then waits before it answers", {"seconds": 1.0}),
        Kind("garbage", "does the work, answers 200 with invalid JSON"),
        Kind("charset", "does the work, answers in another charset and calls it so", {"charset": "windows-1251"}),
        Kind(
            "half_character",
            "does the work, answers with the first letter beyond ASCII cut in half, as a byte or `escaped`",
            {"escaped": False},
        ),
        Kind("empty", "does the work, answers 200 with an empty body"),
        Kind("redirect", "redirects elsewhere, no work done", {"to": "/elsewhere", "status": 302}),
        Kind(
            "rate_limit",
            "answers 429; `seconds` adds a Retry-After, with `date` true as a date",
            {"seconds": None, "date": False},
        ),
        Kind("expire_token", "ends every token of the shop, then goes on"),
        Kind(
            "huge",
            "does the work, answers with a body of many `bytes` (valid JSON up to the padding)",
            {"bytes": 2**26},
        ),
        Kind("gzip_bomb", "answers few bytes that unpack to many `bytes`", {"bytes": 2**28}),
        Kind("drip", "does the work, sends the body in small pieces over some seconds", {"seconds": 1.0}),
        Kind(
            "change", "first does operations of the control API, as [[name, {arguments}], …], then goes on", {"do": []}
        ),
    )
}


@dataclass(kw_only=True)
class Fault(Aim):
    """One order: which requests, when, how often, and what happens to them."""

    kind: str
    options: dict[str, Any]


def read_fault(order: dict[str, Any]) -> Fault:
    """Return a fault from its description; raises FaultError for what no fault has."""
    kind = KINDS.get(str(order.get("kind", "status")))
    if kind is None:
        raise FaultError(f"no fault is of kind {order['kind']!r}; there are: {', '.join(KINDS)}")
    options = own_options(order, f"a fault of kind {kind.name}", kind.options, COMMON)
    return Fault(kind=kind.name, options=options, **aim_of(order))


class Faults:
    """The faults in force, in the order in which they were given."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._chance = random.Random(0)  # noqa: S311 - chance in a test, repeatable on purpose

    def add(self, order: dict[str, Any]) -> None:
        """Put a fault in force."""
        self._faults.append(read_fault(order))

    def clear(self) -> None:
        """Take all faults back."""
        self.__init__()  # type: ignore[misc]

    def pick(self, api: str, method: str, path: str, body: bytes) -> Fault | None:
        """Return the fault that a request meets, if any."""
        return next((fault for fault in self._faults if fault.hits(api, method, path, body, self._chance)), None)

    def shown(self) -> list[dict[str, Any]]:
        """Return the faults in force and how often each has struck."""
        return [dict(vars(fault)) for fault in self._faults]


def as_markdown() -> str:
    """Return the table of kinds for the README."""
    head = ["| kind | what happens | options (defaults) |", "|---|---|---|"]
    return "\n".join(
        [*head, *(f"| `{kind.name}` | {kind.meaning} | {options_in_words(kind.options)} |" for kind in KINDS.values())]
    )
