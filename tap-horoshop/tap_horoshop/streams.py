"""The three streams: which spans of time to read, in what order, and what becomes a bookmark."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any, ClassVar

from tap_horoshop import schemas
from tap_horoshop.errors import StateInvalidError
from tap_horoshop.followed import Followed, SeenOrder, is_due
from tap_horoshop.records import Row, contact_record, order_record, status_record
from tap_horoshop.shop_time import bookmark_text
from tap_horoshop.windowed import ShopStream, WindowedStream
from tap_horoshop.windows import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_horoshop.paging import Listing

# A shop's clock may be behind ours, and its rows may show up a little after their stamp.
CLOCK_MARGIN = dt.timedelta(minutes=5)


class OrderStatuses(ShopStream):
    """The statuses that an order can have in this shop."""

    name = "order_statuses"
    schema: ClassVar[dict[str, Any]] = schemas.ORDER_STATUSES
    primary_keys = ("id",)

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002 - the SDK's signature
        """Yield the statuses."""
        for status in self.shop.statuses.values():
            yield status_record(status)


class Contacts(WindowedStream):
    """Registered customers: those since the bookmark, and every so often the whole list, to see edits.

    State: the bookmark; `whole_list_read_at`, the start of the last reading of the whole list; and while one is not
    finished `whole_list`, since when it goes on and until where it got.
    """

    name = "contacts"
    schema: ClassVar[dict[str, Any]] = schemas.CONTACTS
    primary_keys = ("id",)
    replication_key = "registered_at"

    @property
    def listing(self) -> Listing:
        """The list of customers."""
        return self.shop.contacts

    def record(self, row: Row) -> Record:
        """Turn a row into a record; raises BadRow."""
        return contact_record(row, zone=self.shop.settings.zone, name_order=self.shop.settings.name_order)

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002 - the SDK's signature
        """Yield those since the bookmark, or all of them where that is due."""
        bookmark = self.bookmark
        unfinished = self.stream_state.get("whole_list") if bookmark else None
        read_at = self.instant_in_state(self.stream_state, "whole_list_read_at")
        is_whole = bool(
            not bookmark or unfinished or is_due(read_at, self.shop.settings.contacts_reread, self.shop.started)
        )
        begun_at = self.instant_in_state(unfinished, "since") or self.shop.started
        since = bookmark and bookmark - CLOCK_MARGIN
        if is_whole:
            reached_before = self.instant_in_state(unfinished, "until")
            since = min(since, reached_before) if since and reached_before else None
        progress: dict[str, Any] = {}
        for records, window in self.read(since):
            yield from records
            if window is None:
                continue
            begun = time.monotonic()
            progress = self.progress(bookmark, window)
            if is_whole:
                reached = {"since": bookmark_text(begun_at), "until": bookmark_text(self.end_of(window))}
                progress["whole_list"] = reached
            if self.is_time_to_commit():
                self.commit(progress, begun)
        if is_whole:
            progress |= {"whole_list": None, "whole_list_read_at": bookmark_text(begun_at)}
        self.commit(progress, time.monotonic())
        self.tell_unreadable()


class Orders(WindowedStream):
    """Orders: those since the bookmark, those within the lookback behind it, and older ones that are followed by id.

    State: the bookmark, and `followed`, see `followed.py`.
    """

    name = "orders"
    schema: ClassVar[dict[str, Any]] = schemas.ORDERS
    primary_keys = ("order_id",)
    replication_key = "created_at"

    @property
    def listing(self) -> Listing:
        """The list of orders."""
        return self.shop.orders

    def record(self, row: Row) -> Record:
        """Turn a row into a record; raises BadRow."""
        settings = self.shop.settings
        return order_record(row, zone=settings.zone, statuses=self.shop.statuses, name_order=settings.name_order)

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002 - the SDK's signature
        """Yield the orders by time, then the followed ones that these did not bring."""
        bookmark = self.bookmark
        followed = self._followed(bookmark)
        since = bookmark and bookmark - max(self.shop.settings.order_lookback, CLOCK_MARGIN)
        if since and followed.unknown_since:
            self.log("Orders since %s are read once, to see which are open", followed.unknown_since)
            since = min(since, followed.unknown_since)
        progress: dict[str, Any] = {}
        for records, window in self.read(since):
            for record in records:
                # A target's wishes (deselected fields) are taken out of the record when it leaves.
                seen = self._seen(record)
                followed.meet(seen.number)
                yield record
                followed.note(seen)
            if window is None:
                continue
            begun = time.monotonic()
            progress = self.progress(bookmark, window)
            if self.is_time_to_commit():
                self.commit({**progress, "followed": followed.as_state()}, begun)
        followed.note_read_by_time()
        if bookmark is None:
            # All that is followed has just been read by time.
            followed.read_at = self.shop.started
        elif is_due(followed.read_at, self.shop.settings.follow_reread, self.shop.started):
            yield from self._read_followed(followed, followed.not_met())
        self.commit({**progress, "followed": followed.as_state()}, time.monotonic())
        self.tell_unreadable()

    def _read_followed(self, followed: Followed, ids: list[int]) -> Iterator[Record]:
        """Ask for followed orders by id, and yield those that the shop still has."""
        size = self.shop.settings.page_size
        chunks = (ids[begin : begin + size] for begin in range(0, len(ids), size))
        missing: list[int] = []
        for chunk, found in in_order(self.listing.by_ids, chunks, parallel=self.shop.settings.max_parallel_requests):
            missing += [number for number in chunk if number not in found]
            for number, row in found.items():
                record = self.readable(row)
                if record is None or not self.is_wanted(record):
                    # One from before `start_date` stays out; one after `end_date`, or unreadable today, may come back.
                    if record and self.shop.is_before_start(self.moment_of(record)):
                        followed.forget(number)
                    continue
                seen = self._seen(record)
                yield record
                followed.note(seen)
        given_up = followed.note_all_read(missing)
        if given_up:
            shown = ", ".join(map(str, given_up[:20])) + (" …" if len(given_up) > 20 else "")  # noqa: PLR2004
            self.log("The shop no longer knows %d followed orders, and they are dropped: %s", len(given_up), shown)

    def _followed(self, bookmark: dt.datetime | None) -> Followed:
        state = self.stream_state.get("followed") if bookmark else None
        if not isinstance(state, (dict, type(None))):
            raise StateInvalidError("state_followed")
        return Followed(
            state or {},
            bookmark=bookmark,
            now=self.shop.started,
            follow=self.shop.settings.follow,
            start=self.shop.settings.start,
            final=self.shop.final_statuses,
        )

    def _seen(self, record: Record) -> SeenOrder:
        return SeenOrder(
            record["order_id"],
            is_over=record["status_id"] in self.shop.final_statuses,
            created=dt.datetime.fromisoformat(record["created_at"]),
        )
