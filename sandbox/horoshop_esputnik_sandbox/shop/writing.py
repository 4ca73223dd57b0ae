"""orders/update and users/import: what a shop lets others change (horoshop-api.md §3.2, §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.shop.envelope import Envelope, error
from horoshop_esputnik_sandbox.shop.store import ShopError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.shop.store import Shop
    from horoshop_esputnik_sandbox.shop.timeline import Row
    from horoshop_esputnik_sandbox.switches import Switches

CREATED, UPDATED, INCOMPLETE = 0, 1, 3
# What a client may set of an account; its id and its date of registration are the shop's own.
IMPORTED = ("title", "email", "phone", "country", "city", "address", "newsletter_subscription", "note", "company")


class Writer:
    """Changes the shop as its API lets a client."""

    def __init__(self, shop: Shop, switches: Switches) -> None:
        self._shop = shop
        self._switches = switches

    def update_orders(self, parameters: Row) -> Envelope:
        """Set status and payment of orders; each gets a line in the log."""
        orders = parameters.get("orders")
        if not isinstance(orders, list) or not orders:
            return error("Parameter orders is required")
        return _logged([self._update_order(order) for order in orders])

    def _update_order(self, order: Any) -> Row:
        order = order if isinstance(order, dict) else {}
        number = _number(order.get("order_id")) or 0
        row = self._shop.orders.get(number)
        changes: Row = {}
        if "status" in order:
            changes["stat_status"] = _number(order["status"])
        if "payed" in order:
            changes["payed"] = int(bool(order["payed"]))
        if order.get("tracking_code"):
            waybill = (row or {}).get("delivery_data") or {}
            changes["delivery_data"] = {**waybill, "tnNumber": str(order["tracking_code"])}
        if row is None:
            return self._line("ERROR", "Order not found", number)
        try:
            self._shop.edit_order(number, changes)
        except ShopError:
            return self._line("ERROR", "Wrong status", number)
        return self._line("OK", "UPDATED", number)

    def _line(self, status: str, message: str, number: int) -> Row:
        """Return a line of the log in one of the two forms that the documentation has (horoshop-api.md §8(11))."""
        if self._switches["update_log"] == "text":
            return {"status": status, "message": message, "order_id": number}
        return {"status": status, "messages": message}

    def import_users(self, parameters: Row) -> Envelope:
        """Make or change accounts by e-mail; `title` and `email` are required."""
        users = parameters.get("users")
        if not isinstance(users, list) or not users:
            return error("Parameter users is required")
        known = {self._email(number): number for number in self._shop.customers.window(None, None)}
        return _logged([self._import_user(user, known) for user in users])

    def _email(self, number: int) -> str:
        return str((self._shop.customers.get(number) or {}).get("email", "")).lower()

    def _import_user(self, given: Any, known: dict[str, int]) -> Row:
        user = {name: given[name] for name in IMPORTED if name in given} if isinstance(given, dict) else {}
        email = str(user.get("email") or "").lower()
        if not email or not user.get("title"):
            return {"status": "ERROR", "info": [{"code": INCOMPLETE, "message": "title and email are required"}]}
        if email in known:
            self._shop.customers.edit(known[email], user)
            return {"status": "OK", "info": [{"code": UPDATED, "message": "Updated"}]}
        known[email] = self._shop.register(user)
        return {"status": "OK", "info": [{"code": CREATED, "message": "Created"}]}


def _logged(log: list[dict[str, Any]]) -> Envelope:
    fine = all(line["status"] == "OK" for line in log)
    return Envelope("OK" if fine else "WARNING", {"log": log})


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
