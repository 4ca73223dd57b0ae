"""All that one sandbox is: a shop, an eSputnik account, and what is arranged to go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.clock import Clock
from horoshop_esputnik_sandbox.disturbances import Disturbances
from horoshop_esputnik_sandbox.esputnik.account import Account
from horoshop_esputnik_sandbox.faults import Faults
from horoshop_esputnik_sandbox.requestlog import RequestLog
from horoshop_esputnik_sandbox.shop.api import HoroshopApi
from horoshop_esputnik_sandbox.shop.printed import Printed
from horoshop_esputnik_sandbox.shop.store import Shop
from horoshop_esputnik_sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class World:
    """The state behind the three addresses; all of it lives in one event loop, so nothing here locks.

    `brief` keeps counts instead of requests, events and orders' contents: for shops of a million orders.
    `plain` is a shop without oddities; `printed` keeps the bytes of rows, so that answers cost next to nothing.
    `proxied`: the proxy stands in front of both APIs, so that connections can be disturbed.
    """

    def __init__(
        self,
        *,
        customers: int,
        orders: int,
        seed: int,
        as_of: datetime | None,
        switches: Mapping[str, object] | None,
        brief: bool,
        plain: bool = False,
        printed: bool = False,
        proxied: bool = False,
    ) -> None:
        self.proxied = proxied
        self.disturbances = Disturbances()
        self._brief = brief
        self._printed = {"orders": Printed(), "users": Printed()} if printed else None
        self.switches = Switches(switches)
        self.shop = Shop(
            customers_count=customers,
            orders_count=orders,
            seed=seed,
            as_of=as_of,
            switches=self.switches,
            plain=plain,
        )
        self.addresses: dict[str, str] = {}
        self.reset()

    def reset(self) -> None:
        """Make everything as new: the same sample shop, an empty account, no faults, switches as at the start."""
        self.switches.reset()
        self.clock = Clock()
        self.faults = Faults()
        self.disturbances.clear()
        self.log = RequestLog(self.clock, counts_only=self._brief)
        self.shop.reset()
        self.shop_api = HoroshopApi(self.shop, self.switches, self.clock, printed=self._printed)
        self.account = Account(self.clock, self.switches, brief=self._brief)
