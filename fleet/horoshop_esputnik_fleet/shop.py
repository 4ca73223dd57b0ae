"""The shops as values: what `shops.yml` says of them, with what they share filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, key_variable, plugin_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Mapping

HOURLY: Final = "@hourly"


@dataclass(frozen=True)
class Shop:
    """One shop.

    Attributes:
        name: as `shops.yml` has it; also the ledger's name of it.
        account: the name of its eSputnik account.
        interval: of its schedule.
        tap: settings of tap-horoshop, without secrets.
        target: settings of target-esputnik, without secrets.
    """

    name: str
    account: str
    interval: str
    tap: Mapping[str, Any]
    target: Mapping[str, Any]

    @property
    def prefix(self) -> str:
        """What stands before its ids in the account."""
        return str(self.target.get("external_id_prefix", ""))

    @property
    def variables(self) -> dict[str, str]:
        """The variables that must be set for it: {name: the setting that it is}."""
        key = {key_variable(self.account): f"{TARGET} api_key"}
        wanted = [name for name in ("username", "password") if name not in self.tap]
        return {variable_of(TAP, self.name, name): f"{TAP} {name}" for name in wanted} | key

    def facts(self) -> dict[str, str]:
        """What a scheduler must know of it."""
        return {
            "shop": self.name,
            "account": self.account,
            "job": job_of(self.name),
            "interval": self.interval,
            "tap": plugin_of(TAP, self.name),
            "target": plugin_of(TARGET, self.name),
        }


class ShopsError(Exception):
    """Something is wrong with what a person wrote, and nothing was written.

    Args:
        problems: a sentence each, which begins with the place; never with a setting's value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
