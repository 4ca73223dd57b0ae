"""The whole pipe, tap-horoshop | target-esputnik, against one sandbox: in this process, as two real ones, by Meltano.

All speak over real sockets. In this process it is several times as fast, so that every switch can be tried.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_horoshop.tap import run as run_tap
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from horoshop_esputnik_sandbox import Sandbox

    from isolated_project import IsolatedProject

BIN = Path(sys.executable).parent
LONG_AGO = "2020-01-01T00:00:00+00:00"
SCRUBBED = ("TAP_", "TARGET_", "MELTANO_", "SINGER_")
Row = dict[str, Any]


@dataclass
class Ran:
    """One run of the pipe.

    Attributes:
        tap: exit code of the tap.
        target: exit code of the target.
        log: of both, where they ran as processes.
        said: what the tap wrote to its stdout, where they ran in this process.
        kept: what the target wrote to its stdout.
        requests: what eSputnik was asked in it.
        events: the workflow events that fired in it.
    """

    tap: int
    target: int
    log: str = ""
    said: str = ""
    kept: str = ""
    requests: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    @property
    def codes(self) -> tuple[int, int]:
        """Exit codes of tap and target."""
        return self.tap, self.target

    def writes(self) -> list[str]:
        """Method and path of every request that was no mere reading."""
        return [f"{one['method']} {one['path']}" for one in self.requests if one["method"] != "GET"]


class Pipe:
    """Runs the pipe again and again on one state and one ledger, in this process.

    Attributes:
        state: the last STATE that the target wrote, as Meltano would keep it.
        around_tap: what the tap's run happens in: another clock, say.
        around_target: the same of the target's.
        on_the_way: what becomes of the tap's text before the target reads it.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        *,
        tap: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.ledger = folder / "ledger" / "ledger.db"
        self.state: Row | None = None
        self.around_tap: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext
        self.around_target: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext
        self.on_the_way: Callable[[str], str] = str
        self.tap_settings = {
            "site_url": sandbox.shop_url,
            "username": sandbox.username,
            "password": sandbox.password,
            "max_requests_per_second": 100,
            # Edits and orders beyond the lookback are to be seen in the next run, not in hours.
            "contacts_reread_hours": 0,
            "follow_reread_hours": 0,
            **(tap or {}),
        }
        self.target_settings = {
            "api_key": sandbox.api_key,
            "api_url": sandbox.esputnik_url,
            "ledger_url": f"sqlite:///{self.ledger}",
            "max_requests_per_second": 200,
            **(target or {}),
        }

    def run(self) -> Ran:
        """Run it once, with the state that the last run left."""
        asked, fired = len(self.sandbox.requests(api="esputnik")), len(self.sandbox.events())
        ran = self._run()
        ran.requests = self.sandbox.requests(api="esputnik")[asked:]
        ran.events = self.sandbox.events()[fired:]
        return ran

    def _run(self) -> Ran:
        said, kept = io.StringIO(), io.StringIO()
        with _handlers_as_they_were(), contextlib.redirect_stdout(said), self.around_tap():
            tap_code = run_tap(self.tap_arguments())
        read = io.StringIO(self.on_the_way(said.getvalue()))
        with _handlers_as_they_were(), contextlib.redirect_stdout(kept), self.around_target():
            target_code = TargetEsputnik(config=self.target_settings).work(read)
        self.keep_state(kept.getvalue())
        return Ran(tap_code, target_code, said=said.getvalue(), kept=kept.getvalue())

    def tap_arguments(self) -> list[str]:
        """Write the tap's files; return its arguments."""
        (self.folder / "tap.json").write_text(json.dumps(self.tap_settings), encoding="utf-8")
        arguments = ["--config", str(self.folder / "tap.json")]
        if self.state is not None:
            (self.folder / "state.json").write_text(json.dumps(self.state), encoding="utf-8")
            arguments += ["--state", str(self.folder / "state.json")]
        return arguments

    def target_arguments(self) -> list[str]:
        """Write the target's file; return its arguments."""
        (self.folder / "target.json").write_text(json.dumps(self.target_settings), encoding="utf-8")
        return ["--config", str(self.folder / "target.json")]

    def keep_state(self, out: str) -> None:
        """Keep the last STATE of a target's stdout; half a line would be an error."""
        for line in out.splitlines():
            self.state = json.loads(line)

    def verdict(self) -> tuple[int, str]:
        """Ask for the verdict of the last run; give its exit code and words."""
        command = [str(BIN / "esputnik-ledger"), "last-run", *self.target_arguments()]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout

    def lose_ledger(self) -> None:
        """Delete the ledger, as a new machine or a wiped disk would."""
        shutil.rmtree(self.ledger.parent)

    def rows(self, query: str) -> list[Row]:
        """Give the rows of a query on the ledger, read by SQLite itself."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def fates(self, table: str) -> dict[str, str]:
        """Give {key: fate, or fate:reason} of `contacts` or `orders` in the ledger."""
        key = {"contacts": "key", "orders": "order_id"}[table]
        rows = self.rows(f"SELECT {key} AS key, fate, reason FROM {table}")  # noqa: S608 - one of two names
        return {str(row["key"]): f"{row['fate']}:{row['reason']}" if row["reason"] else row["fate"] for row in rows}


@contextlib.contextmanager
def _handlers_as_they_were() -> Iterator[None]:
    """Take back the log handlers that the SDK adds with each start: it expects a process of its own."""
    names = [None, *(name for name in logging.root.manager.loggerDict if name.startswith(("tap-", "target-")))]
    before = {name: list(logging.getLogger(name).handlers) for name in names}
    try:
        yield
    finally:
        for name in [None, *logging.root.manager.loggerDict]:
            if name is None or name.startswith(("tap-", "target-")):
                logging.getLogger(name).handlers = before.get(name, [])


class ProcessPipe(Pipe):
    """The same with the users' own commands, as two processes and a real pipe.

    Attributes:
        processes: tap and target of the run that is going on, or was the last.
        tap_front: words before the tap's command: a shell, a limit.
        target_front: the same of the target's.
        world: variables of the environment that both have besides.
        meanwhile: what happens while both are at work.
        is_calm: nothing is to happen to processes any more: runs are in this one, which takes a third of the time.
    """

    processes: tuple[subprocess.Popen[bytes], subprocess.Popen[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tap_front: tuple[str, ...] = ()
        self.target_front: tuple[str, ...] = ()
        self.world: dict[str, str] = {}
        self.meanwhile: Callable[[], None] | None = None
        self.is_calm = False

    def start(self) -> None:
        """Start both."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)} | self.world
        with (self.folder / "tap.log").open("w") as log:
            tap = subprocess.Popen(
                [*self.tap_front, str(BIN / "tap-horoshop"), *self.tap_arguments()],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        with (self.folder / "target.log").open("w") as log:
            target = subprocess.Popen(
                [*self.target_front, str(BIN / "target-esputnik"), *self.target_arguments()],
                stdin=tap.stdout,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert tap.stdout is not None
        tap.stdout.close()  # the target's now: when it ends, the tap must notice
        self.processes = (tap, target)

    def wait(self, seconds: float = 120) -> Ran:
        """Wait for both to end; keep the state."""
        tap, target = self.processes
        try:
            out, _ = target.communicate(timeout=seconds)
            tap.wait(seconds)
        finally:
            self.kill()
        self.keep_state(out)
        log = "".join((self.folder / name).read_text(encoding="utf-8") for name in ("tap.log", "target.log"))
        return Ran(tap.returncode, target.returncode, log, kept=out)

    def kill(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate() if process.stdout and not process.stdout.closed else process.wait()

    def _run(self) -> Ran:
        if self.is_calm:
            return super()._run()
        self.start()
        if self.meanwhile is not None:
            try:
                self.meanwhile()
            except BaseException:
                self.kill()
                raise
        return self.wait()


class MeltanoPipe(Pipe):
    """The same by `meltano run`, in a copy of the project that can reach nothing but this machine.

    Meltano keeps the state; each pipe has one of its own, and a ledger of its own.

    Attributes:
        meanwhile: what happens while a run goes on.
        running: the run that goes on, or was the last.
    """

    running: subprocess.Popen[str]

    def __init__(self, sandbox: Sandbox, folder: Path, project: IsolatedProject, **settings: Any) -> None:
        super().__init__(sandbox, folder, target=settings)
        self.project = project
        self.suffix = f"--state-id-suffix={folder.name}"
        self.meanwhile: Callable[[], None] | None = None

    def environment(self) -> dict[str, str]:
        """Give the settings as Meltano reads them from the environment."""
        by_plugin = {"TAP_HOROSHOP": self.tap_settings, "TARGET_ESPUTNIK": self.target_settings}
        return {
            f"{plugin}_{name.upper()}": str(value)
            for plugin, settings in by_plugin.items()
            for name, value in settings.items()
        }

    def start(self) -> subprocess.Popen[str]:
        """Start a run, for a test that acts while it goes on."""
        return self.project.start("run", self.suffix, "horoshop-to-esputnik", settings=self.environment())

    def meltano(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of Meltano to its end, however it ends."""
        process = self.project.start(*arguments, settings=self.environment())
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def verdict(self) -> tuple[int, str]:
        """Ask for it in Meltano."""
        ended = self.meltano("invoke", "target-esputnik:last-run")
        return ended.returncode, ended.stdout

    def kept_by_meltano(self) -> Row:
        """Ask Meltano for the state that it keeps of this pipe."""
        state_id = f"prod:tap-horoshop-to-target-esputnik:{self.folder.name}"
        state: Row = json.loads(self.meltano("state", "get", state_id).stdout or "{}")
        return dict(state.get("singer_state", state))

    def _run(self) -> Ran:
        blocks = ("tap-horoshop", "target-esputnik")
        self.running = self.project.start("run", self.suffix, *blocks, settings=self.environment())
        try:
            if self.meanwhile is not None:
                self.meanwhile()
            out, err = self.running.communicate(timeout=240)
        finally:
            if self.running.poll() is None:
                self.running.kill()
                self.running.communicate()
        return Ran(self.running.returncode, self.running.returncode, err, kept=out)
