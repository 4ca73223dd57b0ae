"""`read`: chosen streams, each from its own state, each told from its start to its end; one failure stops no other."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_driver import SOURCE, configured, environment, errors_in, messages_of, of_type, statuses_in
from pipe_driver import BIN

if TYPE_CHECKING:
    from airbyte_driver import AirbytePipe

Row = dict[str, Any]
STREAMS = ("order_statuses", "contacts", "orders")


def records(pipe: AirbytePipe) -> Counter[str]:
    return Counter(record["stream"] for record in of_type(pipe.said, "RECORD"))


def keys(pipe: AirbytePipe, stream: str) -> list[int]:
    """Keys of a stream's records, in order."""
    key = {"orders": "order_id"}.get(stream, "id")
    return [record["data"][key] for record in of_type(pipe.said, "RECORD") if record["stream"] == stream]


def name_of(state: Row) -> str:
    return str(state["stream"]["stream_descriptor"]["name"])


def keep_what_was_read(pipe: AirbytePipe) -> None:
    """Keep the source's own states, as if a destination had returned them."""
    pipe.keep(pipe.said)


def test_discover_tells_keys_cursors_modes_and_that_moments_have_a_zone(pipe: AirbytePipe) -> None:
    streams = {stream["name"]: stream for stream in pipe.catalog()["streams"]}
    assert set(streams) == set(STREAMS)
    assert streams["orders"]["source_defined_primary_key"] == [["order_id"]]
    assert streams["orders"]["default_cursor_field"] == ["created_at"]
    assert streams["orders"]["supported_sync_modes"] == ["full_refresh", "incremental"]
    assert streams["order_statuses"]["supported_sync_modes"] == ["full_refresh"]
    moment = streams["orders"]["json_schema"]["properties"]["created_at"]
    assert (moment["format"], moment["airbyte_type"]) == ("date-time", "timestamp_with_timezone")


def test_each_stream_is_told_from_its_start_to_its_end_and_ends_with_a_state(pipe: AirbytePipe) -> None:
    assert pipe.read() == 0
    told = ("STARTED", "RUNNING", "COMPLETE")
    assert statuses_in(pipe.said) == [(stream, status) for stream in STREAMS for status in told]
    assert records(pipe) == {"order_statuses": 6, "contacts": 40, "orders": 80}
    counted: Counter[str] = Counter()
    for state in of_type(pipe.said, "STATE"):
        counted[name_of(state)] += state["sourceStats"]["recordCount"]
    assert counted == records(pipe), "the counts of the states add up to the records"
    for stream in STREAMS:
        last = [one for one in pipe.said if stream in json.dumps(one) and one["type"] in {"RECORD", "STATE"}][-1]
        assert last["type"] == "STATE"
    states = of_type(pipe.said, "STATE")
    assert all(states[place] != states[place + 1] for place in range(len(states) - 1))


def test_it_goes_on_from_each_streams_own_state(pipe: AirbytePipe) -> None:
    pipe.tap_settings |= {"contacts_reread_hours": 24, "order_lookback_days": 0, "follow_reread_hours": 24}
    assert pipe.read() == 0
    keep_what_was_read(pipe)
    new = pipe.sandbox.place_order(), pipe.sandbox.register(email="new@example.com")
    pipe.read()
    assert (keys(pipe, "orders"), keys(pipe, "contacts")) == ([new[0]], [new[1]])
    keep_what_was_read(pipe)
    del pipe.states["contacts"]
    pipe.read()
    assert (len(keys(pipe, "orders")), len(keys(pipe, "contacts"))) == (1, 41)


def test_a_read_begins_with_the_states_that_it_goes_on_from_and_names_the_read_before(pipe: AirbytePipe) -> None:
    pipe.read()
    [first] = {state["stream"]["stream_state"]["singer_airbyte_read"] for state in of_type(pipe.said, "STATE")}
    keep_what_was_read(pipe)
    before = {name: dict(state["stream"]["stream_state"]) for name, state in pipe.states.items()}
    del before["order_statuses"]  # it is read whole each time, and goes on from nothing
    pipe.read()
    told = [one for one in pipe.said if one["type"] in {"STATE", "RECORD"} or "status" in json.dumps(one)]
    opening = [one["state"] for one in told[: len(before)]]
    for state in opening:
        mark = state["stream"]["stream_state"]
        assert mark.pop("singer_airbyte_read_before") == first
        assert mark.pop("singer_airbyte_read") > first
        assert state["sourceStats"]["recordCount"] == 0
        assert mark == {key: value for key, value in before.pop(name_of(state)).items() if "airbyte_read" not in key}
    assert before == {}
    states = [json.dumps(state["stream"], sort_keys=True) for state in of_type(pipe.said, "STATE")]
    assert len(set(states)) == len(states), "no state is told twice"


@pytest.mark.parametrize("part", [0, 0.25, 0.5, 0.75, 1])
def test_from_any_state_on_nothing_is_left_out(pipe: AirbytePipe, part: float) -> None:
    pipe.read()
    everything = {(one["stream"], json.dumps(one["data"])) for one in of_type(pipe.said, "RECORD")}
    places = [n for n, one in enumerate(pipe.said) if one["type"] == "STATE"]
    first = pipe.said[: places[int(part * (len(places) - 1))] + 1]
    pipe.keep(first)
    pipe.read()
    both = [*of_type(first, "RECORD"), *of_type(pipe.said, "RECORD")]
    assert {(one["stream"], json.dumps(one["data"])) for one in both} == everything


def test_only_what_was_chosen_is_read_and_a_full_refresh_forgets_its_state(pipe: AirbytePipe) -> None:
    pipe.read()
    keep_what_was_read(pipe)
    pipe.tap_settings["contacts_reread_hours"] = 24
    pipe.modes = {"contacts": "full_refresh"}
    pipe.read()
    assert records(pipe) == {"contacts": 40}
    pipe.modes = {"contacts": "incremental"}
    pipe.read()
    assert len(keys(pipe, "contacts")) < 40


def test_a_column_that_was_not_chosen_does_not_leave_and_a_key_always_does(pipe: AirbytePipe) -> None:
    catalog = configured(pipe.catalog(), {"orders": "incremental"})
    columns = catalog["streams"][0]["stream"]["json_schema"]["properties"]
    for name in ("email", "phone", "order_id"):
        del columns[name]
    code, said, _ = pipe.source("read", "--catalog", pipe.file("configured", catalog))
    assert code == 0
    assert all("order_id" in one["data"] and "total" in one["data"] for one in of_type(said, "RECORD"))
    assert not any({"email", "phone"} & set(one["data"]) for one in of_type(said, "RECORD"))


def test_one_stream_that_fails_stops_no_other(pipe: AirbytePipe) -> None:
    body = json.dumps({"status": "SOMETHING_NEW", "response": {"message": "c4nary@example.com"}})
    pipe.sandbox.fail(api="shop", path="/users/export", kind="status", status=200, body=body, times=None)
    assert pipe.read() == 1
    assert ("contacts", "INCOMPLETE") in statuses_in(pipe.said)
    assert [stream for stream, status in statuses_in(pipe.said) if status == "COMPLETE"] == ["order_statuses", "orders"]
    [error] = errors_in(pipe.said)
    assert error["stream_descriptor"] == {"name": "contacts"}
    assert (error["failure_type"], error["message"].partition(":")[0]) == ("transient_error", "answer_unexpected")
    assert records(pipe)["orders"] == 80
    assert not [state for state in of_type(pipe.said, "STATE") if name_of(state) == "contacts"]
    assert "c4nary" not in json.dumps(pipe.said) + pipe.log


def test_what_is_wrong_with_the_whole_shop_is_asked_once(pipe: AirbytePipe) -> None:
    pipe.catalog()
    pipe.tap_settings["password"] = "c4nary"
    assert pipe.read() == 1
    assert {status for _, status in statuses_in(pipe.said)} == {"STARTED", "INCOMPLETE"}
    assert [error["failure_type"] for error in errors_in(pipe.said)] == ["config_error"]
    assert [one["path"] for one in pipe.sandbox.requests(api="shop")] == ["/auth"]
    assert "c4nary" not in json.dumps(pipe.said) + pipe.log


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("catalog", {"streams": [{"stream": {"name": "invoices"}, "sync_mode": "incremental"}]}),
        ("catalog", {"streams": [{"stream": {"name": "orders"}, "sync_mode": "sideways"}]}),
        ("catalog", ["orders"]),
        ("state", [{"type": "STREAM", "stream": "orders"}]),
        ("state", "orders"),
    ],
)
def test_a_catalog_or_state_that_cannot_be_used_is_the_users_to_mend(
    what: str, content: Any, pipe: AirbytePipe
) -> None:
    files = {"catalog": configured(pipe.catalog()), "state": [], what: content}
    arguments = [word for name, value in files.items() for word in (f"--{name}", pipe.file(name, value))]
    code, messages, _ = pipe.source("read", *arguments)
    assert (code, [error["failure_type"] for error in errors_in(messages)]) == (1, ["config_error"])


def test_a_source_that_is_stopped_leaves_whole_lines_and_says_what_is_incomplete(pipe: AirbytePipe) -> None:
    pipe.sandbox.fail(api="shop", path="/orders/get", kind="delay", seconds=0.5, times=None)
    chosen = pipe.file("configured", configured(pipe.catalog()))
    command = [str(BIN / SOURCE), "read", "--config", pipe.file("tap", pipe.tap_settings), "--catalog", chosen]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    while not [one for one in pipe.sandbox.requests(api="shop") if one["path"] == "/orders/get"]:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert statuses_in(messages_of(out))[-1] == ("orders", "INCOMPLETE")
