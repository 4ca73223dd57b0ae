"""The pages by their addresses, and what a visitor sees when one cannot be shown."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from target_esputnik.console import as_ours
from target_esputnik.errors import LedgerUnusable, TargetError
from target_esputnik.language import LANGUAGES, speaking
from target_esputnik.web import contact_page, download, front, lists, order_page, run_pages, searching, shops
from target_esputnik.web.memory import give_back
from target_esputnik.web.rendering import environment, render
from target_esputnik.web.safety import Guarded, headers_for
from target_esputnik.web.visit import LANG, SHOP, House, NotThere, address, language_asked, opened
from target_esputnik.web.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from starlette.requests import Request

    from target_esputnik.web.password import Password
    from target_esputnik.web.visit import Visit

    View = Callable[..., Mapping[str, Any]]

logger = logging.getLogger("target-esputnik")
AT_A_TIME: Final = 4
"""Pages that are made at once: each holds a connection to the ledger."""

LONGEST_SEARCH: Final = 1024


class Page(NamedTuple):
    """A page: its address, its template, and what fills it in."""

    path: str
    template: str
    view: View


PAGES: Final[tuple[Page, ...]] = (
    Page("/", "front.html", front.view),
    Page("/days", "days.html", front.days),
    Page("/orders", "list.html", lists.orders),
    Page("/contacts", "list.html", lists.contacts),
    Page("/order/{number}", "order.html", order_page.view),
    Page("/contact/{key}", "contact.html", contact_page.view),
    Page("/runs", "runs.html", run_pages.runs),
    Page("/run/{number}", "run.html", run_pages.run),
    Page("/shops", "shops.html", shops.view),
)


class Pages:
    """Makes pages in a few threads of their own.

    Args:
        house: what all visits share.
        css: the stylesheet.
    """

    def __init__(self, house: House, css: str) -> None:
        self._house = house
        self._templates = environment(css)
        self._threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="page")

    async def _made(self, make: Callable[[], Response]) -> Response:
        here = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, here.run, _tidily, make)

    def endpoint(self, page: Page) -> Callable[[Request], Any]:
        """What answers a page's address."""

        async def answer(request: Request) -> Response:
            return await self._made(functools.partial(self._answer, request, page))

        return answer

    def _answer(self, request: Request, page: Page) -> Response:
        def look(visit: Visit) -> Response:
            frame = self._frame(visit.language, visit.path, visit.query) | {"visit": visit, "tell": visit.tell}
            named = {"named": functools.partial(_named, visit)}
            values = page.view(visit, **request.path_params)
            return HTMLResponse(render(self._templates, page.template, frame | named | dict(values)))

        return self._within(request, look)

    def _within(self, request: Request, look: Callable[[Visit], Response]) -> Response:
        """Answer from the ledger, in the visitor's language; whatever goes wrong is a page, too."""
        query = dict(request.query_params)
        language = language_asked(query, request.headers.get("accept-language", ""), self._house.language)
        with speaking(language):
            try:
                with opened(self._house, request.url.path, query, language) as visit:
                    return look(visit)
            except NotThere as absent:
                words = {"title": say("web.not_found"), "sentence": say(absent.name, **absent.values), "advice": ""}
                return self._problem(request, language, 404, words)
            except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, it may quote a record
                ours = as_ours(error)
                logger.warning("page %s: %s", request.scope["path"].split("/")[1] or "/", ours.line())
                return self._problem(request, language, 503 if isinstance(error, TargetError) else 500, _told(ours))

    def _problem(self, request: Request, language: str, status: int, words: Mapping[str, str]) -> Response:
        query = dict(request.query_params)
        frame = self._frame(language, "/" if request.method == "POST" else request.url.path, query)
        html = render(self._templates, "error.html", frame | dict(words) | {"code": status})
        return HTMLResponse(html, status_code=status)

    def _frame(self, language: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """What stands around every page, also around one that says what is wrong."""
        return {
            "language": language,
            "languages": {code: address(path, {**query, LANG: code}) for code in LANGUAGES},
            "carried": {name: query[name] for name in (LANG, SHOP) if query.get(name)},
            "path": path,
            "personal": self._house.personal,
            "zone": self._house.zone,
        }

    # ---------------------------------------------------------------- what is no page

    async def unknown(self, request: Request, _: Exception) -> Response:
        """Answer an address that leads nowhere."""

        def make() -> Response:
            language = language_asked(
                dict(request.query_params), request.headers.get("accept-language", ""), self._house.language
            )
            with speaking(language):
                words = {"title": say("web.not_found"), "sentence": say("web.no_page"), "advice": ""}
                return self._problem(request, language, 404, words)

        return await self._made(make)

    async def found(self, request: Request) -> Response:
        """Lead to what was searched for; the words come in the body, since they may be somebody's address."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_SEARCH:
                return Response(status_code=413)
        fields = parse_qs(body.decode("utf-8", "replace"))
        typed = fields.get("what", [""])[0].strip()

        def look(visit: Visit) -> Response:
            return RedirectResponse(searching.place_of(visit, typed), status_code=303)

        return await self._made(functools.partial(self._within, request, look))

    def downloading(self, stream: str, form: str) -> Callable[[Request], Any]:
        """What answers the address of a list as a file."""

        def look(visit: Visit) -> Response:
            file = download.file_of(visit, stream, form)
            return StreamingResponse(file.parts, media_type=file.kind, headers=file.headers)

        async def answer(request: Request) -> Response:
            return await self._made(functools.partial(self._within, request, look))

        return answer


def _tidily(make: Callable[[], Response]) -> Response:
    """Make a page, and give back at once what it took.

    What was there before the first visit is frozen, so that there is little to look through.
    """
    try:
        return make()
    finally:
        give_back()


def _told(error: TargetError) -> dict[str, str]:
    title = "web.no_ledger" if isinstance(error, LedgerUnusable) and error.absent else "web.problem"
    return {"title": say(title), "sentence": str(error.cause), "advice": str(error.advice)}


def _named(visit: Visit, fields: Mapping[str, Any], currency: object = None) -> list[tuple[str, Any]]:
    """Fields of a record with their names in words; prices as money."""
    priced = {name: visit.tell.money(value, currency) for name, value in fields.items() if name.endswith("_price")}
    shown = {name: priced.get(name, value) for name, value in fields.items() if value is not None}
    return [(say(f"web.field.{name}"), value) for name, value in shown.items()]


def application(
    house: House, css: str, *, loopback_only: bool, names: Collection[str], password: Password | None
) -> Guarded:
    """The whole server, behind its checks."""
    pages = Pages(house, css)
    routes = [Route(page.path, pages.endpoint(page), methods=["GET"]) for page in PAGES]
    routes += [
        Route(f"/{stream}.{form}", pages.downloading(stream, form), methods=["GET"])
        for stream in ("contacts", "orders")
        for form in ("csv", "json")
    ]
    routes.append(Route("/find", pages.found, methods=["POST"]))
    inner = Starlette(routes=routes, exception_handlers={404: pages.unknown, 405: pages.unknown})
    return Guarded(inner, headers=headers_for(css), loopback_only=loopback_only, names=names, password=password)
