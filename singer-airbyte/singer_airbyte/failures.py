"""Failures as Airbyte tells them: a sentence for the user, and who can do something about it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from singer_sdk.exceptions import ConfigValidationError, RetriableAPIError

Kind = Literal["config_error", "transient_error", "system_error"]
"""Airbyte's `failure_type`: the user must act; the next attempt may heal it; a bug."""


@dataclass(frozen=True)
class Failure:
    """A failure in words.

    Attributes:
        message: for the user; it names settings and streams, never a secret or a record's value.
        kind: who can do something about it.
        place: where in the code it happened, without any value; empty where that tells nothing.
    """

    message: str
    kind: Kind = "system_error"
    place: str = ""


class AirbyteError(Exception):
    """What the caller of the connector gave cannot be used: a file, a catalog, a message.

    Args:
        message: for the user.
    """


def failure_of(error: BaseException) -> Failure:
    """Tell a failure of any plugin of the SDK; one that nobody foresaw by type and place: its words may quote data."""
    if isinstance(error, AirbyteError):
        return Failure(str(error), "config_error")
    if isinstance(error, ConfigValidationError):
        # Its own sentences repeat the values.
        return Failure("The configuration is not valid.", "config_error")
    kind: Kind = "transient_error" if isinstance(error, RetriableAPIError) else "system_error"
    return Failure(f"{type(error).__name__}: nobody foresaw this; the log says where it happened.", kind, place(error))


def place(error: BaseException) -> str:
    """The last steps to where an error was raised: files, lines and functions."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-6:])
