"""The tap as an Airbyte source: console script `source-horoshop`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from singer_airbyte import AirbyteError, Failure, Source, run_source
from tap_horoshop.errors import (
    AccessRefusedError,
    HoroshopError,
    PersonMustActError,
    SettingsInvalidError,
    ShopUnreachableError,
    WillHealError,
    WrongCredentialsError,
)
from tap_horoshop.language import language_of, speak
from tap_horoshop.output import leave
from tap_horoshop.tap import TapHoroshop, unforeseen

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "source-horoshop"
# What is wrong with the shop or the settings is wrong for every stream: it is not asked, and logged in to, once more.
_OF_THE_WHOLE_SHOP: Final = (AccessRefusedError, SettingsInvalidError, ShopUnreachableError, WrongCredentialsError)


class HoroshopSource(Source[TapHoroshop]):
    """What the tap knows better than the adapter: how to check, and its errors."""

    def __init__(self) -> None:
        super().__init__(TapHoroshop, name=NAME, documentation_url="https://horoshop.ua")

    def check(self, tap: TapHoroshop) -> None:
        """Log in, and nothing else."""
        tap.shop.client.check()

    def close(self, tap: TapHoroshop) -> None:
        """End the conversation with the shop, if there was one."""
        if "shop" in tap.__dict__:
            tap.shop.close()

    def tell(self, error: BaseException) -> Failure:
        """Put an error into the words of the catalogue."""
        if isinstance(error, PersonMustActError):
            return Failure(str(error), "config_error")
        if isinstance(error, WillHealError):
            return Failure(str(error), "transient_error")
        if isinstance(error, (AirbyteError, HoroshopError)) or not isinstance(error, Exception):
            return super().tell(error)
        return Failure(str(unforeseen(error)))

    def ends_all(self, error: Exception) -> bool:
        """Whether no other stream can be read either."""
        return isinstance(error, _OF_THE_WHOLE_SHOP)


def run(arguments: Sequence[str]) -> int:
    """Run a command line of the Airbyte protocol and return its exit code."""
    speak(language_of([], os.environ))
    return run_source(HoroshopSource(), arguments)


def main() -> None:
    """The console script `source-horoshop`."""
    exit_code = run(sys.argv[1:])
    if exit_code:
        # Requests may be under way in threads that nobody needs any more.
        leave(exit_code)
