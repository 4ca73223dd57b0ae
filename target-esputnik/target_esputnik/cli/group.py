"""The frame of the commands: common options, help with an example, and the contract's exit codes."""

from __future__ import annotations

import logging
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from target_esputnik.cli.asked import Asked, config_from
from target_esputnik.cli.words import say
from target_esputnik.console import run_console

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "esputnik-ledger"


class LedgerGroup(click.Group):
    """The commands of `esputnik-ledger`; called without arguments it is the console script."""

    def __call__(self, *_: Any, **__: Any) -> int:
        """Run on the process's arguments. Returns the exit code of the contract."""
        log_to_stderr()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a title in Ukrainian must not end a command on an old console
                stream.reconfigure(errors="backslashreplace")
        return run_console(self, sys.argv[1:])


def log_to_stderr() -> None:
    """Write warnings and errors to stderr, a line each."""
    logger = logging.getLogger("target-esputnik")
    if not logger.handlers:
        line = logging.StreamHandler()
        line.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(line)


def ledger_command(
    name: str, *, example: str, asks_esputnik: bool = False
) -> Callable[[Callable[..., int]], click.Command]:
    """Make a function a command: its words are `NAME.short` and `NAME.help`.

    Args:
        name: as it is typed.
        example: options of the example, without program and command.
        asks_esputnik: whose account it is follows from the key, so there is no --account.

    Returns:
        A decorator; the function gets `asked` and its own options, and returns the exit code.
    """

    def decorate(function: Callable[..., int]) -> click.Command:
        @wraps(function)
        def command(*, config: tuple[str, ...], as_json: bool, account: str | None = None, **options: Any) -> int:
            return function(Asked(config_from(config), as_json, account), **options)

        common = [
            click.option("--config", multiple=True, metavar="FILE", help=say("option.config")),
            *([] if asks_esputnik else [click.option("--account", metavar="ID", help=say("option.account"))]),
            click.option("--json", "as_json", is_flag=True, help=say("option.json")),
        ]
        wrapped: Callable[..., Any] = command
        for option in reversed(common):
            wrapped = option(wrapped)
        return click.command(
            name,
            help=say(f"{name}.help"),
            short_help=say(f"{name}.short"),
            epilog=say("example", example=f"{PROGRAM} {name} --config target.json {example}".rstrip()),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )(wrapped)

    return decorate
