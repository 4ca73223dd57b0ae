"""What the target says to people beside its errors, by name, so that another language is another table.

Texts in braces are filled in by the caller; none of them may be a setting's value or a person's. A pair is one and
many, chosen by `count`.
"""

from __future__ import annotations

from typing import Final

from target_esputnik.language import Said

SENTENCES: Final[dict[str, str | tuple[str, str]]] = {
    # ---------------------------------------------------------------- the end of a run
    "done": "Done. {counts}.",
    "so_far": "Until then: {counts}.",
    "usage": "Error: {message}",
    "stopped": "Stopped by a signal; everything that was sent is settled.",
    "newer_than_bookmark": (
        (
            "{count} order is newer than the bookmark and was not sent, because the ledger was lost: look at it with "
            "`esputnik-ledger resend`."
        ),
        (
            "{count} orders are newer than the bookmark and were not sent, because the ledger was lost: look at them "
            "with `esputnik-ledger resend`."
        ),
    ),
    "tally.nothing": "nothing was read",
    "tally.read": "{stream}: {count} read{fates}",
    "tally.derived": "contacts from orders: {count}{fates}",
    "tally.carried": "from earlier runs: {count}{fates}",
    # ---------------------------------------------------------------- names of streams and fates
    "stream.contacts": "contacts",
    "stream.orders": "orders",
    "stream.order_statuses": "order_statuses",
    "fate.accepted": "accepted",
    "fate.unchanged": "unchanged",
    "fate.baseline": "baseline",
    "fate.held": "held",
    "fate.rejected": "rejected",
    "fate.superseded": "superseded",
    # ---------------------------------------------------------------- how many of what
    "count.contacts": ("{count} contact", "{count} contacts"),
    "count.order_statuses": ("{count} order status", "{count} order statuses"),
    "count.requests": ("{count} request", "{count} requests"),
    "count.minutes": ("{count} minute", "{count} minutes"),
    # ---------------------------------------------------------------- the plan of a dry run
    "plan.title": "DRY RUN: nothing was written, here or in eSputnik.",
    "plan.contacts": "contacts {what}: {at_most}{count}",
    "plan.contacts_due": "contacts due: {at_most}{count}",
    "plan.orders_due": "order statuses due: {count}",
    "plan.requests": "requests: {at_most}{count}, about {minutes} min at {pace} a second",
    "plan.events": "workflow events that would fire:",
    "plan.no_events": "workflow events that would fire: none",
    "plan.at_most": "at most ",
    "kind.updated, confirmation left as it is": "updated, confirmation left as it is",
    "kind.asked to confirm": "asked to confirm",
    "kind.imported as confirmed": "imported as confirmed",
    # ---------------------------------------------------------------- what is wrong with a setting
    "setting.required": "setting {names} is required",
    "setting.required_in": "setting {where}: {names} is required",
    "setting.type": "setting {where} must be of type {types}",
    "setting.enum": "setting {where} must be one of {rule}",
    "setting.minimum": "setting {where} must be at least {rule}",
    "setting.maximum": "setting {where} must be at most {rule}",
    "setting.anyOf": "setting {where} must be an eSputnik status or a list of them: {statuses}",
    "setting.additionalProperties": "setting {where} has a key that is not known",
    "setting.minLength": "setting {where} must not be empty",
    "setting.minItems": "setting {where} must not be empty",
    "setting.form": "setting {where} is not of the form that it must have",
    "setting.environment": "setting {where} ({variable}) must be of type {types}",
    "setting.form_type": "setting {where} may hold latin letters, digits, dot, hyphen and underscore only",
    "setting.form_types_differ": "settings confirmation_form_type and historical_form_type must differ, or a first "
    "import sets off the double opt-in mails of every old customer",
    "setting.no_channel": "setting contact_fields must hold email or phone: a contact needs a channel",
    "setting.moment": "setting {where} must be a date and time such as 2026-01-31T00:00:00+02:00",
    "setting.address": "setting api_url must be an address such as https://esputnik.com/api",
    "setting.address_only": "setting api_url must hold neither a user name nor a query",
    "setting.ca_bundle": "setting ca_bundle is not a file of certificates in PEM form",
    "setting.https": "setting api_url must begin with https:// (plain http is for loopback hosts only)",
    "setting.mapping": "setting order_status_mapping: {problem}",
    # ---------------------------------------------------------------- order_status_mapping
    "mapping.list": "expected a list of entries with status and send",
    "mapping.entry": "entry {position}, {field}: {problem}",
    "mapping.the_entry": "the entry",
    "mapping.twice": "this Horoshop status is mapped twice; keep one of the two entries",
    "mapping.not_an_entry": "expected status and send",
    "mapping.no_status": "expected the id of a Horoshop status, or its title",
    "mapping.empty_status": "expected the id of a Horoshop status, or its title; it is empty",
    "mapping.no_send": "expected one of {statuses}, or a list of them",
    "mapping.empty_send": "the list is empty; without the entry orders of this status are held",
    "mapping.unknown_send": "unknown eSputnik status; use {statuses}",
    "mapping.sent_twice": "a status is listed twice; each is sent at most once per change of the order",
    "mapping.new": "New is always sent as INITIALIZED alone; remove this entry",
}


def said(name: str, /, **values: object) -> Said:
    """A sentence with what fills it in, to be put into words later."""
    return said_of(SENTENCES[name], values)


def said_of(sentence: str | tuple[str, str], values: dict[str, object]) -> Said:
    """The same of a sentence of any table; a pair is one and many."""
    return Said(sentence, values) if isinstance(sentence, str) else Said(sentence[0], values, sentence[1])


def say(name: str, /, **values: object) -> str:
    """A sentence, in the language that is spoken."""
    return str(said(name, **values))


def name_of(kind: str, name: str) -> str:
    """The name of a `stream`, a `fate` or a `kind` of contact as people call it; one that is not known stays."""
    return say(f"{kind}.{name}") if f"{kind}.{name}" in SENTENCES else name
