"""Data: what a shop may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matrix.case import FaultCase

CASES: list[FaultCase] = []
