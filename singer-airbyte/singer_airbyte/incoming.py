"""What a destination reads: Airbyte's messages, handed to a Singer target; its states wait until they are true."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter, deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, cast

from singer_sdk.singerlib.encoding.base import GenericSingerReader
from singer_sdk.singerlib.json import deserialize_json

from singer_airbyte.failures import AirbyteError
from singer_airbyte.states import READ_BEFORE, read_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO

    from singer_airbyte.output import Output

Json = dict[str, Any]
TICKET: Final = "airbyte_states"
RECORDS_BEFORE_SETTLING: Final = 1000
SECONDS_BEFORE_SETTLING: Final = 30.0
UPSERTS: Final = {"append", "append_dedup"}

logger = logging.getLogger("singer-airbyte")


class Incoming(GenericSingerReader[str]):
    """Reads Airbyte's messages as a Singer target's messages, and answers with the states that became true.

    A target gets a state of our own: the streams' states as Singer bookmarks, and under `airbyte_states` how many
    states came so far. When it emits that one, all of them are written: unchanged, in order, none left out. Those
    that come before the first record, from which the source reads on, make one state, so that the target can judge it.

    Args:
        configured: an Airbyte configured catalog.
        output: where the states go.
        lines: the messages; stdin, if nothing else is said.
        parse: how a line becomes JSON.

    Attributes:
        settle: called after a STATE when much came since the last one that was answered.
        began: what else the target shall find in the first state, given the read before of which the states are that
            the source reads on from; None where they name none.
        rejected: how many records of a stream were rejected so far.
    """

    def __init__(
        self,
        configured: object,
        output: Output,
        lines: Iterable[str] | None = None,
        parse: Callable[[str], Json] = deserialize_json,
    ) -> None:
        super().__init__()
        self._output, self._lines, self._parse = output, lines, parse
        streams = _streams_of(configured)
        self._schemas = dict(map(_schema_of, streams))
        if len(self._schemas) != len(streams):
            raise AirbyteError("The catalog names a stream twice; namespaces do not tell streams apart here.")
        self._waiting: deque[tuple[int, Json, str | None]] = deque()
        self._counts: Counter[str | None] = Counter()
        self._told_rejected: Counter[str] = Counter()
        self._came = 0
        self._unanswered, self._answered_at = 0, time.monotonic()
        self._true_up_to = 0
        self._bookmarks: Json = {}
        self._is_open = False
        self._read_before: str | None = None
        self.is_over = False
        self.settle: Callable[[], None] = lambda: None
        self.began: Callable[[str | None], Json] = lambda _: {}
        self.rejected: Callable[[str], int] = lambda _: 0

    # ---------------------------------------------------------------- in

    @property
    def default_input(self) -> IO[str]:
        """Stdin, as UTF-8 whatever the machine's own encoding is."""
        return open(sys.stdin.fileno(), encoding="utf-8", closefd=False)

    def deserialize_json(self, line: str) -> Json:
        """One message."""
        return self._parse(line)

    def process_lines(self, file_input: Any, callbacks: Any) -> Counter[str]:
        """Hand every message on, from the first to the end of the input."""
        stats: Counter[str] = Counter()
        for schema in self._schemas.values():
            callbacks["SCHEMA"](schema)
        for line in self._lines if self._lines is not None else (file_input or self.default_input):
            if not line.lstrip().startswith("{"):
                logger.info("A line that is no message is ignored.")
                continue
            message = self._parse(line)
            kind = message.get("type")
            stats[str(kind)] += 1
            if kind == "RECORD":
                self._open(callbacks["STATE"])
                self._take_record(message, callbacks["RECORD"])
            elif kind == "STATE":
                self._take_state(message, callbacks["STATE"])
            elif kind == "TRACE" and _is_end_of_stream(message):
                self._open(callbacks["STATE"])
                self.settle()
        self._open(callbacks["STATE"])
        self.is_over = True
        return stats

    def _open(self, callback: Callable[[Json], None]) -> None:
        """Hand on, once and as one, the states that came before anything else."""
        if not self._is_open:
            self._is_open = True
            if self._came:
                self._hand_on(callback, **self.began(self._read_before))

    def _hand_on(self, callback: Callable[[Json], None], **more: Any) -> None:
        callback({"type": "STATE", "value": {"bookmarks": dict(self._bookmarks), TICKET: self._came, **more}})

    def _take_record(self, message: Json, callback: Callable[[Json], None]) -> None:
        try:
            record = message["record"]
            name, data, moment = record["stream"], record["data"], record["emitted_at"]
            extracted = datetime.fromtimestamp(int(moment) / 1000, timezone.utc).isoformat()
        except (KeyError, TypeError, ValueError, OverflowError):
            raise AirbyteError("A RECORD lacks its stream, its data or the time of its emission.") from None
        if name not in self._schemas:
            raise AirbyteError(f"A record came for the stream {name}, which is not in the catalog.")
        self._counts[name] += 1
        self._unanswered += 1
        callback({"type": "RECORD", "stream": name, "record": data, "time_extracted": extracted})

    def _take_state(self, message: Json, callback: Callable[[Json], None]) -> None:
        state = message.get("state")
        if not isinstance(state, dict):
            raise AirbyteError("A STATE holds no state.")
        of_stream = state.get("stream") or {}
        name: str | None = (of_stream.get("stream_descriptor") or {}).get("name")
        if name is None:
            count = sum(self._counts.values())
            self._counts.clear()
        else:
            count = self._counts.pop(name, 0)
            mark = of_stream.get("stream_state") or {}
            self._bookmarks[name] = {key: value for key, value in mark.items() if key != READ_BEFORE}
            if not self._is_open:
                self._read_before = read_of(mark, READ_BEFORE) or self._read_before
        state["destinationStats"] = {"recordCount": float(count)}
        self._came += 1
        self._waiting.append((self._came, message, name))
        if not self._is_open:
            return
        self._hand_on(callback)
        late = time.monotonic() - self._answered_at > SECONDS_BEFORE_SETTLING
        if late or self._unanswered >= RECORDS_BEFORE_SETTLING:
            self.settle()

    # ---------------------------------------------------------------- out

    def settled(self, value: Json) -> None:
        """Take the word of the target that a state is true: everything before it is delivered.

        While messages come the states leave at once. After the last one they wait for `answer`: what is delivered at
        the very end may still be rejected, and they carry the count of that.
        """
        self._true_up_to = max(self._true_up_to, int(value.get(TICKET, 0)))
        if not self.is_over:
            self.answer()

    def answer(self) -> None:
        """Write the states that are true: unchanged, in the order in which they came, none left out."""
        while self._waiting and self._waiting[0][0] <= self._true_up_to:
            _, message, name = self._waiting.popleft()
            self._tell_rejected(message, name)
            self._output.write(message)
            self._unanswered, self._answered_at = 0, time.monotonic()

    def _tell_rejected(self, message: Json, name: str | None) -> None:
        """Put into a state how many of its records were rejected, as far as no state before it told of them."""
        stats = message["state"]["destinationStats"]
        room = int(stats["recordCount"])
        for one in list(self._schemas) if name is None else [name]:
            rejected = min(room, max(0, self.rejected(one) - self._told_rejected[one]))
            self._told_rejected[one] += rejected
            room -= rejected
        if room < stats["recordCount"]:
            stats["rejectedRecordCount"] = stats["recordCount"] - room


def _streams_of(configured: object) -> list[Json]:
    streams = configured.get("streams") if isinstance(configured, dict) else None
    if not isinstance(streams, list):
        raise AirbyteError("The file of --catalog is no configured catalog.")
    return streams


def _schema_of(configured: Json) -> tuple[str, Json]:
    """A stream's SCHEMA, by its name; what it asks for that cannot be is told, and done as an upsert."""
    try:
        stream = configured["stream"]
        name: str = stream["name"]
        mode = configured.get("destination_sync_mode")
        keys = configured.get("primary_key") or stream.get("source_defined_primary_key") or []
        if any(len(key) != 1 for key in keys):
            raise AirbyteError(f"Stream {name}: a nested primary key is not supported.")
        schema = {"properties": {}, **(stream.get("json_schema") or {})}
    except (KeyError, TypeError, AttributeError):
        raise AirbyteError("The file of --catalog is no configured catalog.") from None
    if mode not in UPSERTS:
        logger.warning("Stream %s: %s is done as an upsert; nothing is deleted.", name, mode)
    elif configured.get("minimum_generation_id"):
        logger.warning("Stream %s: a refresh asks to drop what came before; it is an upsert, nothing is deleted.", name)
    return name, {"type": "SCHEMA", "stream": name, "schema": schema, "key_properties": [key[0] for key in keys]}


def _is_end_of_stream(message: Json) -> bool:
    trace = cast("Json", message.get("trace") or {})
    return (trace.get("stream_status") or {}).get("status") in {"COMPLETE", "INCOMPLETE"}
