"""A Singer target as an Airbyte destination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from singer_sdk import Target

from singer_airbyte.command_line import Command, json_file
from singer_airbyte.failures import failure_of
from singer_airbyte.form import form_of
from singer_airbyte.incoming import Incoming

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    from singer_airbyte.failures import Failure
    from singer_airbyte.output import Output

Json = dict[str, Any]
AnyTarget = TypeVar("AnyTarget", bound=Target)
"""The class of a target."""

CAN_DO: Final = {
    "supportsIncremental": True,
    "supportsNormalization": False,
    "supportsDBT": False,
    "supported_destination_sync_modes": ["append", "append_dedup"],
}


class Destination(Generic[AnyTarget]):
    """What the adapter asks of a target; a subclass says what its target knows better.

    Args:
        target: its class.
        name: the connector's, such as `destination-x`.
        documentation_url: for the form.
    """

    def __init__(self, target: type[AnyTarget], *, name: str, documentation_url: str | None = None) -> None:
        self.target = target
        self.name = name
        self.documentation_url = documentation_url

    def form(self) -> Json:
        """The form of the settings."""
        return form_of(self.target, f"{self.name} spec")

    def parse(self, line: str) -> Json:
        """A line as JSON: as the target itself would read it."""
        return self.target.message_reader_class().deserialize_json(line)

    def check(self, config: Json) -> None:
        """Prove the settings; raises what `tell` can tell."""
        self.target(config=config)

    def tell(self, error: BaseException) -> Failure:
        """Put an error into words."""
        return failure_of(error)

    def write(self, config: Json, incoming: Incoming, ready: Callable[[], None]) -> int:
        """Let the target read `incoming` to its end and deliver.

        Args:
            config: the settings.
            incoming: the messages; its `settled` gets every state that the target emits.
            ready: to be called when the target is made, which sets up logs and signals of its own.

        Returns:
            The exit code.
        """
        target = self.target(config=config, message_reader=incoming)
        ready()
        # The SDK has no seam for a target's states but this method.
        target._write_state_message = incoming.settled  # type: ignore[method-assign,assignment]  # noqa: SLF001
        incoming.settle = target.drain_all
        target.listen()
        return 0


def run_destination(
    destination: Destination[AnyTarget],
    argv: Sequence[str],
    output: Output | None = None,
    lines: Iterable[str] | None = None,
) -> int:
    """Answer `spec`, `check` or `write`.

    Args:
        destination: the target.
        argv: without the program's name.
        output: where the answers go; stdout, if nothing else is said.
        lines: what `write` reads; stdin, if nothing else is said.

    Returns:
        The exit code.
    """
    spec: Json = {"connectionSpecification": destination.form(), **CAN_DO}
    if destination.documentation_url:
        spec["documentationUrl"] = destination.documentation_url
    command = Command(destination.name, spec, destination.tell)

    def check(out: Output, config: Json, _: argparse.Namespace) -> int:
        return command.check(out, lambda: destination.check(config))

    def write(out: Output, config: Json, arguments: argparse.Namespace) -> int:
        catalog = json_file(arguments.catalog, "catalog")
        incoming = Incoming(catalog, out, lines, destination.parse)

        def ready() -> None:
            out.take_logs()
            out.guard_signals()

        try:
            return destination.write(config, incoming, ready)
        finally:
            incoming.answer()

    return command.run(argv, {"check": check, "write": write}, output)
