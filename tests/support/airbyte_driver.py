"""The whole pipe by Airbyte's protocol: `source-horoshop` and `destination-esputnik` as the platform would run them.

Two processes, what the one prints goes into the other, states are kept one a stream. Every line that either prints is
held against Airbyte's own models.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airbyte_protocol.models import AirbyteMessage
from ledger_places import rows_of
from pipe_driver import BIN, SCRUBBED, Pipe, Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger_places import LedgerPlace

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
RUNNER = Path(__file__).parent / "struck_target.py"
SOURCE, DESTINATION = "source-horoshop", "destination-esputnik"


def environment() -> dict[str, str]:
    """Give ours, without settings of tap or target."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)}


def messages_of(out: str) -> list[Row]:
    """Read the lines of a connector; each is a whole message as Airbyte's models know it, without a key of its own."""
    found = []
    for line in out.splitlines():
        model = AirbyteMessage.model_validate_json(line)
        message: Row = json.loads(line)
        assert model.type is not None
        assert not model.model_extra, f"the protocol does not know {sorted(model.model_extra)}"
        found.append(message)
    return found


def of_type(messages: Sequence[Row], kind: str) -> list[Row]:
    """Give the bodies of all messages of a type: RECORD, STATE, LOG, …."""
    body = {"CONNECTION_STATUS": "connectionStatus"}.get(kind, kind.lower())
    return [message[body] for message in messages if message["type"] == kind]


def errors_in(messages: Sequence[Row]) -> list[Row]:
    """Give what a connector failed of."""
    return [trace["error"] for trace in of_type(messages, "TRACE") if trace["type"] == "ERROR"]


def statuses_in(messages: Sequence[Row]) -> list[tuple[str, str]]:
    """Give (stream, status), in order."""
    told = [trace["stream_status"] for trace in of_type(messages, "TRACE") if trace["type"] == "STREAM_STATUS"]
    return [(one["stream_descriptor"]["name"], one["status"]) for one in told]


def configured(catalog: Row, modes: dict[str, str] | None = None, *, write: str = "append_dedup") -> Row:
    """Choose streams of a catalog, as a user does; all of them, incremental where that is offered."""
    streams = []
    for stream in catalog["streams"]:
        best = stream["supported_sync_modes"][-1]
        mode = best if modes is None else modes.get(stream["name"])
        if mode is not None:
            chosen = {"stream": stream, "sync_mode": mode, "destination_sync_mode": write}
            keys = {"primary_key": stream.get("source_defined_primary_key", [])}
            cursor = {"cursor_field": stream["default_cursor_field"]} if "default_cursor_field" in stream else {}
            streams.append(chosen | keys | cursor | {"generation_id": 1, "minimum_generation_id": 0, "sync_id": 1})
    return {"streams": streams}


class AirbytePipe(Pipe):
    """Runs both connectors again and again, on states of their own and one ledger.

    Args:
        place: where the ledger lies; a file, if nothing else is said.

    Attributes:
        states: the last STATE of each stream that the destination returned, as the platform keeps them.
        said: what the source printed in the last run.
        answered: what the destination printed in the last run.
    """

    def __init__(
        self, sandbox: Sandbox, folder: Path, *, place: LedgerPlace | None = None, **settings: dict[str, Any]
    ) -> None:
        super().__init__(sandbox, folder, **settings)
        self.place = place
        if place is None:
            self.target_settings["allow_local_ledger"] = True
        else:
            self.target_settings["ledger_url"] = place.url
        self.states: dict[str, Row] = {}
        self.said: list[Row] = []
        self.answered: list[Row] = []
        self.modes: dict[str, str] | None = None

    # ------------------------------------------------------------ verbs

    def file(self, name: str, content: Any) -> str:
        """Write a file of JSON; return its path."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def call(self, connector: str, *arguments: str, lines: str = "") -> tuple[int, list[Row], str]:
        """Run one command of a connector; return its exit code, messages and stderr."""
        done = subprocess.run(
            [str(BIN / connector), *arguments],
            input=lines,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment(),
            cwd=self.folder,
        )
        return done.returncode, messages_of(done.stdout), done.stderr

    def source(self, verb: str, *more: str) -> tuple[int, list[Row], str]:
        """Run a verb of the source with its settings."""
        return self.call(SOURCE, verb, "--config", self.file("tap", self.tap_settings), *more)

    def destination(self, verb: str, *more: str, lines: str = "") -> tuple[int, list[Row], str]:
        """Run a verb of the destination with its settings."""
        return self.call(DESTINATION, verb, "--config", self.file("target", self.target_settings), *more, lines=lines)

    def catalog(self) -> Row:
        """Give what the source offers."""
        code, messages, err = self.source("discover")
        assert code == 0, err
        [catalog] = of_type(messages, "CATALOG")
        return dict(catalog)

    def read(self) -> int:
        """Let the source read on from the states that are kept."""
        chosen = self.file("configured", configured(self.catalog(), self.modes))
        states = self.file("states", list(self.states.values()))
        code, self.said, err = self.source("read", "--catalog", chosen, "--state", states)
        self.log = err
        return code

    def write(self, alter: Callable[[list[Row]], list[Row]] = lambda said: said) -> int:
        """Let the destination write what the source said."""
        handed_on = [one for one in alter(self.said) if one["type"] in {"RECORD", "STATE", "TRACE"}]
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in handed_on)
        chosen = str(self.folder / "configured.json")
        code, self.answered, err = self.destination("write", "--catalog", chosen, lines=lines)
        self.log += err
        self.keep(self.answered)
        return code

    def struck_write(self, **orders: Any) -> int:
        """Let the destination write, and be struck: see `struck_target.py`. Half a line that it leaves is none."""
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in self.said if one["type"] != "LOG")
        chosen, config = str(self.folder / "configured.json"), self.file("target", self.target_settings)
        command = [sys.executable, str(RUNNER), json.dumps({"airbyte": True, **orders})]
        done = subprocess.run(
            [*command, "write", "--config", config, "--catalog", chosen],
            input=lines,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment(),
        )
        whole = [line for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
        self.answered = messages_of("".join(whole))
        self.keep(self.answered)
        return done.returncode

    def keep(self, answered: Sequence[Row]) -> None:
        """Keep the states that a destination returned, without what it added."""
        for state in of_type(answered, "STATE"):
            name = state["stream"]["stream_descriptor"]["name"]
            self.states[name] = {key: state[key] for key in ("type", "stream")}

    def _run(self) -> Ran:
        codes = self.read(), self.write()
        told = [log["message"] for log in of_type([*self.said, *self.answered], "LOG")]
        return Ran(*codes, "\n".join([self.log, *told]))

    def rows(self, query: str) -> list[Row]:
        """Give the rows of a query on the ledger, wherever it is."""
        if self.place is None:
            return super().rows(query)
        return [dict(row._mapping) for row in rows_of(self.place, query)]

    def lose_ledger(self) -> None:
        """Take the ledger away."""
        self.place.lose() if self.place is not None else super().lose_ledger()
