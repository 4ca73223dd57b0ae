"""`shops`: all shops of the ledger, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_esputnik import fates
from target_esputnik.cli.asked import shown_account
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.run_record import failed_outside, known_to_meltano
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.verdicts import DONE, verdict_of
from target_esputnik.cli.words import say
from target_esputnik.ledger.overview import all_shops
from target_esputnik.ledger.standing import STREAMS

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.overview import ShopStand
    from target_esputnik.meltano_runs import MeltanoRun

SHOWN = (fates.ACCEPTED, fates.HELD, fates.REJECTED)
COLUMNS = ("shop", "account", "began", "verdict", "contacts_accepted", "orders_accepted", "held", "rejected")


@ledger_command("shops", example="", whole_ledger=True)
def shops(asked: Asked) -> int:
    """All shops of the ledger: last run, verdict, and how many records were accepted, held and rejected."""
    with asked.whole_ledger_to_read() as ledger:
        stands = all_shops(ledger)
        known = known_to_meltano([stand.run for stand in stands if stand.run])
        facts = [_facts(stand, known) for stand in stands]
        sheet = Sheet({"shops": facts})
        sheet.table("", COLUMNS, [_cells(one) for one in facts])
        if not facts:
            sheet.say("shops.none")
        asked.show(sheet)
    return DONE


def _facts(stand: ShopStand, known: dict[str, MeltanoRun]) -> dict[str, Any]:
    scope, run = stand.known.scope, stand.run
    outside = run is not None and failed_outside(run, known)
    verdict = None if run is None else verdict_of(run, at_work=stand.at_work, failed_outside=outside)
    return {
        "shop": scope.shop,
        "account": {"id": shown_account(scope), "name": scope.account_name},
        "last_run": None
        if run is None or verdict is None
        else {
            "number": run.number,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "state": verdict.state,
            "exit_code": verdict.code,
            "verdict": verdict.sentence,
        },
        "now": {stream: {fate: stand.counts[stream, fate] for fate in SHOWN} for stream in STREAMS},
    }


def _cells(facts: dict[str, Any]) -> tuple[str, ...]:
    run, now = facts["last_run"], facts["now"]
    began, verdict = (local(run["started_at"]), run["verdict"]) if run else ("", say("shops.no_run"))
    accepted = [str(now[stream][fates.ACCEPTED]) for stream in STREAMS]
    waiting = [str(sum(now[stream][fate] for stream in STREAMS)) for fate in (fates.HELD, fates.REJECTED)]
    return (
        facts["shop"],
        f"{facts['account']['name']} ({facts['account']['id']})",
        began,
        verdict,
        *accepted,
        *waiting,
    )
