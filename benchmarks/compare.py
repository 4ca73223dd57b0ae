"""The same work by this project and by what users would pick instead: `make bench`.

Every contestant moves all customers and orders of one sandbox shop into an empty eSputnik account, in turns, without
and with 50 ms added to each answer; after every run the account is asked whether each order came exactly once. Tables
and pictures go into docs/performance.md. The peers' environments are made below .bench/ when they are missing.

    make bench                          # 20,000 orders, 5 rounds
    make bench BENCH="--rounds 3"       # fewer rounds
    make bench SCALE=1                  # our pair alone, 1,000 to 1,000,000 orders
    make bench PROFILE=1                # our pair alone: at what it works how long

Ends with 1 when a run did not deliver each order exactly once, or when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from contest import picture, report, scale, steps
from contest.contestants import TABLE
from contest.race import AGAIN, Race, race
from contest.starts import starts
from contest.work import Work

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "pictures"
DELAY = 0.05
SIZES = (1_000, 10_000, 20_000, 100_000, 1_000_000)


def say(line: str) -> None:
    """Tell how far it is."""
    print(line, flush=True)


def machine() -> str:
    """Return what it was measured on."""
    day = datetime.now(timezone.utc).date().isoformat()
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return f"{day}, Python {platform.python_version()}, {os.cpu_count()} cores; load at the end: {load}"


def compare(orders: int, customers: int, rounds: int, only: list[str], *, write: bool) -> bool:
    """Run the race twice, without and with a delay; return whether all is as it must be."""
    chosen = [one for one in TABLE if not only or any(word in one.name for word in only)]
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Work(Path(name), orders, customers) as work:
        races = [race(work, chosen, delay=delay, rounds=rounds, say=say) for delay in (0.0, DELAY)]
        quick, slow = races
        started = starts(Path(name), rounds)
    broken = [sentence for one in races for sentence in one.broken]
    if len(chosen) < len(TABLE):  # nothing to compare with: figures alone
        for one in races:
            say("\n".join(f"{one.delay:g} s: {contestant}: {found}" for contestant, found in one.figures.items()))
        say("\n".join(broken))
        return not broken
    bars = [*report.race_bars(quick, slow), *report.start_bars(started)]
    text = "\n\n".join(
        [
            f"{orders:,} orders and {customers:,} customers, {rounds} rounds; {machine()}.",
            report.bars_table(bars),
            "![Ratios to the vanilla Singer SDK pair](pictures/comparison.svg)",
            report.race_table(quick, slow),
            _server(quick),
            *(["**Not delivered exactly once:** " + "; ".join(broken)] if broken else []),
        ]
    )
    say(text)
    if write:
        PICTURES.mkdir(exist_ok=True)
        bar_picture = picture.bars(
            "Ratios to the vanilla Singer SDK pair (1); shorter is better", report.compared(*races)
        )
        (PICTURES / "comparison.svg").write_text(bar_picture, encoding="utf-8")
        report.put(PAGE, "bench", text)
    return not broken and all(bar.holds for bar in bars)


def _server(found: Race) -> str:
    least, most = min(found.server.values()), max(value for name, value in found.server.items() if name != AGAIN)
    return f"The stand-ins used {least:.2f} to {most:.2f} s of the processor in a run of that, on the same cores."


def grow(sizes: list[int], *, write: bool) -> bool:
    """Run our pair on shops of growing size; return whether each run delivered all, and memory stayed flat."""
    grown = []
    for one in scale.grow(sizes):
        grown.append(one)
        say(f"{one.orders:,} orders: {one.run.wall:.1f} s, {one.run.megabytes:.0f} MB {' '.join(one.broken)}")
    growth = scale.growth(grown)
    broken = [f"{one.orders:,} orders: {sentence}" for one in grown for sentence in one.broken]
    sentences = [*broken, *([growth] if growth else [])]
    pictures = ["![Time](pictures/scale-time.svg)", "![Memory](pictures/scale-memory.svg)"]
    text = "\n\n".join([f"{machine()}.", scale.table(grown), *pictures, *sentences])
    say(text)
    if write:
        PICTURES.mkdir(exist_ok=True)
        time = {"wall": [(one.orders, one.run.wall) for one in grown]}
        time["processor"] = [(one.orders, one.run.processor) for one in grown]
        memory = {"both processes together": [(one.orders, one.run.megabytes) for one in grown]}
        (PICTURES / "scale-time.svg").write_text(
            picture.curve("Time of a first run", "s", time, from_zero=False), "utf-8"
        )
        (PICTURES / "scale-memory.svg").write_text(picture.curve("Peak memory", "MB", memory, from_zero=True), "utf-8")
        report.put(PAGE, "scale", text)
    return not sentences


def look_inside(orders: int, customers: int, *, write: bool) -> None:
    """Show where our pair's time goes."""
    text = "\n\n".join([f"{orders:,} orders; {machine()}.", steps.table(steps.steps(orders, customers))])
    say(text)
    if write:
        report.put(PAGE, "profile", text)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5, help="counted ones; one more comes first, for warming up")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="contestants whose name has the word")
    parser.add_argument("--scale", action="store_true", help="our pair on shops of growing size instead")
    parser.add_argument("--profile", action="store_true", help="where our pair's time goes instead")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="of those shops, in orders")
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/performance.md as it is")
    asked = parser.parse_args()
    if asked.profile:
        look_inside(asked.orders, asked.customers, write=not asked.dry)
        fine = True
    elif asked.scale:
        fine = grow(asked.sizes, write=not asked.dry)
    else:
        fine = compare(asked.orders, asked.customers, asked.rounds, asked.only, write=not asked.dry)
    sys.exit(not fine)


if __name__ == "__main__":
    main()
