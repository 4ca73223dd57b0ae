"""A Singer tap as an Airbyte source."""

from __future__ import annotations

import signal
import time
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from singer_sdk import Tap
from singer_sdk.singerlib import RecordMessage, StateMessage
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.json import serialize_json

from singer_airbyte.catalogs import Chosen, airbyte_catalog
from singer_airbyte.command_line import Command, json_file
from singer_airbyte.failures import failure_of
from singer_airbyte.form import form_of
from singer_airbyte.output import SIGNALS, Output, ReaderGoneError
from singer_airbyte.states import READ, READ_BEFORE, next_read, read_before, singer_state, stream_state

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from types import FrameType

    from singer_sdk.streams import Stream

    from singer_airbyte.failures import Failure

Json = dict[str, Any]
AnyTap = TypeVar("AnyTap", bound=Tap)
"""The class of a tap."""


class Stopped(BaseException):
    """A signal asked the source to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


class Source(Generic[AnyTap]):
    """What the adapter asks of a tap; a subclass says what its tap knows better.

    Args:
        tap: its class.
        name: the connector's, such as `source-x`.
        documentation_url: for the form.
    """

    def __init__(self, tap: type[AnyTap], *, name: str, documentation_url: str | None = None) -> None:
        self.tap = tap
        self.name = name
        self.documentation_url = documentation_url

    def make(self, config: Json, **more: Any) -> AnyTap:
        """Make the tap."""
        return self.tap(config=config, **more)

    def close(self, tap: AnyTap) -> None:
        """Give back what a tap holds."""

    def check(self, tap: AnyTap) -> None:
        """Prove the settings; raises what `tell` can tell. Making the tap has checked their form."""
        _ = tap.streams

    def tell(self, error: BaseException) -> Failure:
        """Put an error into words."""
        return failure_of(error)

    def ends_all(self, error: Exception) -> bool:  # noqa: ARG002 - for subclasses
        """Whether an error of one stream is sure to meet all others, so that they are not tried."""
        return False


class _Records(GenericSingerWriter[bytes, Any]):
    """Takes a tap's messages and writes Airbyte's. SCHEMA is dropped: Airbyte has it from `discover`.

    Args:
        output: where they go.
        before: each stream's bookmark that is read on from.
        last_read: that these are of, if it is known.
    """

    def __init__(self, output: Output, before: Mapping[str, Any], last_read: str | None) -> None:
        self._output = output
        self._last_read = last_read
        self._read = next_read(last_read)
        self._since_state: Counter[str] = Counter()
        self._running: set[str] = set()
        self._last: dict[str, Any] = deepcopy(dict(before))

    def serialize_message(self, message: Any) -> bytes:
        """Not used: messages leave in another form."""
        return serialize_json(message.to_dict()).encode()

    def write_message(self, message: Any) -> None:
        """Take one message."""
        if isinstance(message, RecordMessage):
            self._record(message)
        elif isinstance(message, StateMessage):
            for name, mark in (message.value.get("bookmarks") or {}).items():
                if mark and mark != self._last.get(name):
                    self._state(name, mark)

    def _record(self, message: RecordMessage) -> None:
        name, moment = message.stream, message.time_extracted
        if name not in self._running:
            self._running.add(name)
            self._output.status(name, "RUNNING")
        self._since_state[name] += 1
        milliseconds = int((moment.timestamp() if moment else time.time()) * 1000)
        record = {"stream": name, "data": message.record, "emitted_at": milliseconds}
        self._output.write({"type": "RECORD", "record": record}, flush=False)

    def begin(self) -> None:
        """Repeat, before the first record, the states that are read on from: a destination looks whether it knows them.

        They name this read, so they are no states of the read before; and that one, if it is known.
        """
        reads = {READ: self._read} | ({READ_BEFORE: self._last_read} if self._last_read else {})
        for name, mark in self._last.items():
            self._output.write(stream_state(name, mark, 0, **reads))

    def _state(self, name: str, mark: Mapping[str, Any]) -> None:
        self._output.write(stream_state(name, mark, self._since_state.pop(name, 0), **{READ: self._read}))
        self._last[name] = deepcopy(mark)

    def end(self, name: str, mark: Mapping[str, Any]) -> None:
        """End a stream with a state that covers its last record, also where it remembers nothing."""
        if self._since_state[name] or not mark or mark != self._last.get(name):
            self._state(name, mark)


def run_source(source: Source[AnyTap], argv: Sequence[str], output: Output | None = None) -> int:
    """Answer `spec`, `check`, `discover` or `read`.

    Returns:
        The exit code: 0, or 1 if a stream could not be read whole.
    """
    spec: Json = {"connectionSpecification": form_of(source.tap, f"{source.name} spec")}
    if source.documentation_url:
        spec["documentationUrl"] = source.documentation_url
    command = Command(source.name, spec, source.tell)

    def check(out: Output, config: Json, _: argparse.Namespace) -> int:
        def prove() -> None:
            tap = source.make(config)
            out.take_logs()
            try:
                source.check(tap)
            finally:
                source.close(tap)

        return command.check(out, prove)

    def discover(out: Output, config: Json, _: argparse.Namespace) -> int:
        tap = source.make(config)
        out.take_logs()
        try:
            out.write({"type": "CATALOG", "catalog": airbyte_catalog(tap.catalog_dict)})
        finally:
            source.close(tap)
        return 0

    def read(out: Output, config: Json, arguments: argparse.Namespace) -> int:
        catalog, state = json_file(arguments.catalog, "catalog"), json_file(arguments.state, "state")
        return _Reading(source, out, config, Chosen(catalog), state).run()

    return command.run(argv, {"check": check, "discover": discover, "read": read}, output)


class _Reading(Generic[AnyTap]):
    """One `read`: the chosen streams in the tap's own order, each with its states, told from its start to its end."""

    def __init__(self, source: Source[AnyTap], out: Output, config: Json, chosen: Chosen, state: object) -> None:
        self._source, self._out = source, out
        before = singer_state(state, chosen.modes)
        probe = source.make(config)
        catalog = chosen.singer_catalog(probe.catalog_dict)
        source.close(probe)
        self._records = _Records(out, before["bookmarks"], read_before(state))
        self._tap = source.make(config, catalog=catalog, state=before, message_writer=self._records)
        self._unfinished: list[str] = []
        self._failed: list[str] = []

    def run(self) -> int:
        """Read; returns the exit code."""
        self._out.take_logs()
        for number in SIGNALS:
            signal.signal(number, _stop)
        self._out.guard_signals()
        try:
            self._streams()
        except Stopped as stopped:
            for name in self._unfinished:
                self._out.status(name, "INCOMPLETE")
            return stopped.exit_code
        finally:
            self._source.close(self._tap)
        return int(bool(self._failed))

    def _streams(self) -> None:
        tap = self._tap
        # What `sync_all` does around its streams; it ends with the first that fails.
        tap._reset_state_progress_markers()  # noqa: SLF001
        tap._set_compatible_replication_methods()  # noqa: SLF001
        self._records.begin()
        last: Exception | None = None
        for stream in tap.streams.values():
            if stream.parent_stream_type or not (stream.selected or stream.has_selected_descendents):
                continue
            names = [one.name for one in (stream, *stream.descendent_streams) if one.selected]
            self._unfinished = names
            for name in names:
                self._out.status(name, "STARTED")
            last = last or self._stream(stream, names)
            if last is not None:
                self._failed += names
                for name in names:
                    self._out.status(name, "INCOMPLETE")
                last = last if self._source.ends_all(last) else None
            self._unfinished = []

    def _stream(self, stream: Stream, names: Sequence[str]) -> Exception | None:
        """Read one stream, with those below it; returns what it failed of."""
        try:
            stream.sync()
            stream.finalize_state_progress_markers()
        except ReaderGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - told, and the other streams go on
            self._out.failure(self._source.tell(error), stream.name)
            return error
        bookmarks = self._tap.state.get("bookmarks", {})
        for name in names:
            self._records.end(name, bookmarks.get(name) or {})
            self._out.status(name, "COMPLETE")
        return None


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)
