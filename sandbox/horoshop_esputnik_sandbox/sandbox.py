"""A sandbox inside the process: `with Sandbox() as sandbox: …`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from typing_extensions import Self

from horoshop_esputnik_sandbox.aim import APIS
from horoshop_esputnik_sandbox.client import SandboxClient
from horoshop_esputnik_sandbox.control import control_app
from horoshop_esputnik_sandbox.esputnik.access import API_KEY
from horoshop_esputnik_sandbox.esputnik.app import esputnik_app
from horoshop_esputnik_sandbox.proxy import Proxy
from horoshop_esputnik_sandbox.serving import Serving, listening_sockets, loopback
from horoshop_esputnik_sandbox.shop.api import PASSWORD, USERNAME
from horoshop_esputnik_sandbox.shop.app import shop_app
from horoshop_esputnik_sandbox.wire import Connections, Wire
from horoshop_esputnik_sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from starlette.types import ASGIApp

MOST_ORDERS = 1_000_000
Running = TypeVar("Running", bound="Sandbox")


class Sandbox(SandboxClient):
    """Both APIs and the control API on free loopback ports, served by a thread of this process.

    Args:
        customers: accounts of the sample shop.
        orders: orders of the sample shop, up to 1,000,000: they are computed, not held.
        seed: another seed, another shop.
        as_of: when the sample's history ends (datetime or ISO 8601; without a zone: Kyiv's time); now unless given.
        switches: positions of switches other than the defaults.
        brief: keep counts instead of requests, events and orders' contents; for very large shops.
        plain: a shop without oddities, where whoever orders has an account: for measuring.
        printed: keep the bytes of each row once it was asked for, up to 200,000: the same answers for less work.
        proxied: the proxy stands in front of both APIs, so that connections can be disturbed, too.
        host: a loopback address.
        ports: of the shop, eSputnik and the control API; 0 takes a free one.

    Raises:
        ValueError: for another host, an unknown switch or a size out of range.
    """

    username = USERNAME
    password = PASSWORD
    api_key = API_KEY

    def __init__(
        self,
        *,
        customers: int = 50,
        orders: int = 100,
        seed: int = 1,
        as_of: datetime | str | None = None,
        switches: Mapping[str, object] | None = None,
        brief: bool = False,
        plain: bool = False,
        printed: bool = False,
        proxied: bool = False,
        host: str = "127.0.0.1",
        ports: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        if not (0 <= customers <= MOST_ORDERS and 0 <= orders <= MOST_ORDERS):
            message = f"customers and orders must lie between 0 and {MOST_ORDERS}"
            raise ValueError(message)
        self._host = loopback(host)
        self._ports = ports
        # Python 3.10 does not read the Z of ISO 8601.
        moment = datetime.fromisoformat(as_of.replace("Z", "+00:00")) if isinstance(as_of, str) else as_of
        self._world = World(
            customers=customers,
            orders=orders,
            seed=seed,
            as_of=moment,
            switches=switches,
            brief=brief,
            plain=plain,
            printed=printed,
            proxied=proxied,
        )
        self._serving: Serving | None = None
        super().__init__("")

    def start(self) -> None:
        """Listen and serve; the addresses are known when it returns."""
        world = self._world
        apps: list[tuple[ASGIApp, str]] = [(shop_app(world), "shop"), (esputnik_app(world), "esputnik")]
        wired: list[tuple[ASGIApp, Connections]] = []
        for app, api in apps:
            connections: Connections = {}
            wired.append((Wire(app, api, world, connections), connections))
        wired.append((control_app(world), {}))
        proxies = self._proxies() if world.proxied else []
        ports = (0, 0, self._ports[2]) if proxies else self._ports
        try:
            sockets = listening_sockets(self._host, ports)
        except OSError:
            for proxy in proxies:
                proxy.close()
            raise
        served = [(app, bound, connections) for (app, connections), bound in zip(wired, sockets, strict=True)]
        addresses = [bound.getsockname()[1] for bound in sockets]
        for place, proxy in enumerate(proxies):
            proxy.lead_to(self._host, addresses[place])
            addresses[place] = proxy.port
        bare = f"[{self._host}]" if ":" in self._host else self._host
        self.shop_url, esputnik, self.control_url = (f"http://{bare}:{port}" for port in addresses)
        self.esputnik_url = f"{esputnik}/api"
        world.addresses = self.addresses()
        self._serving = Serving(served, proxies)
        self._serving.start()

    def _proxies(self) -> list[Proxy]:
        disturbances = self._world.disturbances
        made: list[Proxy] = []
        try:
            made.extend(
                Proxy(api, self._host, port, disturbances) for api, port in zip(APIS, self._ports, strict=False)
            )
        except OSError:
            for proxy in made:
                proxy.close()
            raise
        return made

    def stop(self) -> None:
        """Stop serving and close every socket."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    def addresses(self) -> dict[str, str]:
        """Return the three addresses and the credentials, as the ready file has them."""
        return {
            "shop_url": self.shop_url,
            "esputnik_url": self.esputnik_url,
            "control_url": self.control_url,
            "username": self.username,
            "password": self.password,
            "api_key": self.api_key,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
