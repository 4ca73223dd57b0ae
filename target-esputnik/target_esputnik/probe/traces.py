"""Everything that a probe may have left in the account, written down before the request that may leave it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from target_esputnik.errors import ContactGone, CredentialsRefused, DuplicateRequest, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Traces:
    """What has to be cleaned up.

    Attributes:
        emails: variants of the test address that a request carried.
        external_ids: of contacts.
        contact_ids: eSputnik's, where an answer told them.
        orders: external ids of orders.
        unsubscribed: addresses that were put on the unsubscribed list.
        imports: sessions that may still be going on.
        unnumbered: orders or imports were sent; no answer tells the number of whom they made, and a search lags behind.
        in_doubt: the answer to a write was lost, its work may show later.
    """

    emails: set[str] = field(default_factory=set)
    external_ids: set[str] = field(default_factory=set)
    contact_ids: set[int] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    unsubscribed: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    unnumbered: bool = False
    in_doubt: bool = False

    def __bool__(self) -> bool:
        return bool(self.emails or self.external_ids or self.contact_ids or self.orders or self.unsubscribed)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold a write in doubt until its answer is there."""
        self.in_doubt = True
        try:
            yield
        except (RequestRefused, DuplicateRequest, ContactGone, CredentialsRefused):
            self.in_doubt = False
            raise
        self.in_doubt = False
