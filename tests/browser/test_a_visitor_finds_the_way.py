"""In a real browser: from the period to the contact, in both languages, by keyboard, on a phone, without JavaScript."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from browser import looking, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from shop_history import ShopHistory

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
NO_SCRIPT = {"java_script_enabled": False}
WORDS = {
    "en": {"month": "30 days", "order": "Order", "contact": "Contact", "buyer": "The buyer's page", "why": "Why"},
    "uk": {"month": "30 днів", "order": "Замовлення", "contact": "Контакт", "buyer": "Сторінка покупця", "why": "Чому"},
}
PATHS = (
    "/?period=30d",
    "/",
    "/days?period=30d",
    "/orders?period=30d",
    "/orders?period=30d&result=rejected",
    "/orders?day=2001-01-01",
    "/contacts?period=30d",
    "/runs",
    "/run/1",
    "/run/6",
    "/order/1",
    "/nothing",
)


@pytest.mark.parametrize(
    ("language", "visitor"),
    [("en", {}), ("uk", {}), ("uk", PHONE), ("en", NO_SCRIPT), ("uk", NO_SCRIPT | {"viewport": PHONE["viewport"]})],
    ids=["english", "ukrainian", "phone", "no-script", "no-script-phone"],
)
def test_from_the_period_by_a_number_to_the_order_and_its_buyer(
    language: str, visitor: dict[str, Any], browser: Browser, page_url: str
) -> None:
    words = WORDS[language]
    with looking(browser, **{"locale": f"{language}-UA"} | visitor) as page:
        page.goto(page_url)
        page.get_by_role("link", name=words["month"]).click()
        number = page.locator("tr.main.accepted td a").nth(1)
        shown = number.inner_text()
        number.click()
        assert page.locator("#count").inner_text().startswith(shown)
        page.locator("tbody th a").first.click()
        assert page.locator("h1").inner_text().startswith(words["order"])
        page.get_by_role("link", name=words["buyer"]).click()
        assert page.locator("dt", has_text=words["why"]).first.is_visible()
        assert page.locator("html").get_attribute("lang") == language


def test_every_step_can_be_done_by_keyboard_alone(browser: Browser, page_url: str) -> None:
    with looking(browser) as page:
        page.goto(page_url)
        page.keyboard.press("Tab")
        assert focused(page) == "To the content"
        tab_to(page, "30 days")
        page.keyboard.press("Enter")
        page.wait_for_url("**period=30d**")
        number = page.locator("tr.main.accepted td a").nth(1).inner_text()
        tab_to(page, number)
        assert outlined(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders?**")
        first = page.locator("tbody th a").first.inner_text()
        tab_to(page, first)
        page.keyboard.press("Enter")
        page.wait_for_url("**/order/**")
        tab_to(page, "The buyer's page")
        page.keyboard.press("Enter")
        page.wait_for_url("**/contact/**")
        tab_to(page, "Request 1")
        page.keyboard.press("Enter")
        assert page.locator("details[open] pre").first.is_visible()


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("(document.activeElement.innerText || document.activeElement.textContent).trim()"))


def outlined(page: Page) -> bool:
    """Whether what has the focus is seen to have it."""
    return bool(page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'"))


def tab_to(page: Page, text: str) -> None:
    """Press Tab until something with this text has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if focused(page) == text:
            return
    pytest.fail(f"{text!r} is not reached by Tab")


def test_a_bar_leads_to_its_day(browser: Browser, page_url: str) -> None:
    with looking(browser) as page:
        page.goto(f"{page_url}/?period=30d")
        bar = page.locator(".chart").nth(1).locator("svg a").first
        told = bar.locator("title").text_content() or ""
        bar.locator("path").first.click()
        page.wait_for_url("**day=**")
        assert page.locator("#count").inner_text().split()[0] == told.rpartition(": ")[2]


def test_other_days_are_chosen_by_a_form(browser: Browser, page_url: str) -> None:
    with looking(browser, **NO_SCRIPT) as page:
        page.goto(f"{page_url}/orders?result=accepted")
        page.locator(".custom summary").click()
        page.locator("input[name=from]").fill("2020-01-01")
        page.locator("input[name=to]").fill("2020-01-31")
        page.get_by_role("button", name="Show").click()
        assert "result=accepted" in page.url
        assert "No such records" in page.locator("main").inner_text()


def test_the_search_leads_to_an_order(browser: Browser, page_url: str, history: ShopHistory) -> None:
    number = history.sandbox.sent_orders()[0]["externalOrderId"]
    with looking(browser) as page:
        page.goto(page_url)
        page.locator("input[name=what]").fill(number)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/order/{number}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    scheme: str, width: int, browser: Browser, page_url: str, broken_url: str, history: ShopHistory
) -> None:
    contact = history.sandbox.sent_contacts()[0]["externalCustomerId"]
    paths = [page_url + path for path in PATHS] + [broken_url, f"{page_url}/contact/{contact}"]
    paths += [f"{page_url}/order/{one['externalOrderId']}" for one in history.sandbox.sent_orders()[:2]]
    newest = re.search(r"/run/\d+", requests.get(f"{page_url}/runs", timeout=30).text)
    paths += [page_url + newest[0]] if newest else []  # its settings differ from those of the run before
    language = "uk" if width == PHONE["viewport"]["width"] else "en"
    found: dict[str, object] = {}
    with looking(browser, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        for path in paths:
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}" if path != broken_url else path)
            problems: list[object] = list(violations(page))
            wide = page.evaluate("document.documentElement.scrollWidth")
            problems += [f"{wide} px wide"] if wide > width else []
            if problems:
                found[path] = problems
    assert found == {}, json.dumps(found, indent=1, ensure_ascii=False)


def test_it_prints_without_what_only_a_screen_needs(browser: Browser, page_url: str) -> None:
    with looking(browser) as page:
        page.goto(f"{page_url}/?period=30d")
        page.emulate_media(media="print")
        assert not page.locator(".tabs").is_visible()
        assert not page.locator(".find").is_visible()
        assert page.locator("table.matrix").is_visible()
        assert re.match(r"rgb\(255, 255, 255\)", page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_first_page_is_one_request(browser: Browser, page_url: str) -> None:
    with looking(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_url, wait_until="networkidle")
        assert [url for url in asked if not url.startswith("data:")] == [f"{page_url}/"]
