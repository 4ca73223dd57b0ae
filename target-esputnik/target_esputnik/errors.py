"""Every way in which the target and its ledger can fail; each case, with what to do, is a row of `catalogue.py`.

TargetError                     exit code 1 unless said otherwise
├── NeedsPerson                 2: configuration or credentials; waiting does not help
│   ├── ConfigProblem           a setting is missing or wrong
│   ├── CredentialsRefused      401 / 403 of eSputnik
│   ├── NotEsputnik             the address answers, but not as eSputnik
│   └── LedgerUnusable          the ledger cannot be opened, or is from a newer version
├── HealsByItself               1: the next run goes on where this one stopped
│   ├── ServiceUnavailable      eSputnik does not answer, or answers 429 / 5xx, for too long
│   ├── NoAnswer                a request left and its answer never came
│   ├── LedgerAway              the ledger's database server is not there, or the connection to it was lost
│   ├── LedgerBusy              another run works on this ledger and shop
│   ├── Interrupted             a signal came before it was begun
│   └── OutOfBalance            records read and records settled differ: a bug of ours, nothing is hidden
├── ProtocolError               1: the tap does not speak Singer as it should
├── TooManyRejected             3: the run is done
├── Unexpected                  1: what nobody foresaw; its own words are never shown
├── RequestRefused              (never ends a run) eSputnik refuses what a request holds: 4xx
├── DuplicateRequest            (never ends a run) 409: the same body came less than a minute ago
└── ContactGone                 (never ends a run) 404 for a contact that was there

Sentences name the setting or the record's key, never a value: they end up in logs.
"""

from __future__ import annotations

import re
from typing import ClassVar

from target_esputnik.catalogue import CATALOGUE
from target_esputnik.language import ENGLISH, Said

__all__ = [
    "ConfigProblem",
    "ContactGone",
    "CredentialsRefused",
    "DuplicateRequest",
    "HealsByItself",
    "Interrupted",
    "LedgerAway",
    "LedgerBusy",
    "LedgerUnusable",
    "NeedsPerson",
    "NoAnswer",
    "NotEsputnik",
    "OutOfBalance",
    "ProtocolError",
    "RequestRefused",
    "ServiceUnavailable",
    "TargetError",
    "TooManyRejected",
    "Unexpected",
    "no_ledger_yet",
    "retold",
]


class TargetError(Exception):
    """Something that is foreseen to go wrong.

    Args:
        case: the row of the catalogue.
        **values: what fills in the row's cause; never a setting's value or a person's.

    Attributes:
        code: a stable name, for docs and searches; each class has its own.
        exit_code: what the process ends with if nobody catches it.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, case: str, /, **values: object) -> None:
        entry = CATALOGUE[case]
        super().__init__(case)
        self.case = case
        self.cause = Said(entry.cause, values)
        self.advice = Said(entry.action)

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What went wrong, in one English sentence without any value of a setting or record: for ledger and JSON."""
        return self.cause.told(ENGLISH)

    @property
    def action(self) -> str:
        """What the reader does next, in English; it may be a command to type."""
        return self.advice.told(ENGLISH)

    def in_words(self) -> str:
        """What went wrong and what to do, in the language that is spoken."""
        return f"{self.cause} {self.advice}"

    def line(self) -> str:
        """The whole error as one line for a person or a log, in the language that is spoken."""
        return f"{self.code}: {self.in_words()}"

    def facts(self) -> dict[str, object]:
        """The error as JSON, which is never translated."""
        facts: dict[str, object] = {"code": self.code, "case": self.case, "exit_code": self.exit_code}
        return facts | {"sentence": self.sentence, "action": self.action}


def retold(code: str | None, sentence: str) -> str:
    """A sentence that the ledger kept, in the language that is spoken; one of an older version stays as it is."""
    for entry in CATALOGUE.values():
        words = re.split(r"\{(\w+)\}", entry.cause)
        pattern = "".join(f"(?P<{part}>.*)" if place % 2 else re.escape(part) for place, part in enumerate(words))
        if entry.code == code and (found := re.fullmatch(pattern, sentence)):
            return str(Said(entry.cause, found.groupdict()))
    return sentence


class NeedsPerson(TargetError):  # noqa: N818 - named by what it means
    """Waiting does not help: somebody must change something."""

    code = "needs_person"
    exit_code = 2


class ConfigProblem(NeedsPerson):
    """A setting is missing, of the wrong kind or contradicts another one."""

    code = "config"


class CredentialsRefused(NeedsPerson):
    """eSputnik answered 401 or 403."""

    code = "credentials"


class NotEsputnik(NeedsPerson):
    """Something answers at `api_url`, but it is not eSputnik's API."""

    code = "not_esputnik"


class LedgerUnusable(NeedsPerson):
    """The ledger cannot be opened, read or written."""

    code = "ledger_unusable"

    @property
    def absent(self) -> bool:
        """Whether nothing is broken: there is none yet."""
        return self.case == "ledger_absent"


def no_ledger_yet() -> LedgerUnusable:
    """The error of a command that must not make the ledger, where there is none."""
    return LedgerUnusable("ledger_absent")


class HealsByItself(TargetError):  # noqa: N818 - named by what it means
    """Nothing to do: the next run goes on where this one stopped."""

    code = "heals"


class ServiceUnavailable(HealsByItself):
    """eSputnik is away, overloaded, or limits us for longer than we wait."""

    code = "unavailable"


class NoAnswer(HealsByItself):
    """A request left and no answer came, or one that does not tell: what it did is not known.

    Attributes:
        after_5xx: eSputnik answered with a 5xx; it may have done the work before it failed.
        answer: what it did answer, if anything, for the ledger only: a person decides what becomes of it.
    """

    code = "no_answer"
    after_5xx: bool = False
    answer: str | None = None


class LedgerAway(HealsByItself):
    """The ledger's database server is not there, or the connection to it was lost."""

    code = "ledger_away"


class LedgerBusy(HealsByItself):
    """Another run holds this ledger and shop."""

    code = "ledger_busy"


class Interrupted(HealsByItself):
    """A signal came: this was not begun."""

    code = "interrupted"


class OutOfBalance(HealsByItself):
    """Records read and records settled differ in number."""

    code = "out_of_balance"


class ProtocolError(TargetError):
    """The tap sent something that is not Singer, or lacks the record's key."""

    code = "protocol"


class TooManyRejected(TargetError):  # noqa: N818 - named by what it means
    """The run is done, and more of the records that it tried were rejected than `max_rejected_percent`."""

    code = "too_many_rejected"
    exit_code = 3


class Unexpected(TargetError):  # noqa: N818 - named by what it means
    """Something that nobody foresaw; it says where it happened, but not its own words: they may quote a record."""

    code = "unexpected"


class RequestRefused(TargetError):  # noqa: N818 - named by what it means
    """A 4xx that blames the request's content; the caller bisects or rejects.

    Attributes:
        status: the HTTP status.
        answer: the body as text; it may echo personal data, so it goes to the ledger only.
    """

    code = "refused"

    def __init__(self, case: str, /, *, status: int, answer: str) -> None:
        super().__init__(case, status=status)
        self.status = status
        self.answer = answer


class ContactGone(TargetError):  # noqa: N818 - named by what it means
    """404 for one contact: it was deleted in eSputnik."""

    code = "contact_gone"


class DuplicateRequest(TargetError):  # noqa: N818 - named by what it means
    """409 that nothing explains: the same body was sent less than a minute ago, by a try that was answered."""

    code = "duplicate_request"
