"""A script as a developer of the shop would write it: requests, one call after another."""

import json
import sys

import requests
from mapping import BULK, CALLS, PAGE, READS


def main():
    """Read all customers, send them; read all orders, send them."""
    with open(sys.argv[1]) as file:
        config = json.load(file)
    shop, esputnik = requests.Session(), requests.Session()
    esputnik.auth = ("", config["api_key"])
    login = {"login": config["username"], "password": config["password"]}
    token = shop.post(config["shop_url"] + "/api/auth/", json=login, timeout=60).json()["response"]["token"]

    def rows(function, name):
        offset = 0
        while True:
            asked = {"token": token, "offset": offset, "limit": PAGE}
            answer = shop.post(f"{config['shop_url']}/api/{function}/", json=asked, timeout=60)
            answer.raise_for_status()
            page = answer.json()["response"]
            if not page:
                return
            yield from page[name]
            offset += PAGE

    for stream in ("contacts", "orders"):
        path, call = CALLS[stream]

        def send(bulk, path=path, call=call):
            answer = esputnik.post(config["esputnik_url"] + path, json=call(bulk), timeout=60)
            answer.raise_for_status()
            if answer.content and (failed := answer.json().get("failedOrders")):
                raise SystemExit(f"{len(failed)} orders failed")

        bulk = []
        for row in rows(*READS[stream]):
            bulk.append(row)
            if len(bulk) == BULK:
                send(bulk)
                bulk = []
        if bulk:
            send(bulk)


if __name__ == "__main__":
    main()
