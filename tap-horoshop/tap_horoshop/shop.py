"""One run at one shop: its settings, its start, its client, and what all streams share."""

from __future__ import annotations

import datetime as dt
import logging
from functools import cached_property
from typing import TYPE_CHECKING

from tap_horoshop.client import Client
from tap_horoshop.connection import new_session
from tap_horoshop.errors import MethodMissingError
from tap_horoshop.paging import Listing, Window
from tap_horoshop.records import BUILT_IN_STATUSES, Status, parse_statuses
from tap_horoshop.shop_time import SECOND, UTC, first_wall_clock_since, wall_clock

if TYPE_CHECKING:
    from tap_horoshop.checked_settings import Settings

# Shops are younger, but customers may have been imported with dates of a system before.
BEGINNING = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - the shop's clock has no zone

logger = logging.getLogger("tap-horoshop")


class Shop:
    """A shop as one run sees it. Nothing is asked before it is needed.

    Args:
        settings: The settings of the run.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = dt.datetime.now(UTC).replace(microsecond=0)

    @cached_property
    def client(self) -> Client:
        """The conversation with the shop."""
        wanted = self.settings
        session = new_session(
            wanted.url,
            user_agent=wanted.user_agent,
            ca_bundle=wanted.ca_bundle,
            allow_private=wanted.allow_private_hosts,
            parallel=wanted.max_parallel_requests,
        )
        return Client(
            wanted.url,
            wanted.username,
            wanted.password,
            session=session,
            request_timeout=wanted.request_timeout,
            max_requests_per_second=wanted.max_requests_per_second,
        )

    def close(self) -> None:
        """End the conversation, if there was one."""
        if "client" in self.__dict__:
            self.client.close()

    @cached_property
    def statuses(self) -> dict[int, Status]:
        """The shop's order statuses by id; the built-in ones where it cannot list them."""
        try:
            response = self.client.call("orders/get_available_statuses")
        except MethodMissingError:
            logger.info("The shop is older than v4.0 and cannot list its order statuses; the built-in five are used")
            return BUILT_IN_STATUSES
        return parse_statuses(response.get("statuses")) or BUILT_IN_STATUSES

    @cached_property
    def final_statuses(self) -> frozenset[int]:
        """The ids of the statuses after which an order is over."""
        return self.settings.final_statuses | {status.id for status in self.statuses.values() if status.is_successful}

    @cached_property
    def orders(self) -> Listing:
        """The list of orders."""
        return self._listing("orders/get", rows="orders", key="order_id", stamp="stat_created")

    @cached_property
    def contacts(self) -> Listing:
        """The list of customers."""
        return self._listing("users/export", rows="users", key="id", stamp="registered")

    def _listing(self, method: str, *, rows: str, key: str, stamp: str) -> Listing:
        size = self.settings.page_size
        return Listing(self.client.call, method=method, rows=rows, key=key, stamp=stamp, page_size=size)

    def span_since(self, instant: dt.datetime | None) -> Window:
        """Return the span to read: since an instant, or since the beginning, to the run's start; within the bounds."""
        zone, start, end = self.settings.zone, self.settings.start, self.settings.end
        since = max(filter(None, [instant, start]), default=None)
        until = min(filter(None, [self.started, end]))
        # A stamp is the first of its second: a bound within a second leaves the second out at the start.
        first = first_wall_clock_since(since, zone) if since else BEGINNING
        return Window(first, wall_clock(until, zone))

    @property
    def is_bounded(self) -> bool:
        """Whether there is a `start_date` or an `end_date`."""
        return bool(self.settings.start or self.settings.end)

    def is_within_bounds(self, moment: dt.datetime) -> bool:
        """Tell whether a moment lies between `start_date` and `end_date`."""
        end = self.settings.end
        return not (self.is_before_start(moment) or (end and moment >= end + SECOND))

    def is_before_start(self, moment: dt.datetime) -> bool:
        """Tell whether a moment lies before `start_date`."""
        start = self.settings.start
        return start is not None and moment < start.replace(microsecond=0)
