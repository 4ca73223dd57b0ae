"""What click itself says to people, so that our catalogue has it, too; it looks its words up by gettext."""

from __future__ import annotations

from typing import Final

CLICK: Final[tuple[str | tuple[str, str], ...]] = (
    "Usage:",
    "Options",
    "Commands",
    "Show this message and exit.",
    "default: {default}",
    "Missing command.",
    "Missing option",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "No such option {name!r}.",
    "No such command {name!r}.",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
