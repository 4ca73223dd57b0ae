"""The pages of one order, one contact, one run: what they tell, and that the commands on them work."""

from __future__ import annotations

import html
import itertools
import re
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from ledger_driver import LedgerDriver
from ledger_places import change

from target_esputnik.ledger.moments import moment_of
from target_esputnik.web.charts import HEIGHT, bars, lane
from target_esputnik.web.periods import Bar, chosen

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Story
    from page_driver import Served

KYIV = ZoneInfo("Europe/Kyiv")
TODAY = date(2026, 11, 25)
YESTERDAY = date(2026, 11, 24)


def test_an_order_shows_prices_sum_delivery_payment_and_the_way_of_its_status(page: Served) -> None:
    words = page.words("/order/1")

    assert "Чайник TK-01 1 ₴420.00 ₴420.00" in words
    assert "Total ₴400.00" in words
    assert "Discount -₴20.00" in words
    assert "The lines that are sent add up to the total" in words
    assert "Нова Пошта" in words
    assert "Картка" in words
    assert "In the shop Доставлено id 3 The rule DELIVERED sent In eSputnik DELIVERED" in words


def test_it_shows_what_changed_between_two_sends(page: Served) -> None:
    words = page.words("/order/1")

    assert "status: INITIALIZED → DELIVERED" in words
    assert "totalCost: 420 → 400" in words
    assert words.index("DELIVERED delivered") < words.index("INITIALIZED delivered")


def test_requests_and_answers_are_there_masked_or_whole(page: Served, open_page: Served) -> None:
    assert '"email": "c***@e***.com"' in page.words("/order/1")
    assert '"email": "canary.person@example.com"' in open_page.words("/order/1")
    assert "Hidden: an answer may quote" in page.words("/order/8")
    assert "Hidden: an answer may quote" not in open_page.words("/order/8")


@pytest.mark.parametrize("path", ["/order/1", "/order/2", "/order/3", "/order/4", "/order/8"])
def test_the_command_on_a_page_is_one_that_works(path: str, page: Served, story: Story, tmp_path: Path) -> None:
    """It is typed as it stands there: the settings are among its words."""
    typed = html.unescape(re.findall(r"<code>(esputnik-ledger [^<]+)</code>", page.text(path))[0]).split()

    said = LedgerDriver(story.target, tmp_path).bare(*typed[1:])

    assert said.code == 0, said.err
    assert "PREVIEW" in said.out


def test_a_contact_shows_its_source_confirmation_and_why(page: Served) -> None:
    words = page.words("/contact/7")

    assert "registered in the shop" in words
    assert "Confirmation of the email address Unconfirmed Why eSputnik does not have the address" in words
    assert re.search(r"Asked to confirm \d+ \w+", words)
    assert re.search(r"Orders Id When eSputnik's status Result 1 ", words)


def test_a_guest_leads_to_the_order_that_made_him(page: Served) -> None:
    href = re.findall(r'href="(/contact/guest[^"]+)"', page.text("/order/100"))[0]

    assert "made from the order 100" in page.words(html.unescape(href))


def test_a_failed_run_needs_a_person_and_an_incomplete_one_does_not(page: Served, story: Story) -> None:
    change(story.target.place, "UPDATE runs SET exit_code = 1, error = 'unavailable' WHERE number = 3")
    words = page.words("/runs")
    change(story.target.place, "UPDATE runs SET exit_code = 0, error = NULL WHERE number = 3")

    assert re.search(r"Run 4 .*? Failed, needs you", words)
    assert re.search(r"Run 3 [^R]*? Incomplete, heals by itself", words)
    assert "The last run failed" in page.words("/")
    assert "eSputnik refused the API key" in page.words("/run/4")


def test_a_run_shows_settings_requests_counts_and_what_it_sent(page: Served) -> None:
    words = page.words("/run/1")

    assert re.search(r"Settings hash [0-9a-f]{8,}", words)
    assert "contact/subscribe" in words
    assert "Read: orders" in words
    assert "Made from orders: contacts" in words
    assert re.search(
        r"\d\d:\d\d:\d\d Order 1 INITIALIZED delivered", page.words("/run/1") + page.words("/run/1?after=70")
    )


@pytest.mark.parametrize("language", ["en", "uk"])
def test_numbers_and_days_are_written_as_the_reader_writes_them(language: str, page: Served) -> None:
    words = page.words("/order/1", Accept_Language=f"{language}-UA,de;q=0.5")

    assert ("₴420.00" in words) is (language == "en")
    assert ("420,00 ₴" in words.replace("\xa0", " ")) is (language == "uk")
    assert ("Замовлення 1" in words) is (language == "uk")


def test_a_link_decides_over_the_browser(page: Served) -> None:
    assert "Замовлення" in page.words("/?lang=uk", Accept_Language="en")
    assert 'href="/orders?lang=uk"' in page.text("/?lang=uk")


# -------------------------------------------------------------------- periods and charts


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 11, 19), TODAY),
        ({"period": "today"}, TODAY, TODAY),
        ({"period": "30d"}, date(2026, 10, 27), TODAY),
        ({"day": "2026-10-25"}, date(2026, 10, 25), date(2026, 10, 25)),
        ({"from": "2026-01-01", "to": "2026-03-31"}, date(2026, 1, 1), date(2026, 3, 31)),
        ({"from": "2026-11-01"}, date(2026, 11, 1), TODAY),
        ({"from": "2026-11-20", "to": "2026-11-01"}, date(2026, 11, 19), TODAY),
        ({"from": "nonsense"}, date(2026, 11, 19), TODAY),
    ],
)
def test_a_period_is_whole_days_of_the_zone(query: dict[str, str], first: date, last: date) -> None:
    period = chosen(query, KYIV, TODAY)

    assert (period.first, period.last) == (first, last)
    begin, end = (moment_of(text or "").astimezone(KYIV) for text in period.span)
    assert (begin.date(), begin.hour, end.hour) == (first, 0, 0)
    assert (end.date() - last).days == 1


def test_the_night_of_a_clock_change_belongs_to_its_day_whole() -> None:
    begin, end = (moment_of(text or "") for text in chosen({"day": "2026-10-25"}, KYIV, TODAY).span)

    assert (end - begin).total_seconds() == 25 * 3600


@pytest.mark.parametrize("begin", ["2026-11-20", "2026-09-01", "2026-03-03", "2021-02-17"])
def test_bars_leave_no_gap_and_do_not_overlap(begin: str) -> None:
    period = chosen({"from": begin, "to": "2026-11-25"}, KYIV, TODAY)
    made = period.bars(TODAY, TODAY)
    spans = period.spans(made)

    assert (made[0].first, made[-1].last) == (period.first, TODAY)
    assert len(made) <= 80
    assert all(before.end == after.begin for before, after in itertools.pairwise(spans))
    assert (spans[0].begin, spans[-1].end) == period.span


def test_all_time_has_open_ends() -> None:
    period = chosen({"period": "all"}, KYIV, TODAY)

    assert period.bars(YESTERDAY, TODAY) == [Bar(YESTERDAY, YESTERDAY), Bar(TODAY, TODAY)]
    spans = period.spans(period.bars(YESTERDAY, TODAY))
    assert (spans[0].begin, spans[-1].end) == (None, None)


def test_one_among_thousands_is_still_seen_and_no_bar_leaves_its_box() -> None:
    (parts,) = bars([[("accepted", 100_000), ("rejected", 1), ("held", 0)]])
    heights = [float(re.findall(r"v([\d.]+)", part.path)[0]) for part in parts]

    assert [part.name for part in parts] == ["accepted", "rejected"]
    assert min(heights) >= 1
    assert sum(heights) == pytest.approx(HEIGHT)


def test_a_timeline_marks_what_failed_and_stays_within_its_width() -> None:
    stretches = lane([(0.0, 1.0, False), (5.0, 5.1, True), (9.9, 20.0, False)], 10.0)

    assert any(stretch.failed for stretch in stretches)
    assert max(stretch.left + stretch.width for stretch in stretches) <= 1000.001
    assert lane([], 0.0) == []
