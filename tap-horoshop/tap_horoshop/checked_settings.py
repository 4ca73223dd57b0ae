"""The settings of one run: read, checked all at once, and never shown."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jsonschema import Draft7Validator

from tap_horoshop.connection import AddressError, base_url
from tap_horoshop.errors import SettingsInvalidError
from tap_horoshop.language import ENGLISH
from tap_horoshop.settings import CONFIG_JSONSCHEMA
from tap_horoshop.shop_time import parse_instant
from tap_horoshop.words import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import ValidationError

    from tap_horoshop.language import Said


@dataclass(frozen=True)
class Settings:
    """The settings of one run, checked and in the types that the code works with."""

    url: str
    username: str
    password: str
    zone: ZoneInfo
    start: dt.datetime | None
    end: dt.datetime | None
    order_lookback: dt.timedelta
    final_statuses: frozenset[int]
    follow: dt.timedelta
    follow_reread: dt.timedelta
    contacts_reread: dt.timedelta
    name_order: str
    page_size: int
    max_parallel_requests: int
    max_requests_per_second: int
    request_timeout: int
    user_agent: str
    ca_bundle: str | None
    allow_private_hosts: bool

    def __repr__(self) -> str:
        """A repr that can be logged: the name alone."""
        return "Settings(…)"


def with_defaults(config: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the given settings and the defaults of the others. Null and an empty text count as not given."""
    defaults = {name: rule["default"] for name, rule in schema["properties"].items() if "default" in rule}
    return defaults | {name: value for name, value in config.items() if value is not None and value != ""}


def problems_with(config: Mapping[str, Any], schema: dict[str, Any]) -> list[Said]:
    """Tell everything that is wrong with the settings, by name and never with a value.

    Args:
        config: The settings, with defaults.
        schema: Their JSON Schema.

    Returns:
        A sentence for each problem; none when the settings can be used.
    """
    found = [_told(error) for error in Draft7Validator(schema).iter_errors(dict(config))]
    wrong = {problem.values["name"] for problem in found}
    for name, check in CHECKS.items():
        if name in config and name not in wrong:
            found.extend(said(f"setting.{problem}", name=name) for problem in check(config))
    return [problem for _, problem in sorted({problem.told(ENGLISH): problem for problem in found}.items())]


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Turn settings that have no problems into those of a run.

    Raises:
        SettingsInvalidError: They have problems after all.
    """
    problems = problems_with(config, CONFIG_JSONSCHEMA)
    if problems:
        raise SettingsInvalidError(problems)
    zone = ZoneInfo(config["time_zone"])
    return Settings(
        url=base_url(config["site_url"]),
        username=config["username"],
        password=config["password"],
        zone=zone,
        start=_instant(config, "start_date"),
        end=_instant(config, "end_date"),
        order_lookback=dt.timedelta(days=config["order_lookback_days"]),
        final_statuses=frozenset(config["final_statuses"]),
        follow=dt.timedelta(days=config["follow_days"]),
        follow_reread=dt.timedelta(hours=config["follow_reread_hours"]),
        contacts_reread=dt.timedelta(hours=config["contacts_reread_hours"]),
        name_order=config["name_order"],
        page_size=config["page_size"],
        max_parallel_requests=config["max_parallel_requests"],
        max_requests_per_second=config["max_requests_per_second"],
        request_timeout=config["request_timeout"],
        user_agent=config.get("user_agent", "").strip(),
        ca_bundle=config.get("ca_bundle"),
        allow_private_hosts=config["allow_private_hosts"],
    )


def _told(error: ValidationError) -> Said:
    """Say what a setting breaks; the library's own sentence repeats the value."""
    if error.validator == "required":
        # The library yields one error for each missing name, and tells the name in its sentence only.
        return said("setting.required", name=error.message.split("'")[1])
    rule: Any = error.validator_value
    name = str(error.absolute_path[0]) if error.absolute_path else "settings"
    if error.validator == "enum":
        return said("setting.enum", name=name, rule=", ".join(map(str, rule)))
    if error.validator in {"minimum", "maximum"}:
        return said(f"setting.{error.validator}", name=name, rule=rule)
    if error.validator == "type":
        kind = next(kind for kind in rule if kind != "null")
        return said("setting.integers" if len(error.absolute_path) > 1 else f"setting.{kind}", name=name)
    return said("setting.form", name=name)


def _instant(config: Mapping[str, Any], name: str) -> dt.datetime | None:
    text = str(config.get(name, "")).strip()
    if name == "end_date" and len(text) == len("YYYY-MM-DD"):
        text += " 23:59:59"
    return parse_instant(text, ZoneInfo(config["time_zone"]))


def _zone_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        ZoneInfo(config["time_zone"])
    except (ValueError, OSError, KeyError):
        yield "zone"


def _url_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        base_url(config["site_url"])
    except AddressError as error:
        yield error.problem


def _start_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if not any(_zone_problems(config)) and not _instant(config, "start_date"):
        yield "date"


def _end_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if any(_zone_problems(config)):
        return
    start, end = _instant(config, "start_date"), _instant(config, "end_date")
    if not end:
        yield "date"
    elif start and start > end:
        yield "before_start"


def _user_agent_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if not config["user_agent"].isascii() or not config["user_agent"].isprintable():
        yield "user_agent"


def _ca_bundle_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        ssl.create_default_context(cafile=Path(config["ca_bundle"]))
    except (OSError, ValueError):
        yield "ca_bundle"


CHECKS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "time_zone": _zone_problems,
    "site_url": _url_problems,
    "start_date": _start_problems,
    "end_date": _end_problems,
    "user_agent": _user_agent_problems,
    "ca_bundle": _ca_bundle_problems,
}
"""What JSON Schema cannot say, by setting, as names of `words.py`; run only where it found nothing."""
