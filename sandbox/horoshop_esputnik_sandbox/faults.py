"""What can go wrong on the wire, by order: the one table of kinds, and which request meets which fault."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

APIS = ("shop", "esputnik")
ALWAYS = -1
# What every fault may say besides its kind's own options.
COMMON = ("api", "path", "method", "carrying", "after", "times", "kind", "probability")


class FaultError(ValueError):
    """A fault that cannot be. The message lists what can."""


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


@dataclass
class Fault:
    """One order: which requests, when, how often, and what happens to them."""

    kind: str
    api: str | None
    path: str | None
    method: str | None
    carrying: str | None
    after: int
    times: int
    probability: float | None
    options: dict[str, Any]
    met: int = 0
    done: int = 0

    def hits(self, api: str, method: str, path: str, body: bytes, chance: random.Random) -> bool:
        """Return whether a request meets this fault, and count it."""
        if self.done == self.times or self.api not in (None, api) or self.method not in (None, method):
            return False
        if self.path is not None and not fnmatchcase(path, self.path):
            return False
        if self.carrying is not None and self.carrying.encode() not in body:
            return False
        self.met += 1
        if self.met <= self.after or (self.probability is not None and chance.random() >= self.probability):
            return False
        self.done += 1
        return True


def read_fault(order: dict[str, Any]) -> Fault:
    """Return a fault from its description; raises FaultError for what no fault has."""
    kind = KINDS.get(str(order.get("kind", "status")))
    if kind is None:
        raise FaultError(f"no fault is of kind {order['kind']!r}; there are: {', '.join(KINDS)}")
    own = {name: value for name, value in order.items() if name not in COMMON and value is not None}
    unknown = sorted(set(own) - set(kind.options))
    if unknown:
        known = ", ".join([*COMMON, *kind.options])
        raise FaultError(f"a fault of kind {kind.name} has no option {', '.join(unknown)}; it has: {known}")
    if order.get("api") not in (None, *APIS):
        raise FaultError(f"api is one of {', '.join(APIS)}")
    times = order.get("times", 1)
    path = order.get("path")
    return Fault(
        kind=kind.name,
        api=order.get("api"),
        path=None if path is None else bare_path(str(path)),
        method=None if order.get("method") is None else str(order["method"]).upper(),
        carrying=None if order.get("carrying") is None else str(order["carrying"]),
        after=int(order.get("after") or 0),
        times=ALWAYS if times is None else int(times),
        probability=None if order.get("probability") is None else float(order["probability"]),
        options={**kind.options, **own},
    )


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


def bare_path(path: str) -> str:
    """Return an address below `/api`, with one slash in front and none behind: `/orders/get`, `/v1/contacts`."""
    stripped = "/" + path.strip("/")
    return stripped.removeprefix("/api") or "/"


def as_markdown() -> str:
    """Return the table of kinds for the README."""
    head = ["| kind | what happens | options (defaults) |", "|---|---|---|"]
    return "\n".join([*head, *(f"| `{kind.name}` | {kind.meaning} | {_options(kind)} |" for kind in KINDS.values())])


def _options(kind: Kind) -> str:
    return ", ".join(f"`{name}` ({'none' if value is None else value})" for name, value in kind.options.items())
