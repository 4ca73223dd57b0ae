"""A configuration, checked: the typed value that the rest of the target reads.

Every problem is reported at once, by the setting's name, and never with its value: one of them is the API key.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jsonschema

from target_esputnik.errors import ConfigProblem
from target_esputnik.hosts import is_host, is_loopback
from target_esputnik.language import ENGLISH, Said, together
from target_esputnik.ledger.moments import parsed
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA
from target_esputnik.statuses import ESPUTNIK_STATUSES, StatusMap, StatusMapError
from target_esputnik.words import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Forbidden in formType and event keys (reference/esputnik-api.md §3.3).
_FORM_TYPE: Final = re.compile(r"^[A-Za-z0-9_.-]{1,80}$")


@dataclass(frozen=True)
class Settings:
    """A configuration that was checked. Field names are the settings' names; see CONFIG_JSONSCHEMA for meanings."""

    api_key: str
    api_url: str
    receive_contacts: bool
    receive_orders: bool
    email_confirmation: str
    live_since: datetime | None
    confirmation_form_type: str
    historical_form_type: str
    contact_fields: tuple[str, ...]
    custom_fields: tuple[tuple[str, int], ...]
    groups: tuple[str, ...]
    status_map: StatusMap
    store_id: str | None
    shop: str
    external_id_prefix: str
    order_updates: str
    phone_region: str
    ledger_url: str
    store_payloads: bool
    payload_retention_days: int
    contact_batch_size: int
    order_batch_size: int
    max_parallel_requests: int
    max_requests_per_second: int
    request_timeout: int
    max_run_minutes: int
    in_doubt_orders: str
    max_rejected_percent: int
    stream_mapping: Mapping[str, str]
    dry_run: bool
    allow_local_ledger: bool
    ca_bundle: str | None
    allow_private_hosts: bool

    def __repr__(self) -> str:
        """Say nothing: a configuration holds secrets, and a repr ends up in tracebacks."""
        return "Settings(…)"

    @property
    def account_prefix(self) -> str:
        """What the ledger puts before an account's id: a sandbox's rows can never pass for a real account's."""
        return "loopback:" if is_loopback(urlsplit(self.api_url).hostname or "") else ""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Check a configuration and fill in the defaults.

        Args:
            config: settings by name, as JSON values; unknown names are left to the Singer SDK, which has its own.

        Raises:
            ConfigProblem: with every problem in one sentence, by setting, without any value.
        """
        properties: dict[str, dict[str, Any]] = CONFIG_JSONSCHEMA["properties"]
        given = {name: value for name, value in config.items() if name in properties and value is not None}
        problems = [_told(error) for error in _validator().iter_errors(given)]
        values: dict[str, Any] = {name: schema.get("default") for name, schema in properties.items()} | given
        checked = _further_checks(values, problems)
        if problems:
            raise ConfigProblem("config", problems=together(_once_each(problems)))
        lists: dict[str, Any] = {name: tuple(values[name]) for name in ("contact_fields", "groups")}
        del values["order_status_mapping"]
        return cls(**(values | lists | checked))


def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(CONFIG_JSONSCHEMA)


def _once_each(problems: Iterable[Said]) -> list[Said]:
    """Each problem once, in the order of their English words; one list of choices breaks several rules at a time."""
    return [said for _, said in sorted({problem.told(ENGLISH): problem for problem in problems}.items())]


def _told(error: jsonschema.ValidationError) -> Said:
    """A schema error as words, without the value: the SDK and jsonschema both print it, and it may be the key."""
    where = ".".join(str(part) for part in error.absolute_path)
    rule: Any = error.validator_value
    if error.validator == "required":
        present = error.instance if isinstance(error.instance, dict) else {}
        missing = sorted(set(rule) - set(present))
        return said("setting.required_in" if where else "setting.required", where=where, names=", ".join(missing))
    if error.validator == "type":
        return said("setting.type", where=where, types=_type_names(rule))
    name = f"setting.{error.validator}" if error.validator in _RULES else "setting.form"
    shown = ", ".join(str(value) for value in rule) if error.validator == "enum" else rule
    return said(name, where=where, rule=shown, statuses=", ".join(ESPUTNIK_STATUSES))


_RULES: Final = {"enum", "minimum", "maximum", "anyOf", "additionalProperties", "minLength", "minItems"}
"""The rules of JSON Schema that have words of their own."""


def _type_names(wanted: str | list[str]) -> str:
    return ", ".join(name for name in ([wanted] if isinstance(wanted, str) else wanted) if name != "null")


def _further_checks(values: dict[str, Any], problems: list[Said]) -> dict[str, Any]:
    """What JSON Schema cannot say; adds to `problems`, returns the typed values."""
    checked: dict[str, Any] = {}
    mapping = values["order_status_mapping"]
    try:
        checked["status_map"] = StatusMap.from_setting(mapping if isinstance(mapping, list) else [])
    except StatusMapError as error:
        problems.append(said("setting.mapping", problem=error.said))
    checked["live_since"] = _moment("live_since", values["live_since"], problems)
    checked["api_url"] = _api_url(values["api_url"], problems)
    if isinstance(values["ca_bundle"], str) and not _is_ca_bundle(values["ca_bundle"]):
        problems.append(said("setting.ca_bundle"))
    problems += [
        said("setting.form_type", where=name)
        for name in ("confirmation_form_type", "historical_form_type")
        if isinstance(values[name], str) and not _FORM_TYPE.match(values[name])
    ]
    if values["confirmation_form_type"] == values["historical_form_type"]:
        problems.append(said("setting.form_types_differ"))
    fields = values["contact_fields"]
    if isinstance(fields, list) and not any(channel in fields for channel in ("email", "phone")):
        problems.append(said("setting.no_channel"))
    if isinstance(values["custom_fields"], list):
        checked["custom_fields"] = tuple(
            (entry["field"], entry["id"])
            for entry in values["custom_fields"]
            if isinstance(entry, dict) and {"field", "id"} <= entry.keys()
        )
    if isinstance(values["stream_mapping"], list):
        checked["stream_mapping"] = {
            entry["stream"]: entry["as"]
            for entry in values["stream_mapping"]
            if isinstance(entry, dict) and {"stream", "as"} <= entry.keys() and isinstance(entry["stream"], str)
        }
    return checked


def _moment(name: str, value: object, problems: list[Said]) -> datetime | None:
    if value is None or not isinstance(value, str):
        return None
    try:
        return parsed(value).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        problems.append(said("setting.moment", where=name))
        return None


def _is_ca_bundle(path: str) -> bool:
    try:
        ssl.create_default_context(cafile=Path(path))
    except (OSError, ValueError):
        return False
    return True


def _api_url(value: object, problems: list[Said]) -> str:
    if not isinstance(value, str):
        return ""
    try:
        parts = urlsplit(value.strip())
        host = parts.hostname or ""
        is_usable = parts.scheme in {"http", "https"} and is_host(host) and parts.port != 0
    except ValueError:  # brackets that hold no address, or a port that is none
        is_usable = False
    if not is_usable:
        problems.append(said("setting.address"))
    elif parts.username or parts.password or parts.query or parts.fragment:
        problems.append(said("setting.address_only"))
    elif parts.scheme == "http" and not is_loopback(host):
        problems.append(said("setting.https"))
    return value.strip().rstrip("/")
