"""How fast the statistics page is on the ledger of `ledger_size.py`, and how much memory its server takes.

1,000,000 rows in each of contacts, orders and sends, 100,000 requests and 2,400 runs; `esputnik-ledger serve` as a
process of its own; every page some times, after one look that is not counted. The processor's seconds are the
server's; on a machine that is busy otherwise they say more than the clock.

    .venv/bin/python benchmarks/page_speed.py                              # SQLite and PostgreSQL
    .venv/bin/python benchmarks/page_speed.py --kinds sqlite --rows 100000
    .venv/bin/python benchmarks/page_speed.py --config target.json         # a ledger that is there already

Ends with 1 when the middle one of a page's times was over 300 ms, the first page over 30 KB, or the server's resident
memory over 80 MB. "All time" is measured, and not judged: it counts all rows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import ledger_size
import psutil
import requests

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES = 7
MOST_SECONDS = 0.3
MOST_KILOBYTES = 30
MOST_MEGABYTES = 80
KILOBYTE = 1024
SOME = ledger_size.FIRST + 30
A_WEEK_AGO = (datetime.now(timezone.utc) - timedelta(days=7)).date().isoformat()
PAGES = (
    "/",
    "/?period=today",
    "/?period=30d",
    "/?period=30d&lang=uk",
    "/days?period=30d",
    "/orders",
    "/orders?period=30d",
    "/orders?period=all",
    "/orders?result=rejected&period=30d",
    "/orders?result=held&reason=unmapped_status&period=all",
    f"/orders?period=all&result=accepted&after={A_WEEK_AGO}T00:00:00.000000%2B00:00.{SOME}",
    "/contacts",
    "/contacts?period=all",
    "/runs",
    "/runs?before=1200",
    "/run/2300",
    "/order/1",
    f"/order/{SOME}",
    "/contact/7",
    f"/contact/{SOME + 5}",
)
NOT_JUDGED = ("/?period=all",)


@contextmanager
def served(config: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the page of a ledger; give its address and its process."""
    command = [str(ledger_size.BIN / "esputnik-ledger"), "serve", "--config", str(config), "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield json.loads(line)["url"].rstrip("/"), psutil.Process(process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def measure(url: str, server: psutil.Process) -> bool:
    """Look at every page, and print what it took. Returns whether all were fast enough."""
    print("| page | median, ms | slowest, ms | processor, ms | KB | |\n|---|---|---|---|---|---|")
    well = True
    for path in (*PAGES, *NOT_JUDGED):
        requests.get(url + path, timeout=60).raise_for_status()
        took = []
        before = sum(server.cpu_times()[:2])
        for _ in range(TIMES):
            started = time.monotonic()
            answer = requests.get(url + path, timeout=60)
            took.append(time.monotonic() - started)
        worked = (sum(server.cpu_times()[:2]) - before) / TIMES
        slow = statistics.median(took) > MOST_SECONDS and path not in NOT_JUDGED
        large = path == "/" and len(answer.content) > MOST_KILOBYTES * KILOBYTE
        well &= not slow and not large
        numbers = f"{statistics.median(took) * 1000:.0f} | {max(took) * 1000:.0f} | {worked * 1000:.0f}"
        remark = "too slow" if slow else "too large" if large else ""
        print(f"| `{path}` | {numbers} | {len(answer.content) / KILOBYTE:.0f} | {remark} |", flush=True)
    return well


def judged(config: Path) -> bool:
    """Measure the page of one ledger, and its server's memory."""
    with served(config) as (url, server):
        well = measure(url, server)
        resident = server.memory_info().rss / KILOBYTE**2
        print(f"\nresident memory of the server after that: {resident:.0f} MB")
    return well and resident <= MOST_MEGABYTES


def main() -> None:
    """Read the arguments, measure, and end with 1 if something was too slow or too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--config", type=Path, help="settings of a ledger that ledger_size.py's rows are in already")
    wish = parser.parse_args()
    if wish.config:
        sys.exit(0 if judged(wish.config) else 1)
    well = True
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(customers=1, orders=1) as sandbox,
        ledger_size.places(wish.kinds, Path(folder)) as urls,
    ):
        for kind in wish.kinds:
            config = Path(folder) / f"{kind}.json"
            settings = {"api_key": sandbox.api_key, "api_url": sandbox.esputnik_url, "ledger_url": urls[kind]}
            config.write_text(json.dumps(settings | {"live_since": ledger_size.LONG_AGO}), encoding="utf-8")
            ledger_size.begin(config)
            ledger_size.fill(urls[kind], wish.rows)
            print(f"\n{kind}, {wish.rows:,} rows a table\n")
            well &= judged(config)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
