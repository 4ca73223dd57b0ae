"""The first page: how things stand, in one sentence, in numbers that lead to their lists, and in bars."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates
from target_esputnik.ledger import reports
from target_esputnik.ledger.listing import NOTHING
from target_esputnik.ledger.moments import moment_of
from target_esputnik.ledger.reports import Period
from target_esputnik.ledger.run_history import freshness, statuses_updated
from target_esputnik.ledger.standing import STREAMS, standing
from target_esputnik.web import charts
from target_esputnik.web.status import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_esputnik.ledger.rows import Run
    from target_esputnik.ledger.standing import Standing
    from target_esputnik.web.periods import Bar
    from target_esputnik.web.visit import Visit

ORDER: Final = (fates.ACCEPTED, fates.HELD, fates.REJECTED, fates.BASELINE)
"""Fates as the page lists them, and as bars are stacked from the bottom."""

LOOKED_BACK: Final = 60
"""So many runs are looked at for when a stream was read last: customers are read again every hour at the most."""


def view(visit: Visit) -> Mapping[str, Any]:
    """What the template `front.html` is filled in with."""
    ledger = visit.ledger
    bars = _bars(visit)
    counted = standing(ledger, visit.chosen.spans(bars))
    period = Period(*visit.chosen.span)
    recent = reports.runs_in(ledger, period)
    return {
        "period": visit.chosen,
        "status": status_of(visit, _in_all(counted)),
        "matrix": matrix(visit, counted),
        "totals": {stream: sum(n for at, n in counted.items() if at.stream == stream) for stream in STREAMS},
        "charts": [_chart(visit, stream, bars, counted) for stream in STREAMS],
        "edges": [visit.tell.day(bars[0].first), visit.tell.day(bars[-1].last)] if bars else [],
        "fresh": _freshness(visit),
        "balance": _balance(recent),
        "run_count": len(recent),
    }


def days(visit: Visit) -> Mapping[str, Any]:
    """The bars as a table, for who reads numbers or has no pointer; the template is `days.html`."""
    bars = _bars(visit)
    counted = _by_bar(standing(visit.ledger, visit.chosen.spans(bars)))
    rows = []
    for place, bar in reversed(list(enumerate(bars))):
        cells = [
            {
                "count": counted[stream, fate, place],
                "href": visit.link(f"/{stream}", result=fate, **_query(bar)),
            }
            for stream in STREAMS
            for fate in ORDER
        ]
        rows.append({"label": _label(visit, bar), "cells": cells})
    return {"period": visit.chosen, "rows": rows, "order": ORDER, "streams": STREAMS}


def _by_bar(counted: Mapping[Standing, int]) -> Counter[tuple[str, str, int]]:
    summed: Counter[tuple[str, str, int]] = Counter()
    for at, count in counted.items():
        summed[at.stream, at.fate, at.place] += count
    return summed


def _bars(visit: Visit) -> list[Bar]:
    beginning = moment_of(visit.scope.scope.created_at).astimezone(visit.house.zone).date()
    return visit.chosen.bars(beginning, visit.today)


def _in_all(counted: Mapping[Standing, int]) -> Counter[tuple[str, str, str]]:
    summed: Counter[tuple[str, str, str]] = Counter()
    for at, count in counted.items():
        summed[at.stream, at.fate, at.reason] += count
    return summed


def matrix(visit: Visit, counted: Mapping[Standing, int]) -> list[dict[str, Any]]:
    """Contacts × orders by result, and below each result by reason; each number with the address of its list."""
    summed = _in_all(counted)
    query = visit.chosen.query

    def cells(fate: str, reason: str | None) -> list[dict[str, Any]]:
        return [
            {
                "stream": stream,
                "count": sum(n for (s, f, r), n in summed.items() if (s, f) == (stream, fate) and reason in (None, r)),
                "href": visit.link(f"/{stream}", result=fate, **_reason(reason), **query),
            }
            for stream in STREAMS
        ]

    others = sorted({fate for _, fate, _ in summed} - set(ORDER))
    lines = []
    for fate in (*ORDER, *others):
        reasons = sorted({reason for _, one, reason in summed if one == fate})
        told = [] if reasons in ([""], []) else reasons
        lines.append(
            {
                "fate": fate,
                "cells": cells(fate, None),
                "reasons": [{"reason": reason, "cells": cells(fate, reason)} for reason in told],
            }
        )
    return lines


def _reason(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason or NOTHING}


def _query(bar: Bar) -> dict[str, str]:
    if bar.first == bar.last:
        return {"day": bar.first.isoformat()}
    return {"from": bar.first.isoformat(), "to": bar.last.isoformat()}


def _label(visit: Visit, bar: Bar) -> str:
    if bar.first == bar.last:
        return visit.tell.day(bar.first)
    return f"{visit.tell.day(bar.first)} – {visit.tell.day(bar.last)}"


def _chart(visit: Visit, stream: str, bars: Sequence[Bar], counted: Mapping[Standing, int]) -> dict[str, Any]:
    by_bar = _by_bar(counted)
    columns = [[(fate, by_bar[stream, fate, place]) for fate in ORDER] for place in range(len(bars))]
    sums = [sum(count for _, count in column) for column in columns]
    drawn = [
        {
            "href": visit.link(f"/{stream}", **_query(bar)),
            "label": f"{_label(visit, bar)}: {visit.tell.number(in_all)}",
            "count": in_all,
            "left": place * charts.STEP,
            "parts": parts,
        }
        for place, (bar, in_all, parts) in enumerate(zip(bars, sums, charts.bars(columns), strict=True))
    ]
    return {"stream": stream, "bars": drawn, "width": len(bars) * charts.STEP, "highest": max(sums, default=0)}


def _freshness(visit: Visit) -> list[dict[str, Any]]:
    """Of each stream: when it was read last, when eSputnik last took a record, and the shop's newest."""
    read = _last_reads(visit)
    lines = []
    for stream in STREAMS:
        fresh = freshness(visit.ledger, stream)
        lines.append({"stream": stream, "read": read.get(stream), "accepted": fresh.accepted, "made": fresh.made})
    listed = statuses_updated(visit.ledger)
    lines.append({"stream": "order_statuses", "read": listed, "accepted": None, "made": None})
    return lines


def _last_reads(visit: Visit) -> dict[str, str]:
    """When each stream last brought records; ledger text."""
    found: dict[str, str] = {}
    for run in reports.last_runs(visit.ledger, limit=LOOKED_BACK):
        read = (json.loads(run.counts) if run.counts else {}).get("read") or {}
        for stream, count in read.items():
            if count and stream not in found:
                found[stream] = run.ended_at or run.started_at
    return found


def _balance(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """For each stream: read = the sum of what records ended in, over the runs of the period."""
    read: Counter[str] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    for run in runs:
        counts = json.loads(run.counts) if run.counts else {}
        read.update(counts.get("read") or {})
        for stream, fate, _, count in counts.get("fates") or []:
            ended[stream, fate] += count
    lines = []
    for stream in STREAMS:
        parts = [
            {"fate": fate, "count": ended[stream, fate]}
            for fate in (fates.UNCHANGED, *ORDER, fates.SUPERSEDED)
            if ended[stream, fate]
        ]
        gap = read[stream] - sum(count for (one, _), count in ended.items() if one == stream)
        lines.append({"stream": stream, "read": read[stream], "parts": parts, "gap": gap})
    return lines
