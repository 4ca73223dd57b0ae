"""The variables that shops need: which are set, which are missing, and which would outrank the file. Names only."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, NamedTuple

from dotenv import dotenv_values

from horoshop_esputnik_fleet.names import TAP, TARGET, key_variable, variable_of
from horoshop_esputnik_fleet.settings_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from horoshop_esputnik_fleet.shop import Shop


class Variable(NamedTuple):
    """A variable that must be set.

    Attributes:
        name: of it.
        setting: what it is.
        shops: for which shops.
        is_set: whether it is, to something.
    """

    name: str
    setting: str
    shops: list[str]
    is_set: bool


def surroundings(folder: Path) -> dict[str, str]:
    """The variables as Meltano sees them: those of the project's `.env`, outranked by the environment's."""
    here = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    return here | dict(os.environ)


def variables_of(shops: Sequence[Shop], values: Mapping[str, str]) -> list[Variable]:
    """All that must be set for some shops, each once, in the order of the shops."""
    wanted: dict[str, tuple[str, list[str]]] = {}
    for shop in shops:
        for name, setting in shop.variables.items():
            wanted.setdefault(name, (setting, []))[1].append(shop.name)
    return [Variable(name, setting, of, bool(values.get(name))) for name, (setting, of) in wanted.items()]


def warnings(shops: Sequence[Shop], values: Mapping[str, str]) -> Iterator[str]:
    """What is set, and makes something else of the shops than their file says."""
    for shop in shops:
        for plugin, table in ((TAP, TABLES["tap"]), (TARGET, TABLES["target"])):
            for setting in table.schema["properties"]:
                name = variable_of(plugin, shop.name, setting)
                if values.get(name) and name not in shop.variables:
                    yield f"{name} is set, and outranks what the file says of {plugin} {setting}"
    accounts = dict.fromkeys(key_variable(shop.account) for shop in shops)
    for one, other in itertools.combinations(filter(values.get, accounts), 2):
        if values[one] == values[other]:
            yield f"{one} and {other} are the same key: one account, whose shops are checked as if it were two"
