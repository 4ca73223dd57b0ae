"""A destination on Airbyte's Python CDK, as its template makes it: it buffers records and posts them."""

import sys

import requests
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import AirbyteConnectionStatus, ConnectorSpecification, DestinationSyncMode, Status, Type
from mapping import BULK, CALLS

STRING = {"type": "string"}


class DestinationEsputnik(Destination):
    """The destination."""

    def spec(self, *_):
        """Return the settings."""
        properties = dict.fromkeys(("esputnik_url", "api_key"), STRING)
        return ConnectorSpecification(
            connectionSpecification={"type": "object", "properties": properties},
            supported_destination_sync_modes=[DestinationSyncMode.append],
        )

    def check(self, logger, config):
        """Say that all is well."""
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(self, config, configured_catalog, input_messages):
        """Post records in bulks; a STATE goes out once all that came before it is posted."""
        session = requests.Session()
        session.auth = ("", config["api_key"])
        bulks, states = {}, []

        def send(stream):
            path, call = CALLS[stream]
            answer = session.post(config["esputnik_url"] + path, json=call(bulks.pop(stream)), timeout=60)
            answer.raise_for_status()
            if answer.content and (failed := answer.json().get("failedOrders")):
                raise RuntimeError(f"{len(failed)} orders failed")

        for message in input_messages:
            if message.type == Type.RECORD:
                stream = message.record.stream
                bulk = bulks.setdefault(stream, [])
                bulk.append(message.record.data)
                if len(bulk) == BULK:
                    send(stream)
            elif message.type == Type.STATE:
                states.append(message)
            if states and not bulks:
                yield from states
                states = []
        for stream in list(bulks):
            send(stream)
        yield from states


if __name__ == "__main__":
    DestinationEsputnik().run(sys.argv[1:])
