"""A tap as the singer-python library's users write them: a loop that writes messages."""

import json
import sys

import requests
import singer
from mapping import PAGE, READS
from schemas import KEYS, SCHEMAS


def main():
    """Write all customers, then all orders."""
    with open(sys.argv[sys.argv.index("--config") + 1]) as file:
        config = json.load(file)
    session = requests.Session()
    login = {"login": config["username"], "password": config["password"]}
    token = session.post(config["shop_url"] + "/api/auth/", json=login, timeout=60).json()["response"]["token"]
    for stream in ("contacts", "orders"):
        function, name = READS[stream]
        singer.write_schema(stream, SCHEMAS[stream], [KEYS[stream]])
        offset = 0
        while True:
            asked = {"token": token, "offset": offset, "limit": PAGE}
            answer = session.post(f"{config['shop_url']}/api/{function}/", json=asked, timeout=60)
            answer.raise_for_status()
            page = answer.json()["response"]
            if not page:
                break
            singer.write_records(stream, page[name])
            offset += PAGE
        singer.write_state({"done": stream})


if __name__ == "__main__":
    main()
