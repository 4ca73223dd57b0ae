"""What the streams share: the SDK's bookmarks kept out, windows of time read in, and a state that is true.

The SDK's bookmarks cannot express orders that are read again or followed by id: a sorted stream raises on them, an
unsorted one cannot be resumed, and values compare as strings. So a stream keeps its own state, and writes it only when
a window was read whole.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform

from tap_horoshop.errors import StateInvalidError
from tap_horoshop.output import Writer
from tap_horoshop.records import BadRow, Row
from tap_horoshop.shop_time import UTC, bookmark_text, earliest_instant, parse_instant
from tap_horoshop.windows import read_span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record

    from tap_horoshop.paging import Listing, Window
    from tap_horoshop.shop import Shop

SHARE_OF_TIME_FOR_STATE = 0.05


class ShopStream(Stream):
    """A stream of the shop. Its records are JSON and in the form of its schema when they leave `records.py`."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, shop: Callable[[], Shop]) -> None:
        super().__init__(tap)
        self._shop = shop
        self.unreadable = 0

    @cached_property
    def shop(self) -> Shop:
        """The shop of this run."""
        return self._shop()

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message, but for the SDK's line that calls each failure unhandled: ours are told once, at the end."""
        if not (level == logging.ERROR and message.startswith("An unhandled error")):
            super().log(message, *args, level=level, **kwargs)

    def let_go(self) -> None:
        """Let the records that wait in the writer leave: the shop may be slow, and a target can work meanwhile."""
        if isinstance(self._tap.message_writer, Writer):
            self._tap.message_writer.flush()

    def _process_record(self, *_: Any, **__: Any) -> None:
        """Leave out the SDK's partitions and child streams: there are none."""

    @cached_property
    def _leaves_as_it_is(self) -> bool:
        """Whether nobody wants fields left out, renamed or flattened."""
        maps = self.stream_maps
        is_same = len(maps) == 1 and type(maps[0]) is SameRecordTransform and not maps[0].flattening_enabled
        return is_same and all(self.mask.values())

    def _write_record_message(self, record: Record) -> None:
        """Write a record; the SDK's own way walks through all of its fields to find that all of them are wanted."""
        writer = self._tap.message_writer
        if not (isinstance(writer, Writer) and self._leaves_as_it_is):
            super()._write_record_message(record)
            return
        writer.write_record(self.name, record, self._stream_version)
        self.state_manager.is_flushed = False

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Leave the SDK's bookmark logic out of the state."""

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Leave the SDK's bookmark logic out of the state."""

    def _increment_stream_state(self, latest_record: Record, *, context: Context | None = None) -> None:
        """Leave the SDK's bookmark logic out of the state."""


class WindowedStream(ShopStream):
    """A stream that is read by windows of time, with a bookmark that moves only past a window read whole."""

    _next_commit = 0.0

    @abstractmethod
    def record(self, row: Row) -> Record:
        """Turn a row into a record; raises BadRow."""

    @property
    @abstractmethod
    def listing(self) -> Listing:
        """What is read."""

    @property
    def bookmark(self) -> dt.datetime | None:
        """The instant up to which everything was read, by this run or those before."""
        if self.replication_method != "INCREMENTAL":
            return None
        moment = self.instant_in_state(self.stream_state, "replication_key_value")
        if moment is None:
            return None
        if moment > self.shop.started:
            self.log("The bookmark lies in the future; this run's start is taken instead", level=logging.WARNING)
        return min(moment, self.shop.started)

    def read(self, since: dt.datetime | None) -> Iterator[tuple[Iterator[Record], Window | None]]:
        """Read from an instant to the run's start; yields records, made one by one, and windows that are whole."""
        span = self.shop.span_since(since)
        for rows, whole in read_span(self.listing, span, parallel=self.shop.settings.max_parallel_requests):
            yield (record for row in rows if (record := self.readable(row)) and self.is_wanted(record)), whole
            self.let_go()

    def readable(self, row: Row) -> Record | None:
        """Turn a row into a record; one that cannot be is told in the log, by key, and left out."""
        try:
            return self.record(row)
        except BadRow as finding:
            self.unreadable += 1
            self.log("Left out: %s. The bookmark passes it", finding, level=logging.WARNING)
            return None

    def is_wanted(self, record: Record) -> bool:
        """Tell whether a record lies between `start_date` and `end_date`."""
        return not self.shop.is_bounded or self.shop.is_within_bounds(self.moment_of(record))

    def moment_of(self, record: Record) -> dt.datetime:
        """Return when a record's order was created, or its customer registered."""
        return dt.datetime.fromisoformat(record[str(self.replication_key)])

    def progress(self, bookmark: dt.datetime | None, window: Window) -> dict[str, Any]:
        """Return the bookmark after a window; it never goes back, and never past the run's start."""
        value = max(filter(None, [bookmark, self.end_of(window)]))
        return {"replication_key": self.replication_key, "replication_key_value": bookmark_text(value)}

    def end_of(self, window: Window) -> dt.datetime:
        """Return the instant up to which a window reaches for sure; the run's start at most."""
        return min(earliest_instant(window.last, self.shop.settings.zone), self.shop.started)

    def is_time_to_commit(self) -> bool:
        """Tell whether the state may be written again: a large one is written less often, so as to cost little time."""
        return time.monotonic() >= self._next_commit

    def commit(self, state: dict[str, Any], begun: float) -> None:
        """Put a new state in place, whole, and emit it. The records that it tells of have all been written.

        So the last STATE is the true one whenever the tap is stopped, and nothing is left to say then.

        Args:
            state: What changes in the stream's state.
            begun: When the making of the state began, by the monotonic clock.
        """
        self.stream_state.update(state)
        self._tap.state_writer.write_state(self.tap_state)
        self._next_commit = time.monotonic() + (time.monotonic() - begun) / SHARE_OF_TIME_FOR_STATE

    def instant_in_state(self, state: object, key: str) -> dt.datetime | None:
        """Return an instant that a state holds, or None.

        Raises:
            StateInvalidError: What it holds is no instant.
        """
        text = state.get(key) if isinstance(state, dict) else None
        moment = parse_instant(text, UTC) if isinstance(text, str) else None
        if text is not None and moment is None:
            raise StateInvalidError("state_date", key=key, stream=self.name)
        return moment

    def tell_unreadable(self) -> None:
        """Say at the end how many rows were left out."""
        if self.unreadable:
            self.log("%d rows could not be read and were left out", self.unreadable, level=logging.WARNING)
