"""The adapter knows nothing of Horoshop or eSputnik: any tap and target of the SDK speak the protocol through it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from airbyte_driver import configured, errors_in, messages_of, of_type, statuses_in
from singer_sdk import Stream, Tap, Target
from singer_sdk import typing as th
from singer_sdk.sinks import BatchSink

from singer_airbyte import Destination, Source, run_destination, run_source
from singer_airbyte.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]
ROOT = Path(__file__).parents[2]
SETTINGS = th.PropertiesList(
    th.Property("token", th.StringType, required=True, secret=True), th.Property("rows", th.IntegerType, default=3)
).to_dict()


class Numbers(Stream):
    name = "numbers"
    schema: ClassVar[Row] = th.PropertiesList(th.Property("n", th.IntegerType)).to_dict()
    primary_keys = ("n",)
    replication_key = "n"
    is_sorted = True

    def get_records(self, context: Any) -> Iterator[Row]:
        after = self.get_starting_replication_key_value(context) or 0
        self.logger.info("the token is %s", self.config["token"])
        for n in range(after + 1, self.config["rows"] + 1):
            yield {"n": n}


class Broken(Stream):
    name = "broken"
    schema: ClassVar[Row] = th.PropertiesList(th.Property("n", th.IntegerType)).to_dict()

    def get_records(self, context: Any) -> Iterator[Row]:
        yield {"n": 1}
        raise ZeroDivisionError("c4nary")


class TapX(Tap):
    name = "tap-x"
    config_jsonschema: ClassVar[Row] = SETTINGS

    def discover_streams(self) -> list[Stream]:
        return [Broken(self), Numbers(self)]


class Kept(BatchSink):
    max_size = 10
    kept: ClassVar[list[Row]] = []

    def process_batch(self, context: Row) -> None:
        assert not any("explode" in one for one in context["records"])
        self.kept.extend(context["records"])


class TargetX(Target):
    name = "target-x"
    config_jsonschema: ClassVar[Row] = SETTINGS
    default_sink_class = Kept


@pytest.fixture(autouse=True)
def _logs_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connector takes all logs of its process; this process is the tests'."""
    monkeypatch.setattr(Output, "take_logs", lambda _: None)
    monkeypatch.setattr(Output, "guard_signals", lambda _: None)
    monkeypatch.setattr("singer_airbyte.source.signal.signal", lambda *_: None)
    monkeypatch.setattr(Kept, "kept", [])


def files(folder: Path, **contents: Any) -> list[str]:
    """Write files; return the arguments that name them."""
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return [word for name in contents for word in (f"--{name}", str(folder / f"{name}.json"))]


def source(*arguments: str) -> tuple[int, list[Row]]:
    out = io.BytesIO()
    code = run_source(Source(TapX, name="source-x"), arguments, Output(out))
    return code, messages_of(out.getvalue().decode())


def destination(*arguments: str, lines: Iterable[str] = ()) -> tuple[int, list[Row]]:
    out = io.BytesIO()
    code = run_destination(Destination(TargetX, name="destination-x"), arguments, Output(out), lines)
    return code, messages_of(out.getvalue().decode())


def test_a_plain_tap_and_target_pass_records_and_states_on_and_go_on_from_them(tmp_path: Path) -> None:
    config = {"token": "c4nary", "rows": 25}
    _, [told] = source("discover", *files(tmp_path, config=config))
    catalog = configured(told["catalog"], {"numbers": "incremental"})
    arguments = files(tmp_path, config=config, catalog=catalog)
    code, said = source("read", *arguments)
    assert code == 0
    code, answered = destination("write", *arguments, lines=[json.dumps(one) for one in said])
    assert code == 0
    assert [one["n"] for one in Kept.kept] == list(range(1, 26))
    [state] = of_type(answered, "STATE")
    assert state.pop("destinationStats") == {"recordCount": 25.0}
    assert [state] == of_type(said, "STATE")

    again = source("read", *files(tmp_path, config={**config, "rows": 27}, catalog=catalog, state=[state]))
    assert [one["data"]["n"] for one in of_type(again[1], "RECORD")] == [26, 27]


def test_a_stream_that_breaks_tells_its_place_and_not_its_words_and_the_next_is_read(tmp_path: Path) -> None:
    config = {"token": "c4nary"}
    _, [told] = source("discover", *files(tmp_path, config=config))
    code, said = source("read", *files(tmp_path, config=config, catalog=configured(told["catalog"])))
    assert code == 1
    assert statuses_in(said)[2] == ("broken", "INCOMPLETE")
    assert statuses_in(said)[-1] == ("numbers", "COMPLETE")
    [error] = errors_in(said)
    assert (error["failure_type"], "ZeroDivisionError" in error["message"]) == ("system_error", True)
    assert "get_records" in error["internal_message"]
    assert "c4nary" not in json.dumps(said)


def test_a_target_that_breaks_answers_no_state(tmp_path: Path) -> None:
    stream = {"name": "numbers", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    chosen = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    arguments = files(tmp_path, config={"token": "t"}, catalog={"streams": [chosen]})
    record = {"stream": "numbers", "data": {"n": 1, "explode": True}, "emitted_at": 1}
    of_stream = {"stream_descriptor": {"name": "numbers"}, "stream_state": {}}
    lines = [{"type": "RECORD", "record": record}, {"type": "STATE", "state": {"type": "STREAM", "stream": of_stream}}]
    code, answered = destination("write", *arguments, lines=map(json.dumps, lines))
    assert (code, of_type(answered, "STATE"), len(errors_in(answered))) == (1, [], 1)


def test_states_are_answered_on_the_way_when_much_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("singer_airbyte.incoming.RECORDS_BEFORE_SETTLING", 4)
    stream = {"name": "numbers", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    chosen = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    arguments = files(tmp_path, config={"token": "t"}, catalog={"streams": [chosen]})
    delivered: list[int] = []
    out = io.BytesIO()

    def lines() -> Iterator[str]:
        for n in range(1, 7):
            yield json.dumps({"type": "RECORD", "record": {"stream": "numbers", "data": {"n": n}, "emitted_at": 1}})
            of_stream = {"stream_descriptor": {"name": "numbers"}, "stream_state": {"n": n}}
            yield json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": of_stream}})
            delivered.append(len(of_type(messages_of(out.getvalue().decode()), "STATE")))

    assert run_destination(Destination(TargetX, name="destination-x"), ["write", *arguments], Output(out), lines()) == 0
    assert delivered == [0, 0, 0, 4, 4, 4]
    assert len(of_type(messages_of(out.getvalue().decode()), "STATE")) == 6


def test_a_secret_is_masked_wherever_it_is_told() -> None:
    out = io.BytesIO()
    output = Output(out)
    output.mask(['c4"nary', ""])
    output.close()
    assert output.masked('it is c4"nary, as JSON c4\\"nary') == "it is ****, as JSON ****"


def test_the_adapter_names_no_service(request: pytest.FixtureRequest) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "singer-airbyte").rglob("*.py"))
    assert len(code) > 10_000
    assert re.findall(r"(?i)horoshop|esputnik|yespo", code) == []
