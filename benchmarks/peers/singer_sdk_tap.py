"""A tap as the Meltano Singer SDK's template makes it: a RESTStream with an offset paginator, defaults else."""

from functools import cached_property

import requests
from mapping import PAGE, READS
from schemas import KEYS, SCHEMAS
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import OffsetPaginator

EMPTY = b'{"status":"EMPTY"'


class Pages(OffsetPaginator):
    """Goes on until a page is empty."""

    def has_more(self, response):
        """Return whether there may be another page."""
        return not response.content.startswith(EMPTY)


class HoroshopStream(RESTStream):
    """A method of the shop that lists rows."""

    http_method = "POST"
    payload_as_json = True

    @property
    def url_base(self):
        """Return the shop's address."""
        return self.config["shop_url"]

    def get_new_paginator(self):
        """Return a paginator."""
        return Pages(0, PAGE)

    def prepare_request_payload(self, context, next_page_token):
        """Return the body of a request."""
        return {"token": self._tap.token, "offset": next_page_token or 0, "limit": PAGE}

    def parse_response(self, response):
        """Yield the rows of a page."""
        page = response.json()["response"]
        if page:
            yield from page[READS[self.name][1]]


class Contacts(HoroshopStream):
    """Customers."""

    name = "contacts"
    path = "/api/users/export/"
    primary_keys = (KEYS["contacts"],)
    schema = SCHEMAS["contacts"]


class Orders(HoroshopStream):
    """Orders."""

    name = "orders"
    path = "/api/orders/get/"
    primary_keys = (KEYS["orders"],)
    schema = SCHEMAS["orders"]


class TapShop(Tap):
    """The tap."""

    name = "tap-shop"
    config_jsonschema = th.PropertiesList(
        th.Property("shop_url", th.StringType, required=True),
        th.Property("username", th.StringType, required=True),
        th.Property("password", th.StringType, required=True, secret=True),
    ).to_dict()

    @cached_property
    def token(self):
        """Return the token of a login."""
        login = {"login": self.config["username"], "password": self.config["password"]}
        answer = requests.post(f"{self.config['shop_url']}/api/auth/", json=login, timeout=60)
        return answer.json()["response"]["token"]

    def discover_streams(self):
        """Return the streams."""
        return [Contacts(self), Orders(self)]


if __name__ == "__main__":
    TapShop.cli()
