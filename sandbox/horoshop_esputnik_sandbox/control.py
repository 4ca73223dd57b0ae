"""The control API: changes the shop, arranges faults, and shows what both sides hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from horoshop_esputnik_sandbox.answers import json_body
from horoshop_esputnik_sandbox.operations import OperationError, do

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from horoshop_esputnik_sandbox.shop.timeline import Timeline
    from horoshop_esputnik_sandbox.world import World

PAGE = 1000


def control_app(world: World) -> Starlette:
    """Return the ASGI application: `GET /`, `POST /do/{operation}`, `GET /see/{view}?offset=&limit=`."""

    async def addresses(_: Request) -> Response:
        return _json(world.addresses)

    async def operation(request: Request) -> Response:
        try:
            arguments = await request.json() if await request.body() else {}
            return _json({"result": do(world, request.path_params["operation"], arguments)})
        except OperationError as problem:
            return _json({"error": str(problem)}, 400)
        except ValueError:
            return _json({"error": "the body is no JSON"}, 400)

    async def view(request: Request) -> Response:
        show = VIEWS.get(request.path_params["view"])
        if show is None:
            return _json({"error": f"there is no such view; there are: {', '.join(VIEWS)}"}, 404)
        world.account.imports.settle()
        query = request.query_params
        try:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", PAGE))
        except ValueError:
            return _json({"error": "offset and limit are whole numbers"}, 400)
        return _json({"result": show(world, dict(query), offset, limit)})

    return Starlette(
        routes=[
            Route("/", addresses),
            Route("/do/{operation}", operation, methods=["POST"]),
            Route("/see/{view}", view),
        ]
    )


def _rows(rows: Timeline, offset: int, limit: int) -> list[Any]:
    return [rows.get(number) for number in rows.window(None, None).slice(offset, limit)]


def _requests(world: World, query: dict[str, str], offset: int, limit: int) -> list[Any]:
    return [entry.shown() for entry in world.log.entries(query.get("api"))[offset : offset + limit]]


def _counts(world: World) -> dict[str, Any]:
    return {
        "customers": len(world.shop.customers),
        "orders": len(world.shop.orders),
        "sent_contacts": len(world.account.book),
        "sent_orders": len(world.account.orders.orders),
        "events": dict(world.account.events.by_type),
        "requests": dict(world.log.counts),
    }


VIEWS: dict[str, Callable[[World, dict[str, str], int, int], Any]] = {
    "customers": lambda world, _, offset, limit: _rows(world.shop.customers, offset, limit),
    "orders": lambda world, _, offset, limit: _rows(world.shop.orders, offset, limit),
    "sent_contacts": lambda world, _, offset, limit: [
        world.account.book.shown(contact) for contact in list(world.account.book)[offset : offset + limit]
    ],
    "sent_orders": lambda world, _, offset, limit: list(world.account.orders.orders.values())[offset : offset + limit],
    "events": lambda world, _, offset, limit: world.account.events.fired[offset : offset + limit],
    "imports": lambda world, _, offset, limit: world.account.imports.shown()[offset : offset + limit],
    "requests": _requests,
    "counts": lambda world, *_: _counts(world),
    "switches": lambda world, *_: world.switches.positions(),
    "faults": lambda world, *_: world.faults.shown(),
    "disturbances": lambda world, *_: world.disturbances.shown(),
}


def _json(value: Any, status: int = 200) -> Response:
    return Response(json_body(value), status, media_type="application/json")
