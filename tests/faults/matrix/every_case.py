"""All cases of the matrix, of all groups."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from matrix import data, http_answers, network, process

if TYPE_CHECKING:
    from matrix.case import FaultCase


def all_cases() -> list[FaultCase]:
    """Give every case; raises ValueError where two have the same name."""
    cases = [*network.CASES, *http_answers.CASES, *data.CASES, *process.CASES]
    twice = [name for name, times in Counter(case.name for case in cases).items() if times > 1]
    if twice:
        raise ValueError(f"these names are not unique: {', '.join(twice)}")
    return cases
