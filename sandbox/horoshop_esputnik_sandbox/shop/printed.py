"""Rows as bytes, written once: so that a measured client waits for the network and for itself, not for the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from horoshop_esputnik_sandbox.answers import json_body
from horoshop_esputnik_sandbox.shop.envelope import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from horoshop_esputnik_sandbox.shop.timeline import Row, Timeline

MOST = 200_000  # rows that are kept: some 300 MB


@dataclass(frozen=True)
class PrintedPage(Envelope):
    """A page whose rows are JSON already; `response` is the name of their list."""

    rows: tuple[bytes, ...] = ()

    def body(self) -> bytes:
        """Return what goes over the wire."""
        return b'{"status":%s,"response":{%s:[%s]}}' % (
            json_body(self.status),
            json_body(self.response),
            b",".join(self.rows),
        )


class Printed:
    """The rows of one list as they leave, kept as long as neither the shop nor a switch changes."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self._of: tuple[object, ...] = ()

    def page(
        self, name: str, rows: Timeline, numbers: Iterable[int], worded: Callable[[Row], Row], *reading: object
    ) -> PrintedPage:
        """Return the page that holds rows of these numbers, under the name of their list.

        `reading` is whatever else decides what the rows look like: a page of another reading is printed anew.
        """
        # Rows as the sample has them outlive a reset, which makes the list anew.
        of = (rows.version and id(rows), rows.version, *reading)
        if of != self._of:
            self._kept, self._of = {}, of
        printed = (self._printed(number, rows, worded) for number in numbers)
        return PrintedPage("OK", name, rows=tuple(row for row in printed if row is not None))

    def _printed(self, number: int, rows: Timeline, worded: Callable[[Row], Row]) -> bytes | None:
        kept = self._kept.get(number)
        if kept is None:
            row = rows.get(number)
            if row is None:
                return None
            kept = json_body(worded(row))
            if len(self._kept) < MOST:
                self._kept[number] = kept
        return kept
