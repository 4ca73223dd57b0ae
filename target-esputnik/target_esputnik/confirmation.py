"""Pure: which way a contact goes to eSputnik, so that nobody is confirmed, or asked to confirm, by accident.

Confirmation is a property of an email address. `POST contacts` (bulk) makes confirmed addresses, `contact/subscribe`
makes unconfirmed ones and sets off the account's double opt-in, `PUT contact/{id}` touches neither
(`reference/esputnik-api.md §2`). The rules are a table, read from the top; the first that fits decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

BULK: Final = "bulk"
SUBSCRIBE: Final = "subscribe"
UPDATE: Final = "update"
RECORD: Final = "record"
LOOK_UP: Final = "look_up"

ROUTES: Final[dict[str, str]] = {
    BULK: "`POST /v1/contacts`: the address becomes confirmed.",
    SUBSCRIBE: "`POST /v1/contact/subscribe`: the address becomes unconfirmed, and is asked to confirm.",
    UPDATE: "`PUT /v1/contact/{id}`: the contact is updated, its confirmation stays as it is.",
    RECORD: "Nothing is written; the contact that eSputnik has is remembered.",
    LOOK_UP: "One search decides between the others.",
}

CONFIRMED: Final = "confirmed"
UNCONFIRMED: Final = "unconfirmed"
NEWSLETTER: Final = "newsletter"


@dataclass(frozen=True)
class Facts:
    """What is known of a contact when its way is chosen.

    Attributes:
        mode: the setting `email_confirmation`.
        registered: a customer of the shop; else a guest.
        has_email: it carries a usable email address.
        ticked: the shop's newsletter box; None when the shop does not say.
        address: how the address was first delivered: `unconfirmed`, `confirmed`, or None when it never was.
        known: the ledger has it as delivered.
        email_is_new: it is known, and this address was not yet delivered for it.
        there: eSputnik has a contact for it; None when that was not looked up.
        twin: eSputnik's contact belongs to another account of the same shop.
        is_anothers: eSputnik's contact, found by the phone alone, has an address and no external id.
        lost: the ledger was lost once and does not know it, so by which route its address went is not known.
    """

    mode: str
    registered: bool
    has_email: bool
    ticked: bool | None
    address: str | None
    known: bool
    email_is_new: bool
    there: bool | None
    twin: bool = False
    is_anothers: bool = False
    lost: bool = False

    @property
    def consents(self) -> bool:
        """Whether the owner's switch, or the customer's tick, lets the address be confirmed without asking."""
        if self.mode == NEWSLETTER:
            return self.registered and self.ticked is True
        return self.mode == CONFIRMED and self.address != UNCONFIRMED

    @property
    def may_be_unconfirmed(self) -> bool:
        """Whether the owner's switch would confirm an address of which the ledger has lost all it knew."""
        return self.mode == CONFIRMED and self.lost and self.address is None and not self.known


class Rule(NamedTuple):
    """One line of the table."""

    name: str
    applies: Callable[[Facts], bool]
    route: str
    why: str


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "twin",
        lambda f: f.twin,
        RECORD,
        "Another account of the shop has the same address, and eSputnik's contact is that one's: he is recorded only.",
    ),
    Rule(
        "guest_there",
        lambda f: not f.registered and f.there is True,
        RECORD,
        "A guest whom eSputnik has already is recorded, not written to.",
    ),
    Rule(
        "guest_unknown",
        lambda f: not f.registered and f.there is None,
        LOOK_UP,
        "Whether eSputnik has a guest already is looked up first.",
    ),
    Rule(
        "phone_unknown",
        lambda f: not f.has_email and not f.known and f.there is None,
        LOOK_UP,
        "Whether somebody else has the phone is looked up first: the two would become one.",
    ),
    Rule(
        "phone_of_another",
        lambda f: not f.has_email and not f.known and f.is_anothers,
        RECORD,
        "The phone belongs to a contact with an address, of which he would take the place: he is recorded only.",
    ),
    Rule(
        "no_email",
        lambda f: not f.has_email,
        BULK,
        "Confirmation belongs to the email address; there is none.",
    ),
    Rule(
        "ledger_lost",
        lambda f: f.may_be_unconfirmed and f.there is None,
        LOOK_UP,
        "The ledger was lost, so whether the address is unconfirmed is not known; it is looked up first.",
    ),
    Rule(
        "ledger_lost_there",
        lambda f: f.may_be_unconfirmed and f.there is True,
        UPDATE,
        "The ledger was lost, so whether the address is unconfirmed is not known: he is not confirmed silently.",
    ),
    Rule(
        "consents",
        lambda f: f.consents,
        BULK,
        "The owner's switch, or the customer's newsletter tick, confirms the address.",
    ),
    Rule(
        "gone",
        lambda f: f.known and f.there is False,
        UPDATE,
        "He was known and is not there any more: he is not made again.",
    ),
    Rule(
        "address_unknown",
        lambda f: f.known and f.email_is_new and f.there is None,
        LOOK_UP,
        "Whether the known contact has had the address before is looked up first.",
    ),
    Rule(
        "new_address_of_known",
        lambda f: f.known and f.email_is_new,
        SUBSCRIBE,
        "A new address of a known contact must be confirmed by its owner.",
    ),
    Rule(
        "known",
        lambda f: f.known,
        UPDATE,
        "He is known: he is neither asked twice nor confirmed silently.",
    ),
    Rule(
        "unknown",
        lambda f: f.there is None,
        LOOK_UP,
        "Whether eSputnik has the address already is looked up first.",
    ),
    Rule(
        "there",
        lambda f: f.there is True,
        UPDATE,
        "eSputnik has the address already: he is neither asked twice nor confirmed silently.",
    ),
    Rule(
        "not_there",
        lambda _: True,
        SUBSCRIBE,
        "eSputnik does not have the address: it is made unconfirmed, and its owner is asked.",
    ),
)


def rule_for(facts: Facts) -> Rule:
    """The first rule that fits; the last one always does."""
    return next(rule for rule in RULES if rule.applies(facts))


def address_after(facts: Facts, route: str) -> str | None:
    """How the address counts from now on: unconfirmed once is unconfirmed for good, but for a newsletter tick.

    A contact that was found at eSputnik counts as unconfirmed unless the switch says otherwise: what state its
    address has there cannot be read (§2), so the safe one is taken.
    """
    if not facts.has_email:
        return facts.address
    if route == BULK:
        return CONFIRMED
    if facts.mode == CONFIRMED and facts.address is None and route == RECORD:
        return None
    return UNCONFIRMED if route == SUBSCRIBE else (facts.address or UNCONFIRMED)
