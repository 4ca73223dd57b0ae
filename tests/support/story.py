"""A shop, an eSputnik account that people were in before, and the pipe between them; what each run must have left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from comparison import There, contacts_that_differ, events_that_differ, orders_that_differ
from oracle import Fate, Snapshot, email_of, fates_of_contacts, fates_of_orders
from pipe_driver import LONG_AGO, Pipe
from shop_story import FIELD, FOREIGN_ID, LANGUAGE, OWN_NAME, Day, a_day_passes, put_contacts_beforehand

if TYPE_CHECKING:
    from pathlib import Path

    from pipe_driver import Ran

    from horoshop_esputnik_sandbox import Sandbox


class Story:
    """A shop, an account, and the pipe between them; all of the shop's history is live."""

    def __init__(self, sandbox: Sandbox, pipe: Pipe) -> None:
        self.sandbox = sandbox
        self.pipe = pipe
        self.before = put_contacts_beforehand(sandbox)
        self.snapshots: list[Snapshot] = []
        self.refused: list[int] = []

    @classmethod
    def in_process(cls, sandbox: Sandbox, folder: Path, **target: Any) -> Story:
        """Give one whose pipe runs in this process."""
        defaults = {"live_since": LONG_AGO, "order_batch_size": 30}
        return cls(sandbox, Pipe(sandbox, folder, tap={"page_size": 20}, target={**defaults, **target}))

    def fates(self) -> dict[int, Fate]:
        """What the oracle says of the orders."""
        live_since = datetime.fromisoformat(LONG_AGO)
        return fates_of_orders(self.snapshots, live_since=live_since, refused=self.refused)

    def run(self) -> Ran:
        """Run the pipe on the shop as it is now, to its good end."""
        self.snapshots.append(Snapshot.of(self.sandbox))
        ran = self.pipe.run()
        assert ran.codes == (0, 0)
        return ran

    def day(self) -> Day:
        """Let a day pass in the shop."""
        day = a_day_passes(self.sandbox, self.before)
        if self.sandbox.switches()["currencies"] == "documented":
            self.refused = day.placed[-1:]
        return day

    def check(self, there: There | None = None) -> There:
        """Compare the ledger and eSputnik (as it is now, or as it was seen) with the oracle."""
        there, fates = there or There.of(self.sandbox), self.fates()
        assert self.pipe.fates("orders") == {str(number): fate.ledger for number, fate in fates.items()}
        contacts = self.pipe.fates("contacts")
        guests = {key: fate for key, fate in contacts.items() if key.startswith("guest:")}
        assert {key: contacts[key] for key in contacts.keys() - guests} == fates_of_contacts(self.snapshots[-1])
        assert set(guests.values()) <= {"accepted"}
        assert orders_that_differ(there, fates) == []
        assert events_that_differ(there, fates) == []
        differ = contacts_that_differ(there, self.snapshots[-1])
        assert differ == [], differ
        return there

    def check_consent(self, there: There) -> None:
        """Nobody is confirmed but by himself, and everybody was asked once."""
        confirmed = self.before.confirmed_ones()
        if self.sandbox.switches()["order_confirms"] == "yes":
            # docs/guarantees.md: orders confirm their buyers then, and nobody else is confirmed.
            confirmed |= {one["email"].lower() for one in there.orders.values() if one.get("email")}
        assert there.confirmed() == confirmed
        assert there.unsubscribed() == {self.before.unsubscribed}
        assert there.asked() == dict.fromkeys(((email, "horoshop") for email in self.newcomers()), 1)

    def newcomers(self) -> set[str]:
        """All addresses that eSputnik did not have beforehand: of customers, and of buyers of orders that were sent."""
        customers = {email_of(c["email"]) for snapshot in self.snapshots for c in snapshot.customers.values()}
        sent = [(n, at) for n, fate in self.fates().items() if (at := fate.at) is not None]
        refused = [(n, self.snapshots[-1]) for n in self.refused]
        buyers = {email_of(at.orders[n]["delivery_email"]) for n, at in sent + refused}
        # An address that an account had is not an order's buyer's after it was changed, and was asked before.
        return {email for email in customers | buyers if email} - self.before.addresses()

    def check_who_was_there(self, there: There) -> None:
        """What the shop does not know of people who were at eSputnik before is as it was."""
        [unconfirmed] = there.with_email(self.before.unconfirmed)
        assert (unconfirmed["languageCode"], unconfirmed["fields"]) == (LANGUAGE, [FIELD])
        if self.sandbox.switches()["guests"] == "absent":  # else the shop knows him, too
            assert [one["firstName"] for one in there.with_email(self.before.guest)] == [OWN_NAME]
        assert [one["externalCustomerId"] for one in there.with_email(self.before.foreign)] == [FOREIGN_ID]

    def check_edits(self, there: There, day: Day) -> None:
        """Edited accounts are at eSputnik as they are now, on the contacts that they had."""
        now = self.snapshots[-1]
        for number in (day.renamed, day.readdressed[0], day.addressed, day.registered):
            [contact] = there.with_email(now.customers[number]["email"])
            # Of several users with one address the first has the contact (docs/decisions/0006).
            assert contact["externalCustomerId"] in {str(twin) for twin in now.with_address(number)}
