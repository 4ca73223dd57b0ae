"""The Singer target: settings, messages, signals, and the console script.

The SDK reads messages and speaks to Meltano; what becomes of records is decided in `delivery/`. The SDK's own drain and
signal code is not used: on SIGTERM it writes the bookmark of a batch that it has not delivered
(`reference/singer-meltano.md §2.1`).
"""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import logging
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import click
from singer_sdk import Target
from singer_sdk.exceptions import MissingKeyPropertiesError, RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.plugin_base import PluginBase
from singer_sdk.singerlib.exceptions import InvalidInputLine

from target_esputnik.client import EsputnikClient
from target_esputnik.console import run_console, tell_on_one_line
from target_esputnik.delivery.run import Run
from target_esputnik.environment import config_from_environment
from target_esputnik.errors import ConfigProblem, HealsByItself, ProtocolError, TargetError
from target_esputnik.language import LANGUAGES
from target_esputnik.ledger.reports import requests_of
from target_esputnik.ledger.store import Ledger
from target_esputnik.meltano_runs import meltano_run_id
from target_esputnik.pipe import widen
from target_esputnik.planning_client import PlanningClient
from target_esputnik.run_metrics import write_metrics
from target_esputnik.settings import Settings
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA, STREAMS
from target_esputnik.sinks import IgnoringSink, Reader, StreamSink
from target_esputnik.stopping import Stopping, StopSignals
from target_esputnik.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import IO

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.mapper import StreamMap
    from singer_sdk.plugin_base import _ConfigInput
    from singer_sdk.sinks import Sink

    from target_esputnik.tries import Exchange

LANG_HELP: Final = "Language of the last line and the summary; else that of LC_ALL, LC_MESSAGES or LANG."

COLLECTIONS: Final = (100_000, 20, 50)
"""After so many new objects that may hold each other the collector looks for cycles: a batch of records has as many."""

logger = logging.getLogger("target-esputnik")


class TargetEsputnik(Target):
    """Singer target for eSputnik (Yespo): contacts and orders, delivered once, with consent kept.

    Args:
        config: the settings.
        parse_env_config: whether to read `TARGET_ESPUTNIK_*`, too.
        emit_state: gets every STATE that is true, in place of stdout.
        **kwargs: the SDK's own.

    Attributes:
        ended_by: what `work` ended with, if it was an error.
    """

    name = "target-esputnik"
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(CONFIG_JSONSCHEMA)
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    default_sink_class = StreamSink
    message_reader_class = Reader

    def __init__(
        self,
        *,
        config: Any = None,
        parse_env_config: bool = False,
        emit_state: Callable[[dict[str, Any]], None] | None = None,
        **kwargs: Any,
    ) -> None:
        merged = dict(config or {})
        if parse_env_config:
            merged |= config_from_environment()
        self.ended_by: TargetError | None = None
        self._emit_state = emit_state or self._write_state_message
        self._run: Run | None = None
        self._ledger: Ledger | None = None
        self._client: EsputnikClient | None = None
        self._told = False
        self._takes: dict[str, Callable[[dict[str, Any]], None]] = {}  # by stream: what takes its records as they are
        self._signals = StopSignals(self._begin_nothing_more, idle=True)
        super().__init__(config=merged, **kwargs)
        tell_on_one_line()

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings that this target really has: stream maps, and no others."""
        PluginBase.append_builtin_config.__func__(cls, config_jsonschema)  # type: ignore[attr-defined]

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings our way: the SDK's errors show values."""
        try:
            self.settings = Settings.from_config(self._config)
        except ConfigProblem as problem:
            if raise_errors:
                raise
            return [problem.line()]
        return []

    # ---------------------------------------------------------------- the run

    @property
    def run(self) -> Run:
        """The run that this process works on, begun with the first message that needs it."""
        if self._run is None:
            self._begin()
        assert self._run is not None  # noqa: S101 - `_begin` makes it or raises
        return self._run

    def _begin(self) -> None:
        exchanges: list[Exchange] = []
        settings = self.settings
        if settings.dry_run:
            planning = PlanningClient(settings, on_exchange=exchanges.append)
            planning.plan()
            self._client = planning
        else:
            self._client = EsputnikClient(settings, on_exchange=exchanges.append)
        self._ledger = Ledger.open(settings.ledger_url, create=True, dry=settings.dry_run)
        self._run = Run(
            settings,
            self._ledger,
            self._client,
            exchanges=exchanges,
            emit_state=self._emit_state,
            meltano_run_id=meltano_run_id(os.environ),
        )
        with self._settling():
            self._run.begin()

    def work(self, file_input: IO[str] | None = None) -> int:
        """Read messages to their end, deliver, and write down the verdict.

        Returns:
            The exit code of the contract.
        """
        error: TargetError | None = None
        code = 1
        try:
            self._ready()
            widen(file_input or sys.stdin)
            self.listen(file_input)
            code = self._finish()
        except Stopping:
            code = self._signals.code or 1
            logger.warning(say("stopped"))
        except TargetError as problem:
            error = problem
            code = self._signals.code or problem.exit_code
        except Exception as problem:
            foreseen = _as_ours(problem)
            if foreseen is None:
                raise
            error, code = foreseen, foreseen.exit_code
        finally:
            error = self._close(code, error)
        if error is not None:
            logger.error(error.line())
        self.ended_by = error or self.ended_by
        return code

    def _ready(self) -> None:
        """Prove the key and the ledger before the first record is read: bad settings cost nothing else."""
        _ = self.run

    def _finish(self) -> int:
        with self._settling():
            code = self.run.finish()
            self._tell(code, "done")
        if self.run.intake.newer_than_bookmark:
            logger.warning(say("newer_than_bookmark", count=self.run.intake.newer_than_bookmark))
        if isinstance(self._client, PlanningClient):
            for line in self._client.lines(self.settings.max_requests_per_second):
                click.echo(line, err=True)
        if code:
            self.ended_by = self.run.tally.verdict()
            logger.error(self.ended_by.line())
        return code

    def _close(self, code: int, error: TargetError | None) -> TargetError | None:
        """Settle what is under way, write the verdict and give everything back.

        A broken ledger must not hide why the run failed.

        Returns:
            Why it failed; what was under way when it was stopped may have failed, too.
        """
        self._signals.begin_to_end()  # a signal changes nothing any more, and must not keep the verdict out
        try:
            if self._run is not None:
                self._run.settle_orders()
        except TargetError as late:
            error = error or late
        finally:
            self._give_back(code, error)
        return error

    def _give_back(self, code: int, error: TargetError | None) -> None:
        if self._run is not None:
            with contextlib.suppress(TargetError):
                self._run.close(code, error)
                self._tell(code, "so_far")
        if self._ledger is not None:
            self._ledger.close()
        if self._client is not None:
            self._client.close()
        self._signals.over()

    def _tell(self, code: int, name: str) -> None:
        """Write the counts, once: as metrics, and in words, so that these are the end of the log."""
        run, ledger = self._run, self._ledger
        if self._told or run is None or ledger is None or not run.has_begun:
            return
        self._told = True
        if not self.settings.dry_run:  # a plan is no count of anything
            with contextlib.suppress(TargetError):  # a run that is done must not fail by how it is told
                run.room.write_exchanges()
                seconds = time.monotonic() - run.room.began
                write_metrics(run.tally, requests_of(ledger, ledger.run), seconds=seconds, exit_code=code)
        logger.info(say(name, counts=run.tally.said()))

    # ---------------------------------------------------------------- messages

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """Ours for our streams; all others are ignored."""
        mapped = self.settings.stream_mapping.get(stream_name, stream_name)
        return StreamSink if mapped in STREAMS else IgnoringSink

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        try:
            super()._process_schema_message(message_dict)
        except (AttributeError, KeyError, TypeError):  # the SDK trusts the shape of a schema
            raise ProtocolError("not_singer") from None
        direct = {name: sink for name, maps in self.mapper.stream_maps.items() if (sink := self._direct(maps))}
        self._takes = {name: sink.take for name, sink in direct.items()}
        if isinstance(self.message_reader, Reader):
            self.message_reader.takes = {
                name: partial(self._take_written, sink) for name, sink in direct.items() if sink.takes_as_written
            }

    def _direct(self, maps: list[StreamMap]) -> StreamSink | None:
        """The sink of a stream whose records go there as they are; None where a stream map has a say."""
        sink = self._sinks_active.get(maps[0].stream_alias)
        same = len(maps) == 1 and type(maps[0]) is SameRecordTransform
        return sink if same and isinstance(sink, StreamSink) and sink.takes_all_as_it_is else None

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        take, record = self._takes.get(message_dict.get("stream", "")), message_dict.get("record")
        if take is not None and isinstance(record, dict):
            take(record)
        else:
            super()._process_record_message(message_dict)
        self._settle_if_full()

    def _take_written(self, sink: StreamSink, written: bytes) -> bool:
        """Take in a record as it is written, if the sink takes it so."""
        if not sink.take_written(written):
            return False
        self._settle_if_full()
        return True

    def _settle_if_full(self) -> None:
        if self.run.is_full:
            with self._settling():
                self.run.settle()

    def _handle_max_record_age(self) -> None:
        """Nothing: the run settles by itself, and the SDK's drain would write STATE around it."""

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        self._assert_line_requires(message_dict, requires={"value"})
        with self._settling():
            self.run.take_state(message_dict["value"])

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        self._assert_line_requires(message_dict, requires={"stream", "version"})
        if message_dict["stream"] not in self.mapper.stream_maps:
            raise ProtocolError("no_schema")
        super()._process_activate_version_message(message_dict)

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        raise ProtocolError("batch_message", stream=message_dict.get("stream"))

    def process_endofpipe(self) -> None:
        """Nothing here: `work` finishes the run, so that its verdict is written whatever happens."""

    def _write_state_message(self, state: dict[str, Any]) -> None:
        try:
            sys.stdout.write(json.dumps(state) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Keep the interpreter from failing once more when it flushes stdout at its end.
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            raise HealsByItself("state_reader_gone") from None

    # ---------------------------------------------------------------- signals

    def _settling(self) -> contextlib.AbstractContextManager[None]:
        """While this is open a signal waits; nothing that was sent is left unsettled."""
        return self._signals.settling()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Settle what is in flight, then stop; while the tap is waited for it is `_close` that settles."""
        self._signals.note(signum, frame)

    def _begin_nothing_more(self) -> None:
        if self._run is not None:
            self._run.stopping.set()
        if self._client is not None:
            self._client.stop()

    # ---------------------------------------------------------------- console

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command line, with the language; `run_console` has read it before."""
        command = super().get_singer_command()
        command.params.append(
            click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help=LANG_HELP)
        )
        return command

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        file_input: IO[str] | None = None,
    ) -> None:
        """Run as a console script; ends by SystemExit with the contract's exit code."""
        PluginBase.invoke.__func__(cls, about=about, about_format=about_format)  # type: ignore[attr-defined]
        target = cls(config=config.config if config else {}, parse_env_config=config.parse_env if config else False)
        sys.exit(target.work(file_input))


def _as_ours(problem: Exception) -> TargetError | None:
    """The SDK's errors about messages, as one of ours: theirs quote the whole line, with its personal data."""
    if isinstance(problem, MissingKeyPropertiesError):
        return ProtocolError("no_key")
    if isinstance(problem, RecordsWithoutSchemaException):
        return ProtocolError("no_schema")
    if isinstance(problem, (InvalidInputLine, json.JSONDecodeError, UnicodeDecodeError)):
        return ProtocolError("not_singer")
    if isinstance(problem, ValueError) and "message type" in str(problem):
        return ProtocolError("unknown_message")
    return None


def main() -> None:
    """The console script `target-esputnik`."""
    # Records and payloads hold no cycles: to look for some after every 700 new ones takes a tenth of a run. Only in a
    # process of our own: what is frozen is never given back.
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    sys.exit(run_console(TargetEsputnik.cli, sys.argv[1:]))
