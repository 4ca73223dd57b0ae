"""What may break in one run of a soak: an API's fault, or the death of a process at some moment."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Fault = dict[str, Any]
SHOP: tuple[Fault, ...] = (
    {"path": "/orders/get", "kind": "status", "status": 500, "times": 2},
    {"path": "/orders/get", "kind": "rate_limit", "seconds": 1},
    {"path": "/orders/get", "kind": "expire_token"},
    {"path": "/orders/get", "kind": "garbage"},
    {"path": "/orders/get", "kind": "html"},
    {"path": "/users/export", "kind": "truncate"},
    {"path": "/users/export", "kind": "drop_after", "times": 2},
    {"path": "/orders/get", "kind": "status", "status": 404, "times": None},
    {"path": "/auth", "kind": "drop_before"},
)
ESPUTNIK: tuple[Fault, ...] = (
    {"path": "/v1/contact/subscribe", "kind": "status", "status": 500, "times": 2},
    {"path": "/v1/contact/subscribe", "kind": "drop_after", "times": 2},
    {"path": "/v1/contact/subscribe", "kind": "drop_before"},
    {"path": "/v1/contact/subscribe", "kind": "truncate"},
    {"path": "/v1/contacts", "method": "GET", "kind": "rate_limit", "times": 2},
    {"path": "/v1/contacts", "method": "GET", "kind": "truncate"},
    {"path": "/v1/contact/*", "method": "PUT", "kind": "drop_after"},
    {"path": "/v1/orders", "kind": "drop_before"},
    {"path": "/v1/orders", "kind": "drop_after"},
    {"path": "/v1/orders", "kind": "rate_limit"},
    {"path": "/v1/orders", "kind": "status", "status": 401, "times": None},
    {"path": "/v1/account/info", "kind": "drop_before"},
)
DEATHS = ("tap killed", "target killed", "target stopped")


@dataclass(frozen=True)
class Trouble:
    """What is to break.

    Attributes:
        name: as the soak's table tells it.
        api: `shop`, `esputnik`, or none.
        fault: of the sandbox.
        death: of `DEATHS`, once `after` more requests came to `api`.
        after: so many.
    """

    name: str
    api: str | None = None
    fault: Fault | None = None
    death: str | None = None
    after: int = 0

    @property
    def leaves_orders_in_doubt(self) -> bool:
        """Whether an order may have fired without our knowing."""
        return self.death == "target killed" or (self.fault or {}).get("kind") == "drop_after"

    def strike(self, pid_of: Callable[[str], int]) -> None:
        """Let a process die; `pid_of` gives the process of `tap` or `target`."""
        assert self.death is not None
        who, how = self.death.split()
        try:
            os.kill(pid_of(who), signal.SIGKILL if how == "killed" else signal.SIGTERM)
        except ProcessLookupError:
            return  # it was faster


def drawn(chance: random.Random, *, deaths: bool = True) -> Trouble:
    """Draw what breaks in a run."""
    kind = chance.random()
    if kind < 0.35 and deaths:
        death = chance.choice(DEATHS)
        api = "shop" if death.startswith("tap") else "esputnik"
        return Trouble(death, api=api, death=death, after=chance.randint(1, 12))
    api, faults = chance.choice([("shop", SHOP), ("esputnik", ESPUTNIK), ("esputnik", ESPUTNIK)])
    fault = chance.choice(faults) | {"after": chance.randint(0, 2)}
    return Trouble(f"{api} {fault['kind']}{fault.get('status', '')} {fault['path']}", api=api, fault=fault)
