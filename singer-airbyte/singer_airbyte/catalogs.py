"""Singer's catalog as Airbyte's, and Airbyte's choice of streams as Singer's."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from singer_airbyte.failures import AirbyteError
from singer_airbyte.form import DRAFT_07

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
INCREMENTAL: Final = "incremental"
FULL_REFRESH: Final = "full_refresh"
ZONED: Final = "timestamp_with_timezone"


def airbyte_catalog(singer: Mapping[str, Any]) -> Json:
    """Return what `discover` tells: every stream with its schema, key, cursor and sync modes."""
    return {"streams": [_airbyte_stream(entry) for entry in singer["streams"]]}


def _airbyte_stream(entry: Mapping[str, Any]) -> Json:
    cursor = entry.get("replication_key")
    stream: Json = {
        "name": entry["tap_stream_id"],
        "json_schema": {
            **_typed(entry["schema"]),
            "$schema": DRAFT_07,
            "type": "object",
            "additionalProperties": True,
        },
        "supported_sync_modes": [FULL_REFRESH, *([INCREMENTAL] if cursor else [])],
        "is_resumable": bool(cursor),
    }
    if cursor:
        stream |= {"source_defined_cursor": True, "default_cursor_field": [cursor]}
    if entry.get("key_properties"):
        stream["source_defined_primary_key"] = [[key] for key in entry["key_properties"]]
    return stream


def _typed(schema: Mapping[str, Any]) -> Json:
    """The same schema, in which every moment says whether it has a zone: without that a destination takes it as UTC."""
    typed = dict(schema)
    if typed.get("format") == "date-time":
        typed.setdefault("airbyte_type", ZONED)
    if isinstance(typed.get("properties"), dict):
        typed["properties"] = {name: _typed(inner) for name, inner in typed["properties"].items()}
    if isinstance(typed.get("items"), dict):
        typed["items"] = _typed(typed["items"])
    return typed


class Chosen:
    """The streams that a configured catalog asks for.

    Args:
        configured: an Airbyte configured catalog.

    Raises:
        AirbyteError: it is none.
    """

    def __init__(self, configured: object) -> None:
        streams = configured.get("streams") if isinstance(configured, dict) else None
        try:
            self._by_name: dict[str, Json] = {one["stream"]["name"]: one for one in streams or []}
            self.modes = {name: str(one["sync_mode"]) for name, one in self._by_name.items()}
        except (TypeError, KeyError):
            streams = None
        if not isinstance(streams, list):
            raise AirbyteError("The file of --catalog is no configured catalog.")
        if len(self._by_name) != len(streams):
            raise AirbyteError("The file of --catalog names a stream twice.")

    def singer_catalog(self, discovered: Mapping[str, Any]) -> Json:
        """Return the tap's own catalog with these streams and columns selected.

        Raises:
            AirbyteError: a stream or a sync mode that the tap does not offer.
        """
        unknown = sorted(self._by_name.keys() - {entry["tap_stream_id"] for entry in discovered["streams"]})
        if unknown:
            raise AirbyteError(f"This source has no stream {', '.join(unknown)}. Refresh the source's schema.")
        singer = deepcopy(dict(discovered))
        for entry in singer["streams"]:
            self._select(entry)
        return singer

    def _select(self, entry: Json) -> None:
        name = entry["tap_stream_id"]
        mode = self.modes.get(name)
        if mode not in {None, FULL_REFRESH, INCREMENTAL}:
            raise AirbyteError(f"Stream {name}: this source knows no sync mode {mode}.")
        # PyAirbyte asks for incremental also where a stream does not offer it: there it means the whole stream.
        is_whole = mode == FULL_REFRESH or not entry.get("replication_key")
        if mode is not None:
            entry["replication_method"] = "FULL_TABLE" if is_whole else "INCREMENTAL"
        for marked in entry["metadata"]:
            crumb, about = marked["breadcrumb"], marked["metadata"]
            if not crumb:
                about["selected"] = mode is not None
                if mode is not None:
                    about["forced-replication-method"] = entry["replication_method"]
            elif self._is_left_out(name, crumb, about):
                about["selected"] = False

    def _is_left_out(self, name: str, crumb: tuple[str, ...], about: Mapping[str, Any]) -> bool:
        """Whether a column was unticked; a catalog that lists no column means all."""
        columns = self._by_name.get(name, {}).get("stream", {}).get("json_schema", {}).get("properties", {})
        is_column = len(crumb) == 2 and about.get("inclusion") != "automatic"  # noqa: PLR2004 - ("properties", name)
        return bool(columns) and is_column and crumb[1] not in columns
