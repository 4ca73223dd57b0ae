"""The control API from Python: change the shop, arrange faults, see what arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 1000
TIMEOUT = 30

Row = dict[str, Any]


class SandboxError(RuntimeError):
    """What the control API refused; the message says why and what there is instead."""


class SandboxClient:
    """Speaks to the control API at `control_url`, of a sandbox in this process or in another one."""

    def __init__(self, control_url: str) -> None:
        self.control_url = control_url

    # The shop -----------------------------------------------------------------------------------------------------

    def register(self, **fields: Any) -> int:
        """Make an account in the shop and return its id; fields as in users/export."""
        return int(self._do("register", fields))

    def edit_customer(self, id: int, **fields: Any) -> None:  # noqa: A002 - Horoshop's own name of the field
        """Change fields of an account."""
        self._do("edit_customer", {"id": id, **fields})

    def delete_customer(self, id: int) -> None:  # noqa: A002
        """Delete an account."""
        self._do("delete_customer", {"id": id})

    def place_order(self, **fields: Any) -> int:
        """Place an order and return its number; fields as in orders/get, money follows from `products`."""
        return int(self._do("place_order", fields))

    def edit_order(self, id: int, **fields: Any) -> None:  # noqa: A002
        """Change fields of an order."""
        self._do("edit_order", {"id": id, **fields})

    def set_status(self, order_id: int, status: int) -> None:
        """Move an order to another of the shop's statuses."""
        self._do("set_status", {"id": order_id, "status": status})

    def delete_order(self, id: int) -> None:  # noqa: A002
        """Delete an order: it vanishes from the API without a trace."""
        self._do("delete_order", {"id": id})

    def misprint(self, kind: str, number: int, fields: Row | None = None, without: Sequence[str] = ()) -> None:
        """Let the API give a row of `orders` or `customers` with other fields than the shop holds, or without some."""
        self._do("misprint", {"kind": kind, "id": number, "fields": fields or {}, "without": list(without)})

    def customers(self) -> list[Row]:
        """Return all accounts that the shop holds now."""
        return self._see_all("customers")

    def orders(self) -> list[Row]:
        """Return all orders that the shop holds now."""
        return self._see_all("orders")

    # eSputnik -----------------------------------------------------------------------------------------------------

    def sent_contacts(self) -> list[Row]:
        """Return all contacts of the account, deleted ones too, with the state of each channel."""
        return self._see_all("sent_contacts")

    def sent_orders(self) -> list[Row]:
        """Return all orders of the account as last upserted, each with its `contactId`."""
        return self._see_all("sent_orders")

    def events(self) -> list[Row]:
        """Return every workflow event fired, oldest first: type, key, contactId, params, at."""
        return self._see_all("events")

    def imports(self) -> list[Row]:
        """Return the import sessions: id, status, polls, contacts (how many), dedupeOn, skipped, mapping."""
        return self._see_all("imports")

    def create_contact(self, **fields: Any) -> int:
        """Put a contact into the account beforehand and return its id.

        Fields as in `sent_contacts`; `email`, `phone`, `confirmed`, `unsubscribed` are short for one channel each.
        """
        return int(self._do("create_contact", fields))

    def delete_contact(self, id: int, *, erase: bool = False) -> None:  # noqa: A002
        """Delete a contact as a person would in eSputnik's UI."""
        self._do("delete_contact", {"id": id, "erase": erase})

    # Both ---------------------------------------------------------------------------------------------------------

    def requests(self, api: str | None = None) -> list[Row]:
        """Return the requests received, oldest first: seq, api, method, path, query, body, status (None: dropped), at.

        `path` is what follows `/api`, without a slash at the end: `/orders/get`, `/v1/contacts`.
        """
        return self._see_all("requests", {} if api is None else {"api": api})

    def counts(self) -> Row:
        """Return how much there is of everything; cheap at any size."""
        return dict(self._see("counts", {}))

    def switch(self, **positions: Any) -> None:
        """Turn switches; raises SandboxError for an unknown name or position."""
        self._do("switch", positions)

    def switches(self) -> Row:
        """Return the position of every switch."""
        return dict(self._see("switches", {}))

    def fail(self, **fault: Any) -> None:
        """Put a fault in force: api, path, method, carrying, after, times (None: always), kind, its options."""
        self._do("fail", fault)

    def faults(self) -> list[Row]:
        """Return the faults in force and how often each has struck (`done`)."""
        return list(self._see("faults", {}))

    def clear_faults(self) -> None:
        """Take all faults back."""
        self._do("clear_faults", {})

    def disturb(self, **disturbance: Any) -> None:
        """Disturb connections, in a sandbox with the proxy: api, kind, at, path, method, after, times, its options."""
        self._do("disturb", disturbance)

    def disturbances(self) -> list[Row]:
        """Return the disturbances in force and how often each has struck (`done`)."""
        return list(self._see("disturbances", {}))

    def clear_disturbances(self) -> None:
        """Take all disturbances back; an API that was down is up again."""
        self._do("clear_disturbances", {})

    def expire_tokens(self) -> None:
        """End every token of the shop's API at once."""
        self._do("expire_tokens", {})

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock: for tokens, imports and the guard against duplicates."""
        self._do("advance", {"seconds": seconds})

    def reset(self) -> None:
        """Make everything as new: the same shop, an empty account, nothing goes wrong, switches as at the start."""
        self._do("reset", {})

    # The wire -----------------------------------------------------------------------------------------------------

    def _do(self, operation: str, arguments: Row) -> Any:
        return self._answer("POST", f"/do/{operation}", json=arguments)

    def _see(self, view: str, query: Row) -> Any:
        return self._answer("GET", f"/see/{view}", params=query)

    def _see_all(self, view: str, query: Row | None = None) -> list[Row]:
        rows: list[Row] = []
        while True:
            page = self._see(view, {**(query or {}), "offset": len(rows), "limit": PAGE})
            rows += page
            if len(page) < PAGE:
                return rows

    def _answer(self, method: str, path: str, **content: Any) -> Any:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment knows no loopback address of ours
            response = session.request(method, self.control_url + path, timeout=TIMEOUT, **content)
        payload = response.json()
        if response.status_code != requests.codes.ok:
            raise SandboxError(payload["error"])
        return payload["result"]
