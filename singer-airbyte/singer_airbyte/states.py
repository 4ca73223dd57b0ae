"""Airbyte's states, one a stream, from and to the one state of a Singer tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from singer_airbyte.catalogs import INCREMENTAL
from singer_airbyte.failures import AirbyteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
NO_CURSOR: Final = "__ab_no_cursor_state_message"
"""What a stream ends with that has nothing to remember; the same word as of Airbyte's own kits."""


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


def _marks(given: Any) -> Iterator[tuple[str, Json]]:
    messages = given if isinstance(given, list) else [given] if given else []
    for message in messages:
        if message.get("stream"):
            yield _mark(message["stream"])
        elif message.get("global"):
            yield from map(_mark, message["global"]["stream_states"])
        else:  # of before there were states of streams: the tap's own
            yield from (message.get("data") or message).get("bookmarks", {}).items()


def _mark(of_stream: Mapping[str, Any]) -> tuple[str, Json]:
    mark = of_stream.get("stream_state") or {}
    return of_stream["stream_descriptor"]["name"], {} if mark.get(NO_CURSOR) else dict(mark)


def stream_state(name: str, mark: Mapping[str, Any], records: int) -> Json:
    """Return a STATE message of one stream, with the number of its records since the one before."""
    return {
        "type": "STATE",
        "state": {
            "type": "STREAM",
            "stream": {"stream_descriptor": {"name": name}, "stream_state": dict(mark) or {NO_CURSOR: True}},
            "sourceStats": {"recordCount": float(records)},
        },
    }
