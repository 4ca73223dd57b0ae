"""A target as the Meltano Singer SDK's template makes it: a BatchSink that posts its batch, defaults else."""

from functools import cached_property

import requests
from mapping import BULK, CALLS
from singer_sdk import BatchSink, Target
from singer_sdk import typing as th


class EsputnikSink(BatchSink):
    """Sends batches of one stream."""

    max_size = BULK

    @cached_property
    def session(self):
        """Return a session, so that the connection is kept."""
        return requests.Session()

    def process_batch(self, context):
        """Post a batch."""
        path, call = CALLS[self.stream_name]
        url, key = self.config["esputnik_url"] + path, self.config["api_key"]
        answer = self.session.post(url, json=call(context["records"]), auth=("", key), timeout=60)
        answer.raise_for_status()
        if answer.content and (failed := answer.json().get("failedOrders")):
            raise RuntimeError(f"{len(failed)} orders failed")


class TargetEsputnik(Target):
    """The target."""

    name = "target-bulk"
    default_sink_class = EsputnikSink
    config_jsonschema = th.PropertiesList(
        th.Property("esputnik_url", th.StringType, required=True),
        th.Property("api_key", th.StringType, required=True, secret=True),
    ).to_dict()


if __name__ == "__main__":
    TargetEsputnik.cli()
