"""The rows of the ledger as values: what the target knows of one contact, one order, one run.

Those that come by the thousand are msgspec's: they are made in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from target_esputnik import fates
from target_esputnik.confirmation import RECORD


@dataclass
class Scope:
    """One eSputnik account and shop.

    Attributes:
        uid: `esputnik_ledger.id` in STATE.
        external_id_prefix: of the ids that eSputnik was given; None until something was sent.
        live_since: the moment of the first run, as ledger text.
        baseline_before: unknown orders from before it are baseline, since the ledger was lost; or None.
        run_number: the number of the newest run.
    """

    id: int
    uid: str
    account: str
    account_name: str
    shop: str
    live_since: str
    baseline_before: str | None
    created_at: str
    external_id_prefix: str | None = None
    run_number: int = 0


class Contact(msgspec.Struct):
    """A contact; column by column as `tables.contacts` says."""

    key: str
    source: str
    since: str
    read_run: int
    fate: str = fates.HELD
    reason: str | None = fates.BACKLOG
    email_key: str | None = None
    phone_key: str | None = None
    phone_taken: str | None = None
    hashes: str | None = None
    version: str | None = None
    newsletter: bool | None = None
    delivered: bool = False
    delivered_email: str | None = None
    esputnik_id: int | None = None
    external_id: str | None = None
    route: str | None = None
    why: str | None = None
    asked_at: str | None = None
    delivered_at: str | None = None
    registered_at: str | None = None
    record: str | None = None
    answer: str | None = None
    updated_at: str = ""

    @property
    def registered(self) -> bool:
        """Whether it is a customer of the shop, and not a guest who only bought."""
        return self.source == "registration"

    @property
    def erased(self) -> bool:
        """Whether the person was erased on request."""
        return (self.fate, self.reason) == (fates.HELD, fates.ERASED)

    @property
    def only_recorded(self) -> bool:
        """Whether it is a customer for whom eSputnik has but another's contact, to which nothing of his is written."""
        return self.registered and self.delivered and self.route == RECORD

    @property
    def has_address(self) -> bool:
        """Whether eSputnik's contact was delivered with the address that the shop has now."""
        return self.delivered and self.delivered_email == self.email_key

    def forget_delivery(self) -> None:
        """Count it as new; how its address was first confirmed is not forgotten."""
        self.delivered, self.delivered_email, self.hashes = False, None, None
        self.esputnik_id, self.external_id = None, None

    def erase(self, now: str) -> None:
        """Keep nothing of the person but keyed hashes, and eSputnik's number until he is deleted there, too."""
        if not self.erased:
            self.since = now
        self.fate, self.reason = fates.HELD, fates.ERASED
        self.phone_taken = self.hashes = self.version = self.newsletter = self.delivered_email = None
        self.delivered, self.external_id, self.route, self.why = False, None, None, None
        self.asked_at = self.delivered_at = self.registered_at = self.record = self.answer = None

    @property
    def waits(self) -> bool:
        """Whether it is to be sent as soon as there is time."""
        return self.fate == fates.HELD and self.reason in {fates.BACKLOG, fates.UNAVAILABLE, fates.UNFINISHED}


class Order(msgspec.Struct):
    """An order; column by column as `tables.orders` says."""

    order_id: int
    since: str
    read_run: int
    created_at: str
    fate: str = fates.HELD
    reason: str | None = None
    shop_status: int | None = None
    esputnik_status: str | None = None
    ever_accepted: bool = False
    change_status: int | None = None
    change_sent: str = "[]"
    content: str | None = None
    version: str | None = None
    buyer: str | None = None
    record: str | None = None
    answer: str | None = None
    updated_at: str = ""

    @property
    def erased(self) -> bool:
        """Whether its buyer was erased on request."""
        return (self.fate, self.reason) == (fates.HELD, fates.ERASED)

    def erase(self, now: str) -> None:
        """Keep nothing of its content; which statuses went is not about a person, and stays."""
        if not self.erased:
            self.since = now
        self.fate, self.reason = fates.HELD, fates.ERASED
        self.change_status, self.change_sent = None, "[]"
        self.content = self.version = self.record = self.answer = None


class Address(msgspec.Struct):
    """What we did about one email address: by which route it first went, and whether we unsubscribed it."""

    email_key: str
    confirmation: str
    unsubscribed: bool = False
    updated_at: str = ""


class Send(msgspec.Struct):
    """One thing that is about to be sent, or was."""

    kind: str
    key: str
    what: str
    why: str | None = None
    shop_status: int | None = None
    outcome: str = "sending"
    reason: str | None = None
    payload: str | None = None
    answer: str | None = None
    id: int = 0


@dataclass
class Run:
    """One run of the target or of a command that sends."""

    id: int
    number: int
    started_at: str
    ended_at: str | None = None
    exit_code: int | None = None
    error: str | None = None
    sentence: str | None = None
    kind: str = "run"
    counts: str | None = None
    bookmark_before: str | None = None
    bookmark_after: str | None = None
    settings_hash: str = ""
    meltano_run_id: str | None = None


@dataclass
class Import:
    """A bulk import that eSputnik works on, or worked on."""

    session: str
    keys: list[str] = field(default_factory=list)
    id: int = 0
    state: str = "running"
