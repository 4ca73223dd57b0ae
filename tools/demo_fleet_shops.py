"""The twenty shops of `make demo-fleet`: two eSputnik accounts, one shops.yml, and what has to have arrived of each."""

import contextlib
import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any

from ruamel.yaml import YAML
from typing_extensions import Self

from horoshop_esputnik_fleet.names import TAP, key_variable, variable_of
from horoshop_esputnik_sandbox import Sandbox

from demo_changes import NEXT_STATUS

Row = dict[str, Any]
OF_AGENCY = ("tea", "coffee", "mate", "cocoa", "honey", "spices", "maps", "books", "games", "toys", "puzzles", "paints")
OF_MARKET = ("roses", "tulips", "lilies", "bikes", "skis", "boots", "tents", "lamps")
ACCOUNT_OF = dict.fromkeys(OF_AGENCY, "agency") | dict.fromkeys(OF_MARKET, "market")
CUSTOMERS, ORDERS = 40, 80
DAYS_OF_HISTORY = 3650
REQUESTS_PER_SECOND = 48
"""What the demo lets one account have; the sandbox's own limit of searches is 50."""

OF_ONE_SHOP = 8
LOCKED_OUT = "cocoa"
"""The shop whose password is wrong in the first hour."""

UNWELL = "maps"
"""The shop that answers 503 once, and asks for two minutes: more than a run waits for."""


class Shops:
    """Twenty sandboxes, and what their owner wrote down; a context manager."""

    def __init__(self) -> None:
        self.sandboxes: dict[str, Sandbox] = {}
        self.accounts: dict[str, Sandbox] = {}
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start them."""
        for seed, shop in enumerate(ACCOUNT_OF, start=1):
            sandbox = Sandbox(customers=CUSTOMERS, orders=ORDERS, seed=seed, plain=True)
            self.sandboxes[shop] = self._running.enter_context(sandbox)
            # The account of a shop is the stand-in of the first shop that has it.
            self.accounts.setdefault(ACCOUNT_OF[shop], sandbox)
        self.accounts["market"].switch(account_info="without_org")  # else both accounts would have one id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them."""
        self._running.close()

    def shops_yml(self) -> str:
        """Return the text of shops.yml."""
        since = (datetime.now(timezone.utc) - timedelta(days=DAYS_OF_HISTORY)).isoformat(timespec="seconds")
        content = {
            "every_shop": {
                # The second hour follows the first at once, and must see the accounts that were made between them.
                "tap": {"contacts_reread_hours": 0},
                "target": {"live_since": since, "max_requests_per_second": OF_ONE_SHOP},
            },
            "accounts": {name: {"target": {"api_url": one.esputnik_url}} for name, one in self.accounts.items()},
            "shops": {
                shop: {
                    "account": ACCOUNT_OF[shop],
                    "tap": {"site_url": sandbox.shop_url},
                    "target": {"external_id_prefix": f"{shop}-", "store_id": shop},
                }
                for shop, sandbox in self.sandboxes.items()
            },
        }
        text = io.StringIO()
        YAML().dump(content, text)
        return text.getvalue()

    def secrets(self, **wrong: str) -> dict[str, str]:
        """Return the variables that the shops need; `wrong` has passwords that are none, by shop."""
        found = {key_variable(name): one.api_key for name, one in self.accounts.items()}
        for shop, sandbox in self.sandboxes.items():
            found[variable_of(TAP, shop, "username")] = sandbox.username
            found[variable_of(TAP, shop, "password")] = wrong.get(shop, sandbox.password)
        return found

    def an_hour_passes(self) -> None:
        """Let one order move on, one come in, and one customer register in each shop."""
        for shop, sandbox in self.sandboxes.items():
            customer = sandbox.customers()[0]
            order = next(one for one in sandbox.orders() if one["stat_status"] in NEXT_STATUS)
            sandbox.set_status(order["order_id"], NEXT_STATUS[order["stat_status"]])
            buyer = {f"delivery_{name}": customer[key] for name, key in (("name", "title"), ("email", "email"))}
            sandbox.place_order(**buyer, delivery_phone=customer["phone"], stat_status=1)
            sandbox.register(title="Марта Савчук", email=f"marta@{shop}.example.com", phone="")

    def there_is(self, shop: str) -> dict[str, int]:
        """Return what a shop has."""
        return {"contacts": len(self.sandboxes[shop].customers()), "orders": len(self.sandboxes[shop].orders())}


class Accounts:
    """What the accounts hold and have seen, by the sandboxes' own count, at one moment."""

    def __init__(self, shops: Shops) -> None:
        self._shops = shops
        self._orders = {name: one.sent_orders() for name, one in shops.accounts.items()}
        self._contacts = {name: one.sent_contacts() for name, one in shops.accounts.items()}
        self._events = {name: one.events() for name, one in shops.accounts.items()}

    def of(self, shop: str) -> dict[str, int]:
        """Return how many of a shop's customers and orders are in its account."""
        orders, contacts = self._orders[ACCOUNT_OF[shop]], self._contacts[ACCOUNT_OF[shop]]
        emails = {channel["value"] for one in contacts for channel in one["channels"] if channel["type"] == "email"}
        customers = {one["email"] for one in self._shops.sandboxes[shop].customers()}
        return {
            "contacts": len(customers & emails),
            "orders": sum(one["externalOrderId"].startswith(f"{shop}-") for one in orders),
        }

    def wrong(self) -> Iterator[str]:
        """Yield a sentence for everything that is there twice, confirmed, or otherwise than in its shop."""
        for name in self._orders:
            ids = Counter(one["externalOrderId"] for one in self._orders[name])
            yield from (f"{name}: order {one} is there {times} times" for one, times in ids.items() if times > 1)
            channels = [channel for one in self._contacts[name] for channel in one["channels"]]
            emails = Counter(channel["value"] for channel in channels if channel["type"] == "email")
            twice = sum(times > 1 for times in emails.values())
            yield from [f"{name}: {twice} customers are two contacts"] * bool(twice)
            confirmed = sum(bool(channel["confirmed"]) for channel in channels)
            yield from [f"{name}: {confirmed} addresses are confirmed, and nobody asked for it"] * bool(confirmed)
            fired = Counter((event["type"], event["key"]) for event in self._events[name])
            yield from (f"{name}: fired {times} times: {one}" for one, times in fired.items() if times > 1)
        yield from self._costs()

    def _costs(self) -> Iterator[str]:
        arrived = {one["externalOrderId"]: one["totalCost"] for orders in self._orders.values() for one in orders}
        for shop, sandbox in self._shops.sandboxes.items():
            for order in sandbox.orders():
                cost = arrived.get(f"{shop}-{order['order_id']}")
                if cost is not None and round(float(cost) - float(order["total_sum"]), 2):
                    yield f"{shop}: order {order['order_id']} costs {cost}, in the shop {order['total_sum']}"

    def events(self) -> int:
        """Return how many workflow events fired."""
        return sum(map(len, self._events.values()))
