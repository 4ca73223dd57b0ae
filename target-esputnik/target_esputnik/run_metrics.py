"""A run's counts as Singer metrics: the form in which taps write theirs.

Meltano takes such a line apart when its log is JSON (`meltano --log-format=json run …`): `metric_info`, beside the
`run_id` of its run. Meltano itself keeps no counts, so this is the way into a metrics store.

| metric | type | tags |
|---|---|---|
| `record_count` | counter | `stream`, `fate`, `reason`, `source`: `read`, `derived` (contacts made from orders), `carried` (earlier runs) |
| `http_request_count` | counter | `endpoint`, `outcome` |
| `job_duration` | timer, seconds | `status`: `succeeded` or `failed`; `exit_code`, which Meltano turns into 1 |
"""  # noqa: E501 - a row of a table

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from singer_sdk import metrics
from singer_sdk.metrics import Metric, Point, Status, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from target_esputnik.ledger.reports import Requests
    from target_esputnik.tally import Tally


def write_metrics(tally: Tally, requests: Iterable[Requests], *, seconds: float, exit_code: int) -> None:
    """Write them to the SDK's metrics log; counts of nothing are left out.

    Args:
        tally: of the run.
        requests: of the run, by endpoint and outcome.
        seconds: that the run took.
        exit_code: of the contract.
    """
    log = metrics.get_metrics_logger()
    ended = {"status": (Status.FAILED if exit_code else Status.SUCCEEDED).value, "exit_code": exit_code}
    points: list[Point[Any]] = [
        *_records(tally),
        *(
            Point(
                "counter", Metric.HTTP_REQUEST_COUNT, line.requests, _tags(endpoint=line.endpoint, outcome=line.outcome)
            )
            for line in requests
        ),
        Point("timer", Metric.JOB_DURATION, round(seconds, 3), _tags(**ended)),
    ]
    for point in points:
        metrics.log(log, point)


def _records(tally: Tally) -> Iterator[Point[int]]:
    for source, counts in (("read", tally.fates), ("derived", tally.derived), ("carried", tally.carried)):
        for (stream, fate, reason), count in sorted(counts.items()):
            if count:
                tags = _tags(stream=stream, fate=fate, reason=reason or None, source=source)
                yield Point("counter", Metric.RECORD_COUNT, count, tags)


def _tags(**tags: Any) -> dict[str, Any]:
    """Tags, with the process that the SDK's own metrics have among theirs."""
    return {name: value for name, value in tags.items() if value is not None} | {Tag.PID.value: os.getpid()}
