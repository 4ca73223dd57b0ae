"""The tables of the documents that are decisions in the code: statuses, confirmation routes, errors, commands."""

from collections.abc import Iterator

from plugin_definitions import ledger_commands as commands_of_ledger
from plugin_settings import in_cell
from tap_horoshop.errors import TapError
from target_esputnik.confirmation import ROUTES
from target_esputnik.errors import TargetError
from target_esputnik.statuses import DEFAULT_STATUS_MAP

HOROSHOP_TITLES = {1: "New", 2: "In progress", 3: "Delivered", 4: "Not delivered", 6: "Shipping"}


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(in_cell(cell) for cell in line) + " |" for line in lines)


def order_statuses() -> str:
    """Return the built-in status map."""
    rows = [
        [str(status), HOROSHOP_TITLES[status], ", then ".join(f"`{one}`" for one in sent)]
        for status, sent in sorted(DEFAULT_STATUS_MAP.items())
    ]
    return markdown(["Horoshop's id", "status", "sent as"], rows)


def kinds(error: type[Exception]) -> Iterator[type[Exception]]:
    """Yield an error and all errors below it, in the order of the file."""
    yield error
    for below in error.__subclasses__():
        yield from kinds(below)


def tap_errors() -> str:
    """Return the tap's errors."""
    return errors(TapError)


def target_errors() -> str:
    """Return the target's errors."""
    return errors(TargetError)


def errors(root: type[TapError | TargetError]) -> str:
    """Return the errors that a user can see: their names, exit codes, meanings and what to do."""
    rows = [
        [f"`{kind.code}`", str(kind.exit_code), (kind.__doc__ or "").split("\n\n")[0], str(kind.action)]
        for kind in kinds(root)
        if not kind.__subclasses__()
    ]
    return markdown(["code", "exit", "meaning", "what to do"], rows)


def confirmation_routes() -> str:
    """Return the routes that a contact can take, and when."""
    return markdown(["contact", "route"], [[str(route), ""] for route in ROUTES])


def ledger_commands() -> str:
    """Return the commands of esputnik-ledger."""
    rows = [
        [f"`esputnik-ledger {name}`", f"`meltano invoke target-esputnik:{name}`", str(command["description"])]
        for name, command in commands_of_ledger().items()
    ]
    return markdown(["command", "in Meltano", "does"], rows)
