"""The test address, and all that the probe may write under it: variants of it, and external ids of its own.

Pure. A contact or an order that is not the probe's by these rules is never written to and never deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import ConfigProblem
from target_esputnik.hygiene import clean_email, email_key

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK: Final = "probe-"
LONGEST_LOCAL_PART: Final = 64
_LONGEST_NAME: Final = 24

# Reserved for drama by the British regulator (Ofcom): +44 7700 900000 to 900999 is nobody's.
NOBODYS_PHONES: Final = "447700900"


@dataclass(frozen=True)
class Subject:
    """A contact of the probe, before and after it exists."""

    email: str
    external_id: str


@dataclass(frozen=True)
class TestAddress:
    """The address that the owner gave, and the variants of one probe.

    Args:
        given: `me+test@example.com`; mail for `me+test-probe-…@example.com` must reach the same mailbox.
        nonce: letters and digits that no other probe has: what was deleted once behaves otherwise when it comes again.
    """

    __test__ = False  # pytest: a class of this name is not one of its own

    given: str
    nonce: str

    @classmethod
    def from_option(cls, text: str, nonce: str) -> TestAddress:
        """Check a typed address. Raises ConfigProblem."""
        email = clean_email(text)
        if email is None or not email.isascii():
            raise ConfigProblem("probe_address")
        address = cls(email_key(email), nonce)
        if len(address._local(f"{nonce}-{'x' * _LONGEST_NAME}")) > LONGEST_LOCAL_PART:
            raise ConfigProblem("probe_address_long")
        return address

    def subject(self, name: str) -> Subject:
        """The contact that a step works with."""
        return Subject(self.email(name), self.external_id(name))

    def email(self, name: str) -> str:
        """A variant of the address: me+test-probe-NONCE-NAME@example.com."""
        return f"{self._local(f'{self.nonce}-{name}')}@{self._domain}"

    def external_id(self, name: str) -> str:
        """An external id, of a contact or an order, that no shop's can be taken for."""
        return f"{MARK}{self.nonce}-{name}"

    def phone(self) -> str:
        """Digits of a phone that is nobody's."""
        return f"{NOBODYS_PHONES}{int(self.nonce, 36) % 1000:03d}"

    @property
    def beginning(self) -> str:
        """What every variant, of any probe with this address, begins with."""
        return self._local("")

    def is_variant(self, email: str) -> bool:
        """Whether an address is a variant of the given one, of this probe or another."""
        local, _, domain = email_key(email).rpartition("@")
        return domain == self._domain and local.startswith(self.beginning)

    def owns(self, contact: Mapping[str, Any]) -> bool:
        """Whether a contact as eSputnik shows it is a probe's: every mark that it carries must be."""
        external_id = str(contact.get("externalCustomerId") or "")
        emails = list(answers.channel_values(contact, "email"))
        phones = list(answers.channel_values(contact, "sms"))
        marked = external_id.startswith(MARK)
        # The given address itself is only a probe's where the contact's id says so.
        ours = all(self.is_variant(email) or (marked and email == self.given) for email in emails)
        nobodys = all(re.fullmatch(rf"{NOBODYS_PHONES}\d{{3}}|\d{{4}}", phone) for phone in phones)
        return ours and nobodys and (marked or (not external_id and bool(emails)))

    @property
    def _domain(self) -> str:
        return self.given.rpartition("@")[2]

    def _local(self, rest: str) -> str:
        name = self.given.rpartition("@")[0]
        return f"{name}{'-' if '+' in name else '+'}{MARK}{rest}"
