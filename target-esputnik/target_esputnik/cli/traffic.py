"""`requests`: the requests to eSputnik one by one, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from target_esputnik.cli import words_records  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.selectors import end_moment, moment, period_of, span
from target_esputnik.cli.sheet import Sheet, local
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger import traffic
from target_esputnik.ledger.traffic import Wanted

if TYPE_CHECKING:
    from datetime import timedelta

    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.traffic import Request

COLUMNS = ("at", "run", "endpoint", "method", "status", "outcome", "tries", "seconds", "records")


@ledger_command("requests", example="--failed --last 7d")
@click.option("--failed", is_flag=True, help=say("option.failed"))
@click.option("--run", type=int, metavar="NUMBER", help=say("option.run"))
@click.option("--endpoint", "endpoints", multiple=True, metavar="NAME", help=say("option.endpoint"))
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help=say("option.outcome"))
@click.option("--from", "begin", callback=moment, metavar="MOMENT", help=say("option.requests_from"))
@click.option("--to", "end", callback=end_moment, metavar="MOMENT", help=say("option.requests_to"))
@click.option("--last", callback=span, metavar="SPAN", help=say("option.requests_last"))
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help=say("option.requests_limit"))
def requests(
    asked: Asked,
    *,
    failed: bool,
    run: int | None,
    endpoints: tuple[str, ...],
    outcomes: tuple[str, ...],
    begin: str | None,
    end: str | None,
    last: timedelta | None,
    limit: int,
) -> int:
    """Requests to eSputnik one by one, and what failed."""
    wanted = Wanted(run, endpoints, outcomes, failed, period_of(begin, end, last))
    with asked.ledger_to_read() as ledger:
        found = traffic.requests(ledger, wanted, limit=limit + 1)
    shown = found[:limit]
    sheet = Sheet({"requests": [row._asdict() for row in shown], "more": len(found) > limit})
    if not shown:
        sheet.say("requests.none")
    sheet.table("", COLUMNS, [_cells(row) for row in shown])
    if len(found) > limit:
        sheet.say("requests.more", shown=len(shown))
    asked.show(sheet)
    return DONE


def _cells(row: Request) -> tuple[str, ...]:
    status = "" if row.status is None else str(row.status)
    numbers = (str(row.tries), f"{row.seconds:.2f}", str(row.records))
    return (local(row.at), str(row.run), row.endpoint, row.method, status, row.outcome, *numbers)
