"""`write`: states come back as they are and only when they are true; what cannot be deleted is told, not refused."""

from __future__ import annotations

import json
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_driver import configured, errors_in, of_type
from story import Story
from target_driver import contact, order

if TYPE_CHECKING:
    from airbyte_driver import AirbytePipe

Row = dict[str, Any]
IMPATIENT = {"target_esputnik.delivery.run:SECONDS_BETWEEN_STATES": 0, "target_esputnik.delivery.run:BATCH": 10}


def without_counts(states: list[Row]) -> list[Row]:
    """States without what a destination adds."""
    return [{name: value for name, value in state.items() if name != "destinationStats"} for state in states]


def lines_of(stream: str, records: list[Row], state: Any = None) -> list[Row]:
    """A source's messages: records of one stream, then a state."""
    lines: list[Row] = [
        {"type": "RECORD", "record": {"stream": stream, "data": one, "emitted_at": 1_700_000_000_000}}
        for one in records
    ]
    of_stream = {"stream_descriptor": {"name": stream}, "stream_state": state or {"cursor": 1.10}}
    return [*lines, {"type": "STATE", "state": {"type": "STREAM", "stream": of_stream}}]


def write(pipe: AirbytePipe, lines: list[Row], catalog: Row) -> tuple[int, list[Row]]:
    """Let the destination write these lines."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    code, answered, _ = pipe.destination("write", "--catalog", pipe.file("configured", catalog), lines=text)
    return code, answered


def test_every_state_comes_back_as_it_is_in_order_and_with_its_counts(pipe: AirbytePipe) -> None:
    assert pipe.read() == 0
    said = of_type(pipe.said, "STATE")
    assert pipe.write() == 0
    answered = of_type(pipe.answered, "STATE")
    assert without_counts(answered) == said
    assert "esputnik_ledger" not in json.dumps(answered)
    assert [one["destinationStats"]["recordCount"] for one in answered] == [
        one["sourceStats"]["recordCount"] for one in said
    ]
    rejected = Counter[str]()
    for one in answered:
        name = one["stream"]["stream_descriptor"]["name"]
        rejected[name] += int(one["destinationStats"].get("rejectedRecordCount", 0))
    in_ledger = [fate.partition(":")[0] for fate in pipe.fates("orders").values()].count("rejected")
    assert rejected == {"order_statuses": 0, "contacts": 0, "orders": in_ledger}
    assert in_ledger > 0


def test_a_refused_key_returns_no_state_and_is_the_users_to_mend(pipe: AirbytePipe) -> None:
    pipe.read()
    pipe.target_settings["api_key"] = "c4nary"
    assert pipe.write() == 2
    assert of_type(pipe.answered, "STATE") == []
    [error] = errors_in(pipe.answered)
    assert (error["failure_type"], error["message"].partition(":")[0]) == ("config_error", "credentials")
    assert "c4nary" not in json.dumps(pipe.answered) + pipe.log


def test_a_run_that_fails_on_the_way_returns_only_the_states_of_what_is_settled(pipe: AirbytePipe) -> None:
    pipe.read()
    pipe.sandbox.fail(api="esputnik", path="/v1/orders", kind="status", status=401, after=1, times=None)
    assert pipe.struck_write(constants=IMPATIENT) == 2
    said, answered = of_type(pipe.said, "STATE"), without_counts(of_type(pipe.answered, "STATE"))
    assert 0 < len(answered) < len(said)
    assert answered == said[: len(answered)]
    assert [error["failure_type"] for error in errors_in(pipe.answered)] == ["config_error"]


def test_a_run_that_fails_before_anything_is_settled_returns_no_state(pipe: AirbytePipe) -> None:
    pipe.read()
    pipe.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", kind="status", status=401, times=None)
    assert pipe.write() == 2
    assert of_type(pipe.answered, "STATE") == []


def test_too_many_rejected_are_told_and_counted_in_the_states(pipe: AirbytePipe) -> None:
    pipe.read()
    pipe.sandbox.fail(api="esputnik", path="/v1/orders", kind="status", status=400, body="[]", times=None)
    assert pipe.write() == 3
    assert [error["message"].partition(":")[0] for error in errors_in(pipe.answered)] == ["too_many_rejected"]
    answered = of_type(pipe.answered, "STATE")
    assert without_counts(answered) == of_type(pipe.said, "STATE")
    rejected = sum(state["destinationStats"].get("rejectedRecordCount", 0) for state in answered)
    in_ledger = [*pipe.fates("orders").values(), *pipe.fates("contacts").values()]
    assert rejected == sum(fate.startswith("rejected") for fate in in_ledger) > 20


@pytest.mark.parametrize(
    "strike",
    [
        {"request": "POST /v1/orders", "nth": 2},
        {"request": "POST /v1/contact/subscribe", "nth": 15},
        {"function": "target_esputnik.delivery.run:Run._send_state", "nth": 3},
        {"function": "singer_airbyte.incoming:Incoming.answer", "nth": 3},
    ],
    ids=lambda strike: str(strike.get("request", strike.get("function"))),
)
def test_killed_in_the_middle_and_read_on_from_the_last_state_nothing_is_lost_or_done_twice(
    pipe: AirbytePipe, strike: Row
) -> None:
    pipe.target_settings["contact_batch_size"] = 10
    story = Story(pipe.sandbox, pipe)
    assert pipe.read() == 0
    said = of_type(pipe.said, "STATE")
    killed = pipe.struck_write(strike={**strike, "signal": signal.SIGKILL, "moment": "before"}, constants=IMPATIENT)
    assert killed == -signal.SIGKILL, "the point was never met"
    answered = without_counts(of_type(pipe.answered, "STATE"))
    assert answered == said[: len(answered)]
    story.run()
    story.check_consent(story.check())
    assert story.run().writes() == []


def test_overwrite_and_refreshes_are_told_and_done_as_an_upsert(pipe: AirbytePipe) -> None:
    pipe.read()
    pipe.write()
    there = len(pipe.sandbox.sent_contacts())
    overwrite = configured(pipe.catalog(), {"contacts": "full_refresh"}, write="overwrite")
    refresh = configured(pipe.catalog(), {"contacts": "incremental"})
    refresh["streams"][0]["minimum_generation_id"] = 1
    without = configured(pipe.catalog(), {"contacts": "incremental"})
    for name in ("generation_id", "minimum_generation_id", "sync_id"):
        del without["streams"][0][name]
    for catalog, warns in ((overwrite, True), (refresh, True), (without, False)):
        code, answered = write(pipe, lines_of("contacts", [contact(1)]), catalog)
        assert code == 0
        warnings = [log["message"] for log in of_type(answered, "LOG") if log["level"] == "WARN"]
        assert any("nothing is deleted" in text for text in warnings) is warns
    assert len(pipe.sandbox.sent_contacts()) in {there, there + 1}


def test_streams_of_another_source_go_by_stream_mapping_and_others_are_ignored(pipe: AirbytePipe) -> None:
    pipe.target_settings["stream_mapping"] = [{"stream": "people", "as": "contacts"}]
    streams = [
        {
            "stream": {"name": name, "namespace": "shop", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
        for name in ("people", "invoices")
    ]
    lines = [
        *lines_of("people", [contact(5), contact(6, email="none", phone=None)]),
        *lines_of("invoices", [{"id": 1}]),
    ]
    code, answered = write(pipe, lines, {"streams": streams})
    assert code == 0
    stats = [state["destinationStats"] for state in of_type(answered, "STATE")]
    assert stats == [{"recordCount": 2.0, "rejectedRecordCount": 1.0}, {"recordCount": 1.0}]
    assert len(pipe.sandbox.sent_contacts()) == 1


@pytest.mark.parametrize(
    "line",
    [
        {"type": "RECORD", "record": {"stream": "invoices", "data": {"id": 1}, "emitted_at": 1}},
        {"type": "RECORD", "record": {"stream": "orders", "data": {"status_id": 1}, "emitted_at": 1}},
        {"type": "RECORD", "record": {"stream": "orders"}},
        {"type": "STATE"},
    ],
)
def test_a_message_that_cannot_be_used_ends_it_before_any_later_state(line: Row, pipe: AirbytePipe) -> None:
    lines = [line, *lines_of("orders", [order(1)])]
    code, answered = write(pipe, lines, configured(pipe.catalog(), {"orders": "incremental"}))
    assert code == 1
    assert len(errors_in(answered)) == 1
    assert of_type(answered, "STATE") == []


def test_half_a_line_is_an_error_and_a_line_that_is_no_message_is_ignored(pipe: AirbytePipe) -> None:
    chosen = pipe.file("configured", configured(pipe.catalog(), {"orders": "incremental"}))
    text = "".join(json.dumps(line) + "\n" for line in lines_of("orders", [order(1)]))
    code, answered, _ = pipe.destination("write", "--catalog", chosen, lines="hello c4nary\n" + text)
    assert (code, len(of_type(answered, "STATE"))) == (0, 1)
    code, again, err = pipe.destination("write", "--catalog", chosen, lines='{"type": "RECORD", "c4nary\n' + text)
    assert (code, of_type(again, "STATE")) == (1, [])
    assert "c4nary" not in json.dumps([answered, again]) + err


def test_states_of_every_form_come_back_as_they_are(pipe: AirbytePipe) -> None:
    descriptor = {"stream_descriptor": {"name": "contacts"}, "stream_state": {"n": 1}}
    forms = [
        {"type": "GLOBAL", "global": {"shared_state": {"x": [1, None]}, "stream_states": [descriptor]}},
        {"type": "LEGACY", "data": {"bookmarks": {}}},
        {"type": "STREAM", "stream": descriptor, "id": 7},
    ]
    lines = [*lines_of("contacts", [contact(1)])[:1], *({"type": "STATE", "state": form} for form in forms)]
    code, answered = write(pipe, lines, configured(pipe.catalog(), {"contacts": "incremental"}))
    assert code == 0
    assert without_counts(of_type(answered, "STATE")) == forms
    assert [state["destinationStats"]["recordCount"] for state in of_type(answered, "STATE")] == [1, 0, 0]


def test_what_is_no_text_in_a_record_is_taken_out_as_by_the_target_itself(pipe: AirbytePipe) -> None:
    lines = lines_of("contacts", [contact(1, first_name="Оль\x00га\ud800")])
    code, _ = write(pipe, lines, configured(pipe.catalog(), {"contacts": "incremental"}))
    assert code == 0
    [person] = pipe.sandbox.sent_contacts()
    assert person["firstName"] == "Ольга"
