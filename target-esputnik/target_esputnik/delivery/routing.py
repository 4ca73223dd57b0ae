"""Which way each contact of a chunk goes: what the ledger knows of it, put before the rules of `confirmation.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from target_esputnik.confirmation import LOOK_UP, SUBSCRIBE, UNCONFIRMED, UPDATE, Rule, rule_for
from target_esputnik.ledger.rows import Address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.delivery.lookups import Lookups
    from target_esputnik.delivery.pending import Pending
    from target_esputnik.delivery.workroom import Workroom


class Routing:
    """The routes of contacts that are delivered together.

    Args:
        room: the run's tools.
        lookups: tells the twins.

    Attributes:
        addresses: what was done about their addresses, by keyed hash; kept up to date by who sends them.
    """

    def __init__(self, room: Workroom, lookups: Lookups) -> None:
        self._ledger, self._mode, self._lookups = room.ledger, room.settings.email_confirmation, lookups
        self.addresses: dict[str, Address] = {}

    def routed(self, chunk: Sequence[Pending]) -> list[tuple[Pending, Rule, bool]]:
        """Make contacts ready to be sent; as long as none of them was.

        Returns:
            Each with its rule, and whether he can go by it at once; else eSputnik is asked about him first.
        """
        for pending in chunk:  # what was recorded is another's: with an address or a phone of his own he is new
            if pending.row.only_recorded:
                pending.row.forget_delivery()
                pending.recorded_before = True
            elif pending.row.delivered and pending.row.registered:
                # By the id that his contact carries: another shop's, an import's, or none where ours is a third one's.
                # By ours a call would reach that one, or make a second contact.
                pending.draft = replace(pending.draft, external_customer_id=pending.row.external_id)
        keys = (key for p in chunk for key in (p.row.email_key, p.row.delivered_email) if key)
        self.addresses |= self._ledger.addresses(keys)
        self._lookups.find_twins(chunk)
        doubtful = self._ledger.subscribes_in_doubt(p.row.key for p in chunk)
        for pending in chunk:  # perhaps made unconfirmed already: from then on nothing but a tick may confirm it
            if pending.row.key in doubtful and not pending.row.delivered and (key := pending.row.email_key):
                self.addresses.setdefault(key, Address(key, UNCONFIRMED))
        return [self._routed(pending, pending.row.key in doubtful) for pending in chunk]

    def rule(self, pending: Pending) -> Rule:
        """The rule for one of them, by what is known of him by now."""
        return rule_for(pending.facts(self._mode, self.addresses.get(pending.row.email_key or "")))

    def _routed(self, pending: Pending, doubtful: bool) -> tuple[Pending, Rule, bool]:
        rule = self.rule(pending)
        perhaps_asked = rule.route == SUBSCRIBE and doubtful
        is_unnamed = rule.route == UPDATE and pending.row.esputnik_id is None
        return pending, rule, not (rule.route == LOOK_UP or is_unnamed or perhaps_asked)
