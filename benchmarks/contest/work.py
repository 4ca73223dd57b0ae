"""The work: a shop, an account, and where both are; served by a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.client import SandboxClient

if TYPE_CHECKING:
    from types import TracebackType

COMMAND = Path(sys.executable).parent / "horoshop-esputnik-sandbox"
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30.0
MOST_PRINTED = 200_000
LONGEST_IMPORT = 3600.0


class Work:
    """A shop of so many orders and customers, served by a sandbox that is measured apart.

    Args:
        folder: where its addresses are written.
        orders: of the shop, each with a buyer who has an account.
        customers: of the shop.

    Attributes:
        control: what the stand-ins can be told and asked, while it is entered.
    """

    def __init__(self, folder: Path, orders: int, customers: int) -> None:
        self.orders = orders
        self.customers = customers
        self._ready = folder / "sandbox.json"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Work:  # noqa: PYI034 - typing.Self needs Python 3.11
        sizes = ["--orders", str(self.orders), "--customers", str(self.customers)]
        cheap = ["--plain", "--brief", *["--printed"] * (self.orders <= MOST_PRINTED)]
        no_limits = ["--switch", "rate_limit=none", "--switch", "search_rate_limit=none"]
        command: list[str | Path] = [COMMAND, *sizes, *cheap, *no_limits, "--ready-file", self._ready]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while not self._ready.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)
        self.addresses: dict[str, str] = json.loads(self._ready.read_text(encoding="utf-8"))
        self.control = SandboxClient(self.addresses["control_url"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def begin(self, delay: float) -> None:
        """Make the account empty; every answer then takes `delay` seconds more."""
        self.control.reset()
        if delay:
            for api in ("shop", "esputnik"):
                self.control.fail(api=api, kind="delay", seconds=delay, times=None)

    def counts(self) -> dict[str, Any]:
        """Return what arrived, and the requests of each kind; imports that nobody polled are over by then."""
        self.control.advance(LONGEST_IMPORT)
        return self.control.counts()

    def processor_seconds(self) -> float:
        """Return what the sandbox has used so far."""
        if self._process is None:
            return 0.0
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
