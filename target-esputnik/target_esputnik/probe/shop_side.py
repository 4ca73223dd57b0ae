"""The shop's side: what the ledger's records prove of Horoshop's API. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik.probe.findings import NO_LEDGER, NO_RECORDS
from target_esputnik.probe.shop_questions import SHOP

if TYPE_CHECKING:
    from target_esputnik.ledger.shop_facts import ShopFacts
    from target_esputnik.probe.findings import Findings

BUILT_IN: Final = frozenset({1, 2, 3, 4, 6})
ENOUGH: Final = 5
"""Fewer records than these prove nothing by what they lack."""

ALL_BUT_DELETED: Final = 0.9
"""Share of orders whose user must be a customer before guests count as customers, too: accounts can be deleted."""

NAMES: Final = tuple(question.name for question in SHOP)


def settle(findings: Findings, facts: ShopFacts | None) -> None:
    """Settle what can be settled."""
    if facts is None:
        findings.leave_open(NAMES, NO_LEDGER)
        return
    _settle_share(findings, "newsletter", facts.with_newsletter, facts.contacts)
    _settle_share(findings, "comments", facts.with_comment, facts.orders)
    if facts.statuses:
        more = set(facts.statuses) - BUILT_IN
        findings.settle("shop_version", "current" if more else "old", f"{len(facts.statuses)}")
    if facts.orders >= ENOUGH:
        present = facts.of_customers >= ALL_BUT_DELETED * facts.orders
        findings.settle("guests", "present" if present else "absent", f"{facts.of_customers}/{facts.orders}")
    findings.leave_open(NAMES, NO_RECORDS)


def _settle_share(findings: Findings, name: str, having: int, looked_at: int) -> None:
    """A field that some records have is returned; one that none of enough records has is not."""
    if having:
        findings.settle(name, "returned", f"{having}/{looked_at}")
    elif looked_at >= ENOUGH:
        findings.settle(name, "absent", f"0/{looked_at}")
