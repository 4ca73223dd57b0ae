"""`prune`: old payloads, requests, sends and runs are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from target_esputnik.cli import words_records  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.asked import the_scope
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.selectors import moment
from target_esputnik.cli.sheet import Sheet
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.moments import days_ago
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked


@ledger_command("prune", example="--before 2026-01-01")
@click.option("--before", callback=moment, metavar="MOMENT", help=say("option.before"))
@click.option("--yes", is_flag=True, help=say("option.prune_yes"))
def prune(asked: Asked, *, before: str | None, yes: bool) -> int:
    """Forget old payloads, requests, sends and runs."""
    settings = asked.settings
    for_good = yes and not settings.dry_run
    payloads_before = days_ago(settings.payload_retention_days)
    clear = True
    with Ledger.open(settings.ledger_url, create=False, writable=for_good) as ledger:
        scope = the_scope(ledger, settings, asked.account)
        ledger.enter_scope(scope.account, scope.account_name, scope.shop, create=False)
        if for_good:
            ledger.lock()
            ledger.begin_run(kind="prune", settings_hash="", meltano_run_id=None)
            counts = {"payloads": ledger.drop_old_payloads(payloads_before)}
            counts |= ledger.prune(before) if before else {}
            ledger.end_run(exit_code=DONE, counts=json_text({"pruned": counts}))
            clear = ledger.compact()
        else:
            counts = ledger.would_forget(payloads_before, before)
        run = ledger.run.number
    sheet = Sheet({"pruned": for_good, "run": run or None, "counts": counts, "log_cleared": clear})
    if not for_good:
        sheet.say("prune.preview")
    if not any(counts.values()):
        sheet.say("prune.nothing")
    days = settings.payload_retention_days
    rows = [(say(f"prune.what.{name}", days=days), str(count)) for name, count in counts.items() if count]
    sheet.table(say("prune.counts"), ("what", "count"), rows)
    sheet.say("prune.done" if for_good else "prune.hint")
    if not clear:
        sheet.say("erase.wal")
    if settings.dry_run and yes:
        sheet.say("send.dry_run")
    asked.show(sheet)
    return DONE
