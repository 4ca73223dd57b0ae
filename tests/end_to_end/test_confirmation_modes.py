"""The three positions of `email_confirmation`, and a first run that takes history as it is, through the whole pipe."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from comparison import There, contacts_that_differ, events_that_differ, orders_that_differ
from oracle import Fate, Snapshot, email_of, fates_of_orders
from shop_story import a_day_passes
from story import Story

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]
NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none"}


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop of 40 customers and 80 orders, and an account without limits."""
    with Sandbox(customers=40, orders=80, switches=NO_LIMITS) as sandbox:
        yield sandbox


@pytest.mark.parametrize("confirms", ["yes", "no"])
def test_confirmed_confirms_everybody_whom_esputnik_did_not_have_and_asks_nobody(
    shop: Sandbox, confirms: str, tmp_path: Path
) -> None:
    shop.switch(confirmed_route_confirms=confirms)
    story = Story.in_process(shop, tmp_path, email_confirmation="confirmed")
    story.run()
    story.day()
    story.run()
    there, fates = There.of(shop), story.fates()
    assert story.pipe.fates("orders") == {str(number): fate.ledger for number, fate in fates.items()}
    assert orders_that_differ(there, fates) == []
    assert events_that_differ(there, fates) == []
    unconfirmed = {story.before.unconfirmed} if confirms == "no" else set()
    assert there.confirmed() == (story.newcomers() - {_the_old_address(story)}) | story.before.addresses() - unconfirmed
    assert there.asked() == {}
    assert story.run().writes() == []


def _the_old_address(story: Story) -> str:
    """The address that an account had before the day: the bulk call replaces it."""
    before, now = story.snapshots[0].customers, story.snapshots[-1].customers
    [old] = {one["email"] for number, one in before.items() if one["email"] and one["email"] != now[number]["email"]}
    return str(old)


def test_newsletter_confirms_exactly_those_who_ticked_and_asks_the_others(shop: Sandbox, tmp_path: Path) -> None:
    story = Story.in_process(shop, tmp_path, email_confirmation="newsletter")
    story.run()
    there = There.of(shop)
    ticked = {email_of(one["email"]) for one in shop.customers() if one["newsletter_subscription"]} - {None}
    assert there.confirmed() == ticked | story.before.confirmed_ones()
    assert set(there.asked()) == {(email, "horoshop") for email in story.newcomers() - ticked}
    assert set(there.asked().values()) == {1}

    ticks, unticks = _who_change_their_minds(shop, story)
    shop.edit_customer(ticks["id"], newsletter_subscription=1)
    shop.edit_customer(unticks["id"], newsletter_subscription=0)
    ran = story.run()
    there = There.of(shop)
    assert ran.events == []
    assert there.confirmed() == ticked | {ticks["email"]} | story.before.confirmed_ones()
    assert there.unsubscribed() == {unticks["email"], story.before.unsubscribed}

    shop.edit_customer(unticks["id"], newsletter_subscription=1)
    story.run()
    assert There.of(shop).unsubscribed() == {story.before.unsubscribed}
    assert story.run().writes() == []


def _who_change_their_minds(shop: Sandbox, story: Story) -> tuple[Row, Row]:
    """A customer who has not ticked and one who has, with plain addresses of their own."""
    emails = Counter(one["email"].lower() for one in shop.customers())
    plain = [
        one
        for one in shop.customers()
        if email_of(one["email"]) == one["email"] and emails[one["email"]] == 1
        if one["email"] not in story.before.addresses()
    ]
    ticks = next(one for one in plain if not one["newsletter_subscription"])
    return ticks, next(one for one in plain if one["newsletter_subscription"])


def test_a_first_run_takes_history_as_it_is_and_only_what_happens_then_is_told(shop: Sandbox, tmp_path: Path) -> None:
    story = Story.in_process(shop, tmp_path)
    del story.pipe.target_settings["live_since"]
    began = datetime.now(timezone.utc)
    story.run()
    there = There.of(shop)
    customers = {email for one in shop.customers() if (email := email_of(one["email"]))}
    assert there.orders == {}
    assert there.statuses() == {}
    assert set(story.pipe.fates("orders").values()) == {"baseline:before_live_since"}
    # Customers are made, but by the form that no workflow of the account listens to; guests of old orders are not.
    assert set(there.asked()) == {(email, "horoshop-history") for email in customers - story.before.addresses()}
    assert len(there.living()) == len({*customers, *story.before.addresses()}) + _without_address(story)

    time.sleep(1.1)  # the shop writes whole seconds: an order of the second in which it all began is history
    day = a_day_passes(shop, story.before)
    story.run()
    there, fates = There.of(shop), fates_of_orders(story.snapshots, live_since=began)
    assert {number for number, fate in fates.items() if fate.sent} == {*day.moved, *day.placed} - _unsent(fates)
    assert orders_that_differ(there, fates) == []
    assert events_that_differ(there, fates) == []
    assert contacts_that_differ(there, Snapshot.of(shop)) == []
    assert there.confirmed() == story.before.confirmed_ones()
    assert max(there.asked().values()) == 1
    assert {email for email, form in there.asked() if form == "horoshop"} >= {"sofia@example.com", "jan@example.com"}
    assert story.run().writes() == []


def _without_address(story: Story) -> int:
    """How many customers have a usable phone only."""
    return sum(email_of(one["email"]) is None for one in story.snapshots[-1].reachable().values())


def _unsent(fates: dict[int, Fate]) -> set[int]:
    return {number for number, fate in fates.items() if fate.ledger.startswith(("held", "rejected"))}
