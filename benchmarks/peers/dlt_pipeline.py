"""A dlt pipeline into a custom destination, as its documentation shows one ("reverse ETL")."""

import json
import sys
from pathlib import Path

import dlt
import requests as plain_requests
from dlt.sources.helpers import requests
from mapping import BULK, CALLS, PAGE, READS
from schemas import NUMBER, SCHEMAS, TEXT

CONFIG = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
SESSION = plain_requests.Session()
SESSION.auth = ("", CONFIG["api_key"])


@dlt.destination(
    name="esputnik",
    batch_size=BULK,
    naming_convention="direct",
    max_table_nesting=0,
    skip_dlt_columns_and_tables=True,
)
def esputnik(items, table):
    """Post a batch."""
    path, call = CALLS[table["name"]]
    answer = SESSION.post(CONFIG["esputnik_url"] + path, json=call(items), timeout=60)
    answer.raise_for_status()
    if answer.content and (failed := answer.json().get("failedOrders")):
        raise RuntimeError(f"{len(failed)} orders failed")


def pages(stream):
    """Yield the pages of a stream."""
    function, name = READS[stream]
    login = {"login": CONFIG["username"], "password": CONFIG["password"]}
    token = requests.post(CONFIG["shop_url"] + "/api/auth/", json=login).json()["response"]["token"]
    offset = 0
    while True:
        asked = {"token": token, "offset": offset, "limit": PAGE}
        page = requests.post(f"{CONFIG['shop_url']}/api/{function}/", json=asked).json()["response"]
        if not page:
            return
        yield page[name]
        offset += PAGE


def columns(stream):
    """Return the types that dlt would guess otherwise than they are: dates stay texts, 5 and 5.5 one column."""
    kinds = ((NUMBER, "double"), (TEXT, "text"))
    properties = SCHEMAS[stream]["properties"]
    return {
        name: {"data_type": kind} for name, schema in properties.items() for is_it, kind in kinds if schema == is_it
    }


def main():
    """Move contacts, then orders."""
    pipeline = dlt.pipeline("shop_to_esputnik", destination=esputnik, pipelines_dir=sys.argv[2])
    for stream, key in (("contacts", "id"), ("orders", "order_id")):
        pipeline.run(dlt.resource(pages(stream), name=stream, primary_key=key, columns=columns(stream)))


if __name__ == "__main__":
    main()
