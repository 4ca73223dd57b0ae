"""Whatever happens in the shop, whichever request fails: a bookmark goes forward, and never past what was read."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from examples import examples
from hypothesis import event, given
from hypothesis import strategies as st
from oracle import KYIV
from past import ago, stamp
from patience import without_waits

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.errors import HoroshopError
from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    import pytest

STREAMS = {"orders": ("order_id", "stat_created"), "contacts": ("id", "registered")}
PATHS = ["/orders/get", "/users/export"]
DAYS = st.integers(0, 60)
EDITS = st.one_of(
    st.tuples(st.just("place"), DAYS, st.sampled_from([1, 2, 3])),
    st.tuples(st.just("register"), DAYS, st.none()),
    st.tuples(st.just("status"), st.integers(0, 20), st.sampled_from([2, 3, 4])),
    st.tuples(st.just("delete"), st.integers(0, 20), st.none()),
)
FAULTS = st.none() | st.fixed_dictionaries(
    {"path": st.sampled_from(PATHS), "after": st.integers(0, 6), "kind": st.sampled_from(["status", "garbage"])}
)
STEPS = st.lists(st.tuples(st.lists(EDITS, max_size=3), FAULTS, st.sampled_from([0, 30])), min_size=1, max_size=4)


@dataclass
class Reader:
    """Runs of the tap on one state; checks every STATE as it comes."""

    shop: Sandbox
    state: dict[str, Any] | None = None
    emitted: dict[str, set[int]] = field(default_factory=lambda: {stream: set() for stream in STREAMS})
    failed: int = 0

    def run(self, lookback: int) -> None:
        """Run once, however it ends, and keep the last STATE."""
        there = {"orders": self.shop.orders(), "contacts": self.shop.customers()}
        for line in self._said(lookback).splitlines():
            message = json.loads(line)
            if message["type"] == "RECORD" and message["stream"] in STREAMS:
                self.emitted[message["stream"]].add(message["record"][STREAMS[message["stream"]][0]])
            if message["type"] == "STATE":
                self._check(message["value"], there)
                self.state = message["value"]

    def _said(self, lookback: int) -> str:
        config = {
            "site_url": self.shop.shop_url,
            "username": self.shop.username,
            "password": self.shop.password,
            "max_requests_per_second": 100,
            "page_size": 2,
            "order_lookback_days": lookback,
            "contacts_reread_hours": 0,
        }
        out = io.StringIO()
        tap = TapHoroshop(config=config, state=self.state)
        try:
            with contextlib.redirect_stdout(out):
                tap.sync_all()
        except HoroshopError:
            self.failed += 1
        finally:
            tap.shop.close()
        return out.getvalue()

    def _check(self, state: dict[str, Any], there: dict[str, list[dict[str, Any]]]) -> None:
        for stream, (key, date) in STREAMS.items():
            before, now = bookmark_of(self.state, stream), bookmark_of(state, stream)
            assert before is None or (now is not None and now >= before), f"the bookmark of {stream} went back"
            if now is not None:
                # What came in the very second of the bookmark is read by the next run, which begins with that second.
                behind = {row[key] for row in there[stream] if moment_of(row[date]) < now}
                unread = behind - self.emitted[stream]
                assert not unread, f"{stream} {unread} lie before the bookmark and were never read"


def bookmark_of(state: dict[str, Any] | None, stream: str) -> dt.datetime | None:
    value = (state or {}).get("bookmarks", {}).get(stream, {}).get("replication_key_value")
    return dt.datetime.fromisoformat(value) if value else None


def moment_of(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=KYIV)


def edit(shop: Sandbox, reader: Reader, kind: str, number: int, status: int | None) -> None:
    """Change the shop. Once it was read what comes in is new: a past date would lie behind the bookmark."""
    moment = ago(days=number) if reader.state is None else dt.datetime.now(dt.timezone.utc)
    orders = shop.orders()
    if kind == "place":
        shop.place_order(
            stat_created=stamp(moment.astimezone(KYIV)), stat_status=status, delivery_email="o@example.com"
        )
    elif kind == "register":
        shop.register(registered=stamp(moment.astimezone(KYIV)), email=f"c{len(shop.customers())}@example.com")
    elif kind == "status" and orders:
        shop.set_status(orders[number % len(orders)]["order_id"], status or 2)
    elif kind == "delete" and orders:
        shop.delete_order(orders[number % len(orders)]["order_id"])


def test_for_any_edits_and_failing_requests_bookmarks_go_forward_and_never_past_what_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_waits(monkeypatch)
    monkeypatch.setattr("tap_horoshop.client.MAX_WAIT_SECONDS", 0)
    monkeypatch.setattr("tap_horoshop.paging.ROWS_OF_A_WINDOW", 2)  # several windows, so that a bookmark can be early
    monkeypatch.setattr("tap_horoshop.windowed.SHARE_OF_TIME_FOR_STATE", float("inf"))

    @examples(25)
    @given(steps=STEPS)
    def prove(steps: list[tuple[list[Any], dict[str, Any] | None, int]]) -> None:
        with Sandbox(customers=4, orders=8) as shop:
            reader = Reader(shop)
            for edits, fault, lookback in steps:
                for kind, number, status in edits:
                    edit(shop, reader, kind, number, status)
                if fault is not None:
                    more = {"status": 404, "times": None} if fault["kind"] == "status" else {"times": 2}
                    shop.fail(api="shop", **fault, **more)
                reader.run(lookback)
                shop.clear_faults()
            event(f"runs that failed: {reader.failed}")
            reader.run(30)
            for stream, (key, _) in STREAMS.items():
                left = {row[key] for row in (shop.orders() if stream == "orders" else shop.customers())}
                assert left <= reader.emitted[stream], "a record is lost"

    prove()
