"""The network: what the way to either API may do."""

from __future__ import annotations

from matrix.case import DONE_OR_GAVE_UP, FaultCase, Group
from matrix.strikes import wire

CASES = [
    FaultCase(
        name="the connection to the shop breaks before an answer",
        group=Group.NETWORK,
        api="shop",
        sentence="`orders/get` is asked, and the connection is closed before anything comes back, twice",
        strikes=(wire("shop", "/orders/get", "drop_after", after=1, times=2),),
        tap=DONE_OR_GAVE_UP,
        fast=True,
    ),
]
