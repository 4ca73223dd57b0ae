"""What a user sets, as a JSON Schema, and as the checked, typed value that the rest of the target reads.

The schema is the only list of settings: `meltano.yml`, the plugin definitions and the README's table are generated
from it. Every problem of a configuration is reported at once, by the setting's name, and never with its value.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jsonschema

from target_esputnik.errors import ConfigProblem
from target_esputnik.ledger.moments import parsed
from target_esputnik.statuses import ESPUTNIK_STATUSES, StatusMap, StatusMapError

if TYPE_CHECKING:
    from collections.abc import Mapping

STREAMS: Final = ("contacts", "orders", "order_statuses")
CONTACT_FIELDS: Final = ("email", "phone", "first_name", "last_name", "address")
DEFAULT_API_URL: Final = "https://esputnik.com/api"
DEFAULT_LEDGER_URL: Final = "sqlite:///.esputnik/ledger.db"
# Forbidden in formType and event keys (reference/esputnik-api.md §3.3).
_FORM_TYPE: Final = re.compile(r"^[A-Za-z0-9_.-]{1,80}$")


def _setting(title: str, kind: str, description: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "type": [kind, "null"] if "default" not in more else kind,
        "description": description,
    } | more


def _count(title: str, description: str, default: int, minimum: int, maximum: int) -> dict[str, Any]:
    return _setting(title, "integer", description, default=default, minimum=minimum, maximum=maximum)


CONFIG_JSONSCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["api_key"],
    "properties": {
        "api_key": {
            "title": "API key",
            "type": "string",
            "minLength": 1,
            "secret": True,
            "writeOnly": True,
            "description": "A Full-access API key of the eSputnik account (Settings → API).",
        },
        "api_url": _setting(
            "API address",
            "string",
            "Where eSputnik's API answers: https://esputnik.com/api or https://yespo.io/api. "
            "Plain http is taken for loopback hosts only.",
            default=DEFAULT_API_URL,
        ),
        "receive_contacts": _setting(
            "Receive contacts",
            "boolean",
            "Deliver customers who registered, and buyers. Off: only the buyers of due orders are delivered, with what "
            "identifies them, so that their order does not confirm them.",
            default=True,
        ),
        "receive_orders": _setting(
            "Receive orders", "boolean", "Deliver orders. Off: orders serve only to learn of buyers.", default=True
        ),
        "email_confirmation": _setting(
            "Create contact with confirmed email address",
            "string",
            "unconfirmed: every address waits for double opt-in. confirmed: none does. newsletter: confirmed exactly "
            "for those who ticked the shop's newsletter box.",
            default="unconfirmed",
            enum=["unconfirmed", "confirmed", "newsletter"],
        ),
        "live_since": _setting(
            "Live since",
            "string",
            "Orders from before this moment are recorded and sent only when their status changes. Default: the moment "
            "of this ledger's first run. A moment in the past sends history on purpose.",
            format="date-time",
        ),
        "confirmation_form_type": _setting(
            "Form type of the confirmation",
            "string",
            "formType of the subscribe call: the account's double opt-in workflow starts on subscribeFromApi-<this>.",
            default="horoshop",
        ),
        "historical_form_type": _setting(
            "Form type for history",
            "string",
            "The same for contacts from before live_since: a first import must not set off thousands of mails.",
            default="horoshop-history",
        ),
        "contact_fields": _setting(
            "Fields of a contact",
            "array",
            "What is sent of a contact: of email, phone, first_name, last_name, address. "
            "A phone also goes where there is no email.",
            default=["email", "first_name", "last_name"],
            items={"type": "string", "enum": list(CONTACT_FIELDS)},
        ),
        "custom_fields": _setting(
            "Additional fields",
            "array",
            "Record fields that go to additional fields of the eSputnik contact, by the field's id.",
            default=[],
            items={
                "type": "object",
                "required": ["field", "id"],
                "additionalProperties": False,
                "properties": {"field": {"type": "string", "minLength": 1}, "id": {"type": "integer", "minimum": 1}},
            },
        ),
        "groups": _setting(
            "Segments",
            "array",
            "Names of the segments that contacts join.",
            default=[],
            items={"type": "string", "minLength": 1},
        ),
        "order_status_mapping": _setting(
            "Order status mapping",
            "array",
            "Adds to and overrides the built-in mapping: the shop's status (id or title) and what to send, one "
            "eSputnik status or an ordered list. New is always INITIALIZED.",
            default=[],
            items={
                "type": "object",
                "required": ["status", "send"],
                "additionalProperties": False,
                "properties": {
                    "status": {"type": ["integer", "string"]},
                    "send": {
                        "anyOf": [
                            {"type": "string", "enum": list(ESPUTNIK_STATUSES)},
                            {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "string", "enum": list(ESPUTNIK_STATUSES)},
                            },
                        ]
                    },
                },
            },
        ),
        "store_id": _setting("Store id", "string", "storeId of every order, for several shops in one account."),
        "shop": _setting(
            "Shop", "string", "Tells several shops apart in one ledger.", default="default", pattern=r"^[\w.-]{1,64}$"
        ),
        "external_id_prefix": _setting(
            "Prefix of external ids",
            "string",
            "Put before customer and order ids, to tell several shops apart in one eSputnik account.",
            default="",
            pattern=r"^[\w.:-]{0,32}$",
        ),
        "order_updates": _setting(
            "What makes a sent order due again",
            "string",
            "status: its status. any: also totals, products, buyer and address; the last status is then sent again.",
            default="status",
            enum=["status", "any"],
        ),
        "phone_region": _setting(
            "Phone region",
            "string",
            "The country that phones without a country code belong to.",
            default="UA",
            pattern="^[A-Z]{2}$",
        ),
        "ledger_url": _setting(
            "Ledger address",
            "string",
            "SQLAlchemy URL of the ledger: SQLite or PostgreSQL (postgresql+psycopg://…). A SQLite path is relative to "
            "the working directory; its folder gets mode 0700 and its own .gitignore.",
            default=DEFAULT_LEDGER_URL,
            secret=True,
            writeOnly=True,
        ),
        "store_payloads": _setting(
            "Keep payloads",
            "boolean",
            "Keep the personal data of accepted records in the ledger. Held and rejected records keep theirs until "
            "they are released, erased or dropped.",
            default=True,
        ),
        "payload_retention_days": _count(
            "Days that payloads are kept", "After so many days the payloads of accepted records go.", 90, 0, 3650
        ),
        "contact_batch_size": _count("Contacts a request", "Contacts in one bulk request.", 3000, 1, 3000),
        "order_batch_size": _count("Orders a request", "Orders in one request.", 500, 1, 1000),
        "max_parallel_requests": _count(
            "Parallel requests", "Requests for contacts at one time; orders go one request at a time.", 4, 1, 32
        ),
        "max_requests_per_second": _count(
            "Requests a second", "The pace. It halves when eSputnik answers 429 and recovers slowly.", 20, 1, 200
        ),
        "request_timeout": _count("Request timeout", "Seconds to wait for one answer.", 60, 1, 600),
        "max_run_minutes": _count(
            "Longest run",
            "Contacts that are not reached by then wait and go in the next runs; due orders and their buyers go first.",
            20,
            0,
            1440,
        ),
        "in_doubt_orders": _setting(
            "Orders in doubt",
            "string",
            "What becomes of orders whose request was cut off by a crash: sent again, or held for a person.",
            default="resend",
            enum=["resend", "hold"],
        ),
        "max_rejected_percent": _count(
            "Rejected records at most",
            "Per cent of the records attempted, from 20 attempts on; above it the run ends with exit code 3.",
            10,
            0,
            100,
        ),
        "stream_mapping": _setting(
            "Stream mapping",
            "array",
            "For taps that name their streams otherwise: the tap's stream, and which of contacts, orders and "
            "order_statuses it is.",
            default=[],
            items={
                "type": "object",
                "required": ["stream", "as"],
                "additionalProperties": False,
                "properties": {
                    "stream": {"type": "string", "minLength": 1},
                    "as": {"type": "string", "enum": list(STREAMS)},
                },
            },
        ),
        "dry_run": _setting(
            "Dry run",
            "boolean",
            "Plan only: no write call, no state, the ledger stays as it is. Prints what would be sent, how long it "
            "would take, and which workflow events would fire.",
            default=False,
        ),
        "allow_local_ledger": _setting(
            "Allow a local ledger (Airbyte)",
            "boolean",
            "Airbyte only: accept a SQLite ledger although a destination's container keeps no disk.",
            default=False,
        ),
        "ca_bundle": _setting("CA bundle", "string", "A file of certificates to trust instead of the built-in ones."),
        "allow_private_hosts": _setting(
            "Allow private hosts",
            "boolean",
            "Accept an api_url whose host is in a private network.",
            default=False,
        ),
    },
}


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
        problems = [_in_words(error) for error in _validator().iter_errors(given)]
        values: dict[str, Any] = {name: schema.get("default") for name, schema in properties.items()} | given
        checked = _further_checks(values, problems)
        if problems:
            raise ConfigProblem("; ".join(sorted(set(problems))) + ".")
        lists: dict[str, Any] = {name: tuple(values[name]) for name in ("contact_fields", "groups")}
        del values["order_status_mapping"]
        return cls(**(values | lists | checked))


def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(CONFIG_JSONSCHEMA)


def _in_words(error: jsonschema.ValidationError) -> str:
    """A schema error as words, without the value: the SDK and jsonschema both print it, and it may be the key."""
    where = ".".join(str(part) for part in error.absolute_path)
    rule: Any = error.validator_value
    if error.validator == "required":
        present = error.instance if isinstance(error.instance, dict) else {}
        missing = sorted(set(rule) - set(present))
        return f"setting {where + ': ' if where else ''}{', '.join(missing)} is required"
    if error.validator == "type":
        wanted = f"must be of type {_type_names(rule)}"
    elif error.validator == "enum":
        wanted = "must be one of " + ", ".join(str(value) for value in rule)
    else:
        wanted = _IN_WORDS.get(str(error.validator), "is not of the form that it must have").format(rule=rule)
    return f"setting {where} {wanted}"


_IN_WORDS: Final = {
    "minimum": "must be at least {rule}",
    "maximum": "must be at most {rule}",
    "anyOf": "must be an eSputnik status or a list of them: " + ", ".join(ESPUTNIK_STATUSES),
    "additionalProperties": "has a key that is not known",
    "minLength": "must not be empty",
    "minItems": "must not be empty",
}


def _type_names(wanted: str | list[str]) -> str:
    return " or ".join(name for name in ([wanted] if isinstance(wanted, str) else wanted) if name != "null")


def _further_checks(values: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """What JSON Schema cannot say; adds to `problems`, returns the typed values."""
    checked: dict[str, Any] = {}
    mapping = values["order_status_mapping"]
    try:
        checked["status_map"] = StatusMap.from_setting(mapping if isinstance(mapping, list) else [])
    except StatusMapError as error:
        problems.append(f"setting order_status_mapping: {error}".rstrip("."))
    checked["live_since"] = _moment("live_since", values["live_since"], problems)
    checked["api_url"] = _api_url(values["api_url"], problems)
    problems += [
        f"setting {name} may hold latin letters, digits, dot, hyphen and underscore only"
        for name in ("confirmation_form_type", "historical_form_type")
        if isinstance(values[name], str) and not _FORM_TYPE.match(values[name])
    ]
    if values["confirmation_form_type"] == values["historical_form_type"]:
        problems.append(
            "settings confirmation_form_type and historical_form_type must differ, or a first import sets off the "
            "double opt-in mails of every old customer"
        )
    fields = values["contact_fields"]
    if isinstance(fields, list) and not {"email", "phone"} & set(fields):
        problems.append("setting contact_fields must hold email or phone: a contact needs a channel")
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
            if isinstance(entry, dict) and {"stream", "as"} <= entry.keys()
        }
    return checked


def _moment(name: str, value: object, problems: list[str]) -> datetime | None:
    if value is None or not isinstance(value, str):
        return None
    try:
        return parsed(value).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        problems.append(f"setting {name} must be a date and time such as 2026-01-31T00:00:00+02:00")
        return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _api_url(value: object, problems: list[str]) -> str:
    if not isinstance(value, str):
        return ""
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problems.append("setting api_url must be an address such as https://esputnik.com/api")
    elif parts.username or parts.password or parts.query or parts.fragment:
        problems.append("setting api_url must hold neither a user name nor a query")
    elif parts.scheme == "http" and not is_loopback(parts.hostname):
        problems.append("setting api_url must begin with https:// (plain http is for loopback hosts only)")
    return value.strip().rstrip("/")
