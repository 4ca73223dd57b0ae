"""Debian's Chromium, driven by Playwright; it reaches nothing but this machine."""

from __future__ import annotations

import contextlib
import shutil
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

ARGUMENTS = [
    "--no-sandbox",  # of root, who runs tests in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-bypass-list=127.0.0.1",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
EVERY_RULE = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"


class NoBrowser(Exception):  # noqa: N818 - named by what it means
    """Chromium is not installed on this machine."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser. Raises NoBrowser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NoBrowser("Chromium is not installed: `make browser`, as root on Debian")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def looking(browser: Browser, **options: Any) -> Iterator[Page]:
    """Give an empty page, as a visitor with these options has it; a request to another host fails the test."""
    context = browser.new_context(**({"locale": "en-GB"} | options))
    foreign: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert foreign == []
    # The browser itself notes an answer such as 404; what would be wrong is a style or a script that is refused.
    assert [line for line in said if "Failed to load resource" not in line] == []


def violations(page: Page) -> list[str]:
    """What axe finds on a page: the rule and the elements that break it."""
    page.evaluate(AXE)
    found = page.evaluate(EVERY_RULE)
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]
