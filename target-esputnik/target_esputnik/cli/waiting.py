"""`rejected` and `held`: which records did not go, since when, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from target_esputnik import fates
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.selectors import selecting
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.language import Said
from target_esputnik.ledger import selection as selected
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.selection import Listed, Selection

_LIMIT = click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help=say("option.limit"))
_ANSWERS = click.option("--show-answers", "answers", is_flag=True, help=say("option.show_answers"))


@ledger_command("rejected", example="--stream orders --reason refused --show-answers")
@selecting([fates.REJECTED])
@_LIMIT
@_ANSWERS
def rejected(asked: Asked, *, selection: Selection, limit: int, answers: bool) -> int:
    """Contacts and orders that were rejected, and why."""
    return _list(asked, selection, limit, answers=answers)


@ledger_command("held", example="--reason unmapped_status")
@selecting([fates.HELD])
@_LIMIT
@_ANSWERS
def held(asked: Asked, *, selection: Selection, limit: int, answers: bool) -> int:
    """Contacts and orders that wait, and for what."""
    return _list(asked, selection, limit, answers=answers)


def _list(asked: Asked, selection: Selection, limit: int, *, answers: bool) -> int:
    with asked.ledger_to_read() as ledger:
        counted = selected.counts(ledger, selection)
        rows = selected.newest(ledger, selection, limit=limit, answers=answers)
    total = sum(counted.values())
    sheet = Sheet(
        {
            "total": total,
            "by_reason": [
                {"stream": stream, "reason": reason or None, "count": count, **_in_words(reason)}
                for (stream, _, reason), count in sorted(counted.items())
            ],
            "records": [_facts(row, answers=answers) for row in rows],
        }
    )
    if not rows:
        sheet.say("waiting.none")
    sheet.table(
        "",
        ("stream", "reason", "count", "meaning", "todo"),
        [
            (name_of("stream", stream), reason, str(count), *_in_words(reason).values())
            for (stream, _, reason), count in sorted(counted.items())
        ],
    )
    columns = ("stream", "id", "reason", "since", "shop_status", *(("answer",) if answers else ()))
    sheet.table("", columns, [_cells(row, answers=answers) for row in rows])
    if total > len(rows):
        sheet.say("waiting.more", shown=len(rows), all=total)
    asked.show(sheet)
    return DONE


def _in_words(reason: str) -> dict[str, str]:
    _, meaning, todo = fates.REASONS.get(reason, ("", say("reason.unknown"), ""))
    return {"meaning": str(Said(meaning)), "todo": str(Said(todo))}


def _facts(row: Listed, *, answers: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "stream": row.stream,
        "id": row.key,
        "reason": row.reason or None,
        "since": row.since,
        "shop_status": row.shop_status,
        "content_kept": row.kept,
    }
    return facts | ({"answer": row.answer} if answers else {})


def _cells(row: Listed, *, answers: bool) -> tuple[str, ...]:
    status = "" if row.shop_status is None else str(row.shop_status)
    cells = (name_of("stream", row.stream), row.key, row.reason, local(row.since), status)
    return (*cells, row.answer or "") if answers else cells
