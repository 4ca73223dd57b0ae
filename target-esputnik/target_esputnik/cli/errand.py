"""One run that an operator asked for: it holds the ledger's lock, obeys signals, and is written down like any other."""

from __future__ import annotations

import contextlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_esputnik.client import EsputnikClient
from target_esputnik.delivery.again import Again, Left
from target_esputnik.delivery.run import EXIT_TOO_MANY_REJECTED, Run
from target_esputnik.errors import TargetError
from target_esputnik.ledger.store import Ledger
from target_esputnik.planning_client import PlanningClient
from target_esputnik.stopping import Stopping, StopSignals

if TYPE_CHECKING:
    from target_esputnik.ledger.selection import Selection
    from target_esputnik.settings import Settings
    from target_esputnik.tally import Tally
    from target_esputnik.transport import Exchange


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


def _client(settings: Settings, exchanges: list[Exchange], *, preview: bool) -> EsputnikClient:
    if not preview:
        return EsputnikClient(settings, on_exchange=exchanges.append)
    planning = PlanningClient(settings, on_exchange=exchanges.append)
    planning.plan()
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
