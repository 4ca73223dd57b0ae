"""The demo: the whole integration on this machine, without an account.

Stand-ins of Horoshop and eSputnik on free ports, the real `meltano run tap-horoshop target-esputnik` in a copy of the
project that can reach nothing but this machine; then a day in the shop and a second run, and a third that has nothing
to send. It ends with 0 only if shop, ledger and eSputnik agree after each, and the numbers of the statistics page, too.
Everything stops by itself; the ledger is kept, and the last line says how to open its page.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from horoshop_esputnik_sandbox import Sandbox

import demo_page
import loopback_only
from demo_changes import make_changes
from demo_report import changes_that_differ, disagreements
from demo_views import Arrived, Remembered
from isolated_project import IsolatedProject

CUSTOMERS, ORDERS = 400, 1500
DAYS_OF_HISTORY = 30
out = Console(highlight=False, width=max(110, Console().width))


def settings_for(sandbox: Sandbox, live_since: datetime) -> dict[str, str]:
    """Return the settings that an owner would make, for the sample shop."""
    return {
        "TAP_HOROSHOP_SITE_URL": sandbox.shop_url,
        "TAP_HOROSHOP_USERNAME": sandbox.username,
        "TAP_HOROSHOP_PASSWORD": sandbox.password,
        # The second run follows the first at once, and must see the accounts that were edited between them.
        "TAP_HOROSHOP_CONTACTS_REREAD_HOURS": "0",
        "TARGET_ESPUTNIK_API_URL": sandbox.esputnik_url,
        "TARGET_ESPUTNIK_API_KEY": sandbox.api_key,
        "TARGET_ESPUTNIK_LIVE_SINCE": live_since.isoformat(timespec="seconds"),
        # Below the 50 searches a second that eSputnik is known to allow (sandbox, `search_rate_limit`).
        "TARGET_ESPUTNIK_MAX_REQUESTS_PER_SECOND": "40",
    }


@contextlib.contextmanager
def step(sentence: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    out.print(f"▸ {sentence} …", end=" ")
    started = time.monotonic()
    yield
    out.print(f"[dim]{time.monotonic() - started:.0f} s[/dim]")


def meltano_run(project: IsolatedProject) -> None:
    """Do what the schedule does."""
    project.run("run", "tap-horoshop", "target-esputnik")


def show(title: str, remembered: Remembered, arrived: Arrived) -> None:
    """Print both views of a run."""
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=True)
    table.add_column("from the ledger (esputnik-ledger)")
    table.add_column("in eSputnik (the stand-in's own count)")
    table.add_row("\n".join(remembered.lines()), "\n".join(lines_of(arrived)))
    out.print(table)


def lines_of(arrived: Arrived) -> Iterator[str]:
    """Yield what there is at eSputnik, and which workflow events fired."""
    yield f"contacts: {len(arrived.contacts)}, email addresses confirmed: {arrived.confirmed_emails()}"
    yield f"orders: {len(arrived.orders)}"
    for status, number in Counter(order["status"] for order in arrived.orders).most_common():
        yield f"  {number:5} {status}"
    yield f"workflow events fired: {len(arrived.events)}"
    for event, number in Counter(event["type"] for event in arrived.events).most_common():
        yield f"  {number:5} {event}"


def story(sandbox: Sandbox, project: IsolatedProject, live_since: datetime, kept_in: Path) -> list[str]:
    """Tell it, and return what does not agree."""
    with step("meltano install"):
        project.install()
    with step("first run: meltano run tap-horoshop target-esputnik"):
        meltano_run(project)
    first, remembered = Arrived.at(sandbox), Remembered.by(project)
    show("After the first run", remembered, first)
    for line in remembered.why(project):
        out.print(f"  why: {line}")
    found = list(disagreements(sandbox, first, remembered, live_since))

    with step("a day in the shop: 10 orders move on, 3 new ones, 2 accounts edited, 1 guest registers"):
        changes = make_changes(sandbox, live_since + timedelta(days=2))
    with step("second run"):
        meltano_run(project)
    second, remembered = Arrived.at(sandbox), Remembered.by(project)
    show("After the second run (events: those that it fired)", remembered, second.since(first))
    found += disagreements(sandbox, second, remembered, live_since)
    found += changes_that_differ(changes, sandbox, second.since(first))

    with step("third run, with nothing new"):
        meltano_run(project)
    third = Arrived.at(sandbox).since(second)
    found += [f"the third run sent {one['method']} {one['path']}" for one in third.writes]

    with step("the statistics page: its numbers, and what the stand-in of eSputnik counts itself"):
        demo_page.keep(project, sandbox, kept_in)
        shown = demo_page.numbers(kept_in, remembered.buyers)
    found += [f"on the page: {sentence}" for sentence in disagreements(sandbox, second, shown, live_since)]
    found += [f"the page has {shown.counts}, stats {remembered.counts}"] * (shown.counts != remembered.counts)
    return found


def stop(number: int, _frame: object) -> NoReturn:
    """Leave by the way on which everything is stopped."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the demo; exit 0 if all agree, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--keep", type=Path, default=demo_page.KEPT_IN, help="where the ledger is kept")
    wish = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    loopback_only.lock_in()
    started = time.monotonic()
    try:
        with Sandbox(customers=wish.customers, orders=wish.orders, seed=1) as sandbox:
            out.print(
                f"▸ on this machine: a shop with {wish.customers} customers and {wish.orders} orders; an eSputnik"
            )
            live_since = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=DAYS_OF_HISTORY)
            with IsolatedProject(settings_for(sandbox, live_since)) as project:
                found = story(sandbox, project, live_since, wish.keep.absolute())
    except subprocess.CalledProcessError as failed:
        out.print(f"\n{failed.stdout}\n{failed.stderr}", markup=False)
        out.print(f"[red]meltano ended with {failed.returncode}; its output is above.[/red]")
        sys.exit(1)
    except KeyboardInterrupt:
        out.print("\nstopped")
        sys.exit(130)
    for sentence in found:
        out.print(f"[red]✗ {sentence}[/red]")
    if not found:
        out.print(
            "[green]✓ shop, ledger and eSputnik agree; nobody confirmed, no event twice, nothing sent again[/green]"
        )
    out.print(f"{time.monotonic() - started:.0f} s in all")
    if not found:
        out.print("\nSee it in a browser:", f"  {demo_page.command(wish.keep.absolute())}", sep="\n", soft_wrap=True)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
