"""The mapping is total: whatever a record holds, it ends in exactly one fate, by name, and costs no neighbour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from target_driver import KEYS, contact, order, schema

from tap_horoshop.names import AUTO, FIRST_LAST, LAST_FIRST
from tap_horoshop.records import (
    BUILT_IN_STATUSES,
    KNOWN_OF_CONTACT,
    KNOWN_OF_ORDER,
    BadRow,
    contact_record,
    order_record,
)
from target_esputnik.fates import FATES, REASONS
from target_esputnik.orders import NoIdentity, order_payload
from target_esputnik.schemas import SCHEMAS, problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from target_driver import Driver

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-5, 5)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=12)
    | st.sampled_from(
        [
            *(
                2**63,
                -(2**63) - 1,
                10**60,
                1e300,
                "NaN",
                "-Infinity",
                "1e999",
                "٣",
                "\x00",
                "\ud800",
                "",
                " ",
                1,
                "1",
                8,
            ),
            *("olena@example.com", "+380501112233", "2026-05-17T14:03:20+03:00", "2026-05-17 14:03:20", "2026-02-30"),
        ]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PRODUCT = ["article", "title", "price", "quantity", "total_price", "type", "discount_marker", "storage_id"]
PRODUCTS = st.lists(JSON | st.dictionaries(st.sampled_from(PRODUCT), JSON, max_size=8), max_size=3)
NEIGHBOUR = 77
ROW_FIELDS = {
    "orders": sorted(KNOWN_OF_ORDER - {"products"} | {"delivery_city_stable", "additional_data"}),
    "contacts": sorted(KNOWN_OF_CONTACT),
}
WHERE = {"orders": ("order_id", "stat_created"), "contacts": ("id", "registered")}


def rows(stream: str) -> st.SearchStrategy[Any]:
    """Rows as the shop's API might give them: fields that it has, with anything in them."""
    key, stamp = WHERE[stream]
    usable = st.fixed_dictionaries({}, optional=dict.fromkeys(ROW_FIELDS[stream], JSON) | {"products": PRODUCTS})
    moments = st.sampled_from(["2026-05-17 14:03:20", "2026-10-25 03:30:00", "2026-03-29 03:30:00", "0001-01-01"])
    return st.builds(
        lambda row, number, moment, noise: {**noise, **row, key: number, stamp: moment},
        usable,
        st.integers(1, 10**9) | JSON,
        moments | JSON,
        st.dictionaries(st.text(max_size=5), JSON, max_size=2),
    )


@given(stream=st.sampled_from(["orders", "contacts"]), data=st.data())
def test_any_row_of_the_shop_becomes_a_record_that_the_target_knows_what_to_do_with_or_is_named(
    stream: str, data: st.DataObject
) -> None:
    row = data.draw(rows(stream))
    make: Callable[..., dict[str, Any]] = order_record if stream == "orders" else contact_record
    more = {"statuses": BUILT_IN_STATUSES} if stream == "orders" else {}
    order_of_names = data.draw(st.sampled_from([AUTO, FIRST_LAST, LAST_FIRST]))
    try:
        record = make(row, zone=ZoneInfo("Europe/Kyiv"), name_order=order_of_names, **more)
    except BadRow:  # named in the log by its key
        return
    read = json.loads(json.dumps(record))
    found = problems(stream, read)
    assert all(sentence.startswith(("field `", "the record")) for sentence in found)
    if not found and stream == "orders":
        try:
            payload = order_payload(
                read, status="INITIALIZED", external_id_prefix="", external_customer_id=None, store_id=None,
                phone_region="UA",
            )  # fmt: skip
        except NoIdentity:
            return
        assert payload["externalOrderId"] == str(read["order_id"])
        json.dumps(payload, allow_nan=False)


def records(stream: str) -> st.SearchStrategy[dict[str, Any]]:
    """Records as some tap might send them: fields of the stream with anything in them, or whole and usable ones."""
    names = [name for name in SCHEMAS[stream]["properties"] if name != KEYS[stream]]
    plain = contact if stream == "contacts" else order
    keys = st.integers(1, 9) | st.sampled_from([2**70, -1, 0, "5", 5.0, True, "x", [], {}, 1.5])
    wild = st.dictionaries(st.sampled_from(names), JSON, max_size=6) | st.builds(
        lambda products: {"products": products}, PRODUCTS
    )
    return st.builds(lambda changes, key: {**plain(1), **changes, KEYS[stream]: key}, wild, keys)


def test_any_record_ends_in_exactly_one_fate_and_costs_no_neighbour(
    new_target: Callable[[], AbstractContextManager[Driver]],
) -> None:
    @examples(10)
    @given(contacts=st.lists(records("contacts"), max_size=4), orders=st.lists(records("orders"), max_size=4))
    def prove(contacts: list[dict[str, Any]], orders: list[dict[str, Any]]) -> None:
        contacts = [contact(NEIGHBOUR), *contacts, contact(NEIGHBOUR + 1)]
        orders = [order(NEIGHBOUR), *orders, order(NEIGHBOUR + 1)]
        lines = [
            schema("contacts"),
            *({"type": "RECORD", "stream": "contacts", "record": one} for one in contacts),
            schema("orders"),
            *({"type": "RECORD", "stream": "orders", "record": one} for one in orders),
            {"type": "STATE", "value": {"all": "read"}},
        ]
        with new_target() as target:
            outcome = target.messages(lines, max_rejected_percent=100)

            assert outcome.code == 0, outcome.log
            assert outcome.states[-1]["all"] == "read"
            for stream, read in (("contacts", contacts), ("orders", orders)):
                assert sum(outcome.ended(stream).values()) == len(read)
            for _, fate, reason in outcome.fates:
                assert fate in FATES
                assert not reason or REASONS[reason][0] == fate
            sent = {one["externalOrderId"] for one in target.sandbox.sent_orders()}
            assert {str(NEIGHBOUR), str(NEIGHBOUR + 1)} <= sent
            assert target.there(f"customer{NEIGHBOUR}@example.com")
            assert target.there(f"customer{NEIGHBOUR + 1}@example.com")

    prove()


def test_a_message_that_is_none_ends_the_run_by_a_named_error(
    new_target: Callable[[], AbstractContextManager[Driver]],
) -> None:
    parts = {"type": st.sampled_from(["RECORD", "SCHEMA", "STATE", "BATCH", "ACTIVATE_VERSION", "x"])}
    more = dict.fromkeys(("record", "schema", "key_properties", "value", "version"), JSON)
    messages = st.fixed_dictionaries(parts, optional=more | {"stream": JSON | st.just("orders")})

    @examples(15)
    @given(odd=JSON | messages)
    def prove(odd: Any) -> None:
        good = [schema("orders"), {"type": "RECORD", "stream": "orders", "record": order(1)}]
        with new_target() as target:
            outcome = target.messages([*good, odd])
            assert outcome.code in {0, 1}
            assert "Traceback" not in outcome.log
            if outcome.code:
                assert "protocol: " in outcome.log, outcome.log

    prove()
