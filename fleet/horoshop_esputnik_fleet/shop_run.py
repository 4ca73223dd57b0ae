"""One run of one shop, for a scheduler: it ends with the verdict of that very run, where Meltano always says 1."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, plugin_of
from horoshop_esputnik_fleet.shop import ShopsError

if TYPE_CHECKING:
    from collections.abc import Mapping

HEALS: Final = 1
PERSON: Final = 2
REJECTED: Final = 3
SECONDS_TO_STOP: Final = 120
"""Longer than tap and target take, which wait for the answers to what they have sent."""

VERDICTS: Final = {
    0: "done",
    HEALS: "failed; heals by itself, try again later",
    PERSON: "failed; a person must act",
    REJECTED: "done, but too many records were rejected; a person must act",
}


class ShopRun:
    """The commands of one shop, in a Meltano project.

    Args:
        folder: that of meltano.yml.
        shop: its name.

    Raises:
        ShopsError: there is no Meltano beside this command, nor on PATH.
    """

    def __init__(self, folder: Path, shop: str) -> None:
        beside = Path(sys.executable).with_name("meltano")
        meltano = str(beside) if beside.exists() else shutil.which("meltano")
        if meltano is None:
            raise ShopsError(["meltano: there is none, neither beside this command nor on PATH"])
        self._meltano = meltano
        self._folder = folder
        self._shop = shop
        self._stopped_by: int | None = None
        self._deadline = 0.0
        self._running: subprocess.Popen[bytes] | None = None

    def run(self, *, force: bool = False) -> int:
        """Run the shop's job, then ask who failed, and whether it heals.

        Args:
            force: run also where Meltano takes another run of the shop for going on.

        Returns:
            A key of VERDICTS, or 128 and the number of the signal that stopped it.
        """
        environment = {**os.environ, "MELTANO_RUN_ID": str(uuid.uuid4())}
        before = {signum: signal.signal(signum, self._pass_on) for signum in (signal.SIGTERM, signal.SIGINT)}
        try:
            code = self._verdict(environment, force=force)
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)
        return code if self._stopped_by is None else 128 + self._stopped_by

    def _verdict(self, environment: Mapping[str, str], *, force: bool) -> int:
        if self._meltano_ends(environment, "run", *["--force"] * force, job_of(self._shop)) == 0:
            return 0
        told = self._meltano_ends(environment, "invoke", f"{plugin_of(TARGET, self._shop)}:last-run")
        if told in {PERSON, REJECTED}:
            return told
        # What heals by itself, or what the target cannot know of: the tap is asked whether its settings are any good.
        tried = self._meltano_ends(environment, "invoke", plugin_of(TAP, self._shop), "--test", quiet=True)
        return PERSON if tried == PERSON else HEALS

    def _meltano_ends(self, environment: Mapping[str, str], *arguments: str, quiet: bool = False) -> int:
        """Run Meltano to its end; give its exit code. Once somebody has asked us to stop, nothing more is begun."""
        if self._is_stopped():
            return HEALS
        running = self._running = subprocess.Popen(  # noqa: S603 - Meltano, with a name that was checked
            [self._meltano, *arguments],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            # A terminal, or systemd, signals all that we started; Meltano takes a second signal for an order to die.
            start_new_session=True,
        )
        if self._is_stopped():  # in the moment in which it began
            running.terminate()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return running.wait(timeout=1)
            if self._is_stopped() and time.monotonic() > self._deadline:
                os.killpg(running.pid, signal.SIGKILL)

    def _is_stopped(self) -> bool:
        return self._stopped_by is not None

    def _pass_on(self, signum: int, _frame: Any) -> None:
        """Let Meltano end its run by itself, so that tap and target end theirs."""
        if self._is_stopped():
            return
        self._stopped_by, self._deadline = signum, time.monotonic() + SECONDS_TO_STOP
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(signum)
