"""Airbyte's states, one a stream, from and to the one state of a Singer tap.

Each state also names the read that it is of. A destination must return states as they are, so it cannot mark them; but
it can remember the reads of which it returned states, and so tell whether what it keeps itself is lost or older.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from singer_airbyte.catalogs import INCREMENTAL
from singer_airbyte.failures import AirbyteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
NO_CURSOR: Final = "__ab_no_cursor_state_message"
"""What a stream ends with that has nothing to remember; the same word as of Airbyte's own kits."""
READ: Final = "singer_airbyte_read"
"""In a state: the read that it is of."""
READ_BEFORE: Final = "singer_airbyte_read_before"
"""In a state that a read begins with: the newest read that the states which it was given are of."""


def singer_state(given: object, modes: Mapping[str, str]) -> Json:
    """Return the tap's state from what `--state` holds.

    Args:
        given: a list of Airbyte states; also one of the older forms, or nothing.
        modes: the sync mode of each stream; what is read whole gets no bookmark.

    Raises:
        AirbyteError: it holds no states.
    """
    try:
        marks = dict(_marks(given))
    except (TypeError, KeyError, AttributeError, ValueError):
        raise AirbyteError("The file of --state holds no Airbyte states.") from None
    return {"bookmarks": {name: mark for name, mark in marks.items() if modes.get(name) == INCREMENTAL and mark}}


def read_before(given: object) -> str | None:
    """Return the newest read that states, such as `singer_state` takes, are of; None if they name none."""
    names = [read_of(mark) for _, mark in _raw_marks(given)]
    return max((name for name in names if name is not None), default=None)


def next_read(before: str | None) -> str:
    """Return a name for a new read: it sorts behind the one before, and no other read ever has it."""
    number = int(before.partition("-")[0]) + 1 if before else 1
    return f"{number:012d}-{uuid.uuid4().hex}"


def read_of(mark: Mapping[str, Any], key: str = READ) -> str | None:
    """Return the read that a stream's state names; None where it names none."""
    name = mark.get(key)
    return name if isinstance(name, str) and re.fullmatch(r"[0-9]{12}-[0-9a-f]{32}", name) else None


def _marks(given: object) -> Iterator[tuple[str, Json]]:
    for name, mark in _raw_marks(given):
        own = {key: value for key, value in mark.items() if key not in {READ, READ_BEFORE}}
        yield name, {} if own.get(NO_CURSOR) else own


def _raw_marks(given: Any) -> Iterator[tuple[str, Json]]:
    messages = given if isinstance(given, list) else [given] if given else []
    for message in messages:
        if message.get("stream"):
            yield _mark(message["stream"])
        elif message.get("global"):
            yield from map(_mark, message["global"]["stream_states"])
        else:  # of before there were states of streams: the tap's own
            yield from (message.get("data") or message).get("bookmarks", {}).items()


def _mark(of_stream: Mapping[str, Any]) -> tuple[str, Json]:
    return of_stream["stream_descriptor"]["name"], dict(of_stream.get("stream_state") or {})


def stream_state(name: str, mark: Mapping[str, Any], records: int, **reads: str) -> Json:
    """Return a STATE message of one stream, with the number of its records since the one before, and with its reads."""
    return {
        "type": "STATE",
        "state": {
            "type": "STREAM",
            "stream": {
                "stream_descriptor": {"name": name},
                "stream_state": {**(dict(mark) or {NO_CURSOR: True}), **reads},
            },
            "sourceStats": {"recordCount": float(records)},
        },
    }
