"""Every setting of the target, as a JSON Schema: names, kinds, defaults, and what each means.

The one list of them: `meltano.yml`, the plugin definitions and the README's table are generated from it.
"""

from __future__ import annotations

from typing import Any, Final

from target_esputnik.statuses import ESPUTNIK_STATUSES

STREAMS: Final = ("contacts", "orders", "order_statuses")
CONTACT_FIELDS: Final = ("email", "phone", "first_name", "last_name", "address")
DEFAULT_API_URL: Final = "https://esputnik.com/api"
DEFAULT_LEDGER_URL: Final = "sqlite:///.esputnik/ledger.db"


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
