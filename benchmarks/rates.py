"""How many requests a first run, an hourly one and one every 5 minutes take, and so how long they do: `make rates`.

Runs the users' own commands, `tap-horoshop | target-esputnik`, with their default settings (customers unconfirmed, the
shop's past recorded and not sent) on shops of 200,000 orders. Only the limits of requests a second, and of a run's
minutes, are lifted while requests are counted. What a rate makes of them is reckoned, and run once at the default
rates, to see that the reckoning is right.
Last, some orders are placed beside a long backlog of contacts, and it is measured when they arrive.

    make rates                                   # 1,000, 10,000 and 50,000 customers, into docs/performance.md
    make rates RATES="--customers 1000 --dry"    # one of them, printed only

Ends with 1 when an hourly run with 50 changes takes 60 requests to eSputnik or more, or orders wait for the backlog.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from compare import PAGE, machine, say

from contest import pipe, report
from contest.contestants import OURS, TABLE, environment, keep_state, write_settings
from contest.exactly_once import requests_by_side
from contest.work import Work

ORDERS: Final = 200_000
CUSTOMERS: Final = (1_000, 10_000, 50_000)
A_SECOND: Final = (1, 20, 200)
TRIED_RATE: Final = 20
SHOPS_RATE: Final = 10  # the tap's default, requests a second
MINUTES_OF_A_RUN: Final = 20  # `max_run_minutes`
MOST_OF_AN_HOUR: Final = 60
NEW_ORDERS: Final = 5
BACKLOG: Final = 2_000
FIRST, HOUR, FEW, NONE = "first run", "an hour later, 50 changes", "5 minutes later, 5 changes", "5 minutes later, none"
OUR_COMMANDS: Final = next(one.commands for one in TABLE if one.name == OURS)


@dataclass(frozen=True)
class Run:
    """One run: requests to the shop and to eSputnik, seconds by the clock and of a processor with no limit to them."""

    shop: int
    esputnik: int
    seconds: float
    processor: float
    megabytes: float


class Shop:
    """A shop whose runs go on from each other.

    Args:
        work: the shop and the account, as new.
        folder: for settings, ledger and state.
    """

    def __init__(self, work: Work, folder: Path) -> None:
        self._work = work
        self._folder = folder
        work.begin(0.0)
        write_settings(folder, work.addresses)
        self.change("target", live_since=None, email_confirmation=None)

    def run(self, *, tap: dict[str, Any] | None = None, target: dict[str, Any] | None = None) -> Run:
        """Run the pipe once with these settings."""
        before = self._asked()
        self.change("tap", **(tap or {}))
        self.change("target", **(target or {}))
        measured = pipe.run(self.commands(), environment(self._folder), self._folder)
        keep_state(self._folder)
        after = self._asked()
        asked = {side: after[side] - before[side] for side in ("shop", "esputnik")}
        return Run(asked["shop"], asked["esputnik"], measured.wall, measured.processor, measured.megabytes)

    def commands(self) -> list[list[str | Path]]:
        """Return the commands of the pipe."""
        return OUR_COMMANDS(Path(sys.executable), self._folder)

    def change(self, program: str, **settings: Any) -> None:
        """Set some settings, or take back those that are None."""
        file = self._folder / f"{program}.json"
        changed = json.loads(file.read_text(encoding="utf-8")) | settings
        kept = {name: value for name, value in changed.items() if value is not None}
        file.write_text(json.dumps(kept), encoding="utf-8")

    def _asked(self) -> dict[str, int]:
        return requests_by_side(self._work.control.counts())


def changes(work: Work, *, statuses: int, orders: int, edits: int, customers: int) -> None:
    """Change the shop: the newest orders move on, known customers order and edit their accounts, others register."""
    control = work.control
    known = control.customers()[::-1][: orders + edits]
    newest = [one for one in control.orders()[::-1][: 20 * statuses] if one["stat_status"] in {1, 2}]
    for order in newest[:statuses]:
        control.set_status(order["order_id"], 3)
    for customer in known[:orders]:
        place(work, customer)
    for customer in known[orders:]:
        control.edit_customer(customer["id"], title="Олена Нова")
    stamp = time.monotonic_ns()
    for number in range(customers):
        control.register(title="Ірина Перша", email=f"new.{stamp}.{number}@example.com")


def place(work: Work, customer: dict[str, Any]) -> None:
    """Let a customer order something."""
    who = {"delivery_name": customer["title"], "delivery_email": customer["email"], "user": customer["id"]}
    work.control.place_order(stat_status=1, **who)


def count_requests(customers: int) -> dict[str, Run]:
    """Run a shop for the first time, after an hour, and twice after 5 minutes."""
    with tempfile.TemporaryDirectory(prefix="rates-") as name, Work(Path(name), ORDERS, customers) as work:
        shop = Shop(work, Path(name))
        found = {FIRST: shop.run()}
        changes(work, statuses=35, orders=10, edits=3, customers=2)
        found[HOUR] = shop.run(tap={"contacts_reread_hours": 0})  # an hour later the whole list is due again
        changes(work, statuses=3, orders=1, edits=0, customers=1)
        found[FEW] = shop.run(tap={"contacts_reread_hours": None})
        found[NONE] = shop.run()
    for what, run in found.items():
        say(f"{customers:,} customers, {what}: {run}")
    return found


def at_a_rate(customers: int) -> tuple[float, float]:
    """Return the seconds of a first run at the default rates: as reckoned, and as measured."""
    with tempfile.TemporaryDirectory(prefix="rates-") as name, Work(Path(name), ORDERS, customers) as work:
        run = Shop(work, Path(name)).run(
            tap={"max_requests_per_second": SHOPS_RATE}, target={"max_requests_per_second": TRIED_RATE}
        )
    return reckoned(run, TRIED_RATE), run.seconds


def reckoned(run: Run, rate: int) -> float:
    """Return the seconds that a run waits for rates: contacts go when all orders are read."""
    return run.shop / SHOPS_RATE + run.esputnik / rate


def beside_a_backlog() -> tuple[int, float, int]:
    """Return how many requests eSputnik got, and seconds went by, until today's orders were there; and the backlog."""
    with tempfile.TemporaryDirectory(prefix="rates-") as name, Work(Path(name), ORDERS, BACKLOG) as work:
        folder = Path(name)
        shop = Shop(work, folder)
        today = (datetime.now(timezone.utc) - timedelta(minutes=5)).isoformat(timespec="seconds")
        for customer in work.control.customers()[-NEW_ORDERS:]:
            place(work, customer)
        shop.change("target", max_requests_per_second=TRIED_RATE, live_since=today)
        return _until_they_arrive(shop, work, folder)


def _until_they_arrive(shop: Shop, work: Work, folder: Path) -> tuple[int, float, int]:
    began = time.monotonic()
    tap, target = shop.commands()
    with (folder / "stderr").open("wb") as log, (folder / "stdout").open("wb") as out:
        reading = subprocess.Popen(tap, stdout=subprocess.PIPE, stderr=log, env=environment(folder), cwd=folder)
        sending = subprocess.Popen(
            target, stdin=reading.stdout, stdout=out, stderr=log, env=environment(folder), cwd=folder
        )
        try:
            while (counts := work.control.counts())["sent_orders"] < NEW_ORDERS:
                if sending.poll() is not None:
                    raise RuntimeError("the run ended, and the orders are not there")
                time.sleep(0.1)
            took, asked = time.monotonic() - began, requests_by_side(counts)["esputnik"]
            waiting = BACKLOG - int(counts["sent_contacts"])
        finally:
            for process in (sending, reading):
                process.terminate()
                process.wait()
    return asked, took, waiting


# ------------------------------------------------------------------------------------------- what is written


def requests_table(found: dict[int, dict[str, Run]]) -> str:
    """Return how many requests each run took."""
    head = "| customers | run | requests to the shop | to eSputnik | s, no limit to either |\n|---|---|---|---|---|"
    rows = [
        f"| {customers:,} | {what} | {run.shop:,} | {run.esputnik:,} | {run.seconds:.1f} |"
        for customers, runs in found.items()
        for what, run in runs.items()
    ]
    return "\n".join([head, *rows])


def times_table(found: dict[int, dict[str, Run]]) -> str:
    """Return how long the first and the hourly run take at each rate of requests to eSputnik."""
    names = [f"{rate} a second" for rate in A_SECOND]
    head = f"| customers | run | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}"
    rows = [
        f"| {customers:,} | {what} | {' | '.join(_told(runs[what], rate) for rate in A_SECOND)} |"
        for customers, runs in found.items()
        for what in (FIRST, HOUR)
    ]
    return "\n".join([head, *rows])


def _told(run: Run, rate: int) -> str:
    seconds = max(reckoned(run, rate), run.seconds)
    runs = math.ceil(reckoned(run, rate) / (MINUTES_OF_A_RUN * 60))
    return _span(seconds) + (f" ({runs} runs)" if runs > 1 else "")


def _span(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=list(CUSTOMERS))
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/performance.md as it is")
    asked = parser.parse_args()
    tried = min(asked.customers)
    before, took, waiting = beside_a_backlog()
    expected, measured = at_a_rate(tried)
    found = {customers: count_requests(customers) for customers in asked.customers}
    at_rate = (
        f"The first run with {tried:,} customers was run at {TRIED_RATE} requests a second, too: reckoned "
        f"{expected:.0f} s, measured {measured:.0f} s."
    )
    behind = (
        f"{NEW_ORDERS} orders of today, placed before a first run with {BACKLOG:,} customers at {TRIED_RATE} requests "
        f"a second, had arrived after {took:.0f} s and {before} requests to eSputnik; {waiting:,} contacts waited "
        "behind them."
    )
    tables = [requests_table(found), times_table(found)]
    text = "\n\n".join([f"{ORDERS:,} orders; {machine()}.", *tables, at_rate, behind])
    say(text)
    if not asked.dry:
        report.put(PAGE, "rates", text)
    worst = max(runs[HOUR].esputnik for runs in found.values())
    sys.exit(worst >= MOST_OF_AN_HOUR or waiting < BACKLOG // 2)


if __name__ == "__main__":
    main()
