"""The shop over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from horoshop_esputnik_sandbox.shop.envelope import Envelope
from horoshop_esputnik_sandbox.shop.requests import NotReadable, parameters_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from horoshop_esputnik_sandbox.world import World

# About as long as the proof-of-work page that was met on live shops (horoshop-api.md §1.3).
CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Checking your browser</title><script>var n=0;function w(){for(;n<1e6;n++){}"
    "document.cookie='challenge_passed='+n;location.reload();}</script></head><body onload='w()'>"
    "<noscript>Please turn on JavaScript and reload the page.</noscript></body></html>"
)
STOREFRONT = "<!DOCTYPE html><html lang='uk'><head><title>Зразковий магазин</title></head><body>Кошик</body></html>"
OTHER_PLATFORM = "https://platform.example.com/login"


def shop_app(world: World) -> Starlette:
    """Return the ASGI application of the shop: the API below `/api/`, a storefront's page elsewhere."""

    async def function(request: Request) -> Response:
        elsewhere = _elsewhere(world, request)
        if elsewhere is not None:
            return elsewhere
        try:
            parameters = await parameters_of(request)
        except NotReadable as problem:
            envelope = Envelope("HTTP_ERROR", {"code": 400, "message": str(problem)})
        else:
            envelope = world.shop_api.answer(request.path_params["function"].strip("/"), parameters)
        return Response(envelope.body(), envelope.http_status, media_type="application/json")

    async def storefront(_: Request) -> Response:
        return HTMLResponse(STOREFRONT)

    methods = ["GET", "POST", "PUT"]
    return Starlette(
        routes=[
            Route("/api/{function:path}", function, methods=methods),
            Route("/{page:path}", storefront, methods=methods),
        ]
    )


def _elsewhere(world: World, request: Request) -> Response | None:
    """Return what stands in the way of the API: none, a challenge, or another site."""
    access = world.switches["api_access"]
    if access == "off":
        return HTMLResponse("<h1>404 Not Found</h1>", 404)
    if access == "redirect":
        return RedirectResponse(OTHER_PLATFORM, 302)
    if access == "storefront":
        return HTMLResponse(STOREFRONT)
    challenge = world.switches["html_challenge"]
    browser = "mozilla" in request.headers.get("user-agent", "").lower()
    if challenge == "always" or (challenge == "non_browser" and not browser):
        return HTMLResponse(CHALLENGE)
    return None
