"""`explain order|contact ID`: from the shop's record to what the ledger holds, step by step, in one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from target_esputnik.cli.explained_contact import explained_contact
from target_esputnik.cli.explained_order import explained_order
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet
from target_esputnik.cli.shown import answer_shown, as_cell, fate_cell, field_table, in_words, masked_option, parsed
from target_esputnik.cli.shown import shown as shown_of
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger import people

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.cli.explained_contact import Explained
    from target_esputnik.ledger.rows import Contact, Order
    from target_esputnik.ledger.store import Ledger

APART: Final = frozenset({"record", "answer", "updated_at"})


@ledger_command("explain", example="order 1")
@click.argument("kind", type=click.Choice(["order", "contact"]))
@click.argument("typed", metavar="ID")
@masked_option
def explain(asked: Asked, *, kind: str, typed: str, masked: bool) -> int:
    """Why an order or a contact stands where it stands, step by step."""
    settings = asked.settings
    with asked.ledger_to_read() as ledger:
        if kind == "order":
            row = ledger.orders([int(typed)]).get(int(typed)) if typed.isdecimal() else None
            if row is None:
                raise click.UsageError(say("orders.unknown", id=typed if typed.isdecimal() else "?"))
            found = [
                _facts(ledger, kind, str(row.order_id), row, explained_order(row, settings, ledger), masked=masked)
            ]
        else:
            rows = people.contacts_meant(ledger, typed, settings.phone_region)
            if not rows:
                raise click.UsageError(say("contacts.unknown"))
            found = [
                _facts(ledger, kind, one.key, one, explained_contact(one, settings, ledger), masked=masked)
                for one in rows
            ]
    sheet = Sheet({"explained": found})
    for facts in found:
        _tell(sheet, facts)
    asked.show(sheet)
    return DONE


def _facts(
    ledger: Ledger, kind: str, key: str, row: Order | Contact, explained: Explained, *, masked: bool
) -> dict[str, Any]:
    sends = people.sends_of(ledger, kind, key)
    last = sends[-1] if sends else None
    answer = row.answer if row.answer is not None else last.answer if last else None
    return {
        "kind": kind,
        "id": key,
        "record": shown_of(parsed(row.record), masked=masked),
        "normalised": shown_of(explained.normalised, masked=masked),
        "rule": {
            "result": row.fate,
            "reason": row.reason,
            **in_words(row.fate, row.reason),
            "because": explained.because,
            "read_again": explained.again,
        },
        "payload": shown_of(parsed(last.payload), masked=masked) if last else None,
        "sent": {"what": last.what, "at": last.at, "run": last.run, "outcome": last.outcome} if last else None,
        "answer": answer_shown(answer, masked=masked),
        "ledger": {name: value for name, value in msgspec.structs.asdict(row).items() if name not in APART},
    }


def _tell(sheet: Sheet, facts: dict[str, Any]) -> None:
    for part in ("record", "normalised"):
        field_table(sheet, say(f"explain.{part}"), facts[part] or {"": say("explain.no_record")})
    rule, sent = facts["rule"], facts["sent"]
    field_table(
        sheet,
        say("explain.rule"),
        {
            say("explain.result"): fate_cell(rule["result"], rule["reason"]),
            say("explain.because"): rule["because"],
            say("explain.meaning"): rule["meaning"],
            say("explain.todo"): rule["todo"],
            say("explain.again"): rule["read_again"],
        },
    )
    field_table(
        sheet,
        say("explain.payload"),
        facts["payload"] or {"": say("explain.not_sent") if sent is None else say("records.content_gone")},
    )
    answer = as_cell(facts["answer"])
    if answer or sent is not None:
        field_table(sheet, say("explain.answer"), {"": answer or say("explain.no_answer", outcome=sent["outcome"])})
    field_table(sheet, say("explain.ledger"), facts["ledger"])
