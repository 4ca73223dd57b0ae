"""How messages reach the run: a reader that logs no line, a sink for our streams, one for all others."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
from singer_sdk import metrics
from singer_sdk.exceptions import MissingKeyPropertiesError
from singer_sdk.io_base import SingerReader
from singer_sdk.sinks import RecordSink

from target_esputnik import schemas
from target_esputnik.errors import ProtocolError
from target_esputnik.pipe import in_bytes
from target_esputnik.settings_schema import STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_esputnik.target import TargetEsputnik

KEYS: Final = {"contacts": "id", "orders": "order_id", "order_statuses": "id"}

logger = logging.getLogger("target-esputnik")


# JSON may spell a zero byte, which PostgreSQL keeps in no text, and half a character, which no encoding can write.
_MAY_BE_NO_TEXT: Final = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_MAY_BE_NO_TEXT_IN_BYTES: Final = re.compile(_MAY_BE_NO_TEXT.pattern.encode())
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_MOST_DIGITS: Final = 4000
"""Python refuses to read whole numbers of some more digits."""
_SDK_FIELD: Final = b'"_sdc_'
_DIGITS_AS_NOUGHT: Final = bytes.maketrans(b"123456789", b"000000000")


def _needs_patience(written: bytes) -> bool:
    """Whether a record that msgspec reads holds what its text must not keep: the SDK's fields, or endless numbers."""
    return _SDK_FIELD in written or (
        len(written) > _MOST_DIGITS and b"0" * _MOST_DIGITS in written.translate(_DIGITS_AS_NOUGHT)
    )


def _may_hold_no_text(line: str | bytes) -> bool:
    if isinstance(line, str):
        return _MAY_BE_NO_TEXT.search(line) is not None
    return b"\\" in line and _MAY_BE_NO_TEXT_IN_BYTES.search(line) is not None


def _text_only(value: Any) -> Any:
    """The same JSON value without what is no text."""
    if isinstance(value, str):
        return _NO_TEXT.sub("", value)
    if isinstance(value, list):
        return [_text_only(one) for one in value]
    if isinstance(value, dict):
        return {_text_only(name): _text_only(one) for name, one in value.items()}
    return value


class _Written(msgspec.Struct):
    """A message, with its record as it is written."""

    type: str
    stream: str = ""
    record: msgspec.Raw = msgspec.Raw()


_DECODER: Final = msgspec.json.Decoder()
_WRITTEN: Final = msgspec.json.Decoder(_Written)


def _whole_number(text: str) -> float:
    return int(text) if len(text) <= _MOST_DIGITS else float("inf")


def _read_patiently(line: str | bytes) -> Any:
    text = line.decode() if isinstance(line, bytes) else line  # json.loads would guess at the encoding
    try:
        return json.loads(text, parse_int=_whole_number)
    except (json.JSONDecodeError, RecursionError):
        raise ProtocolError("not_json") from None


_PARTS: Final[dict[str, dict[str, type]]] = {
    "RECORD": {"stream": str, "record": dict},
    "SCHEMA": {"stream": str, "schema": dict, "key_properties": list},
    "ACTIVATE_VERSION": {"stream": str},
    "STATE": {"value": dict},
}
"""What the parts of a message are, where they are there. The SDK tells what is missing, and fails at another type."""


def _is_singer(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] == "RECORD" and type(message.get("record")) is dict and type(message.get("stream")) is str:
        return True  # nearly all
    parts = _PARTS.get(message["type"], {})
    return all(isinstance(message[name], kind) for name, kind in parts.items() if name in message)


class Reader(SingerReader):
    """Reads messages as the SDK does, but never logs a line: it holds a person's record.

    Attributes:
        takes: by stream: what takes a record as it is written. It returns False where that needs a closer look.
    """

    def __init__(self) -> None:
        super().__init__()
        self.takes: dict[str, Callable[[bytes], bool]] = {}

    def process_lines(self, file_input: IO[Any] | None, callbacks: dict[str, Callable[..., None]]) -> Counter[str]:
        """Read messages to their end. Of each is known that it has a type: to look once more takes time."""
        counts: Counter[str] = Counter()
        for line in in_bytes(file_input or sys.stdin):
            if self._is_taken(line):
                counts["RECORD"] += 1
                continue
            message = self.deserialize_json(line)
            kind = message["type"]
            callback = callbacks.get(kind)
            if callback is None:
                self._process_unknown_message(message)
            else:
                callback(message)
            counts[kind] += 1
        return counts

    def _is_taken(self, line: str | bytes) -> bool:
        """Whether the line was a record, and was taken as it is written."""
        try:
            message = _WRITTEN.decode(line)
        except (msgspec.MsgspecError, RecursionError):
            return False
        take = self.takes.get(message.stream) if message.type == "RECORD" else None
        return take is not None and not _may_hold_no_text(line) and take(bytes(message.record))

    def deserialize_json(self, line: str | bytes) -> dict[str, Any]:
        """One message. Raises ProtocolError, without the line, or UnicodeDecodeError."""
        try:
            message: dict[str, Any] = _DECODER.decode(line)
        except (msgspec.MsgspecError, RecursionError):
            # What it does not read, such as 1e999, costs its own record, not the run.
            message = _read_patiently(line)
        if not _is_singer(message):
            raise ProtocolError("not_singer")
        if message["type"] == "RECORD" and _may_hold_no_text(line):
            message["record"] = _text_only(message.get("record"))
        return message


class StreamSink(RecordSink):
    """Hands the records of one stream to the run, as they are.

    Attributes:
        takes_as_written: nothing is used of a record but what our schema names, and its text.
        takes_all_as_it_is: there is nothing that the SDK would do with a record but what `take` does.
    """

    def __init__(self, target: TargetEsputnik, *args: Any, **kwargs: Any) -> None:
        self.target = target
        super().__init__(target, *args, **kwargs)
        self._as = target.settings.stream_mapping.get(self.stream_name, self.stream_name)
        self._key = KEYS[self._as]
        self.takes_as_written = self._as == "orders"  # of contacts fields that only the shop knows may be sent
        self.takes_all_as_it_is = list(self.key_properties) == [self._key] and not self.include_sdc_metadata_properties

    def get_sink_record_counter(self) -> metrics.Counter:
        """One that never speaks: the SDK's would tell every minute what was read since; see `run_metrics.py`."""
        return metrics.record_counter(self.stream_name, log_interval=float("inf"))

    def get_validator(self) -> None:
        """No check against the tap's schema: `schemas.py` checks what eSputnik needs, record by record."""
        return

    def _parse_timestamps_in_record(self, *_: Any, **__: Any) -> None:
        """Leave timestamps as text: one bad date must not end the run."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Take in one record. Raises MissingKeyPropertiesError without the key that its ledger row needs."""
        key = record.get(self._key)
        if key is None:
            raise MissingKeyPropertiesError(f"A record of the stream {self.stream_name} lacks its key {self._key}.")
        if isinstance(key, float) and key.is_integer():  # 5.0 is the order 5, which the ledger may know
            record[self._key] = int(key)
        self.target.run.take(self._as, record)

    def take_written(self, written: bytes) -> bool:
        """Take in a record as it is written, if it fits our schema as it is; else it is to be read with patience."""
        record = None if _needs_patience(written) else schemas.read(self._as, written)
        if record is None:
            return False
        self.target.run.take(self._as, record, written.decode())
        return True

    def take(self, record: dict[str, Any]) -> None:
        """What the SDK does with a record of a stream without a stream map, which costs half as much as reading it."""
        self._remove_sdc_metadata_from_record(record)
        self.process_record(record, {})


class IgnoringSink(RecordSink):
    """A stream that is none of ours: ignored, with one warning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        logger.warning(
            "Stream %s is ignored: it is none of %s; set stream_mapping if it is one of them under another name.",
            self.stream_name,
            ", ".join(STREAMS),
        )

    def get_validator(self) -> None:
        """Nothing to check."""
        return

    def _parse_timestamps_in_record(self, *_: Any, **__: Any) -> None:
        """Nothing to parse."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Ignore the record."""
