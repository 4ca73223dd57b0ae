"""The shop's API: one address per function, HTTP 200 for nearly everything (horoshop-api.md §1, §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.shop import dictionaries, requests
from horoshop_esputnik_sandbox.shop.envelope import Envelope, error, okay, undefined_function
from horoshop_esputnik_sandbox.shop.hooks import Hooks
from horoshop_esputnik_sandbox.shop.reading import BadParameter, Reader
from horoshop_esputnik_sandbox.shop.statuses import STATUSES
from horoshop_esputnik_sandbox.shop.tokens import Tokens
from horoshop_esputnik_sandbox.shop.wording import Wording
from horoshop_esputnik_sandbox.shop.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.shop.printed import Printed
    from horoshop_esputnik_sandbox.shop.store import Shop
    from horoshop_esputnik_sandbox.shop.timeline import Row, Timeline
    from horoshop_esputnik_sandbox.switches import Switches

USERNAME = "api-reader"
PASSWORD = "sandbox-password"  # noqa: S105 - printed at start: a sandbox has no secrets


class HoroshopApi:
    """Answers the functions of the API for one shop; `printed`, if given, keeps the bytes of rows by list."""

    def __init__(
        self, shop: Shop, switches: Switches, clock: Clock, *, printed: Mapping[str, Printed] | None = None
    ) -> None:
        self._shop = shop
        self._switches = switches
        self.tokens = Tokens(clock, switches)
        self._reader = Reader(switches)
        self._wording = Wording(switches)
        self._printed = printed
        hooks, writer, business = Hooks(), Writer(shop, switches), dictionaries.BusinessModule(switches)
        self._functions: dict[str, Callable[[Row], Envelope]] = {
            "orders/get": self._orders,
            "orders/get_available_statuses": self._statuses,
            "orders/update": writer.update_orders,
            "users/export": self._users,
            "users/import": writer.import_users,
            "delivery/export": dictionaries.deliveries,
            "delivery/exportTypes": dictionaries.delivery_types,
            "payment/export": dictionaries.payments,
            "payment/exportMethods": dictionaries.payment_methods,
            "currency/export": dictionaries.currencies,
            "customer-groups/export": business.customer_groups,
            "price-levels/export": business.price_levels,
            "hooks/subscribe": hooks.subscribe,
            "hooks/unSubscribe": hooks.unsubscribe,
        }

    def answer(self, function: str, parameters: Row) -> Envelope:
        """Answer one call of a function, named as in its address without the slashes around."""
        if function == "auth":
            return self._auth(parameters)
        known = self._functions.get(function)
        if known is None or (function == "orders/get_available_statuses" and self._switches["shop_version"] == "old"):
            return undefined_function()
        refusal = self._refusal(parameters)
        if refusal is not None:
            return refusal
        try:
            return known(parameters)
        except BadParameter as problem:
            return error(str(problem))

    def _refusal(self, parameters: Row) -> Envelope | None:
        http_status = int(self._switches["bad_token"])
        if not parameters.get("token"):
            return Envelope("AUTHORIZATION_ERROR", {"message": "Token is required"}, http_status)
        token = str(parameters["token"])
        if not self.tokens.accepts(token):
            word = str(self._switches["expired_token"]) if self.tokens.has_given(token) else "UNAUTHORIZED"
            return Envelope(word, {"message": "Token is invalid"}, http_status)
        return None

    def _auth(self, parameters: Row) -> Envelope:
        if (parameters.get("login"), parameters.get("password")) != (USERNAME, PASSWORD):
            return error("User with such username/password not found")
        return okay({"token": self.tokens.give()})

    def _orders(self, parameters: Row) -> Envelope:
        additional = requests.truth(parameters.get("additionalData"))

        def worded(row: Row) -> Row:
            return self._shop.as_printed("orders", row["order_id"], self._wording.order(row, additional=additional))

        return self._page("orders", self._shop.orders, parameters, worded, additional)

    def _users(self, parameters: Row) -> Envelope:
        # users/export knows no `ids` and no `status` (§4.1): what it does not know it ignores.
        asked: Row = {name: parameters[name] for name in ("from", "to", "offset", "limit") if name in parameters}
        users = self._shop.customers if self._switches["guests"] == "absent" else self._shop.users_with_guests()

        def worded(row: Row) -> Row:
            return self._shop.as_printed("customers", row["id"], self._wording.user(row))

        return self._page("users", users, asked, worded)

    def _page(
        self, name: str, rows: Timeline, parameters: Row, worded: Callable[[Row], Row], *reading: object
    ) -> Envelope:
        if self._printed is not None:
            numbers, positions = self._reader.numbers(rows, parameters), self._switches.positions()
            page = self._printed[name].page(name, rows, numbers, worded, positions, *reading)
            if page.rows:
                return page
        return self._reader.answer(name, [worded(row) for row in self._reader.page(rows, parameters)])

    def _statuses(self, _: Row) -> Envelope:
        statuses: Any = {number: self._wording.status(status) for number, status in STATUSES.items()}
        if self._switches["statuses_body"] == "list":
            statuses = list(statuses.values())
        return okay({"statuses": statuses})
