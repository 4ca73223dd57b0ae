"""Many runs over a shop that lives on, with random faults: nothing is lost or doubled, and nothing grows.

`make soak` (SOAK="--seed 7 --minutes 10 --runs 50"). Each round changes the shop, lets up to two runs be troubled, and
ends with calm ones; then ledger and account are held against the oracle. All runs are real processes; every few rounds
Meltano does them, from its own older bookmark, on the same ledger.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":  # as pytest does for the tests
    sys.path += [
        str(Path(__file__).resolve().parents[1] / "support"),
        str(Path(__file__).resolve().parents[2] / "tools"),
    ]

import psutil
from comparison import There, contacts_that_differ, events_that_differ, orders_that_differ
from oracle import Snapshot, fates_of_contacts
from pipe_driver import LONG_AGO, MeltanoPipe, ProcessPipe
from soak_faults import drawn
from soak_shop import LivingShop
from soak_watch import MEGABYTE, Peaks, Watch, ledger_beyond
from story import Story

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipe_driver import Ran
    from soak_faults import Trouble

NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none"}
SETTINGS: dict[str, Any] = {"live_since": LONG_AGO, "order_batch_size": 10}
CALM_RUNS = 3
MELTANO_EVERY = 4
MINUTE_OF_THE_GUARD = 61


class LostError(AssertionError):
    """Something is not as the oracle says, after the calm runs."""


@dataclass
class Soak:
    """One soak.

    Attributes:
        sandbox: the shop and the account.
        folder: where ledger and states lie.
        seed: what chance begins with.
        project: for the rounds by Meltano; None: there are none.
        troubles: how often each broke.
        doubtful: how often each order may have fired without our knowing.
        runs: by which runner.
    """

    sandbox: Sandbox
    folder: Path
    seed: int
    project: IsolatedProject | None = None
    troubles: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    peaks: Peaks = field(default_factory=Peaks)
    doubled: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        self.pipe = ProcessPipe(self.sandbox, self.folder, tap={"page_size": 20}, target=SETTINGS)
        self.meltano = MeltanoPipe(self.sandbox, self.folder, self.project, **SETTINGS) if self.project else None
        self.story = Story(self.sandbox, self.pipe)
        self.shop = LivingShop(self.sandbox, self.story.before, self.chance)

    def go_on(self, runs: int, minutes: float = 0) -> None:
        """Let so many runs happen, spread over so many minutes.

        Raises:
            LostError: something is lost or doubled.
        """
        begun, rounds = time.monotonic(), 0
        while (done := self.runs.total()) < runs:
            time.sleep(max(0.0, begun + 60 * minutes * done / runs - time.monotonic()))
            self._round(by_meltano=self.meltano is not None and rounds % MELTANO_EVERY == MELTANO_EVERY - 1)
            rounds += 1

    def _round(self, *, by_meltano: bool) -> None:
        if self.runs:
            self.shop.an_hour_passes()
            for _ in range(self.chance.choice((0, 1, 1, 2))):
                self._troubled(drawn(self.chance, deaths=not by_meltano), by_meltano=by_meltano)
        self._until_calm(by_meltano=by_meltano)

    # ------------------------------------------------------------ runs

    def _troubled(self, trouble: Trouble, *, by_meltano: bool) -> None:
        self.troubles[trouble.name] += 1
        if trouble.fault is not None:
            self.sandbox.fail(api=trouble.api, **trouble.fault)
        asked = len(self.sandbox.requests(api="esputnik"))
        self._run(by_meltano=by_meltano, trouble=trouble if trouble.death else None)
        self.sandbox.clear_faults()
        if trouble.leaves_orders_in_doubt:
            orders = [one for one in self.sandbox.requests(api="esputnik")[asked:] if one["path"] == "/v1/orders"]
            in_doubt = orders[-1:] if trouble.death else [one for one in orders if one["status"] is None]
            self.doubtful.update(order["externalOrderId"] for one in in_doubt for order in one["body"]["orders"])
        self.sandbox.advance(MINUTE_OF_THE_GUARD)  # the next run is an hour later

    def _until_calm(self, *, by_meltano: bool) -> None:
        self.story.snapshots.append(Snapshot.of(self.sandbox))
        told: list[str] = []
        for _ in range(CALM_RUNS):
            ran = self._run(by_meltano=by_meltano)
            if ran.codes != (0, 0):
                raise LostError(f"a calm run ended with {ran.codes}: {ran.log[-2000:]}")
            self.sandbox.advance(MINUTE_OF_THE_GUARD)
            told = self._differences()
            if not told:
                return
        raise LostError("\n".join(told[:20]))

    def _run(self, *, by_meltano: bool, trouble: Trouble | None = None) -> Ran:
        self.runs["meltano" if by_meltano else "tap | target"] += 1
        if by_meltano:
            assert self.meltano is not None
            return self.meltano.run()
        until = self._answered(trouble.api) + trouble.after if trouble is not None else 0
        self.pipe.start()
        with Watch(self._family) as watch:
            if trouble is not None:
                self._wait_for(trouble, until)
                trouble.strike(self._pid_of)
            ran = self.pipe.wait()
        self.peaks.note(watch.memory, watch.files)
        return ran

    def _family(self) -> dict[str, psutil.Process]:
        found = {}
        for name, process in zip(("tap", "target"), self.pipe.processes, strict=True):
            if process.poll() is None and psutil.pid_exists(process.pid):
                found[name] = psutil.Process(process.pid)
        return found

    def _pid_of(self, name: str) -> int:
        process = self.pipe.processes[("tap", "target").index(name)]
        if process.poll() is not None:
            raise ProcessLookupError
        return process.pid

    def _answered(self, api: str | None) -> int:
        """How many requests an API has answered."""
        return sum(count for name, count in self.sandbox.counts()["requests"].items() if name.startswith(f"{api} "))

    def _wait_for(self, trouble: Trouble, until: int) -> None:
        while self._answered(trouble.api) < until and self.pipe.processes[1].poll() is None:
            time.sleep(0.02)

    # ------------------------------------------------------------ what must be true

    def _differences(self) -> list[str]:
        """Everything that is not as the oracle says; orders in doubt may have fired as often again as they were."""
        there, fates = There.of(self.sandbox), self.story.fates()
        wanted = {str(number): fate.sent for number, fate in fates.items() if fate.sent}
        extra = {key: len(fired) - len(wanted.get(key, ())) for key, fired in there.statuses().items()}
        doubled = {key: times for key, times in extra.items() if times > 0}
        found = [
            f"order {key} fired {times} times too often" for key, times in doubled.items() if times > self.doubtful[key]
        ]
        self.doubled = sum(doubled.values())
        seen = replace(there, events=_once_each(there.events, set(doubled)))
        orders, contacts = self.pipe.fates("orders"), self.pipe.fates("contacts")
        own = {key: fate for key, fate in contacts.items() if not key.startswith("guest:")}
        guests = dict.fromkeys(contacts.keys() - own.keys(), "accepted")
        found += _apart("order", orders, {str(number): fate.ledger for number, fate in fates.items()})
        found += _apart("contact", contacts, {**fates_of_contacts(self.story.snapshots[-1]), **guests})
        found += [*orders_that_differ(seen, fates), *events_that_differ(seen, fates)]
        found += contacts_that_differ(seen, self.story.snapshots[-1])
        found += [f"confirmed or not: {email}" for email in seen.confirmed() ^ self.story.before.confirmed_ones()]
        found += [f"unsubscribed or not: {email}" for email in seen.unsubscribed() ^ {self.story.before.unsubscribed}]
        asked = {email: times for (email, _), times in seen.asked().items()}
        return found + _apart("asked to confirm:", asked, dict.fromkeys(self.story.newcomers(), 1))

    def beyond(self) -> list[str]:
        """Tell every bound that was passed: memory, files, the ledger, what was left behind."""
        tables = ("contacts", "orders", "sends", "requests", "runs", "addresses", "imports")
        rows = sum(self.pipe.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables)  # noqa: S608
        self.rows = rows
        left = [child.name() for child in psutil.Process().children(recursive=True)]
        return [
            *self.peaks.beyond(),
            *ledger_beyond(self.pipe.ledger, rows),
            *(f"left behind: {name}" for name in left),
        ]

    def table(self) -> list[tuple[str, str]]:
        """What happened, for a person."""
        there = There.of(self.sandbox)
        most = {name: max(taken) // MEGABYTE for name, taken in self.peaks.memory.items()}
        files = {name: max(taken) for name, taken in self.peaks.files.items()}
        size = self.pipe.ledger.stat().st_size
        return [
            ("seed", str(self.seed)),
            ("runs", ", ".join(f"{count} by {name}" for name, count in self.runs.items())),
            ("of them troubled", f"{self.troubles.total()}, in {len(self.troubles)} ways"),
            ("rounds held against the oracle", str(len(self.story.snapshots))),
            ("orders, contacts at eSputnik", f"{len(there.orders)}, {len(there.living())}"),
            ("events of orders", str(sum(map(len, there.statuses().values())))),
            ("of them twice, all in doubt", f"{self.doubled} of {self.doubtful.total()} that might"),
            ("apart from the oracle", str(len(self._differences()))),
            ("most memory, MB", ", ".join(f"{name} {mb}" for name, mb in most.items())),
            ("most open files", ", ".join(f"{name} {count}" for name, count in files.items())),
            ("ledger", f"{size // 1024} KB, {self.rows} rows, {size // self.rows} bytes a row"),
        ]


def _apart(what: str, found: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Tell where two tables differ."""
    keys = [key for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)]
    return [f"{what} {key}: {found.get(key)}, wanted {wanted.get(key)}" for key in keys]


def _once_each(events: Sequence[dict[str, Any]], doubled: set[str]) -> list[dict[str, Any]]:
    """The events, of which those of some orders count once where the same comes again right after itself."""
    kept = [one for one in events if not (one["type"].startswith("order") and one["key"] in doubled)]
    for key in doubled:
        own = [one for one in events if one["type"].startswith("order") and one["key"] == key]
        kept += [next(same) for _, same in groupby(own, key=lambda one: one["type"])]
    return kept


def main() -> int:
    """Soak, and print what came of it."""
    parser = argparse.ArgumentParser(description="Many runs over a changing shop, with random faults.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--without-meltano", action="store_true")
    asked = parser.parse_args()
    print(f"seed {asked.seed}: {asked.runs} runs over {asked.minutes:g} minutes", flush=True)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(customers=40, orders=80, switches=NO_LIMITS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        project = None if asked.without_meltano else stack.enter_context(IsolatedProject({}))
        if project is not None:
            project.install()
        soak = Soak(sandbox, folder, asked.seed, project)
        try:
            soak.go_on(asked.runs, asked.minutes)
        except LostError as error:
            print(f"seed {asked.seed}, run {soak.runs.total()}, {soak.troubles.most_common()}: {error}")
            return 1
        beyond = soak.beyond()
        for name, value in soak.table():
            print(f"{name:32} {value}")
        print("\n".join(beyond) or "nothing lost, nothing doubled but what was in doubt, nothing grown")
        return int(bool(beyond))


if __name__ == "__main__":
    sys.exit(main())
