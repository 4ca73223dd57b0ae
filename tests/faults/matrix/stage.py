"""Where a case is played: a small shop, an account that people were in before, the pipe, and all that is said."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

from comparison import There
from oracle import Snapshot
from pipe_driver import BIN, LONG_AGO, MeltanoPipe, Pipe, ProcessPipe
from story import Story

from horoshop_esputnik_sandbox import Sandbox
from matrix.case import Before, Runner
from matrix.heard import Heard
from matrix.picture import fired, picture

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import time_machine
    from pipe_driver import Ran

    from matrix.case import FaultCase

    from isolated_project import IsolatedProject

SIZE = {"customers": 16, "orders": 36, "seed": 1}
"""A shop with some of every kind, in which a day of changes finds all that it looks for."""
BATCH = 8
TAP = {"page_size": 10}
TARGET = {"live_since": LONG_AGO, "order_batch_size": BATCH}
NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none"}
Row = dict[str, Any]


def sandbox_of(case: FaultCase) -> Sandbox:
    """Give the sandbox that a case is played on; the caller starts and stops it."""
    proxied = {"proxied": True} if case.proxied else {}
    return Sandbox(**SIZE, **proxied, switches={**NO_LIMITS, **case.switches})


class Stage:
    """A case while it is played, and what it left.

    Args:
        case: what is played.
        sandbox: from `sandbox_of`, running.
        folder: for the ledger, the settings and the logs.
        project: of Meltano, for the cases that it runs.

    Attributes:
        story: the shop's story, with the oracle that knows what must have become of everything.
        odd: {(`orders` or `contacts`, key): its fate in the ledger, None where it must not be there}, for records that
            a strike put into the shop; they are compared with this instead of the oracle and the calm run.
        odd_addresses: of odd people; what fired for them is compared with nothing.
        clock: of a case that says when it happens.
        ran: the struck run.
        seconds: how long it took.
        strikes: how often each strike struck.
        known: {table: {key: fate}} in the ledger right after the struck run.
        bookmarks: those of the STATE that stood then.
        shop: the shop as the struck run met it.
        asked: what eSputnik was asked in the struck run.
        calm: the runs after it.
        heard: all that was said in the struck run and after it.
        notes: what strikes and cases keep for themselves while a case is played: they are shared by all stages.
    """

    def __init__(
        self, case: FaultCase, sandbox: Sandbox, folder: Path, project: Callable[[], IsolatedProject] | None = None
    ) -> None:
        self.case = case
        self.sandbox = sandbox
        self.folder = folder
        self.pipe = _pipe_of(case, sandbox, folder, project)
        self.story = Story(sandbox, self.pipe)
        self.odd: dict[tuple[str, str], str | None] = {}
        self.odd_addresses: set[str] = set()
        self.clock: time_machine.Coordinates | None = None
        self.ran: Ran | None = None
        self.seconds = 0.0
        self.strikes: list[int] = []
        self.known: dict[str, dict[str, str]] = {}
        self.bookmarks: Row = {}
        self.shop: Snapshot | None = None
        self.asked: list[Row] = []
        self.calm: list[Ran] = []
        self.heard = Heard()
        self.notes: Row = {}

    def play(self) -> None:
        """Let happen what the case says: before, the struck run, and calm ones until nothing is left to send."""
        if self.case.before is Before.A_DAY:
            self.story.run()
            self.story.day()
        for strike in self.case.strikes:
            strike.arm(self)
        self._struck_run()
        self.strikes = [strike.count(self) for strike in self.case.strikes]
        for strike in self.case.strikes:
            strike.lift(self)
        for number in range(self.case.at_most_calm_runs):
            self.calm.append(self._heard_run())
            if number == 0:
                self._commands()
            if not self.calm[-1].writes() and (number or not self.case.commands):
                return

    def _commands(self) -> None:
        """Do what a person would."""
        for command in self.case.commands:
            line = [str(BIN / "esputnik-ledger"), *command, *self.pipe.target_arguments()]
            done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            self.heard.stderr += done.stderr
            self.notes.setdefault("commands", []).append(done.stdout)

    def _struck_run(self) -> None:
        begun = time.monotonic()
        self.ran = self._heard_run()
        self.seconds = time.monotonic() - begun
        self.asked = self.ran.requests
        self.shop = self.story.snapshots[-1]
        self.known = {table: self._fates(table) for table in ("contacts", "orders")}
        state = self.pipe.kept_by_meltano() if isinstance(self.pipe, MeltanoPipe) else self.pipe.state
        self.bookmarks = dict((state or {}).get("bookmarks", {}))

    def _heard_run(self) -> Ran:
        """Run the pipe on the shop as it is now, however it ends."""
        self.story.snapshots.append(self._without_odd(Snapshot.of(self.sandbox)))
        with self.heard.listening():
            ran = self.pipe.run()
        self.heard.said += ran.said
        self.heard.kept += ran.kept
        self.heard.stderr += ran.log
        return ran

    def _without_odd(self, shop: Snapshot) -> Snapshot:
        """The shop but for the odd rows, of which the oracle knows nothing."""
        for table, key in self.odd:
            rows = shop.customers if table == "contacts" else shop.orders
            rows.pop(int(key), None)
        return shop

    def another_run(self) -> Ran:
        """Let a run happen before the strikes are lifted for good: what happens between two of them is a case's."""
        return self._heard_run()

    def _fates(self, table: str) -> dict[str, str]:
        """Give the ledger's fates; none where a run never came so far as to make it."""
        if not self.pipe.ledger.is_file():
            return {}
        made = self.pipe.rows("SELECT 1 FROM sqlite_master WHERE name = 'orders'")
        return self.pipe.fates(table) if made else {}

    def fates(self, table: str) -> dict[str, str]:
        """Give {key: fate, or fate:reason} of `contacts` or `orders` as they are now, but for the odd ones."""
        return {key: fate for key, fate in self._fates(table).items() if (table, key) not in self.odd}

    def there(self) -> There:
        """Look at eSputnik, but for the odd orders."""
        there = There.of(self.sandbox)
        for table, key in self.odd:
            if table == "orders":
                there.orders.pop(key, None)
        return there

    def picture(self) -> dict[str, Counter[str]]:
        """All that must be the same as after a calm run."""
        return picture(self.sandbox, self.pipe)

    def fired(self) -> Counter[str]:
        """Every workflow event that fired, counted."""
        return fired(self.sandbox)


class CalmEnd:
    """What the same story leads to when nothing goes wrong."""

    def __init__(self, case: FaultCase, folder: Path) -> None:
        with Sandbox(**SIZE, switches={**NO_LIMITS, **case.switches}) as sandbox:
            story = Story(sandbox, _pipe_here(case, sandbox, folder))
            story.run()
            if case.before is Before.A_DAY:
                story.day()
                story.run()
            self.picture = picture(sandbox, story.pipe)
            self.fired = fired(sandbox)


def key_of_calm_end(case: FaultCase) -> str:
    """What a calm end depends on; cases with the same key share one."""
    parts: tuple[Mapping[str, Any], ...] = (case.switches, case.tap_settings, case.target_settings)
    return f"{case.at} {case.before.name} {[sorted(part.items()) for part in parts]}"


def _pipe_here(case: FaultCase, sandbox: Sandbox, folder: Path) -> Pipe:
    return Pipe(sandbox, folder, tap={**TAP, **case.tap_settings}, target={**TARGET, **case.target_settings})


def _pipe_of(case: FaultCase, sandbox: Sandbox, folder: Path, project: Callable[[], IsolatedProject] | None) -> Pipe:
    if case.by is Runner.HERE:
        return _pipe_here(case, sandbox, folder)
    if case.by is Runner.PROCESSES:
        settings = {"tap": {**TAP, **case.tap_settings}, "target": {**TARGET, **case.target_settings}}
        return ProcessPipe(sandbox, folder, **settings)
    assert project is not None
    return MeltanoPipe(sandbox, folder, project(), **TARGET, **case.target_settings)
