"""The floor: aiohttp and orjson, four requests at a time, and nothing that is not needed to move the rows."""

import asyncio
import itertools
import sys

import aiohttp
import orjson
from mapping import BULK, CALLS, PAGE, READS

PARALLEL = 4
JSON = {"Content-Type": "application/json"}


async def read(session, config, token, function, name, take):
    """Read all pages, a few at a time; `take` is given the rows of each."""
    offsets = itertools.count(0, PAGE)
    ended = False

    async def reader():
        nonlocal ended
        while not ended:
            asked = orjson.dumps({"token": token, "offset": next(offsets), "limit": PAGE})
            url = f"{config['shop_url']}/api/{function}/"
            async with session.post(url, data=asked, headers=JSON, raise_for_status=True) as answer:
                page = orjson.loads(await answer.read())["response"]
            if not page:
                ended = True
                return
            await take(page[name])

    await asyncio.gather(*(reader() for _ in range(PARALLEL)))


async def move(session, config, token, stream):
    """Move one stream: bulks leave while pages still come in."""
    path, call = CALLS[stream]
    under_way, waiting = set(), []

    async def send(rows):
        body = orjson.dumps(call(rows))
        url = config["esputnik_url"] + path
        auth = aiohttp.BasicAuth("", config["api_key"])
        async with session.post(url, data=body, headers=JSON, auth=auth, raise_for_status=True) as answer:
            content = await answer.read()
        if content and (failed := orjson.loads(content).get("failedOrders")):
            raise SystemExit(f"{len(failed)} orders failed")

    async def take(rows):
        nonlocal waiting
        waiting += rows
        if len(waiting) >= BULK:
            bulk, waiting = waiting[:BULK], waiting[BULK:]
            if len(under_way) >= PARALLEL:
                done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                under_way.difference_update(done)
                await asyncio.gather(*done)
            under_way.add(asyncio.create_task(send(bulk)))

    await read(session, config, token, *READS[stream], take)
    await asyncio.gather(*under_way, *([send(waiting)] if waiting else []))


async def main():
    """Move contacts, then orders."""
    with open(sys.argv[1], "rb") as file:
        config = orjson.loads(file.read())
    async with aiohttp.ClientSession() as session:
        login = {"login": config["username"], "password": config["password"]}
        async with session.post(config["shop_url"] + "/api/auth/", json=login) as answer:
            token = (await answer.json())["response"]["token"]
        await move(session, config, token, "contacts")
        await move(session, config, token, "orders")


if __name__ == "__main__":
    asyncio.run(main())
