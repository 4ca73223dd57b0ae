"""`probe`: the unknowns of eSputnik's API, settled on the owner's own account with a test address."""

from __future__ import annotations

import contextlib
import logging
import math
import secrets
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik.cli import words_probe  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet
from target_esputnik.cli.verdicts import DONE, PERSON
from target_esputnik.cli.words import say
from target_esputnik.errors import CredentialsRefused, TargetError
from target_esputnik.probe.findings import IMPOSSIBLE, NOT_ASKED
from target_esputnik.probe.questions import BY_NAME, TABLE

if TYPE_CHECKING:
    from target_esputnik.answers import Account
    from target_esputnik.cli.asked import Asked
    from target_esputnik.probe.bench import Bench
    from target_esputnik.probe.findings import Findings
    from target_esputnik.probe.probing import Plan, Probed
    from target_esputnik.probe.question import Question
    from target_esputnik.settings import Settings
    from target_esputnik.stopping import StopSignals
    from target_esputnik.tries import Exchange

logger = logging.getLogger("target-esputnik")

YES: Final = frozenset({"y", "yes", "т", "так"})


@ledger_command("probe", example="--email me+test@example.com", asks_esputnik=True)
@click.option("--email", required=True, metavar="ADDRESS", help=say("option.probe_email"))
@click.option("--only", multiple=True, type=click.Choice(sorted(BY_NAME)), metavar="QUESTION", help=say("option.only"))
@click.option("--yes", is_flag=True, help=say("option.probe_yes"))
def probe(asked: Asked, *, email: str, only: tuple[str, ...], yes: bool) -> int:
    """Settle the APIs' unknowns on a test address."""
    from target_esputnik.probe.addresses import TestAddress  # noqa: PLC0415 - reports need none of what sends
    from target_esputnik.probe.bench import Bench  # noqa: PLC0415
    from target_esputnik.probe.client import ProbeClient  # noqa: PLC0415
    from target_esputnik.probe.notebook import Notebook  # noqa: PLC0415
    from target_esputnik.probe.probing import Probed, plan_for  # noqa: PLC0415
    from target_esputnik.stopping import StopSignals  # noqa: PLC0415

    settings = asked.settings
    address = TestAddress.from_option(email, secrets.token_hex(3))
    plan = plan_for(only, settings.confirmation_form_type)
    exchanges: list[Exchange] = []
    with closing(ProbeClient(settings, on_exchange=exchanges.append)) as client, Notebook(settings) as notebook:
        client.watch()
        signals = StopSignals(client.stop, watchdog=False)  # cleaning up takes its time
        person = Terminal(signals, yes=yes)
        bench = Bench(client, address, person, settings.confirmation_form_type, lambda: bool(signals.code))
        with signals:
            try:
                account = client.account()
            except CredentialsRefused as error:
                bench.findings.settle("key_scope", "disabled")
                asked.show(_sheet(bench, plan, Probed(error), None))
                logger.error(error.line())  # noqa: TRY400 - a traceback may quote a setting
                return error.exit_code
            notebook.begin(account)
            _announce(plan, account, settings)
            if settings.dry_run:
                click.echo(say("probe.dry_run"), err=True)
                return DONE
            return _carry_out(asked, settings, bench, plan, account, notebook, exchanges, signals)


def _carry_out(  # noqa: PLR0917 - all that one probe consists of
    asked: Asked,
    settings: Settings,
    bench: Bench,
    plan: Plan,
    account: Account,
    notebook: Any,
    exchanges: list[Exchange],
    signals: StopSignals,
) -> int:
    from target_esputnik.probe.cleanup import Cleaner  # noqa: PLC0415
    from target_esputnik.probe.client import ProbeClient  # noqa: PLC0415
    from target_esputnik.probe.probing import probe as carry_out  # noqa: PLC0415

    # Of its own: the client that a signal stopped repeats nothing, and cleaning up is worth a second try.
    code, error = 1, None
    with closing(ProbeClient(settings, on_exchange=exchanges.append)) as broom:
        try:
            probed = carry_out(
                bench,
                plan,
                lambda: Cleaner(broom, bench.address, lambda: signals.again),
                shop_facts=notebook.shop_facts(),
            )
            error = probed.error
            code = signals.code or (error.exit_code if error else PERSON if probed.cleaned.left else DONE)
        except TargetError as problem:
            code, error = problem.exit_code, problem
            raise
        finally:
            with contextlib.suppress(TargetError):  # a broken ledger must not cost what was found out
                notebook.end(code, error, exchanges)
    asked.show(_sheet(bench, plan, probed, account))
    if error:
        logger.error(error.line())
    if signals.code:
        logger.warning(say("probe.stopped_left" if probed.cleaned.left else "probe.stopped"))
    return code


# -------------------------------------------------------------------- before


def _announce(plan: Plan, account: Account, settings: Settings) -> None:
    """Say what will happen before anything does."""
    from target_esputnik.probe.step import SUBSCRIBED  # noqa: PLC0415

    form_type = settings.confirmation_form_type
    lines = [
        say("probe.account", name=account.name, id=account.id),
        say("probe.plan", writes=plan.writes, minutes=_minutes(plan)),
        say("probe.address"),
        say("probe.events" if plan.events else "probe.no_events"),
        *(f"  {event}: {count}" for event, count in sorted(plan.events.items())),
        *([say("probe.workflows")] if plan.events else []),
        *([say("probe.opt_in", form_type=form_type)] if SUBSCRIBED.format(form_type=form_type) in plan.events else []),
        say("probe.cleans"),
    ]
    click.echo("\n".join(lines), err=True)


def _minutes(plan: Plan) -> int:
    """About how long it takes: a few seconds a step for searches that lag, and the waits for the guard."""
    return math.ceil((len(plan.steps) * 5 + plan.guard_waits * 61) / 60)


class Terminal:
    """The person at the terminal. Questions go to stderr: stdout is the result's.

    Args:
        signals: end a question.
        yes: permit every write. What a person must look at is then asked only at a terminal.
    """

    def __init__(self, signals: StopSignals, *, yes: bool) -> None:
        self._signals = signals
        self._yes = yes

    def permits(self, call: str, **values: str) -> bool:
        """Show a write in words, and ask."""
        words = say(f"probe.call.{call}", **values)
        if self._yes:
            click.echo(words, err=True)
            return True
        return self._answer(f"{words} [y/N] ").lower() in YES

    def sees(self, question: Question, **values: str) -> str | None:
        """Say where to look, and ask what is seen there."""
        if self._yes and not sys.stdin.isatty():
            return None
        readings = list(question.sights.values())
        click.echo(say("probe.look", where=say(f"probe.look.{question.name}", **values)), err=True)
        for number, reading in enumerate(readings, start=1):
            click.echo(f"  {number}  {say(f'probe.sight.{question.name}.{reading}')}", err=True)
        answer = self._answer(f"{say('probe.sight')}: ")
        number = int(answer) if answer.isdecimal() else 0
        return readings[number - 1] if 1 <= number <= len(readings) else None

    def _answer(self, words: str) -> str:
        """Ask for a line; empty at the end of the input."""
        click.echo(words, nl=False, err=True)
        with self._signals.waiting():
            line = sys.stdin.readline()
        if not line.endswith("\n"):
            click.echo("", err=True)
        return line.strip()

    def told(self, what: str, **values: str) -> None:
        """Say what happens."""
        click.echo(say(f"probe.told.{what}", **values), err=True)


# -------------------------------------------------------------------- what is shown


def _sheet(bench: Bench, plan: Plan, probed: Probed, account: Account | None) -> Sheet:
    findings = bench.findings
    rows = [_facts(question, findings) for question in TABLE]
    cleaned = probed.cleaned
    sheet = Sheet(
        {
            "account": {"id": account.id, "name": account.name} if account else None,
            "address": bench.address.given,
            "questions": rows,
            "events_at_most": dict(plan.events),
            "cleaned": {"contacts": cleaned.contacts, "orders": cleaned.orders},
            "leftovers_deleted": probed.leftovers,
            "left": cleaned.left,
            "stopped": probed.stopped,
            "error": probed.error.facts() if probed.error else None,
        }
    )
    settled = [row for row in rows if row["settled"]]
    sheet.table(
        say("probe.settled", count=len(settled), all=len(rows)),
        ("question", "reading", "changes", "setting"),
        [(row["asks"], _with_evidence(row), row["meaning"], row["setting"] or "") for row in settled],
    )
    open_rows = [(row["asks"], row["why_open"]) for row in rows if not row["settled"] and row["code"] != NOT_ASKED]
    sheet.table(say("probe.open"), ("question", "why"), open_rows)
    sheet.say("probe.shop_side")
    if account:
        sheet.say("probe.cleaned", contacts=cleaned.contacts, orders=cleaned.orders)
        sheet.say("probe.stays")
    if cleaned.left:
        sheet.say("probe.left", what=", ".join(cleaned.left))
    return sheet


def _with_evidence(row: dict[str, Any]) -> str:
    return f"{row['reading']} ({row['evidence']})" if row["evidence"] else str(row["reading"])


def _facts(question: Question, findings: Findings) -> dict[str, Any]:
    name, finding = question.name, findings.settled.get(question.name)
    facts: dict[str, Any] = {"name": name, "asks": say(f"probe.asks.{name}"), "how": question.how}
    facts |= {"seen_by": question.seen_by, "settled": finding is not None}
    if finding is None:
        why = findings.open()[name]
        words = say(f"probe.how.{name}") if why == IMPOSSIBLE else say(f"probe.open.{why}")
        return facts | {"why_open": words, "code": why}
    row = question.row_of(finding.reading)
    return facts | {
        "reading": finding.reading,
        "evidence": finding.evidence,
        "meaning": say(f"probe.meaning.{name}.{row}"),
        "setting": say(f"probe.setting.{name}.{row}") if question.readings[row].setting else None,
    }
