"""Who takes part, and the commands that each is run by."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contest.environments import python_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Command = list[str | Path]

PEERS = Path(__file__).resolve().parents[1] / "peers"
BIN = Path(sys.executable).parent
LONG_AGO = "2000-01-01T00:00:00+00:00"
# The largest that the settings take: without them all would wait for our own limits.
TAP_PACE, TARGET_PACE = 100, 200
LEFT_OUT = ("TAP_", "TARGET_", "PYTHONDONTWRITEBYTECODE")  # without byte code each start would compile everything


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes:
        name: short, for tables and pictures.
        group: the dependency group of its environment; None: this project's own.
        commands: given its interpreter and the folder of a run, the commands of the pipe.
    """

    name: str
    group: str | None
    commands: Callable[[Path, Path], list[Command]]

    def python(self) -> Path:
        """Return its interpreter; its environment is made when it is not there."""
        return Path(sys.executable) if self.group is None else python_of(self.group)


def write_settings(folder: Path, addresses: Mapping[str, str]) -> None:
    """Write what the commands read: `peer.json`, `catalog.json`, and the settings of our tap and target."""
    tap: dict[str, Any] = {
        "site_url": addresses["shop_url"],
        "username": addresses["username"],
        "password": addresses["password"],
        "max_requests_per_second": TAP_PACE,
    }
    target: dict[str, Any] = {
        "api_key": addresses["api_key"],
        "api_url": addresses["esputnik_url"],
        "ledger_url": f"sqlite:///{folder}/ledger/ledger.db",
        "max_requests_per_second": TARGET_PACE,
        "max_run_minutes": 600,
        "live_since": LONG_AGO,
        "email_confirmation": "confirmed",
    }
    for name, content in (("peer", dict(addresses)), ("catalog", _catalog()), ("tap", tap), ("target", target)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _catalog() -> dict[str, Any]:
    stream = {"json_schema": {"type": "object"}, "supported_sync_modes": ["full_refresh"]}
    mode = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    return {"streams": [{"stream": {"name": name, **stream}, **mode} for name in ("contacts", "orders")]}


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a run: nobody's settings, no message home, files only below the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return kept | {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "dlt")}


def _ours(_: Path, folder: Path) -> list[Command]:
    state = folder / "state.json"
    tap: Command = [BIN / "tap-horoshop", "--config", folder / "tap.json"]
    again: Command = ["--state", state] if state.exists() else []
    return [[*tap, *again], [BIN / "target-esputnik", "--config", folder / "target.json"]]


def keep_state(folder: Path) -> None:
    """Let the next run of our pair in this folder go on from where the last one ended."""
    last = (folder / "stdout").read_text(encoding="utf-8").splitlines()[-1]
    (folder / "state.json").write_text(last, encoding="utf-8")


def _pair(tap: str, target: str) -> Callable[[Path, Path], list[Command]]:
    def commands(python: Path, folder: Path) -> list[Command]:
        config: Command = ["--config", folder / "peer.json"]
        return [[python, PEERS / tap, *config], [python, PEERS / target, *config]]

    return commands


def _airbyte(python: Path, folder: Path) -> list[Command]:
    rest: Command = ["--config", folder / "peer.json", "--catalog", folder / "catalog.json"]
    return [
        [python, PEERS / "airbyte_source.py", "read", *rest],
        [python, PEERS / "airbyte_destination.py", "write", *rest],
    ]


def _script(name: str, *more: str) -> Callable[[Path, Path], list[Command]]:
    def commands(python: Path, folder: Path) -> list[Command]:
        return [[python, PEERS / name, folder / "peer.json", *(folder / part for part in more)]]

    return commands


OURS, VANILLA, FLOOR = "this project", "Singer SDK pair, vanilla", "asyncio floor"
TABLE = (
    Contestant(FLOOR, "bench-asyncio", _script("asyncio_floor.py")),
    Contestant("requests script", "bench-requests", _script("plain_requests.py")),
    Contestant("singer-python pair", "bench-singer-python", _pair("singer_python_tap.py", "singer_python_target.py")),
    Contestant("dlt", "bench-dlt", _script("dlt_pipeline.py", "dlt")),
    Contestant("Airbyte CDK pair", "bench-airbyte-cdk", _airbyte),
    Contestant(VANILLA, "bench-singer-sdk", _pair("singer_sdk_tap.py", "singer_sdk_target.py")),
    Contestant(OURS, None, _ours),
)
