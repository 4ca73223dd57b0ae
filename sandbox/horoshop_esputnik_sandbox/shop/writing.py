"""orders/update and users/import: what a shop lets others change (horoshop-api.md §3.2, §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.shop.envelope import Envelope, error
from horoshop_esputnik_sandbox.shop.store import ShopError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.shop.store import Shop
    from horoshop_esputnik_sandbox.shop.timeline import Row

CREATED, UPDATED, INCOMPLETE = 0, 1, 3


class Writer:
    """Changes the shop as its API lets a client."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def update_orders(self, parameters: Row) -> Envelope:
        """Set status and payment of orders; each gets a line in the log."""
        orders = parameters.get("orders")
        if not isinstance(orders, list) or not orders:
            return error("Parameter orders is required")
        return _logged([self._update_order(order) for order in orders])

    def _update_order(self, order: Row) -> Row:
        changes: Row = {}
        if "status" in order:
            changes["stat_status"] = int(order["status"])
        if "payed" in order:
            changes["payed"] = int(bool(order["payed"]))
        if order.get("tracking_code"):
            row = self._shop.orders.get(int(order.get("order_id") or 0)) or {}
            changes["delivery_data"] = {**row.get("delivery_data", {}), "tnNumber": str(order["tracking_code"])}
        try:
            self._shop.edit_order(int(order.get("order_id") or 0), changes)
        except KeyError:
            return {"status": "ERROR", "messages": "Order not found", "order_id": order.get("order_id")}
        except ShopError:
            return {"status": "ERROR", "messages": "Wrong status", "order_id": order.get("order_id")}
        return {"status": "OK", "messages": "UPDATED", "order_id": order.get("order_id")}

    def import_users(self, parameters: Row) -> Envelope:
        """Make or change accounts by e-mail; `title` and `email` are required."""
        users = parameters.get("users")
        if not isinstance(users, list) or not users:
            return error("Parameter users is required")
        known = {self._email(number): number for number in self._shop.customers.window(None, None)}
        return _logged([self._import_user(user, known) for user in users])

    def _email(self, number: int) -> str:
        return str((self._shop.customers.get(number) or {}).get("email", "")).lower()

    def _import_user(self, user: Row, known: dict[str, int]) -> Row:
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
