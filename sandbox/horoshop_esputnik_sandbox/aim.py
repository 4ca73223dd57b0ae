"""Which requests something is meant for, and how often: what faults and disturbances have in common."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

APIS = ("shop", "esputnik")
ALWAYS = -1
# What everything that is aimed may say besides its kind's own options.
COMMON = ("api", "path", "method", "carrying", "after", "times", "kind", "probability")


class FaultError(ValueError):
    """A fault or a disturbance that cannot be. The message lists what can."""


@dataclass(kw_only=True)
class Aim:
    """Which requests are met, when, and how often; `done` counts those that were."""

    api: str | None
    path: str | None
    method: str | None
    carrying: str | None
    after: int
    times: int
    probability: float | None
    met: int = 0
    done: int = 0

    def hits(self, api: str, method: str, path: str, body: bytes, chance: random.Random) -> bool:
        """Return whether a request is met, and count it."""
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


def aim_of(order: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an `Aim` from a description; raises FaultError for an API that there is not."""
    if order.get("api") not in (None, *APIS):
        raise FaultError(f"api is one of {', '.join(APIS)}")
    times, path = order.get("times", 1), order.get("path")
    return {
        "api": order.get("api"),
        "path": None if path is None else bare_path(str(path)),
        "method": None if order.get("method") is None else str(order["method"]).upper(),
        "carrying": None if order.get("carrying") is None else str(order["carrying"]),
        "after": int(order.get("after") or 0),
        "times": ALWAYS if times is None else int(times),
        "probability": None if order.get("probability") is None else float(order["probability"]),
    }


def own_options(order: dict[str, Any], name: str, known: dict[str, Any], common: tuple[str, ...]) -> dict[str, Any]:
    """Return a kind's own options, the defaults filled in; raises FaultError for one that it has not."""
    own = {option: value for option, value in order.items() if option not in common and value is not None}
    unknown = sorted(set(own) - set(known))
    if unknown:
        raise FaultError(f"{name} has no option {', '.join(unknown)}; it has: {', '.join([*common, *known])}")
    return {**known, **own}


def bare_path(path: str) -> str:
    """Return an address below `/api`, with one slash in front and none behind: `/orders/get`, `/v1/contacts`."""
    stripped = "/" + path.strip("/")
    return stripped.removeprefix("/api") or "/"


def options_in_words(options: dict[str, Any]) -> str:
    """Return a kind's options with their defaults, for a table."""
    return ", ".join(f"`{name}` ({'none' if value is None else value})" for name, value in options.items())
