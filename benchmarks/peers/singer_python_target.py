"""A target as the singer-python library's users write them. It does not validate: many do not by default."""

import json
import sys

import requests
import singer
from mapping import BULK, CALLS


def main():
    """Send what comes in, in bulks; write the last STATE at the end."""
    with open(sys.argv[sys.argv.index("--config") + 1]) as file:
        config = json.load(file)
    session = requests.Session()
    session.auth = ("", config["api_key"])
    bulks, state = {}, None

    def send(stream):
        path, call = CALLS[stream]
        answer = session.post(config["esputnik_url"] + path, json=call(bulks[stream]), timeout=60)
        answer.raise_for_status()
        if answer.content and (failed := answer.json().get("failedOrders")):
            raise SystemExit(f"{len(failed)} orders failed")
        bulks[stream] = []

    for line in sys.stdin:
        message = singer.parse_message(line)
        if isinstance(message, singer.RecordMessage):
            bulk = bulks.setdefault(message.stream, [])
            bulk.append(message.record)
            if len(bulk) == BULK:
                send(message.stream)
        elif isinstance(message, singer.StateMessage):
            state = message.value
    for stream in [stream for stream, bulk in bulks.items() if bulk]:
        send(stream)
    if state is not None:
        sys.stdout.write(json.dumps(state) + "\n")


if __name__ == "__main__":
    main()
