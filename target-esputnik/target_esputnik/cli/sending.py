"""`retry`, `release`, `resend`: chosen records go again; first as a preview, then, with --yes, for good."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

import click

from target_esputnik import fates
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.selectors import selecting
from target_esputnik.cli.sheet import Sheet
from target_esputnik.cli.verdicts import (
    COUNT_COLUMNS,
    DONE,
    TOO_MANY_REJECTED,
    count_cells,
    count_facts,
    counted_in,
)
from target_esputnik.cli.words import say
from target_esputnik.words import name_of, said

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.cli.errand import Done
    from target_esputnik.delivery.again import Left
    from target_esputnik.ledger.selection import Selection

_YES = click.option("--yes", is_flag=True, help=say("option.yes"))

logger = logging.getLogger("target-esputnik")


@ledger_command("retry", example="--reason refused --yes", asks_esputnik=True)
@selecting([fates.REJECTED])
@_YES
def retry(asked: Asked, *, selection: Selection, yes: bool) -> int:
    """Send rejected contacts and orders again."""
    return _send(asked, "retry", selection, yes=yes)


@ledger_command("release", example="--reason unmapped_status --from 2026-01-01 --yes", asks_esputnik=True)
@selecting([fates.HELD])
@_YES
def release(asked: Asked, *, selection: Selection, yes: bool) -> int:
    """Send held contacts and orders now."""
    return _send(asked, "release", selection, yes=yes)


@ledger_command("resend", example="--from 2026-01-01 --to 2026-01-02 --yes", asks_esputnik=True)
@selecting([fates.ACCEPTED, fates.BASELINE], streams=False, by_creation=True)
@_YES
def resend(asked: Asked, *, selection: Selection, yes: bool) -> int:
    """Send accepted or baseline orders again."""
    period = selection.period
    if not (selection.reasons or selection.ids or period.begin or period.end):
        raise click.UsageError(say("send.selector"))
    return _send(asked, "resend", selection, yes=yes)


def _send(asked: Asked, kind: str, selection: Selection, *, yes: bool) -> int:
    from target_esputnik.cli.errand import Stopped, errand  # noqa: PLC0415 - reports need none of what sends

    settings = asked.settings
    try:
        done = errand(settings, kind, selection, preview=settings.dry_run or not yes)
    except Stopped as stopped:
        logger.warning(say("send.stopped"))
        return stopped.code
    sheet = _preview_sheet(done, settings.max_requests_per_second) if done.plan else _sent_sheet(done)
    if settings.dry_run and yes:
        sheet.say("send.dry_run")
    asked.show(sheet)
    if done.plan:
        return DONE
    if done.code == TOO_MANY_REJECTED:
        logger.error(done.tally.verdict().line())
    return done.code


# -------------------------------------------------------------------- what is shown


def _preview_sheet(done: Done, pace: int) -> Sheet:
    plan = done.plan
    assert plan is not None  # noqa: S101 - it is a preview
    contacts, requests = sum(plan.contacts.values()), sum(plan.requests.values())
    minutes = math.ceil(requests / pace / 60)
    outcomes = counted_in(done.tally.as_json())
    sheet = Sheet(
        {
            "command": done.kind,
            "sent": False,
            "would_send": {"contacts": contacts, "order_statuses": plan.orders},
            "outcomes": count_facts(outcomes),
            "contacts": dict(plan.contacts),
            "events": dict(plan.events),
            "requests": dict(plan.requests),
            "minutes": minutes,
            "at_most": plan.estimated,
            "left": _left_facts(done.left),
        }
    )
    sheet.say("send.preview")
    if contacts or plan.orders:
        at_most = say("send.at_most") if plan.estimated else ""
        sheet.say(
            "send.would",
            contacts=said("count.contacts", count=contacts),
            orders=said("count.order_statuses", count=plan.orders),
            requests=said("count.requests", count=requests),
            minutes=said("count.minutes", count=minutes),
            at_most=at_most,
        )
        if plan.estimated:
            sheet.say("send.looked_up_later")
    else:
        sheet.say("send.nothing")
    sheet.table(say("send.outcomes"), COUNT_COLUMNS, count_cells(outcomes))
    kinds = [(name_of("kind", what), count) for what, count in _count_rows(plan.contacts)]
    sheet.table(say("send.by_kind"), ("what", "count"), kinds)
    sheet.table(say("send.events"), ("event", "count"), _count_rows(plan.events))
    _left_table(sheet, done.left)
    if contacts or plan.orders:
        sheet.say("send.hint")
    return sheet


def _sent_sheet(done: Done) -> Sheet:
    outcomes = counted_in(done.tally.as_json())
    sheet = Sheet(
        {
            "command": done.kind,
            "sent": True,
            "run": done.run_number,
            "exit_code": done.code,
            "outcomes": count_facts(outcomes),
            "left": _left_facts(done.left),
        }
    )
    if not outcomes:
        sheet.say("send.sent_nothing")
    sheet.table(say("send.sent"), COUNT_COLUMNS, count_cells(outcomes))
    _left_table(sheet, done.left)
    return sheet


def _count_rows(counts: dict[str, int]) -> list[tuple[str, str]]:
    return [(name, str(count)) for name, count in sorted(counts.items())]


def _left_facts(left: Left) -> list[dict[str, Any]]:
    return [
        {
            "stream": stream,
            "why": why,
            "sentence": say(f"left.{why}"),
            "count": count,
            "first": left.first[stream, why],
        }
        for (stream, why), count in sorted(left.count.items())
    ]


def _left_table(sheet: Sheet, left: Left) -> None:
    rows = [
        (name_of("stream", stream), str(count), say(f"left.{why}"), ", ".join(left.first[stream, why]))
        for (stream, why), count in sorted(left.count.items())
    ]
    sheet.table(say("send.left"), ("stream", "count", "why", "first"), rows)
