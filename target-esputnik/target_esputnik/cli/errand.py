"""One run that an operator asked for: it holds the ledger's lock, obeys signals, and is written down like any other."""

from __future__ import annotations

import contextlib
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates
from target_esputnik.cli.reckoning import FEW, JUDGED_BY_CONTENT, Reckoning
from target_esputnik.cli.verdicts import DONE
from target_esputnik.client import EsputnikClient
from target_esputnik.delivery.again import Again, Left
from target_esputnik.delivery.run import EXIT_TOO_MANY_REJECTED, Run
from target_esputnik.errors import ConfigProblem, TargetError
from target_esputnik.ledger import selection as selected
from target_esputnik.ledger.reports import scopes_of
from target_esputnik.ledger.store import Ledger
from target_esputnik.planning_client import PlanningClient
from target_esputnik.stopping import Stopping, StopSignals
from target_esputnik.tally import Tally

if TYPE_CHECKING:
    from target_esputnik.ledger.selection import Selection
    from target_esputnik.settings import Settings
    from target_esputnik.tries import Exchange

SEARCHES: Final = 5
"""So many contacts and buyers a preview looks up, at the pace of the requests: it answers within a second."""


@dataclass
class Done:
    """What became of an errand.

    Attributes:
        kind: `retry`, `release` or `resend`.
        code: the exit code of the contract.
        run_number: as the ledger has it.
        tally: what the records ended in; of a preview: what they would.
        left: what was chosen and cannot go.
        plan: what a preview counted; None when it was for good.
    """

    kind: str
    code: int
    run_number: int
    tally: Tally
    left: Left
    plan: PlanningClient | None


def errand(settings: Settings, kind: str, selection: Selection, *, preview: bool) -> Done:
    """Send what is meant; a preview goes the same way, writes nothing, and counts.

    Raises:
        TargetError: it could not begin, or eSputnik is away; what was sent is settled and written down.
        Stopped: a signal came; the same.
    """
    if preview and _are_many(settings, selection):
        return _reckoned(settings, kind, selection)
    return _carried_out(settings, kind, selection, preview=preview)


def _carried_out(settings: Settings, kind: str, selection: Selection, *, preview: bool) -> Done:
    """Record by record; a preview on a ledger that keeps nothing."""
    exchanges: list[Exchange] = []
    with (
        closing(_client(settings, exchanges, preview=preview)) as client,
        Ledger.open(settings.ledger_url, create=False, dry=preview) as ledger,
    ):
        run = Run(settings, ledger, client, exchanges=exchanges, emit_state=_no_state, kind=kind)

        def begin_nothing_more() -> None:
            run.stopping.set()
            client.stop()

        with StopSignals(begin_nothing_more) as signals:
            left, code = _carry_out(run, selection, signals)
        plan = client if isinstance(client, PlanningClient) else None
        return Done(kind, code, ledger.run.number, run.tally, left, plan)


def _are_many(settings: Settings, selection: Selection) -> bool:
    """Whether more is meant than can be made ready while somebody waits; without asking whose ledger it is."""
    with Ledger.open(settings.ledger_url, create=False, writable=False) as ledger:
        meant = 0
        for scope in scopes_of(ledger, settings.shop, settings.account_prefix):
            ledger.enter_scope(scope.account, scope.account_name, scope.shop, create=False)
            meant += sum(selected.counts(ledger, selection).values())
        return meant > FEW


def _reckoned(settings: Settings, kind: str, selection: Selection) -> Done:
    """By what the columns of very many records say; only what was rejected for its content is read whole."""
    reasons = tuple(sorted(JUDGED_BY_CONTENT & set(selection.reasons or JUDGED_BY_CONTENT)))
    if fates.REJECTED in selection.fates and reasons:
        rejected = replace(selection, fates=(fates.REJECTED,), reasons=reasons)
        done = _carried_out(settings, kind, rejected, preview=True)
    else:
        done = Done(kind, DONE, 0, Tally(0), Left(), _planning(settings, []))
    assert done.plan is not None  # noqa: S101 - it is a preview
    with (
        closing(_planning(settings, [])) as client,
        Ledger.open(settings.ledger_url, create=False, writable=False) as ledger,
    ):
        account = client.account()
        ledger.enter_scope(settings.account_prefix + account.id, account.name, settings.shop, create=False)
        if ledger.scope.external_id_prefix not in {None, settings.external_id_prefix}:
            raise ConfigProblem("prefix_changed")
        Reckoning(settings, ledger, done.plan, done.tally, done.left).count(selection)
    return done


def _client(settings: Settings, exchanges: list[Exchange], *, preview: bool) -> EsputnikClient:
    return _planning(settings, exchanges) if preview else EsputnikClient(settings, on_exchange=exchanges.append)


def _planning(settings: Settings, exchanges: list[Exchange]) -> PlanningClient:
    planning = PlanningClient(settings, on_exchange=exchanges.append)
    planning.plan(searches=SEARCHES)
    return planning


def _no_state(_: dict[str, Any]) -> None:
    """No tap, no bookmark: a command never emits STATE."""


def _carry_out(run: Run, selection: Selection, signals: StopSignals) -> tuple[Left, int]:
    """Begin, send, and write down the verdict, whatever it is. Returns what was left, and the exit code."""
    code, error = 1, None
    try:
        run.begin()
        signals.check()
        again = Again(run)
        again.send(selection)
        too_many = run.tally.too_many_rejected(run.room.settings.max_rejected_percent)
        code = EXIT_TOO_MANY_REJECTED if too_many else 0
    except (Stopping, TargetError) as problem:
        if signals.code:
            code = signals.code
            raise Stopped(code) from None
        error = problem if isinstance(problem, TargetError) else None
        code = error.exit_code if error else code
        raise
    finally:
        with contextlib.suppress(TargetError):  # a broken ledger must not hide why it failed
            run.close(code, error)
    return again.left, code


class Stopped(Exception):  # noqa: N818 - no error: it was asked for
    """A signal came; what was sent is settled. `code` is the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code
