"""The tap: its settings, its streams and its command line."""

from __future__ import annotations

import os
import traceback
from functools import cached_property
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, ClassVar, cast

import click
from singer_sdk import Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import MapExpressionError, StreamMapConfigError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers._util import load_json
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import Catalog

from tap_horoshop.checked_settings import problems_with, read_settings, with_defaults
from tap_horoshop.errors import HoroshopError, SettingsInvalidError, StateInvalidError, UnforeseenError
from tap_horoshop.language import LANGUAGES, language_of, speak
from tap_horoshop.output import Stopped, Writer, ignore_signals
from tap_horoshop.settings import CONFIG_JSONSCHEMA
from tap_horoshop.shop import Shop
from tap_horoshop.streams import Contacts, Orders, OrderStatuses
from tap_horoshop.words import said, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.plugin_base import _ConfigInput
    from singer_sdk.streams import Stream

LEDGER = "esputnik_ledger"
EXIT_UNFORESEEN = 1
LANG_HELP = "Language of the last line; else that of LC_ALL, LC_MESSAGES or LANG."


class TapHoroshop(Tap):
    """Singer tap for Horoshop: a shop's contacts and orders."""

    name = "tap-horoshop"
    config_jsonschema: ClassVar[dict[str, Any]] = CONFIG_JSONSCHEMA
    message_writer_class = Writer
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @cached_property
    def shop(self) -> Shop:
        """The shop of this run; asked for only when something is read, since discovery needs no settings."""
        return Shop(read_settings(self.config))

    def discover_streams(self) -> Sequence[Stream]:
        """Return the three streams."""
        return [stream(self, lambda: self.shop) for stream in (OrderStatuses, Contacts, Orders)]

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in the order in which they are read: a target wants a buyer before his order."""
        if self._streams is None:
            by_name = super().streams
            self._streams = {name: by_name[name] for name in (OrderStatuses.name, Contacts.name, Orders.name)}
        return self._streams

    def setup_mapper(self) -> None:
        """Read the stream maps.

        Raises:
            SettingsInvalidError: They cannot be read.
        """
        try:
            super().setup_mapper()
        except (MapExpressionError, StreamMapConfigError):
            raise SettingsInvalidError([said("setting.form", name="stream_maps")]) from None

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the state of the last run, with the target's mark of its ledger, which every STATE carries on.

        Raises:
            StateInvalidError: It is no Singer state.
        """
        bookmarks = state.get("bookmarks", {})
        if not isinstance(bookmarks, dict) or not all(isinstance(mark, dict) for mark in bookmarks.values()):
            raise StateInvalidError("state_form")
        super().load_state(state)
        if LEDGER in state:
            # The SDK keeps nothing but bookmarks.
            cast("dict[str, Any]", self._state)[LEDGER] = state[LEDGER]

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the SDK's command line, with the language; `run` has read it before."""
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
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
    ) -> None:
        """Run the command line: describe the tap, or read the shop."""
        if about:
            cls.print_about(about_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config if config else {},
            state=_json_object(state, StateInvalidError("state_json")),
            catalog=_catalog(catalog),
            parse_env_config=config.parse_env if config else False,
        )
        try:
            tap.sync_all()
        finally:
            tap.shop.close()

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> _ConfigInput:
        """Read the files of `--config`.

        Raises:
            SettingsInvalidError: One of them cannot be read, or is no JSON object.
        """
        try:
            return super().cb_config(ctx, param, value)
        except OSError:
            raise SettingsInvalidError([said("setting.config_file")]) from None
        except (ValueError, TypeError, RuntimeError):
            raise SettingsInvalidError([said("setting.config_json")]) from None

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Check the connection in one call, or write the schemas."""
        if value != "all":
            super().cb_test(ctx, param, value)
            return
        given: _ConfigInput = ctx.params["config"]
        tap = cls(config=given.config, parse_env_config=given.parse_env)
        try:
            tap.shop.client.check()
        finally:
            tap.shop.close()
        cls.logger.info(say("answers"))
        ctx.exit()

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as in the SDK
        """The settings in the environment. The SDK's own reading shows the value of one that it cannot read."""
        cls.append_builtin_config(cls.config_jsonschema)
        found: dict[str, Any] = {}
        problems = []
        for name, rule in cls.config_jsonschema["properties"].items():
            try:
                found |= parse_environment_config({"properties": {name: rule}}, cls._env_var_prefix)
            except ValueError:  # noqa: PERF203 - all problems are told at once
                problems.append(said("setting.environment", name=name))
        if problems:
            raise SettingsInvalidError(problems)
        return found

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check all settings. The SDK's own check prints their values."""
        self.append_builtin_config(self.config_jsonschema)
        self._config = with_defaults(self._config, self.config_jsonschema)
        problems = problems_with(self._config, self.config_jsonschema)
        if problems and raise_errors:
            raise SettingsInvalidError(problems)
        unknown = sorted(name for name in self._config if name not in self.config_jsonschema["properties"])
        if unknown and raise_errors:
            self.logger.warning("Settings that the tap does not know: %s", ", ".join(unknown))
        return [str(problem) for problem in problems]

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Stop with 128 + the signal's number. The SDK ends with 0, which an orchestrator takes for a whole run."""
        writer = getattr(self, "message_writer", None)
        if not isinstance(writer, Writer):
            raise Stopped(signum)
        writer.stop(signum, frame)


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; what was foreseen is told in one line."""
    speak(language_of(arguments, os.environ))
    logger = TapHoroshop.logger
    try:
        code = TapHoroshop.cli.main(arguments, prog_name=TapHoroshop.name, standalone_mode=False)
    except HoroshopError as error:
        logger.error("%s", error)  # noqa: TRY400 - foreseen: no traceback
        return error.exit_code
    except Stopped as stopped:
        ignore_signals()
        logger.warning(say("stopped"))
        return stopped.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last word about what nobody foresaw
        logger.error("%s", unforeseen(error))  # noqa: TRY400 - its own words could hold anything
        return EXIT_UNFORESEEN
    return code if isinstance(code, int) else 0


def unforeseen(error: Exception) -> UnforeseenError:
    """Tell an exception's type and place, without its words, which may repeat a record."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    return UnforeseenError("unforeseen", kind=type(error).__name__, place=" > ".join(places))


def _catalog(file: IO[str] | None) -> Catalog | None:
    found = _json_object(file, SettingsInvalidError([said("setting.catalog_json")]))
    try:
        return None if found is None else Catalog.from_dict(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SettingsInvalidError([said("setting.catalog_form")]) from None


def _json_object(file: IO[str] | None, error: HoroshopError) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        value = load_json(file.read())
    except ValueError:
        raise error from None
    if not isinstance(value, dict):
        raise error
    return value
