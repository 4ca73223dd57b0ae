"""Every way in which the tap can fail; each case, with what to do, is a row of `catalogue.py`.

    HoroshopError
    ├── PersonMustActError (exit 2)          nothing heals until a person changes something
    │   ├── SettingsInvalidError             settings_invalid
    │   ├── StateInvalidError                state_invalid
    │   ├── WrongCredentialsError            wrong_credentials
    │   ├── AccessRefusedError               access_refused
    │   ├── ShopUnreachableError             not_a_shop
    │   │   └── UnknownHostError, PrivateHostError, RedirectedError, ApiOffError, CertificateError
    │   └── MethodMissingError               method_missing
    ├── WillHealError (exit 1)               the next run goes on from the bookmark
    │   ├── ShopUnavailableError             shop_unavailable: no good answer within the time for retries
    │   ├── AnswerUnexpectedError            answer_unexpected
    │   ├── PagingInconsistentError          paging_inconsistent
    │   └── TargetGoneError                  target_gone
    └── UnforeseenError (exit 1)             unforeseen: a bug of ours

A sentence never holds a setting's value, a body, or anything that belongs to a customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_horoshop.catalogue import CATALOGUE
from tap_horoshop.language import ENGLISH, Said, together

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_WILL_HEAL = 1
EXIT_PERSON_MUST_ACT = 2


class HoroshopError(Exception):
    """A foreseen failure: what happened, what to do, and how the process ends.

    Args:
        case: The row of the catalogue.
        **values: What fills in the row's cause; never a setting's value or anything of a customer.

    Attributes:
        code: A stable name of the failure, for docs and searches; each class has its own.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = EXIT_WILL_HEAL

    def __init__(self, case: str, /, **values: object) -> None:
        entry = CATALOGUE[case]
        super().__init__(case)
        self.case = case
        self.cause = Said(entry.cause, values)
        self.advice = Said(entry.action)

    @property
    def name(self) -> str:
        """The code."""
        return self.code

    @property
    def sentence(self) -> str:
        """What happened, in English."""
        return self.cause.told(ENGLISH)

    def __str__(self) -> str:
        """One line: the code, what happened and what to do, in the language that is spoken."""
        return f"{self.code}: {self.cause} {self.advice}"


class PersonMustActError(HoroshopError):
    """Nothing heals until a person changes something; never retried."""

    exit_code = EXIT_PERSON_MUST_ACT


class WillHealError(HoroshopError):
    """The run failed; the next one goes on from the last bookmark."""


class SettingsInvalidError(PersonMustActError):
    """One or more settings cannot be used. All problems are told at once, without a value."""

    code = "settings_invalid"

    def __init__(self, problems: Sequence[Said]) -> None:
        super().__init__("settings_invalid", problems=together(problems))


class StateInvalidError(PersonMustActError):
    """The state that was passed in is not one that this tap wrote."""

    code = "state_invalid"


class WrongCredentialsError(PersonMustActError):
    """The shop does not know this user name and password."""

    code = "wrong_credentials"


class AccessRefusedError(PersonMustActError):
    """The shop knows the user and does not let it call the API."""

    code = "access_refused"


class ShopUnreachableError(PersonMustActError):
    """There is no Horoshop API behind `site_url`."""

    code = "not_a_shop"


class UnknownHostError(ShopUnreachableError):
    """No name server knows the host in `site_url`."""

    code = "unknown_host"


class PrivateHostError(ShopUnreachableError):
    """The host in `site_url` is in a private network, and `allow_private_hosts` is off."""

    code = "private_host"


class RedirectedError(ShopUnreachableError):
    """The address in `site_url` leads elsewhere; credentials follow no redirect."""

    code = "redirected"


class ApiOffError(ShopUnreachableError):
    """The shop answers 404, or knows no login: its API is switched off."""

    code = "api_off"


class CertificateError(ShopUnreachableError):
    """The shop's certificate is not trusted, or it speaks no TLS."""

    code = "certificate"


class MethodMissingError(PersonMustActError):
    """The shop's version of Horoshop does not have a method that is needed."""

    code = "method_missing"


class ShopUnavailableError(WillHealError):
    """The shop gave no good answer within the time for retries."""

    code = "shop_unavailable"


class AnswerUnexpectedError(WillHealError):
    """The shop answered something that no version of the API is known to answer."""

    code = "answer_unexpected"


class PagingInconsistentError(WillHealError):
    """The shop's pages do not add up to one list, however the window is cut."""

    code = "paging_inconsistent"


class TargetGoneError(WillHealError):
    """The process that reads our records ended."""

    code = "target_gone"


class UnforeseenError(HoroshopError):
    """Something that nobody foresaw; it says where it happened, but not its own words: they may quote a record."""

    code = "unforeseen"
