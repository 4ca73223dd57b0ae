"""What one run of one shop costs, by how much has changed: requests, seconds, processor, memory; `make costs`.

Runs the users' own commands on an ordinary shop, first for all it has and then after more and more changes, as
`rates.py` does for large ones, and writes docs/scale.md's table. Meltano, which starts them, is measured by itself.

    make costs                                # into docs/scale.md
    make costs COSTS="--customers 500 --orders 2000 --dry"
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from compare import PAGE, machine, say
from rates import TRIED_RATE, Run, Shop, changes, reckoned

from contest import report
from contest.work import Work

SCALE_PAGE: Final = PAGE.with_name("scale.md")
CHANGES: Final = (0, 10, 100, 1_000)
SHARES: Final = {"statuses": 0.7, "orders": 0.2, "edits": 0.06, "customers": 0.04}
"""Of the changes: orders that move on, new ones of known customers, edited accounts, new ones."""


def count(customers: int, orders: int) -> dict[str, Run]:
    """Run a shop for the first time, and after each number of changes."""
    with tempfile.TemporaryDirectory(prefix="costs-") as name, Work(Path(name), orders, customers) as work:
        shop = Shop(work, Path(name))
        found = {"all, for the first time": shop.run(tap={"contacts_reread_hours": 0})}
        for number in CHANGES:
            changes(work, **{what: round(number * share) for what, share in SHARES.items()})
            found[f"{number:,}"] = shop.run()
            say(f"{number:,} changes: {found[f'{number:,}']}")
    return found


def table(found: dict[str, Run]) -> str:
    """Return what each run cost."""
    head = (
        "| changes | requests to the shop | to eSputnik | s at the default rates | s of a processor | MB at most |\n"
        "|---|---|---|---|---|---|"
    )
    rows = [
        f"| {what} | {run.shop:,} | {run.esputnik:,} | {max(run.seconds, reckoned(run, TRIED_RATE)):.0f} "
        f"| {run.processor:.1f} | {run.megabytes:.0f} |"
        for what, run in found.items()
    ]
    return "\n".join([head, *rows])


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/scale.md as it is")
    asked = parser.parse_args()
    found = count(asked.customers, asked.orders)
    text = f"{asked.customers:,} customers, {asked.orders:,} orders; {machine()}.\n\n{table(found)}"
    say(text)
    if not asked.dry:
        report.put(SCALE_PAGE, "costs", text)


if __name__ == "__main__":
    main()
