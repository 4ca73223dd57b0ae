"""How fast the machine is at this moment: a fixed piece of work, timed between runs."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = {"title": "Чайник емальований", "price": 249.5, "quantity": 2, "parent_storage_id": None}
_ORDER = {"order_id": 10_001, "delivery_email": "olena@example.com", "products": [_LINE] * 4}
PIECES, TIMES = 5, 4_000


@dataclass(frozen=True)
class Pulse:
    """What the piece of work took: seconds of the processor, and by the clock."""

    processor: float
    wall: float


def pulse() -> Pulse:
    """Do the piece of work a few times: some tenths of a second of what these programs do, JSON and dicts.

    Of a few the middle one counts: what disturbs the machine for a moment must not look like its speed.
    """
    pieces = [_piece() for _ in range(PIECES)]
    return Pulse(median(one.processor for one in pieces), median(one.wall for one in pieces))


def _piece() -> Pulse:
    began, used = time.monotonic(), time.process_time()
    for _ in range(TIMES):
        json.loads(json.dumps(_ORDER))
    return Pulse(time.process_time() - used, time.monotonic() - began)


def factors(pulses: Sequence[float]) -> list[float]:
    """Return, for each run between two neighbouring pulses, by what its seconds are multiplied.

    With it a run counts as if the machine had been as fast as in the middle of the whole measurement.

    Args:
        pulses: one more than runs.
    """
    usual = median(pulses)
    return [2 * usual / (before + after) for before, after in pairwise(pulses)]
