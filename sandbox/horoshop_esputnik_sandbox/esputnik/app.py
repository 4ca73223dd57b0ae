"""The eSputnik API over HTTP: which call goes where, and what every call passes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from horoshop_esputnik_sandbox.esputnik import account_calls, contact_calls, order_calls, segment_calls
from horoshop_esputnik_sandbox.esputnik.access import check_key, check_scope
from horoshop_esputnik_sandbox.esputnik.calls import Call
from horoshop_esputnik_sandbox.esputnik.wording import Answer, RefusalError, Wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from horoshop_esputnik_sandbox.esputnik.account import Account
    from horoshop_esputnik_sandbox.world import World

    Endpoint = Callable[[Account, Call], Answer]

# method, path below /api, endpoint
CALLS: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/v1/contacts", contact_calls.bulk),
    ("GET", "/v1/contacts", contact_calls.search),
    ("GET", "/v1/contacts/email", contact_calls.emails),
    ("POST", "/v1/contacts/upload", contact_calls.upload),
    ("GET", "/v1/importstatus/{session}", contact_calls.import_status),
    ("POST", "/v1/contact", contact_calls.add),
    ("DELETE", "/v1/contact", contact_calls.delete_by_external_id),
    ("POST", "/v1/contact/subscribe", contact_calls.subscribe),
    ("GET", "/v1/contact/{id:int}", contact_calls.get),
    ("PUT", "/v1/contact/{id:int}", contact_calls.put),
    ("DELETE", "/v1/contact/{id:int}", contact_calls.delete),
    ("GET", "/v1/contact/{id:int}/subscriptions", segment_calls.subscriptions),
    ("PUT", "/v1/contact/{id:int}/subscriptions", segment_calls.put_subscriptions),
    ("GET", "/v1/subscriptions", segment_calls.categories),
    ("GET", "/v1/groups", segment_calls.groups),
    ("GET", "/v1/group/{id:int}/contacts", segment_calls.members),
    ("POST", "/v1/group/{id:int}/contacts/attach", segment_calls.attach),
    ("POST", "/v1/group/{id:int}/contacts/detach", segment_calls.detach),
    ("POST", "/v1/emails/unsubscribed/add", segment_calls.add_unsubscribed),
    ("POST", "/v1/emails/unsubscribed/delete", segment_calls.delete_unsubscribed),
    ("GET", "/v1/addressbooks", account_calls.address_books),
    ("GET", "/v1/account/info", account_calls.info),
    ("GET", "/{version:str}/version", account_calls.version),
    ("GET", "/v1/balance", account_calls.balance),
    ("POST", "/v1/orders", order_calls.post_orders),
    ("DELETE", "/v1/orders", order_calls.delete_orders),
    ("POST", "/v3/event", order_calls.post_event_v3),
    ("POST", "/{version:str}/event", order_calls.post_event),
    ("POST", "/{version:str}/past_events", order_calls.post_past_events),
    ("DELETE", "/{version:str}/past_events", order_calls.delete_past_events),
)


def esputnik_app(world: World) -> Starlette:
    """Return the ASGI application of the API; with and without a slash at the end of an address."""
    wording = Wording(world.switches, world.clock)
    paths: dict[str, dict[str, Endpoint]] = {}
    for method, path, endpoint in CALLS:
        paths.setdefault(f"/api{path}", {})[method] = endpoint

    async def unknown(request: Request) -> Response:
        return wording.refusal(RefusalError(404, "Not Found"), request.url.path)

    def route(path: str, endpoints: dict[str, Endpoint]) -> list[Route]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            world.account.imports.settle()
            try:
                return wording.response(_admitted(world, request, body, endpoints))
            except RefusalError as refusal:
                return wording.refusal(refusal, request.url.path)

        methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [Route(slashed, answer, methods=methods) for slashed in (path, f"{path}/")]

    routes = [one for path, endpoints in paths.items() for one in route(path, endpoints)]
    return Starlette(routes=[*routes, Route("/{path:path}", unknown, methods=["GET", "POST", "PUT", "DELETE"])])


def _admitted(world: World, request: Request, body: bytes, endpoints: dict[str, Endpoint]) -> Answer:
    """Answer a request that passes, in this order: the key, the pace, the method, the right, the form, the guard."""
    account = world.account
    path = request.url.path.removeprefix("/api/").rstrip("/")
    check_key(request.headers.get("authorization"), world.switches)
    account.rate.check(search=request.method == "GET" and path == "v1/contacts")
    endpoint = endpoints.get(request.method)
    if endpoint is None:
        raise RefusalError(405, f"Request method '{request.method}' not supported")
    check_scope(request.method, path.partition("/")[2], world.switches)
    if body and "json" not in request.headers.get("content-type", ""):
        raise RefusalError(415, "Content type is not supported")
    guarded = account.guard.watches(request.method, path)
    if guarded and account.guard.knows(path, body):
        raise RefusalError(409, "Duplicated request")
    answer = endpoint(account, Call(dict(request.path_params), dict(request.query_params), body))
    if guarded:
        account.guard.remember(path, body)
    return answer
