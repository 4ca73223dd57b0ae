"""The calls that only a probe makes: answers as they come, and the deletions that clean up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_esputnik.client import EsputnikClient
from target_esputnik.errors import ContactGone

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProbeClient(EsputnikClient):
    """Calls of one account, with nothing smoothed over: no spelling tried twice, no duplicate waited for.

    Attributes:
        limits: of every answer 429: whether it was a search, and its Retry-After.
    """

    limits: list[tuple[bool, str]]

    def watch(self) -> None:
        """Begin to note answers that say 429."""
        self.limits = []
        self._transport.watch(self._note)

    def _note(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        if status == 429:  # noqa: PLR2004
            search = method == "GET" and path.rstrip("/").endswith("/v1/contacts")
            self.limits.append((search, headers.get("Retry-After", "")))

    def raw(
        self, method: str, path: str, endpoint: str, body: Any = None, *, query: dict[str, Any] | None = None
    ) -> Any:
        """One request and its body as it came. Raises what `Transport.call` raises."""
        records = 0 if method == "GET" else 1
        return self._transport.call(method, path, endpoint=endpoint, body=body, query=query, records=records)

    def pause(self, seconds: float) -> bool:
        """Wait; False when it was told to stop."""
        return self._transport.sleep(seconds)

    def erase_contact(self, external_id: str) -> None:
        """Delete a contact with all that is known of it; one that is gone already is as good."""
        self._delete("/v1/contact", "contact (erase)", {"externalCustomerId": external_id, "erase": "true"})

    def delete_order(self, external_order_id: str) -> None:
        """Have an order deleted; eSputnik does it some time later (§4, Deletion)."""
        self._delete("/v1/orders", "orders (delete)", {"externalOrderId": external_order_id})

    def _delete(self, path: str, endpoint: str, query: dict[str, Any]) -> None:
        try:
            self.raw("DELETE", path, endpoint, query=query)
        except ContactGone:
            return
