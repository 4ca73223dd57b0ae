"""A throw-away copy of this Meltano project, which can reach nothing but this machine.

An owner's `.env` outranks Meltano's environments, and his shell may export `TAP_HOROSHOP_…`: a demo or a test that ran
in place would talk to his shop. So they run in a copy that has no `.env`, with an environment that is scrubbed, with
settings that must name loopback addresses, and with Pythons that refuse to connect anywhere else.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from typing_extensions import Self

from loopback_only import is_loopback

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("meltano.yml", "requirements", "singer-airbyte", "tap-horoshop", "target-esputnik")
LEFT_OUT = shutil.ignore_patterns(".env*", ".meltano", ".esputnik", "__pycache__", "*.egg-info", "build", "dist")
SCRUBBED = ("TAP_", "TARGET_", "MELTANO_", "SINGER_")
PLUGINS = ("extractors/tap-horoshop", "loaders/target-esputnik")
SECONDS_TO_STOP = 15
LOCK_IN = "import loopback_only; loopback_only.lock_in()\n"


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without anything that could set up a tap, a target or Meltano."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(SCRUBBED)}


def refuse_foreign_addresses(settings: Mapping[str, str]) -> None:
    """Check that every address among the settings is a loopback one.

    Raises:
        ValueError: naming the setting, without its value.
    """
    for name, value in settings.items():
        parts = urlsplit(value)
        if parts.scheme and parts.netloc and not is_loopback(parts.hostname):
            raise ValueError(f"{name} does not name an address of this machine")


class IsolatedProject:
    """A copy of the project, to be used as a context manager: leaving it stops what still runs and deletes it.

    Attributes:
        root: the copy's folder.
        settings: plugin settings as environment variables (`TAP_HOROSHOP_SITE_URL`, …), given to every command.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        refuse_foreign_addresses(settings)
        self.settings = dict(settings)
        self._folder = tempfile.TemporaryDirectory(prefix="horoshop-esputnik-", ignore_cleanup_errors=True)
        self.root = Path(self._folder.name) / "project"
        self._running: set[subprocess.Popen[str]] = set()

    def __enter__(self) -> Self:
        """Copy the project."""
        self.root.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.root / name, ignore=LEFT_OUT)
            else:
                shutil.copy2(ROOT / name, self.root / name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what still runs, then delete the copy."""
        for process in list(self._running):
            self._stop(process)
        self._folder.cleanup()

    def environment(self) -> dict[str, str]:
        """Return the environment of every command that runs here."""
        return {
            **scrubbed(os.environ),
            **self.settings,
            "MELTANO_PROJECT_ROOT": str(self.root),
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            # A proxy would carry requests for this machine away from it.
            "NO_PROXY": "127.0.0.1,localhost,::1",
            # Meltano keeps its logs there: they belong to the copy.
            "XDG_STATE_HOME": str(self.root.parent / "state"),
        }

    def install(self) -> None:
        """Let Meltano make the plugins' environments, and lock those into this machine.

        Raises:
            subprocess.CalledProcessError: Meltano failed; its output is in the error.
        """
        self._finish(self._start(["meltano", "install"], guarded=False), check=True)
        for plugin in PLUGINS:
            for site in (self.root / ".meltano" / plugin / "venv" / "lib").glob("python*/site-packages"):
                self._lock_in(site)

    def run(self, *arguments: str, check: bool = True, settings: Mapping[str, str] | None = None) -> str:
        """Run one Meltano command to its end.

        Args:
            arguments: what stands behind `meltano` on the command line.
            check: whether a failure is an error.
            settings: settings for this command only, over those of the project.

        Returns:
            Its stdout.

        Raises:
            subprocess.CalledProcessError: it ended with another exit code than 0; its output is in the error.
        """
        return self._finish(self.start(*arguments, settings=settings), check=check).stdout

    def start(self, *arguments: str, settings: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start one Meltano command, for a caller who watches it himself; leaving the project stops it."""
        refuse_foreign_addresses(settings or {})
        return self._start(["meltano", *arguments], guarded=True, settings=settings)

    def _start(
        self, command: list[str], *, guarded: bool, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        environment = self.environment() | dict(settings or {})
        if guarded:
            environment["PYTHONPATH"] = str(self.guard())
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            cwd=self.root,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that the whole family can be stopped, and Ctrl-C here does not reach it twice
        )
        self._running.add(process)
        return process

    def _finish(self, process: "subprocess.Popen[str]", *, check: bool) -> "subprocess.CompletedProcess[str]":
        out, err = process.communicate()
        self._running.discard(process)
        if check and process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args, out, err)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def _stop(self, process: "subprocess.Popen[str]") -> None:
        """End a command and all that it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                process.communicate(timeout=SECONDS_TO_STOP)
                break
            except subprocess.TimeoutExpired:
                continue
        self._running.discard(process)

    def guard(self) -> Path:
        """Return a folder that locks a Python into this machine when it is on PYTHONPATH."""
        folder = self.root.parent / "guard"
        if not folder.exists():
            folder.mkdir()
            shutil.copy2(ROOT / "tools" / "loopback_only.py", folder)
            (folder / "sitecustomize.py").write_text(LOCK_IN, encoding="utf-8")
        return folder

    @staticmethod
    def _lock_in(site_packages: Path) -> None:
        """Lock a plugin's Python into this machine (Meltano takes PYTHONPATH away from plugins)."""
        shutil.copy2(ROOT / "tools" / "loopback_only.py", site_packages)
        (site_packages / "loopback_only.pth").write_text(LOCK_IN, encoding="utf-8")
