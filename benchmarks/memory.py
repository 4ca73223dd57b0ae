"""How much memory tap and target take, and how fast they are, on shops of growing size.

Runs the users' own commands, `tap-horoshop | target-esputnik`, as two processes against the sandbox, each shop twice:
with its history as it is (`live_since` as it is by default: nothing of the past is sent), and with all of it sent.
The peak resident memory of each process is what the kernel counted.

    .venv/bin/python benchmarks/memory.py                     # 20,000 and 100,000 orders
    .venv/bin/python benchmarks/memory.py --orders 5000 20000

Ends with 1 when a process took more than 200 MB, or a fifth more with the largest shop than with the smallest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from horoshop_esputnik_sandbox import Sandbox

BIN = Path(sys.executable).parent
NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none"}
ORDERS_OF_A_CUSTOMER = 20
MOST_MEGABYTES = 200
MOST_GROWTH = 1.2
LONG_AGO = "2000-01-01T00:00:00+00:00"
KILOBYTES = 1024
TAP, TARGET = "tap-horoshop", "target-esputnik"


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        orders: of the shop.
        live: all of them were sent.
        megabytes: peak resident memory by process.
        seconds: from start to end of both.
        sent: orders and contacts at eSputnik afterwards.
    """

    orders: int
    live: bool
    megabytes: dict[str, float]
    seconds: float
    sent: tuple[int, int]

    def line(self) -> str:
        """Return it as a row of the table."""
        return (
            f"| {self.orders:,} | {'all sent' if self.live else 'history'} | {self.megabytes[TAP]:.0f} MB "
            f"| {self.megabytes[TARGET]:.0f} MB | {self.seconds:.0f} s | {self.orders / self.seconds:,.0f} "
            f"| {self.sent[0]:,} | {self.sent[1]:,} |"
        )


HEAD = """\
| orders in shop | what is sent | tap, peak | target, peak | time | orders per second | orders sent | contacts sent |
|---|---|---|---|---|---|---|---|"""


def measure(orders: int, *, live: bool) -> Measured:
    """Run the pipe once on a new shop and account.

    Raises:
        RuntimeError: one of the two failed; its log is on stderr.
    """
    with (
        Sandbox(customers=orders // ORDERS_OF_A_CUSTOMER, orders=orders, switches=NO_LIMITS, brief=True) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        tap = {"site_url": sandbox.shop_url, "username": sandbox.username, "password": sandbox.password}
        target = {
            "api_key": sandbox.api_key,
            "api_url": sandbox.esputnik_url,
            "ledger_url": f"sqlite:///{folder}/ledger/ledger.db",
            "max_requests_per_second": 200,
            "max_run_minutes": 60,
        }
        if live:
            target["live_since"] = LONG_AGO
        began = time.monotonic()
        megabytes = run(folder, tap | {"max_requests_per_second": 100}, target)
        seconds = time.monotonic() - began
        counts = sandbox.counts()
    return Measured(orders, live, megabytes, seconds, (counts["sent_orders"], counts["sent_contacts"]))


def run(folder: Path, tap: dict[str, object], target: dict[str, object]) -> dict[str, float]:
    """Run tap | target; return the peak memory of each in MB."""
    (folder / "tap.json").write_text(json.dumps(tap), encoding="utf-8")
    (folder / "target.json").write_text(json.dumps(target), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))}
    log = folder / "log"
    with log.open("wb") as errors:
        reader = subprocess.Popen(
            [BIN / TAP, "--config", folder / "tap.json"], stdout=subprocess.PIPE, stderr=errors, env=environment
        )
        writer = subprocess.Popen(
            [BIN / TARGET, "--config", folder / "target.json"],
            stdin=reader.stdout,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
        assert reader.stdout is not None  # noqa: S101 - it was asked for
        reader.stdout.close()  # the target's alone: when it ends, the tap must notice
        peaks = {}
        codes = []
        for command, process in ((TAP, reader), (TARGET, writer)):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            codes.append(process.returncode)
            peaks[command] = usage.ru_maxrss / KILOBYTES
    if codes != [0, 0]:
        sys.stderr.write(log.read_text(encoding="utf-8")[-4000:])
        raise RuntimeError(f"{TAP} ended with {codes[0]}, {TARGET} with {codes[1]}")
    return peaks


def problems(measured: list[Measured]) -> list[str]:
    """Return what breaks the promise: too much memory, or more with a larger shop."""
    found = [
        f"{command} took {one.megabytes[command]:.0f} MB with {one.orders:,} orders"
        for one in measured
        for command in (TAP, TARGET)
        if one.megabytes[command] >= MOST_MEGABYTES
    ]
    for live in {one.live for one in measured}:
        by_size = sorted((one for one in measured if one.live == live), key=lambda one: one.orders)
        for command in (TAP, TARGET):
            least, most = by_size[0].megabytes[command], by_size[-1].megabytes[command]
            if most > least * MOST_GROWTH:
                found.append(f"{command} grows from {least:.0f} to {most:.0f} MB ({'all sent' if live else 'history'})")
    return found


def main() -> None:
    """Measure, print the table, exit 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--only", choices=["history", "live"], help="one kind of run instead of both")
    arguments = parser.parse_args()
    print(HEAD, flush=True)
    measured = []
    for live in (False, True):
        if arguments.only in (None, "live" if live else "history"):
            for orders in arguments.orders:
                measured.append(measure(orders, live=live))
                print(measured[-1].line(), flush=True)
    broken = problems(measured)
    print("\n".join(broken) or f"Each process stays under {MOST_MEGABYTES} MB, whatever the size of the shop.")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
