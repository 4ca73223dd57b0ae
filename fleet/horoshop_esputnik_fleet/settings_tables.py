"""What tap and target themselves say of settings: a mistake is found here, not in the run of an hour later."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from horoshop_esputnik_fleet.names import TAP, TARGET, key_variable, variable_of
from tap_horoshop.checked_settings import problems_with, with_defaults
from tap_horoshop.language import ENGLISH as TAP_ENGLISH
from tap_horoshop.settings import CONFIG_JSONSCHEMA as TAP_SCHEMA
from target_esputnik.errors import ConfigProblem
from target_esputnik.language import ENGLISH
from target_esputnik.settings import Settings
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA as TARGET_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STANDS_IN: Final = "from-the-environment"
"""For what is not in the file, so that all else can be checked."""


class Table(NamedTuple):
    """The settings of a plugin.

    Attributes:
        plugin: its name.
        schema: its own JSON Schema.
        elsewhere: settings that are not written for one shop, and what to do instead.
    """

    plugin: str
    schema: Mapping[str, Any]
    elsewhere: Mapping[str, str]


TABLES: Final[dict[str, Table]] = {
    "tap": Table(TAP, TAP_SCHEMA, {}),
    "target": Table(
        TARGET,
        TARGET_SCHEMA,
        {
            "shop": "the shop's name is it",
            "ledger_url": "it is one for all shops: set TARGET_ESPUTNIK_LEDGER_URL in the environment",
        },
    ),
}


def unknown_or_misplaced(part: str, settings: Mapping[str, Any], *, shop: str, account: str) -> Iterator[str]:
    """A sentence for each setting that the table does not have, or that belongs elsewhere.

    Args:
        part: `tap` or `target`.
        settings: as written.
        shop: whose they are; a placeholder where they are of all.
        account: the same.
    """
    table = TABLES[part]
    known = table.schema["properties"]
    for name, value in settings.items():
        if name not in known:
            alike = difflib.get_close_matches(str(name), known, n=1)
            yield f"{part}.{name}: {table.plugin} has no such setting" + (f"; {alike[0]}?" if alike else "")
        elif name in table.elsewhere:
            yield f"{part}.{name}: not in this file; {table.elsewhere[name]}"
        elif known[name].get("secret"):
            variable = variable_of(TAP, shop, name) if part == "tap" else key_variable(account)
            yield f"{part}.{name}: a secret does not belong into this file; put it into the variable {variable}"
        elif _holds_dollar(value):
            yield f"{part}.{name}: holds a $, which Meltano would take for a variable"


def _holds_dollar(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_dollar(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(map(_holds_dollar, value))
    return isinstance(value, str) and "$" in value


def tap_problems(settings: Mapping[str, Any]) -> list[str]:
    """What the tap would say of a shop's settings, in its own words."""
    whole = {"username": STANDS_IN, "password": STANDS_IN, **settings}
    return [
        f"tap: {problem.told(TAP_ENGLISH)}" for problem in problems_with(with_defaults(whole, TAP_SCHEMA), TAP_SCHEMA)
    ]


def target_problems(settings: Mapping[str, Any]) -> list[str]:
    """What the target would say of a shop's settings, in its own words."""
    try:
        Settings.from_config({"api_key": STANDS_IN, **settings})
    except ConfigProblem as error:
        return [f"target: {error.cause.told(ENGLISH)}"]
    return []
