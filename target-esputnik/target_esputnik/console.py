"""The frame of every console script: a command runs, and whatever goes wrong becomes one line and an exit code."""

from __future__ import annotations

import json
import logging
import os
import traceback
from typing import TYPE_CHECKING

import click

from target_esputnik.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger("target-esputnik")


def run_console(command: click.Command, argv: Sequence[str]) -> int:
    """Run a click command; every error becomes one line and the contract's exit code.

    An error that was not foreseen shows where it happened, but not its text: that may quote a record.

    Args:
        command: it may end by SystemExit, or return its exit code.
        argv: without the program's name.

    Returns:
        The exit code.
    """
    try:
        ended = command.main(args=list(argv), standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except click.Abort:
        return 130
    except Exception as error:  # noqa: BLE001 - the last line of defence: no value may be shown
        line, code = _line_of(error)
        if isinstance(error, click.ClickException):  # a typing mistake is for the eye, not for the log
            click.echo(line, err=True)
        else:
            logger.error(line)  # noqa: TRY400 - a traceback may quote a record
        return code
    return ended if isinstance(ended, int) else 0


def _line_of(error: Exception) -> tuple[str, int]:
    """What a person reads of an error, and the exit code."""
    if isinstance(error, TargetError):
        return error.line(), error.exit_code
    if isinstance(error, click.ClickException):
        return f"Error: {error.format_message()}", 2
    if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
        return "config: The file given by --config cannot be read. Check its path and rights.", 2
    if isinstance(error, json.JSONDecodeError):
        return "config: The file given by --config is not JSON. Correct it.", 2
    where = traceback.extract_tb(error.__traceback__)
    steps = " > ".join(f"{os.path.basename(step.filename)}:{step.lineno}" for step in where[-6:])  # noqa: PTH119
    return f"unexpected: {type(error).__name__} at {steps}. Please open an issue with this line.", 1
