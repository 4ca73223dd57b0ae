"""What both kinds of connectors share: verbs, files, and how a command ends."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from singer_airbyte.failures import AirbyteError
from singer_airbyte.form import PROTOCOL_VERSION, secrets_in
from singer_airbyte.output import Output, ReaderGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from singer_airbyte.failures import Failure

Json = dict[str, Any]
FILES = {
    "check": ("config",),
    "discover": ("config",),
    "read": ("config", "catalog"),
    "write": ("config", "catalog"),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise AirbyteError(f"The command line cannot be read: {message}.")


def arguments_of(argv: Sequence[str], verbs: Sequence[str], name: str) -> argparse.Namespace:
    """Read a command line of the protocol.

    Raises:
        AirbyteError: it cannot be read.
    """
    parser = _Parser(prog=name)
    commands = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser)
    for verb in verbs:
        command = commands.add_parser(verb)
        command.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
        for file in FILES.get(verb, ()):
            command.add_argument(f"--{file}", required=True)
        if verb == "read":
            command.add_argument("--state")
    return parser.parse_args(argv)


def json_file(path: str | None, what: str) -> Any:
    """Return what a file holds; None for no file, or for one that is empty.

    Raises:
        AirbyteError: it cannot be read, or is no JSON.
    """
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
        return json.loads(text) if text else None
    except OSError:
        raise AirbyteError(f"The file of --{what} cannot be read.") from None
    except ValueError:
        raise AirbyteError(f"The file of --{what} is not JSON.") from None


def config_file(path: str) -> Json:
    """Return the settings.

    Raises:
        AirbyteError: the file holds none.
    """
    config = json_file(path, "config")
    if not isinstance(config, dict):
        raise AirbyteError("The file of --config is not a JSON object.")
    return config


class Command:
    """One command of a connector, from its arguments to its exit code.

    Args:
        name: of the connector.
        spec: what `spec` answers, without the protocol's version.
        tell: an error in words.
    """

    def __init__(self, name: str, spec: Mapping[str, Any], tell: Callable[[BaseException], Failure]) -> None:
        self.name = name
        self.spec = {"protocol_version": PROTOCOL_VERSION, **spec}
        self.tell = tell

    def run(
        self,
        argv: Sequence[str],
        verbs: Mapping[str, Callable[[Output, Json, argparse.Namespace], int]],
        output: Output | None = None,
    ) -> int:
        """Run a command line and return its exit code; whatever goes wrong is told as the protocol wants it."""
        out = output or Output()
        try:
            arguments = arguments_of(argv, ("spec", *verbs), self.name)
            if arguments.verb == "spec":
                out.write({"type": "SPEC", "spec": self.spec})
                return 0
            out.take_logs()
            config = config_file(arguments.config)
            out.mask(secrets_in(self.spec["connectionSpecification"], config))
            return verbs[arguments.verb](out, config, arguments)
        except ReaderGoneError:
            return 1
        except Exception as error:  # noqa: BLE001 - the last word, in the protocol's form
            return self._told(out, error)
        finally:
            out.close()

    def _told(self, out: Output, error: Exception) -> int:
        try:
            out.failure(self.tell(error))
        except ReaderGoneError:
            return 1
        return int(getattr(error, "exit_code", 1)) or 1

    def check(self, out: Output, check: Callable[[], None]) -> int:
        """Answer `check`: what the user or time can mend is the answer FAILED, and no failure of the command."""
        try:
            check()
        except Exception as error:
            failure = self.tell(error)
            if failure.kind == "system_error":
                raise
            out.connection(failure)
        else:
            out.connection(None)
        return 0
