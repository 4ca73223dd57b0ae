"""The frame of the commands: common options, help with an example, two languages, and the contract's exit codes."""

from __future__ import annotations

import copy
import gettext
import logging
import os
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from target_esputnik.cli.asked import Asked, config_from
from target_esputnik.cli.sheet import json_for_the_eye
from target_esputnik.cli.words import say
from target_esputnik.console import as_ours, run_console, tell_on_one_line
from target_esputnik.language import DOMAIN, LANGUAGES, LOCALES, Said, language_of, speak

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = "esputnik-ledger"
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Spoken(click.Command):
    """A command whose help is in English until somebody reads it: then it is in his language."""

    example = ""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, translated."""
        told = copy.copy(self)
        told.help = str(Said(self.help or ""))
        told.params = [_told(parameter) for parameter in self.params]
        told.epilog = say("example", example=self.example) if self.example else None
        super(Spoken, told).format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line in the list of commands; whole, however long it is."""
        return str(Said(self.short_help or "")) or super().get_short_help_str(limit)


class LedgerGroup(Spoken, click.Group):
    """The commands of `esputnik-ledger`; called without arguments it is the console script."""

    def __call__(self, *_: Any, **__: Any) -> int:
        """Run on the process's arguments. Returns the exit code of the contract."""
        log_to_stderr()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a title in Ukrainian must not end a command on an old console
                stream.reconfigure(errors="backslashreplace")
        _let_click_speak(sys.argv[1:])
        return run_console(self, sys.argv[1:])


def _let_click_speak(arguments: Sequence[str]) -> None:
    """Have click's own words from our catalogue, too; it asks gettext, and gettext the environment."""
    os.environ["LANGUAGE"] = language_of(arguments, os.environ)
    gettext.bindtextdomain(DOMAIN, LOCALES)
    gettext.textdomain(DOMAIN)


def _told(parameter: click.Parameter) -> click.Parameter:
    """An option with its help translated."""
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    told = copy.copy(parameter)
    told.help = str(Said(parameter.help))
    return told


def _show_error(facts: dict[str, object]) -> None:
    """An error as JSON: a program that asked for JSON gets one value, whatever happens."""
    click.echo(json_for_the_eye({"error": facts}))


def lang_option() -> click.Option:
    """`--lang`; the command line was looked through for it before: help is written while click still reads options."""
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help=say("option.lang"))


def log_to_stderr() -> None:
    """Write warnings and errors to stderr, a line each."""
    logger = logging.getLogger("target-esputnik")
    if not logger.handlers:
        line = logging.StreamHandler()
        line.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(line)
    tell_on_one_line()


def ledger_command(
    name: str, *, example: str, asks_esputnik: bool = False, whole_ledger: bool = False
) -> Callable[[Callable[..., int]], click.Command]:
    """Make a function a command: its words are `NAME.short` and `NAME.help`.

    Args:
        name: as it is typed.
        example: options of the example, without program and command.
        asks_esputnik: whose account it is follows from the key, so there is no --account.
        whole_ledger: it is about all accounts, so there is none either.

    Returns:
        A decorator; the function gets `asked` and its own options, and returns the exit code.
    """

    def decorate(function: Callable[..., int]) -> click.Command:
        @wraps(function)
        def command(*, config: tuple[str, ...], as_json: bool, account: str | None = None, **options: Any) -> int:
            if as_json:
                speak("en")  # what programs read is never translated
            try:
                return function(Asked(config_from(config), as_json, account), **options)
            except click.ClickException as error:
                if as_json:
                    _show_error({"code": "usage", "exit_code": 2, "sentence": error.format_message()})
                raise
            except Exception as error:
                if as_json:
                    _show_error(as_ours(error).facts())
                raise

        common = [
            click.option("--config", multiple=True, metavar="FILE", help=say("option.config")),
            *(
                []
                if asks_esputnik or whole_ledger
                else [click.option("--account", metavar="ID", help=say("option.account"))]
            ),
            click.option("--json", "as_json", is_flag=True, help=say("option.json")),
        ]
        wrapped: Callable[..., Any] = command
        for option in reversed(common):
            wrapped = option(wrapped)
        made = click.command(
            name, cls=Spoken, help=say(f"{name}.help"), short_help=say(f"{name}.short"), context_settings=HELP
        )(wrapped)
        made.params.append(lang_option())
        made.example = f"{PROGRAM} {name} --config target.json {example}".rstrip()
        return made

    return decorate
