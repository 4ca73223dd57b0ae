"""How rows leave the shop: the parts of their form that are unknown, as switches (horoshop-api.md §6)."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox.shop.timeline import Row
    from horoshop_esputnik_sandbox.switches import Switches

_USER_CONSENT = ("newsletter_subscription", "note")


class Wording:
    """Writes rows in the form that the switches say."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def order(self, row: Row, *, additional: bool) -> Row:
        """Return an order as it leaves; `additional` is the request's `additionalData` (§2.6)."""
        form = self._switches["additional_data"]
        if form == "list" or (form == "documented" and not additional):
            row = {**row, "additional_data": []}
        carried = (row.get("delivery_data") or {}).get("deliveryOperatorType") == "novaposhta"
        if not carried and self._switches["delivery_data"] != "object":
            row = {**row, "delivery_data": [] if self._switches["delivery_data"] == "list" else None}
        if self._switches["comments"] == "absent":
            row = {name: value for name, value in row.items() if name != "comment"}
        return self._written(row)

    def user(self, row: Row) -> Row:
        """Return a customer as it leaves."""
        if self._switches["newsletter"] == "absent":
            row = {name: value for name, value in row.items() if name not in _USER_CONSENT}
        return self._written(row)

    def status(self, row: Row) -> Row:
        """Return an order status as it leaves."""
        return self._written(row)

    def _written(self, row: Row) -> Row:
        for change in self._changes():
            row = _each(row, change)
        return row

    def _changes(self) -> list[Callable[[Any], Any]]:
        changes: list[Callable[[Any], Any]] = []
        if self._switches["numbers"] == "strings":
            changes.append(_number_as_string)
        if self._switches["blanks"] == "null":
            changes.append(lambda value: None if value == "" else value)
        if self._switches["blanks"] == "empty":
            changes.append(lambda value: "" if value is None else value)
        if self._switches["entities"] == "escaped":
            changes.append(lambda value: html.escape(value) if isinstance(value, str) else value)
        return changes


def _number_as_string(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _each(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return change(value)
