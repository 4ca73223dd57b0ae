"""The ways to strike that several groups use."""

from __future__ import annotations

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
