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

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from target_esputnik.confirmation import Rule
    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.routing import Routing
    from target_esputnik.delivery.workroom import Workroom

FULL: Final = 1000
"""Contacts of one call: orders wait for its end, and eSputnik takes longer for more (a call takes 3,000)."""


class Company:
    """Finds company for the buyers of one run.

    Args:
        room: the run's tools.
    """

    def __init__(self, room: Workroom) -> None:
        self._room = room
        self._after: str | None = ""  # the last contact of the backlog that was looked at; None: there is no other

    def of(self, buyers: Sequence[Pending], known: Collection[str], routing: Routing) -> list[tuple[Pending, Rule]]:
        """Contacts of the backlog, with their rules, that go in the very calls of some buyers.

        Only such as are new to the ledger and need no search, so that no order waits for more than the call.

        Args:
            buyers: those that go by bulk; where there are none, nobody goes along.
            known: the keys of rows that are at work elsewhere; they are left out.
            routing: of the buyers.
        """
        settings = self._room.settings
        space = min(FULL, settings.contact_batch_size) - len(buyers)
        if self._after is None or not settings.receive_contacts or not buyers or space <= 0:
            return []
        groups = {group_of(pending) for pending in buyers}
        # Who is at work elsewhere takes no space.
        limit = space + len(known)
        waiting = self._room.ledger.waiting_contacts(reasons={fates.BACKLOG}, limit=limit, after=self._after)
        others = [row for row in waiting if row.key not in known]
        is_last = len(waiting) < limit and len(others) <= space
        others = others[:space]
        self._after = None if is_last else others[-1].key
        candidates = [
            pending_contact(row, json.loads(row.record), settings, self._room.ledger, self._room.live_since)
            for row in others
            if row.record is not None and row.registered and not row.delivered
        ]
        return [
            (pending, rule)
            for pending, rule, at_once in routing.routed(candidates)
            if at_once and rule.route == BULK and not pending.unticked and group_of(pending) in groups
        ]
