"""Who goes along with buyers: contacts of the backlog that fit into the bulk call that their orders wait for anyway.

Each import is waited for before the orders go. Without company every batch of orders would wait for an import of its
own, for a few buyers each; a first run of 20,000 orders for twenty of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from target_esputnik import fates
from target_esputnik.confirmation import BULK
from target_esputnik.delivery.imports import group_of
from target_esputnik.delivery.pending import pending_contact
from target_esputnik.delivery.routing import Routing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.confirmation import Rule
    from target_esputnik.delivery.lookups import Lookups
    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom
    from target_esputnik.ledger.rows import Contact

FULL: Final = 1000
"""Contacts of one call: orders wait for its end, and eSputnik takes longer for more (a call takes 3,000)."""


class Company:
    """Finds company for the buyers of one run.

    Args:
        room: the run's tools.
        lookups: tells the twins.
    """

    def __init__(self, room: Workroom, lookups: Lookups) -> None:
        self._room = room
        self._lookups = lookups
        self._after: str | None = ""  # the last contact of the backlog that was looked at; None: there is no other

    def of(self, pendings: Sequence[Pending], known: dict[str, Contact]) -> list[Pending]:
        """Contacts of the backlog that go by bulk in the very calls of some buyers; none where no buyer does.

        Only such as are new to the ledger and need no search, so that no order waits for more than the call.

        Args:
            pendings: buyers that are to be delivered.
            known: rows by key that are at work elsewhere; they are left out.
        """
        settings = self._room.settings
        if self._after is None or not settings.receive_contacts or not pendings:
            return []
        groups = {group_of(p) for p, rule, at_once in self._routed(pendings) if at_once and rule.route == BULK}
        space = min(FULL, settings.contact_batch_size) - len(pendings)
        if not groups or space <= 0:
            return []
        waiting = self._room.ledger.waiting_contacts(reasons={fates.BACKLOG}, limit=space, after=self._after)
        self._after = waiting[-1].key if len(waiting) == space else None
        candidates = [
            pending_contact(row, json.loads(row.record), settings, self._room.ledger, self._room.live_since)
            for row in waiting
            if row.record is not None and row.registered and not row.delivered and row.key not in known
        ]
        return [
            pending
            for pending, rule, at_once in self._routed(candidates)
            if at_once and rule.route == BULK and not pending.unticked and group_of(pending) in groups
        ]

    def _routed(self, pendings: Sequence[Pending]) -> list[tuple[Pending, Rule, bool]]:
        return list(Routing(self._room, self._lookups, pendings).routed())
