"""The frame of every console script: a command runs, and whatever goes wrong becomes one line and an exit code."""

from __future__ import annotations

import json
import logging
import os
import traceback
from typing import TYPE_CHECKING

import click

from target_esputnik.errors import ConfigProblem, TargetError, Unexpected
from target_esputnik.language import language_of, speak
from target_esputnik.text import for_the_eye, one_line
from target_esputnik.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger("target-esputnik")


def tell_on_one_line() -> None:
    """Let nothing that a tap or eSputnik named begin a line of its own in the log, or steer a terminal.

    To be called when the log is set up; called again it does nothing more.
    """
    for handler in [*logging.getLogger().handlers, *logger.handlers]:
        handler.addFilter(on_one_line)


def on_one_line(record: logging.LogRecord) -> bool:
    """Make a log record one line of printable text; for handlers, as a filter that lets everything through."""
    told = record.getMessage()
    if (line := one_line(for_the_eye(told)) or "") != told:  # others read what it was made of, if nothing is wrong
        record.msg, record.args = line, ()
    record.name = one_line(for_the_eye(record.name)) or ""  # the SDK names loggers as the tap names its streams
    return True


def run_console(command: click.Command, argv: Sequence[str]) -> int:
    """Run a click command; every error becomes one line and the contract's exit code.

    An error that was not foreseen shows where it happened, but not its text: that may quote a record.

    Args:
        command: it may end by SystemExit, or return its exit code.
        argv: without the program's name.

    Returns:
        The exit code.
    """
    speak(language_of(argv, os.environ))
    try:
        ended = command.main(args=list(argv), standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except click.Abort:
        return 130
    except Exception as error:  # noqa: BLE001 - the last line of defence: no value may be shown
        line, code = _line_of(error)
        if isinstance(error, click.ClickException):  # a typing mistake is for the eye, not for the log
            click.echo(for_the_eye(line), err=True)
        else:
            logger.error(line)  # noqa: TRY400 - a traceback may quote a record
        return code
    return ended if isinstance(ended, int) else 0


def _line_of(error: Exception) -> tuple[str, int]:
    """What a person reads of an error, and the exit code."""
    if isinstance(error, click.ClickException):
        return say("usage", message=error.format_message()), 2
    ours = as_ours(error)
    return ours.line(), ours.exit_code


def as_ours(error: Exception) -> TargetError:
    """An error as one of the catalogue, whatever it is."""
    if isinstance(error, TargetError):
        return error
    if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
        return ConfigProblem("config_file")
    if isinstance(error, json.JSONDecodeError):
        return ConfigProblem("config_json")
    where = traceback.extract_tb(error.__traceback__)
    steps = " > ".join(f"{os.path.basename(step.filename)}:{step.lineno}" for step in where[-6:])  # noqa: PTH119
    return Unexpected("unexpected", kind=type(error).__name__, place=steps)
