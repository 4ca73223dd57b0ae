"""Every way in which the tap can fail.

    HoroshopError
    ├── PersonMustActError (exit 2)          nothing heals until a person changes something
    │   ├── SettingsInvalidError             settings_invalid
    │   ├── StateInvalidError                state_invalid
    │   ├── WrongCredentialsError            wrong_credentials
    │   ├── AccessRefusedError               access_refused
    │   ├── ShopUnreachableError             unknown_host, private_host, redirected, not_a_shop, api_off, certificate
    │   └── MethodMissingError               method_missing
    └── WillHealError (exit 1)               the next run goes on from the bookmark
        ├── ShopUnavailableError             shop_unavailable: no good answer within the time for retries
        ├── AnswerUnexpectedError            answer_unexpected
        ├── PagingInconsistentError          paging_inconsistent
        └── TargetGoneError                  target_gone

A sentence never holds a setting's value, a body, or anything that belongs to a customer.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_WILL_HEAL = 1
EXIT_PERSON_MUST_ACT = 2


class HoroshopError(Exception):
    """A foreseen failure: what happened, what to do, and how the process ends.

    Args:
        sentence: What happened, for the person who runs the tap.
        advice: What to do about it; the class's own advice when left out.
        code: A stable name of the failure; the class's own code when left out.
    """

    code: ClassVar[str] = "failed"
    advice: ClassVar[str] = "Run the tap again."
    exit_code: ClassVar[int] = EXIT_WILL_HEAL

    def __init__(self, sentence: str, *, advice: str | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.what_to_do = advice or self.advice
        self.name = code or self.code

    def __str__(self) -> str:
        """One line: the code, the sentence and what to do."""
        return f"{self.name}: {self.sentence} {self.what_to_do}"


class PersonMustActError(HoroshopError):
    """Nothing heals until a person changes something; never retried."""

    exit_code = EXIT_PERSON_MUST_ACT


class WillHealError(HoroshopError):
    """The run failed; the next one goes on from the last bookmark."""

    advice = "The next run goes on from the bookmark."


class SettingsInvalidError(PersonMustActError):
    """One or more settings cannot be used. All problems are told at once, without a value."""

    code = "settings_invalid"
    advice = "`tap-horoshop --about` lists the settings."

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems) + ".")
        self.problems = problems


class StateInvalidError(PersonMustActError):
    """The state that was passed in is not one that this tap wrote."""

    code = "state_invalid"
    advice = "Pass the state that the last run wrote, or none (`meltano run --full-refresh …`)."


class WrongCredentialsError(PersonMustActError):
    """The shop does not know this user name and password."""

    code = "wrong_credentials"
    advice = "Check `username` and `password`: an admin user of the shop (Settings → Admins), not a customer."


class AccessRefusedError(PersonMustActError):
    """The shop knows the user and does not let it call the API."""

    code = "access_refused"
    advice = "Give the admin user of `username` the right to use the API."


class ShopUnreachableError(PersonMustActError):
    """There is no Horoshop API behind `site_url`."""

    code = "not_a_shop"
    advice = "Check `site_url`: it is the address of the shop itself, without a path."


class MethodMissingError(PersonMustActError):
    """The shop's version of Horoshop does not have a method that is needed."""

    code = "method_missing"
    advice = "Ask Horoshop's support to update the shop."


class ShopUnavailableError(WillHealError):
    """The shop gave no good answer within the time for retries."""

    code = "shop_unavailable"


class AnswerUnexpectedError(WillHealError):
    """The shop answered something that no version of the API is known to answer."""

    code = "answer_unexpected"
    advice = "If the next run fails too, please report it with this line."


class PagingInconsistentError(WillHealError):
    """The shop's pages do not add up to one list, however the window is cut."""

    code = "paging_inconsistent"
    advice = "If the next run fails too, try another `page_size`."


class TargetGoneError(WillHealError):
    """The process that reads our records ended."""

    code = "target_gone"
    advice = "The reason is in the target's log."
