"""What each kind of fault does to an exchange; the kinds themselves are listed in `faults`."""

from __future__ import annotations

import asyncio
import re
import zlib
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.answers import json_body
from horoshop_esputnik_sandbox.esputnik.access import retry_after
from horoshop_esputnik_sandbox.exchange import Reply
from horoshop_esputnik_sandbox.operations import do

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from horoshop_esputnik_sandbox.exchange import Exchange

    Options = dict[str, Any]
    Effect = Callable[[Exchange, Options], Awaitable[None]]

HTML = b"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Try again later</h1></body></html>"
GARBAGE = b'{"status":"OK","response":{"orders":[{"order_id":1,'
BEYOND_ASCII = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
SERVER_ERROR = 500
PIECES = 10
BLOCK = 2**20


async def go_on(exchange: Exchange, _: Options) -> None:
    """Answer as if nothing was wrong."""
    await exchange.answer(await exchange.work())


async def _status(exchange: Exchange, options: Options) -> None:
    guard = exchange.world.account.guard
    path = exchange.path.strip("/")
    armed = exchange.world.switches["duplicate_guard_arms"] == "received"
    if armed and options["status"] >= SERVER_ERROR and guard.watches(exchange.method, path):
        guard.remember(path, exchange.body)
    await exchange.answer(_reply(options))


async def _status_after(exchange: Exchange, options: Options) -> None:
    await exchange.work()
    await exchange.answer(_reply(options))


async def _html(exchange: Exchange, options: Options) -> None:
    await exchange.answer(Reply(int(options["status"]), HTML, {"content-type": "text/html; charset=utf-8"}))


async def _drop_before(exchange: Exchange, _: Options) -> None:
    exchange.hang_up()
    await asyncio.sleep(0)


async def _drop_after(exchange: Exchange, _: Options) -> None:
    await exchange.work()
    exchange.hang_up()
    await asyncio.sleep(0)


async def _truncate(exchange: Exchange, _: Options) -> None:
    reply = await exchange.work()
    whole = max(len(reply.body), 2)
    reply.body = reply.body[: whole // 2]
    await exchange.answer(reply, length=whole)
    exchange.hang_up()
    await asyncio.sleep(0)


async def _delay(exchange: Exchange, options: Options) -> None:
    await asyncio.sleep(float(options["seconds"]))
    await go_on(exchange, options)


async def _delay_after(exchange: Exchange, options: Options) -> None:
    reply = await exchange.work()
    await asyncio.sleep(float(options["seconds"]))
    await exchange.answer(reply)


async def _garbage(exchange: Exchange, _: Options) -> None:
    await exchange.work()
    await exchange.answer(Reply(200, GARBAGE, {"content-type": "application/json"}))


async def _charset(exchange: Exchange, options: Options) -> None:
    reply = await exchange.work()
    charset = str(options["charset"])
    reply.body = reply.body.decode().encode(charset, "replace")
    reply.headers = {**reply.headers, "content-type": f"application/json; charset={charset}"}
    await exchange.answer(reply)


async def _half_character(exchange: Exchange, options: Options) -> None:
    reply = await exchange.work()
    half = rb"\ud83d" if options["escaped"] else None
    reply.body = BEYOND_ASCII.sub(lambda found: half or found[0][:1], reply.body, count=1)
    await exchange.answer(reply)


async def _empty(exchange: Exchange, _: Options) -> None:
    await exchange.work()
    await exchange.answer(Reply(200, b"", {}))


async def _redirect(exchange: Exchange, options: Options) -> None:
    await exchange.answer(Reply(int(options["status"]), b"", {"location": str(options["to"])}))


async def _rate_limit(exchange: Exchange, options: Options) -> None:
    form = "none" if options["seconds"] is None else "date" if options["date"] else "seconds"
    headers = retry_after(form, float(options["seconds"] or 0))
    await exchange.answer(Reply(429, b"Too many requests", headers))


async def _expire_token(exchange: Exchange, options: Options) -> None:
    exchange.world.shop_api.tokens.expire()
    await go_on(exchange, options)


async def _huge(exchange: Exchange, options: Options) -> None:
    reply = await exchange.work()
    rest = max(0, int(options["bytes"]) - len(reply.body))
    await exchange.start(reply, len(reply.body) + rest)
    await exchange.more(reply.body, last=False)
    while rest > 0:
        piece = min(rest, BLOCK)
        rest -= piece
        await exchange.more(b" " * piece, last=False)
    await exchange.more(b"", last=True)


async def _gzip_bomb(exchange: Exchange, options: Options) -> None:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    block = b" " * BLOCK
    packed = b"".join(packer.compress(block) for _ in range(int(options["bytes"]) // BLOCK)) + packer.flush()
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    await exchange.answer(Reply(200, packed, headers))


async def _drip(exchange: Exchange, options: Options) -> None:
    reply = await exchange.work()
    await exchange.start(reply, len(reply.body))
    step = max(1, -(-len(reply.body) // PIECES))
    for at in range(0, len(reply.body), step):
        await asyncio.sleep(float(options["seconds"]) / PIECES)
        await exchange.more(reply.body[at : at + step], last=False)
    await exchange.more(b"", last=True)


async def _change(exchange: Exchange, options: Options) -> None:
    for name, arguments in options["do"]:
        do(exchange.world, name, arguments)
    await go_on(exchange, options)


EFFECTS: dict[str, Effect] = {
    "status": _status,
    "status_after": _status_after,
    "html": _html,
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "truncate": _truncate,
    "delay": _delay,
    "delay_after": _delay_after,
    "garbage": _garbage,
    "charset": _charset,
    "half_character": _half_character,
    "empty": _empty,
    "redirect": _redirect,
    "rate_limit": _rate_limit,
    "expire_token": _expire_token,
    "huge": _huge,
    "gzip_bomb": _gzip_bomb,
    "drip": _drip,
    "change": _change,
}


def _reply(options: Options) -> Reply:
    """Return the answer that a fault describes: a text as it is, anything else as JSON."""
    body = options["body"]
    headers = dict(options["headers"] or {})
    if body is None:
        return Reply(int(options["status"]), b"", headers)
    if isinstance(body, str):
        return Reply(int(options["status"]), body.encode(), headers)
    return Reply(int(options["status"]), json_body(body), {"content-type": "application/json", **headers})
