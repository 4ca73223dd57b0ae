"""Every way in which the target and its ledger can fail, and what to do about each.

TargetError                     exit code 1 unless said otherwise
├── NeedsPerson                 2: configuration or credentials; waiting does not help
│   ├── ConfigProblem           a setting is missing or wrong
│   ├── CredentialsRefused      401 / 403 of eSputnik
│   ├── NotEsputnik             the address answers, but not as eSputnik
│   └── LedgerUnusable          the ledger cannot be opened, or is from a newer version
├── HealsByItself               1: the next run goes on where this one stopped
│   ├── ServiceUnavailable      eSputnik does not answer, or answers 429 / 5xx, for too long
│   ├── NoAnswer                a request left and its answer never came
│   ├── LedgerBusy              another run works on this ledger and shop
│   ├── Interrupted             a signal came before it was begun
│   └── OutOfBalance            records read and records settled differ: a bug of ours, nothing is hidden
├── ProtocolError               1: the tap does not speak Singer as it should
├── RequestRefused              (never ends a run) eSputnik refuses what a request holds: 4xx
└── ContactGone                 (never ends a run) 404 for a contact that was there

Sentences name the setting or the record's key, never a value: they end up in logs.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ConfigProblem",
    "ContactGone",
    "CredentialsRefused",
    "DuplicateRequest",
    "HealsByItself",
    "Interrupted",
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
    "no_ledger_yet",
]


class TargetError(Exception):
    """Something that is foreseen to go wrong.

    Attributes:
        code: a stable name, for docs and searches.
        exit_code: what the process ends with if nobody catches it.
        action: what the reader does next; it may be a command to type.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1
    action: str = "Run it again; if it stays, open an issue with this line."

    def __init__(self, sentence: str, *, action: str | None = None) -> None:
        super().__init__(sentence)
        if action is not None:
            self.action = action

    @property
    def sentence(self) -> str:
        """What went wrong, in one sentence without any value of a setting or record."""
        return str(self.args[0])

    def line(self) -> str:
        """The whole error as one line for a log."""
        return f"{self.code}: {self.sentence} {self.action}"


class NeedsPerson(TargetError):  # noqa: N818 - named by what it means
    """Waiting does not help: somebody must change something."""

    code = "needs_person"
    exit_code = 2


class ConfigProblem(NeedsPerson):
    """A setting is missing, of the wrong kind or contradicts another one."""

    code = "config"
    action = "Correct it (in Meltano: `meltano config set target-esputnik SETTING VALUE`) and run again."


class CredentialsRefused(NeedsPerson):
    """eSputnik answered 401 or 403."""

    code = "credentials"
    action = (
        "Create a Full-access API key in eSputnik (Settings → API) and set it: "
        "`meltano config set target-esputnik api_key …`."
    )


class NotEsputnik(NeedsPerson):
    """Something answers at `api_url`, but it is not eSputnik's API."""

    code = "not_esputnik"
    action = "Check `api_url`: it is https://esputnik.com/api or https://yespo.io/api."


class LedgerUnusable(NeedsPerson):
    """The ledger cannot be opened, read or written."""

    absent: bool = False  # nothing is broken: there is none yet

    code = "ledger_unusable"
    action = "Check `ledger_url` and the rights of its folder; the ledger itself was not changed."


def no_ledger_yet() -> LedgerUnusable:
    """The error of a command that must not make the ledger, where there is none."""
    error = LedgerUnusable(
        "There is no ledger at ledger_url yet.",
        action="Run the target once (meltano run tap-horoshop target-esputnik), or correct ledger_url.",
    )
    error.absent = True
    return error


class HealsByItself(TargetError):  # noqa: N818 - named by what it means
    """Nothing to do: the next run goes on where this one stopped."""

    code = "heals"
    action = "The next run goes on from here by itself."


class ServiceUnavailable(HealsByItself):
    """eSputnik is away, overloaded, or limits us for longer than we wait."""

    code = "unavailable"


class NoAnswer(HealsByItself):
    """A request left and no answer came: what it did is not known."""

    code = "no_answer"


class LedgerBusy(HealsByItself):
    """Another run holds this ledger and shop."""

    code = "ledger_busy"
    action = "Wait for the other run to end; schedule runs further apart if this repeats."


class Interrupted(HealsByItself):
    """A signal came: this was not begun."""

    code = "interrupted"


class OutOfBalance(HealsByItself):
    """Records read and records settled differ in number."""

    code = "out_of_balance"
    action = "STATE was not written past it. Please open an issue with this line: it is a bug."


class ProtocolError(TargetError):
    """The tap sent something that is not Singer, or lacks the record's key."""

    code = "protocol"
    action = "Check the tap, or its `stream_mapping`; nothing after this message was read."


class RequestRefused(TargetError):  # noqa: N818 - named by what it means
    """A 4xx that blames the request's content; the caller bisects or rejects.

    Attributes:
        status: the HTTP status.
        answer: the body as text; it may echo personal data, so it goes to the ledger only.
    """

    code = "refused"

    def __init__(self, sentence: str, *, status: int, answer: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.answer = answer


class ContactGone(TargetError):  # noqa: N818 - named by what it means
    """404 for one contact: it was deleted in eSputnik."""

    code = "contact_gone"


class DuplicateRequest(TargetError):  # noqa: N818 - named by what it means
    """409 that nothing explains: the same body was sent less than a minute ago, by a try that was answered."""

    code = "duplicate_request"
