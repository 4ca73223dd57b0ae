"""How a record of a person is shown: whole, because it was asked for, or with what is personal hidden."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik import fates
from target_esputnik.cli import words_records  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.sheet import local
from target_esputnik.cli.words import say
from target_esputnik.confirmation import RULES
from target_esputnik.language import Said
from target_esputnik.ledger.base import json_text
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_esputnik.cli.sheet import Sheet
    from target_esputnik.ledger.people import Sent

HIDDEN: Final = "***"
PLAIN: Final = frozenset(
    {
        "id", "order_id", "user_id", "externalOrderId", "externalCustomerId", "externalItemId", "customer_group_id",
        "created_at", "registered_at", "date", "status", "status_id", "status_title", "status_titles",
        "statusDescription", "total", "total_before_discount", "totalCost", "discount", "shipping", "delivery_price",
        "payment_price", "delivery_type", "delivery_type_id", "payment_type", "payment_type_id", "deliveryMethod",
        "paymentMethod", "currency", "paid", "quantity", "products", "items", "name", "title", "article", "price",
        "cost", "total_price", "type", "source", "storeId", "newsletter_subscribed", "channels", "additionalInfo",
        "fields", "ua", "uk", "ru", "en", "discount_percent", "discount_value", "coupon_percent", "coupon_discount",
        "manager_discount", "discount_marker", "storage_id", "parent_storage_id", "extra",
    }
)  # fmt: skip
"""What may be shown with --masked; a field that is not listed counts as personal, so that a new one is hidden."""

RULE_WHY: Final = {rule.name: rule.why for rule in RULES}

masked_option = click.option("--masked", is_flag=True, help=say("option.masked"))


def shown(value: Any, *, masked: bool, name: str | None = None) -> Any:
    """A value of a record or payload; with `masked` everything that may be personal is hidden."""
    if not masked or value is None:
        return value
    if isinstance(value, dict):
        return {key: shown(inner, masked=True, name=key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shown(inner, masked=True, name=name) for inner in value]
    return value if name in PLAIN else HIDDEN


def parsed(text: str | None) -> Any:
    """JSON that the ledger keeps as text; what is no JSON stays text."""
    try:
        return None if text is None else json.loads(text, parse_float=_finite)
    except json.JSONDecodeError:
        return text


def _finite(number: str) -> float | None:
    """A number of JSON; 1e999 is valid there, and endless in Python, which would write it as no JSON."""
    read = float(number)
    return read if math.isfinite(read) else None


def answer_shown(text: str | None, *, masked: bool) -> Any:
    """What eSputnik said: its words may quote anything, so nothing of them is shown with `masked`."""
    return HIDDEN if masked and text is not None else parsed(text)


def in_words(fate: str, reason: str | None) -> dict[str, str]:
    """What a fate and reason mean, and what follows."""
    _, meaning, todo = fates.REASONS.get(reason or "", ("", fates.FATES[fate], ""))
    return {"meaning": str(Said(meaning)), "todo": str(Said(todo))}


def why_in_words(rule: str | None) -> str | None:
    """Why a confirmation rule chose its route; None where it is not known."""
    return str(Said(RULE_WHY[rule])) if rule in RULE_WHY else None


def fate_cell(fate: str, reason: str | None) -> str:
    """A fate and its reason in a table."""
    return name_of("fate", fate) + (f" ({reason})" if reason else "")


# -------------------------------------------------------------------- what was sent


def send_facts(sends: Sequence[Sent], *, masked: bool) -> list[dict[str, Any]]:
    """Everything that was sent, as JSON."""
    return [
        {
            "at": sent.at,
            "run": sent.run,
            "what": sent.what,
            "rule": sent.why,
            "why": why_in_words(sent.why),
            "shop_status": sent.shop_status,
            "outcome": sent.outcome,
            "reason": sent.reason,
            "payload": shown(parsed(sent.payload), masked=masked),
            "answer": answer_shown(sent.answer, masked=masked),
        }
        for sent in sends
    ]


def send_table(sheet: Sheet, title: str, facts: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    """The same as a table of some of `at`, `run`, `what`, `why`, `shop_status`, `outcome`, `answer`."""

    def cell(sent: Mapping[str, Any], column: str) -> str:
        if column == "at":
            return local(sent["at"])
        if column == "outcome":
            return str(sent["outcome"]) + (f" ({sent['reason']})" if sent["reason"] else "")
        return as_cell(sent[column])

    sheet.table(title, columns, [tuple(cell(sent, column) for column in columns) for sent in facts])


def field_table(sheet: Sheet, title: str, values: Mapping[str, Any]) -> None:
    """A table of names and values, without those that are absent."""
    rows = [(name, as_cell(value)) for name, value in values.items() if value not in (None, "", [], {})]
    sheet.table(title, ("field", "value"), rows)


def as_cell(value: Any) -> str:
    """A JSON value in a table."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)
