"""Taking everything back that a probe left in the account; nothing that is not the probe's is touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from target_esputnik import answers
from target_esputnik.errors import ContactGone, HealsByItself, TargetError
from target_esputnik.probe.bench import FIRST_POLL, SECONDS_UNTIL_SHOWN, SLOWEST_POLL
from target_esputnik.transport import DUPLICATE_GUARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from target_esputnik.probe.addresses import TestAddress
    from target_esputnik.probe.client import ProbeClient
    from target_esputnik.probe.traces import Traces

POLLS_AT_MOST = 60
FAILURES_AT_MOST = 3
"""After so many calls in a row without an answer the rest is given up, and named."""


class LeftThereError(Exception):
    """Something that is not to be, or cannot be taken back; never leaves this room."""


@dataclass
class Cleaned:
    """What became of the traces; `left` is what could not be cleaned, each as a line to look for in eSputnik."""

    contacts: int = 0
    orders: int = 0
    left: list[str] = field(default_factory=list)


class Cleaner:
    """Takes traces back.

    Args:
        client: of its own: the one that was stopped repeats nothing.
        address: whose contacts may be deleted.
        given_up: whether the person, who has stopped the probe, wants no more of this either.
    """

    def __init__(self, client: ProbeClient, address: TestAddress, given_up: Callable[[], bool] = lambda: False) -> None:
        self._client = client
        self._address = address
        self._given_up = given_up
        self._failures = 0
        self.cleaned = Cleaned()

    def clean(self, traces: Traces) -> Cleaned:
        """Take everything back, in the order in which one thing may bring the other: imports, orders, contacts."""
        for session in sorted(traces.imports):
            self._do(f"import {session}", self._wait_for, session)
        if traces.in_doubt:
            # What the lost answer was about may show only later: a search lags behind, an import takes its time.
            self._client.pause(DUPLICATE_GUARD)
        elif traces.unnumbered:
            self._client.pause(SECONDS_UNTIL_SHOWN)
        for key in sorted(traces.orders):
            if self._do(f"order {key}", self._client.delete_order, key):
                self.cleaned.orders += 1
        for email in sorted(traces.unsubscribed):
            self._do(f"unsubscribed list {email}", self._take_off_list, email)
        gone: set[int] = set()
        for number in sorted(traces.contact_ids):
            self._do(f"contact {number}", self._delete, number, gone)
        for external_id in sorted(traces.external_ids):
            self._do(f"contact {external_id}", self._delete_found, external_id, None, gone)
        for email in sorted(traces.emails):
            self._do(f"contact {email}", self._delete_found, None, email, gone)
        return self.cleaned

    def delete_leftovers(self, numbers: Iterable[int]) -> None:
        """Delete contacts of earlier probes."""
        gone: set[int] = set()
        for number in numbers:
            self._do(f"contact {number}", self._delete, number, gone)

    # ---------------------------------------------------------------- each

    def _do(self, name: str, call: Callable[..., None], *arguments: Any) -> bool:
        """Make a call; what fails is noted as left. Returns whether it went well."""
        if self._given_up() or self._failures >= FAILURES_AT_MOST:
            self.cleaned.left.append(name)
            return False
        try:
            call(*arguments)
        except (TargetError, LeftThereError) as error:
            self._failures += isinstance(error, HealsByItself)
            self.cleaned.left.append(name)
            return False
        self._failures = 0
        return True

    def _wait_for(self, session: str) -> None:
        pause = FIRST_POLL
        for _ in range(POLLS_AT_MOST):
            status = self._client.import_status(session)
            if status.over or status.status == "UNKNOWN":
                return
            self._client.pause(pause)
            pause = min(SLOWEST_POLL, pause * 1.5)
        raise LeftThereError

    def _take_off_list(self, email: str) -> None:
        self._client.set_unsubscribed([email], unsubscribed=False)

    def _delete_found(self, external_id: str | None, email: str | None, gone: set[int]) -> None:
        """Delete what a search finds; a deleted contact that it still finds a while later counts as gone."""
        if external_id is not None:
            found = self._client.contacts_by_external_id(external_id)
        else:
            found = self._client.contacts_with(email=email)
        for contact in found:
            number = answers.contact_id(contact)
            if number is not None:
                self._delete(number, gone)

    def _delete(self, number: int, gone: set[int]) -> None:
        if number in gone:
            return
        try:
            contact = self._client.contact(number)
        except ContactGone:
            gone.add(number)
            return
        if not self._address.owns(contact):
            raise LeftThereError  # it carries more than the probe gave it, so it may be somebody's by now
        external_id = contact.get("externalCustomerId")
        if external_id:
            self._client.erase_contact(str(external_id))
        else:
            self._client.delete_contact(number)
        gone.add(number)
        self.cleaned.contacts += 1
