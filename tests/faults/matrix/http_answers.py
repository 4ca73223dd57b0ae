"""HTTP answers: what either API may say instead of what was asked for."""

from __future__ import annotations

from matrix.case import NEEDS_PERSON, FaultCase, Group
from matrix.strikes import wire

CASES = [
    FaultCase(
        name="the key is revoked among the orders",
        group=Group.HTTP,
        api="esputnik",
        sentence="the second request for orders, and all after it, are answered 401",
        strikes=(wire("esputnik", "/v1/orders", "status", status=401, after=1, times=None),),
        target=NEEDS_PERSON,
        fast=True,
    ),
]
