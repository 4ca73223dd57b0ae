"""Processes: what may become of the two programs and of the machine that they run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matrix.case import FaultCase

CASES: list[FaultCase] = []
