"""What a number says is what its list holds, and what eSputnik holds, to the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Story
    from page_driver import Served


def test_each_number_equals_the_length_of_its_list(either: tuple[Story, Served]) -> None:
    _, page = either
    numbers = page.numbers("/")

    assert len(numbers) > 10
    for href, number in numbers:
        assert len(page.records(href)) == number, href
        shown = re.search(r'id="count">(\d+)', page.text(href))
        assert shown is not None
        assert int(shown[1]) == number, href


def test_what_is_delivered_is_what_the_stand_in_of_esputnik_counts_itself(either: tuple[Story, Served]) -> None:
    story, page = either
    counted = dict(page.numbers("/?period=30d"))

    assert counted["/orders?result=accepted&period=30d"] == len(story.target.sandbox.sent_orders())
    assert counted["/contacts?result=accepted&period=30d"] == len(story.target.sandbox.sent_contacts())
    ids = {record["id"] for record in page.records("/orders?result=accepted&period=30d")}
    assert ids == {str(one["externalOrderId"]) for one in story.target.sandbox.sent_orders()}


def test_contacts_are_chosen_by_where_they_come_from(either: tuple[Story, Served]) -> None:
    story, page = either
    sources = dict(story.target.rows("SELECT source, count(*) FROM contacts WHERE scope_id = 1 GROUP BY source"))
    assert set(sources) == {"registration", "order"}
    said = {"registration": "Registered", "order": "From an order"}
    for source, count in sources.items():
        href = f"/contacts?period=all&source={source}"
        assert [row["source"] for row in page.records(href)] == [said[source]] * count
        text = page.text(href)
        assert re.search(r'id="count">(\d+)', text)[1] == str(count)  # type: ignore[index]
        [chips] = re.findall(r'<nav class="chips" aria-label="Source">(.*?)</nav>', text, re.DOTALL)
        assert re.findall(r'aria-current="true">([^<]+)<', chips) == [said[source]]
        for chip, number in re.findall(r'<a href="([^"]*result=[^"]*)">[^<]+<b>(\d+)</b>', text):
            assert len(page.records(chip.replace("&amp;", "&"))) == int(number), chip
    everybody = len(page.records("/contacts?period=all"))
    assert everybody == sum(sources.values())
    assert len(page.records("/contacts?period=all&source=nonsense")) == everybody
    assert "source=" not in page.text("/orders?period=all")


def test_what_is_not_delivered_is_told_by_reason(either: tuple[Story, Served]) -> None:
    _, page = either
    counted = dict(page.numbers("/"))

    assert counted["/orders?result=rejected"] == 2
    assert counted["/orders?result=rejected&reason=no_identity"] == 1
    assert counted["/orders?result=rejected&reason=refused"] == 1
    assert counted["/orders?result=held&reason=unmapped_status"] == 1
    assert counted["/orders?result=baseline&reason=before_live_since"] == 1


def test_the_days_add_up_to_the_numbers(either: tuple[Story, Served]) -> None:
    _, page = either
    days = page.numbers("/days?period=30d")
    by_stream = {
        stream: sum(n for href, n in days if href.startswith(f"/{stream}?")) for stream in ("orders", "contacts")
    }
    whole = {stream: len(page.records(f"/{stream}?period=30d")) for stream in by_stream}

    assert by_stream == whole
    for href, number in days:
        if number:
            assert len(page.records(href)) == number, href


def test_the_balance_counts_every_record_that_was_read(either: tuple[Story, Served]) -> None:
    _, page = either
    words = page.words("/")

    assert "Orders : 68 read" in words
    assert "Contacts : 11 read = 11 delivered" in words
    assert "not accounted for" not in words


def test_pages_of_a_list_hold_each_record_once(either: tuple[Story, Served]) -> None:
    """Sixty orders got their fate in the same moment, so that a page ends within it."""
    _, page = either
    seen: list[str] = []
    href: str | None = "/orders?period=all"
    while href is not None:
        text = page.text(href)
        seen += re.findall(r'<th scope="row"><a href="/order/(\d+)', text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        href = found[1].replace("&amp;", "&") if found else None

    assert len(seen) == len(set(seen)) > 60
    assert seen == [record["id"] for record in page.records("/orders?period=all")]


@pytest.mark.parametrize(
    "query", ["result=nonsense", "reason='--", "after=x", "period=x", "from=2026-99-99", "day=0001-01-01"]
)
def test_an_address_typed_by_hand_breaks_nothing(query: str, page: Served) -> None:
    page.get(f"/orders?{query}")
    page.get(f"/?{query}")
