"""In the form of the SDK: Meltano takes such lines apart, which `tests/end_to_end/test_run_statistics.py` holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from singer_sdk.metrics import Point
from target_driver import contact, order

if TYPE_CHECKING:
    import pytest
    from target_driver import Driver, Outcome


def _points(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Give the metrics of the runs so far, and forget them."""
    records = [record for record in log.records if record.name == "singer_sdk.metrics"]
    assert {record.msg for record in records} <= {"METRIC: %s"}
    assert all(isinstance(record.args, tuple) and isinstance(record.args[0], Point) for record in records)
    points = [record.args[0].to_dict() for record in records]  # type: ignore[union-attr,index]
    log.clear()
    return points


def _counted(points: list[dict[str, Any]], source: str) -> Counter[tuple[str, str, str]]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for point in points:
        tags = point["tags"]
        if point["metric"] == "record_count" and tags["source"] == source:
            assert point["type"] == "counter"
            counted[tags["stream"], tags["fate"], tags.get("reason", "")] += point["value"]
    return counted


def _check(points: list[dict[str, Any]], ended: Outcome) -> None:
    for source, counts in (("read", ended.fates), ("derived", ended.derived), ("carried", ended.carried)):
        assert _counted(points, source) == +counts, source
    [timer] = [point for point in points if point["metric"] == "job_duration"]
    assert (timer["type"], timer["tags"]["exit_code"]) == ("timer", ended.code)
    assert timer["tags"]["status"] == ("failed" if ended.code else "succeeded")
    assert 0 <= timer["value"] < 60


def test_they_are_what_the_ledger_counted_and_what_esputnik_was_asked(
    target: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    ended = target(
        contacts=[contact(7), contact(8, email="no address", phone=None)],
        orders=[order(1), order(2, status_id=7, status_title="Інше"), order(3, email=None)],
    )
    points = _points(caplog)
    _check(points, ended)
    assert _counted(points, "read")["orders", "held", "unmapped_status"] == 1
    requests = [point for point in points if point["metric"] == "http_request_count"]
    assert sum(point["value"] for point in requests) == len(target.paths())
    assert {"orders", "contact/subscribe"} <= {point["tags"]["endpoint"] for point in requests}
    assert {point["tags"]["outcome"] for point in requests} == {"answered"}

    again = target(orders=[order(1)])
    _check(_points(caplog), again)


def test_a_run_that_fails_tells_what_it_did_until_then(target: Driver, caplog: pytest.LogCaptureFixture) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="rate_limit", seconds=120)
    ended = target(contacts=[contact(7)], orders=[order(1)])
    assert ended.code == 1
    lines = [record.getMessage() for record in caplog.records if record.name == "target-esputnik"]
    [told] = [line for line in lines if line.startswith("Until then: ")]
    assert lines[-1].startswith("unavailable: ")
    assert "orders: 1 read = 1 held (unavailable)" in told
    assert not [line for line in lines if line.startswith("Done.")]
    _check(_points(caplog), ended)


def test_the_words_are_said_once_and_after_the_metrics(target: Driver, caplog: pytest.LogCaptureFixture) -> None:
    target(orders=[order(1)])
    said = [record for record in caplog.records if record.getMessage().startswith(("Done.", "Until then"))]
    assert len(said) == 1
    assert [record.name for record in caplog.records[-2:]] == ["singer_sdk.metrics", "target-esputnik"]
    assert caplog.records[-1] is said[0]


def test_a_dry_run_counts_nothing_that_happened(target: Driver, caplog: pytest.LogCaptureFixture) -> None:
    assert target(orders=[order(1)], dry_run=True).code == 0
    assert _points(caplog) == []


def test_no_person_is_in_them(target: Driver, caplog: pytest.LogCaptureFixture) -> None:
    target(contacts=[contact(7)], orders=[order(1)])
    for point in _points(caplog):
        assert point["tags"].keys() <= {"stream", "fate", "reason", "source", "endpoint", "outcome", "status"} | {
            "exit_code",
            "pid",
        }
        assert not [value for value in point["tags"].values() if "@" in str(value)]
