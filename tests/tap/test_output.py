"""What the tap writes is Singer, whoever reads it, by the short way of a record and by the SDK's."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from singer_sdk import BatchSink, Target
from singer_sdk import typing as th
from singer_sdk.singerlib import RecordMessage
from singer_sdk.singerlib.encoding.simple import SimpleSingerWriter

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.output import Stopped, Writer
from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    from collections.abc import Callable

TAP = str(Path(sys.executable).parent / "tap-horoshop")


class Kept(BatchSink):
    """Keeps what comes."""

    records: ClassVar[dict[str, list[dict[str, Any]]]] = {}

    def process_batch(self, context: dict[str, Any]) -> None:
        """Keep a batch."""
        self.records.setdefault(self.stream_name, []).extend(context["records"])


class PlainTarget(Target):
    """A target as the SDK's template makes it: it validates each record by the SCHEMA that came."""

    name = "target-plain"
    default_sink_class = Kept
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList().to_dict()


@pytest.mark.parametrize("more", [{}, {"stream_maps": {"orders": {"also": "order_id"}}}, {"flattening_enabled": True}])
def test_an_ordinary_target_of_the_sdk_takes_all_that_the_tap_writes(
    more: dict[str, Any], settings: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    flattening = {"flattening_max_depth": 2} if "flattening_enabled" in more else {}
    monkeypatch.setattr(Kept, "records", {})
    with Sandbox(customers=30, orders=250) as sandbox:
        lines = _lines(settings(sandbox, **more, **flattening))
        states = io.StringIO()
        with redirect_stdout(states):
            PlainTarget(config={}).listen(io.StringIO(lines))

        assert sorted(one["order_id"] for one in Kept.records["orders"]) == sorted(
            one["order_id"] for one in sandbox.orders()
        )
    assert {stream: len(records) for stream, records in Kept.records.items()} == {
        "order_statuses": 6,
        "contacts": 30,
        "orders": 250,
    }
    assert [json.loads(line) for line in lines.splitlines() if '"type":"STATE"' in line][-1]["value"] == json.loads(
        states.getvalue().splitlines()[-1]
    )


def test_a_record_leaves_the_short_way_as_it_leaves_the_sdks(settings: Callable[..., dict[str, Any]]) -> None:
    with Sandbox(customers=30, orders=250) as sandbox:
        short = _records(_lines(settings(sandbox)))
        maps = {"orders": {"order_id": "order_id", "__else__": None}}
        only_ids = _records(_lines(settings(sandbox, stream_maps=maps)))
        added = _records(_lines(settings(sandbox, stream_maps={"orders": {"also": "order_id"}})))

    assert [list(one) for one in only_ids["orders"]] == [["order_id"]] * 250
    assert all(one.pop("also") == one["order_id"] for one in added["orders"])
    assert added == short


def test_a_wish_for_flat_records_is_met(settings: Callable[..., dict[str, Any]]) -> None:
    with Sandbox(customers=3, orders=20) as sandbox:
        flat = _records(_lines(settings(sandbox, flattening_enabled=True, flattening_max_depth=1)))

    assert all("status_titles__ua" in one and "status_titles" not in one for one in flat["orders"])


@pytest.mark.parametrize("version", [None, 7])
def test_a_record_message_has_the_members_of_the_sdks_in_their_order(version: int | None) -> None:
    record = {"id": 1, "title": 'Лук\'ян "🙏"\n\u2028', "price": 0.1, "nothing": None, "list": [{"a": True}]}
    now = dt.datetime.now(dt.timezone.utc)
    message = RecordMessage(stream='odd "name"', record=record, version=version, time_extracted=now)
    writer, out = Writer(), io.StringIO()
    with redirect_stdout(out):
        writer.write_record('odd "name"', record, version)
        writer.flush()

    ours = json.loads(out.getvalue())
    theirs = json.loads(SimpleSingerWriter().format_message(message))
    when = dt.datetime.fromisoformat(ours.pop("time_extracted").replace("Z", "+00:00"))
    del theirs["time_extracted"]

    assert json.dumps(ours) == json.dumps(theirs)
    assert abs(when - now) < dt.timedelta(seconds=60)


def test_records_that_leave_later_say_so() -> None:
    writer, out = Writer(), io.StringIO()
    with redirect_stdout(out):
        for number in range(3):
            writer.write_record("orders", {"order_id": number}, None)
            writer.flush()

    times = [json.loads(line)["time_extracted"] for line in out.getvalue().splitlines()]
    assert times == sorted(set(times))


class _Struck:
    """A value in whose writing a signal comes."""

    def __str__(self) -> str:
        raise Stopped(15)


def test_a_record_that_a_signal_cuts_off_leaves_no_half_a_line() -> None:
    writer, out = Writer(), io.StringIO()
    with redirect_stdout(out):
        writer.write_record("orders", {"order_id": 1}, None)
        with pytest.raises(Stopped):
            writer.write_record("orders", {"order_id": 2, "comment": _Struck()}, None)
        writer.flush()

    assert [json.loads(line)["record"]["order_id"] for line in out.getvalue().splitlines()] == [1]


class _StruckPipe(io.BytesIO):
    """A pipe into which half is written when a signal comes."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def write(self, lines: Any) -> int:
        half = len(lines) // 2
        super().write(lines[:half])
        self._writer.stop(15, None)
        return half + super().write(lines[half:])


def test_a_signal_in_the_middle_of_a_write_waits_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_horoshop.output._exit_later", lambda *_: None)  # else it would end the tests
    writer = Writer()
    pipe = _StruckPipe(writer)
    with io.TextIOWrapper(pipe) as out, redirect_stdout(out):
        writer.write_record("orders", {"order_id": 1, "comment": "x" * 100}, None)
        with pytest.raises(Stopped):
            writer.flush()
        assert json.loads(pipe.getvalue())["record"]["order_id"] == 1


@pytest.mark.parametrize("arguments", [["--discover"], ["--version"], ["--about", "--format", "json"]])
def test_what_could_not_be_written_is_no_success(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run([TAP, *arguments], stdout=full, stderr=subprocess.DEVNULL, check=False)

    assert done.returncode == 1


def _lines(config: dict[str, Any]) -> str:
    """Run the tap; return what it wrote."""
    out = io.StringIO()
    tap = TapHoroshop(config=config)
    try:
        with redirect_stdout(out):
            tap.sync_all()
    finally:
        tap.shop.close()
    return out.getvalue()


def _records(lines: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for message in map(json.loads, lines.splitlines()):
        if message["type"] == "RECORD":
            found.setdefault(message["stream"], []).append(message["record"])
    return found
