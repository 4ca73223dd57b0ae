"""A source on Airbyte's Python CDK: an AbstractSource with two HttpStreams."""

import sys

import requests
from airbyte_cdk.entrypoint import launch
from airbyte_cdk.models import ConnectorSpecification
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.streams.http import HttpStream
from mapping import PAGE, READS
from schemas import KEYS, SCHEMAS

STRING = {"type": "string"}


class ShopStream(HttpStream):
    """A method of the shop that lists rows."""

    http_method = "POST"

    def __init__(self, stream, config, token):
        self._stream = stream
        self._config = config
        self._token = token
        super().__init__()

    @property
    def name(self):
        """Return the stream's name."""
        return self._stream

    @property
    def primary_key(self):
        """Return the key."""
        return KEYS[self._stream]

    @property
    def url_base(self):
        """Return the shop's address."""
        return self._config["shop_url"]

    def path(self, **_):
        """Return the path of the method."""
        return f"/api/{READS[self._stream][0]}/"

    def get_json_schema(self):
        """Return the schema."""
        return SCHEMAS[self._stream]

    def request_body_json(self, stream_state, stream_slice=None, next_page_token=None):
        """Return the body of a request."""
        return {"token": self._token, "offset": (next_page_token or {}).get("offset", 0), "limit": PAGE}

    def parse_response(self, response, **_):
        """Yield the rows of a page."""
        page = response.json()["response"]
        yield from page[READS[self._stream][1]] if page else ()

    def next_page_token(self, response):
        """Return where the next page begins; None at the end."""
        if response.content.startswith(b'{"status":"EMPTY"'):
            return None
        self._offset = getattr(self, "_offset", 0) + PAGE
        return {"offset": self._offset}


class SourceShop(AbstractSource):
    """The source."""

    def spec(self, *_):
        """Return the settings."""
        properties = dict.fromkeys(("shop_url", "username", "password"), STRING)
        return ConnectorSpecification(connectionSpecification={"type": "object", "properties": properties})

    def check_connection(self, logger, config):
        """Say that all is well."""
        return True, None

    def streams(self, config):
        """Return the streams."""
        login = {"login": config["username"], "password": config["password"]}
        answer = requests.post(f"{config['shop_url']}/api/auth/", json=login, timeout=60)
        token = answer.json()["response"]["token"]
        return [ShopStream(stream, config, token) for stream in ("contacts", "orders")]


if __name__ == "__main__":
    launch(SourceShop(), sys.argv[1:])
