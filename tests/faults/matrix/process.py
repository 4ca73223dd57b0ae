"""Processes: what may become of the two programs and of the machine that they run on."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from matrix import between, clocks, machine
from matrix.case import DONE, HEALS, FaultCase, Relaxed, Runner
from matrix.worlds import ANY_END, at_moment, ended_with, process_case, processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

KILLED, TERMINATED, INTERRUPTED, HUNG_UP = -signal.SIGKILL, 143, 130, -signal.SIGHUP
SHOP, SUBSCRIBE, ORDERS = ("shop", "/orders/get"), ("esputnik", "/v1/contact/subscribe"), ("esputnik", "/v1/orders")

# ---------------------------------------------------------------- signals


def _signalled(
    name: str, sentence: str, number: int, where: tuple[str, str], *who: int, code: int, **more: Any
) -> FaultCase:
    """Give a case of a signal to the tap (0), the target (1) or both, while a request is under way."""

    def strike(stage: Stage) -> None:
        for one in who:
            processes(stage).processes[one].send_signal(number)

    ends: dict[str, Any] = {"tap": code if 0 in who else ANY_END, "target": code if 1 in who else DONE}
    expected = {which: code for which, one in (("tap", 0), ("target", 1)) if one in who}
    return process_case(
        name,
        sentence,
        lambda stage: at_moment(stage, lambda: strike(stage), *where, seconds=8),  # a busy machine starts slowly
        lambda stage: ended_with(stage, **expected),
        **{**ends, **more},
    )


BOTH = (0, 1)
SIGNALS = [
    _signalled("the tap is killed", "SIGKILL while it reads", signal.SIGKILL, SHOP, 0, code=KILLED, fast=True),
    _signalled("the tap is stopped", "SIGTERM while it reads", signal.SIGTERM, SHOP, 0, code=TERMINATED),
    _signalled("the tap is interrupted", "SIGINT while it reads", signal.SIGINT, SHOP, 0, code=INTERRUPTED),
    _signalled("the tap loses its terminal", "SIGHUP while it reads", signal.SIGHUP, SHOP, 0, code=HUNG_UP),
    _signalled("the target is killed among contacts", "SIGKILL", signal.SIGKILL, SUBSCRIBE, 1, code=KILLED),
    _signalled(
        "the target is killed among orders",
        "SIGKILL",
        signal.SIGKILL,
        ORDERS,
        1,
        code=KILLED,
        relaxed=Relaxed.BATCH_TWICE,
    ),
    _signalled("the target is stopped among contacts", "SIGTERM", signal.SIGTERM, SUBSCRIBE, 1, code=TERMINATED),
    _signalled("the target is stopped among orders", "SIGTERM", signal.SIGTERM, ORDERS, 1, code=TERMINATED),
    _signalled("the target is interrupted among orders", "SIGINT", signal.SIGINT, ORDERS, 1, code=INTERRUPTED),
    _signalled("both are stopped at once", "SIGTERM", signal.SIGTERM, SHOP, *BOTH, code=TERMINATED),
    _signalled("both are interrupted at once", "SIGINT", signal.SIGINT, SHOP, *BOTH, code=INTERRUPTED),
    _signalled("both are killed at once", "SIGKILL while the shop is read", signal.SIGKILL, SHOP, *BOTH, code=KILLED),
]


# ---------------------------------------------------------------- by Meltano


def _child_is_struck(which: str, number: int, where: tuple[str, str]) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        at_moment(stage, lambda: clocks.strike_child(stage, which, number), *where, after=0, times=1, seconds=4)

    return arrange


def _struck_by_meltano(stage: Stage) -> bool:
    return bool(stage.notes.get("struck"))


BY_MELTANO = [
    process_case(
        "the tap dies under Meltano",
        "SIGKILL while it reads",
        _child_is_struck("tap-horoshop", signal.SIGKILL, SHOP),
        _struck_by_meltano,
        tap=HEALS,
        target=HEALS,
        by=Runner.MELTANO,
    ),
    process_case(
        "the target dies under Meltano",
        "SIGKILL among orders",
        _child_is_struck("target-esputnik", signal.SIGKILL, ORDERS),
        _struck_by_meltano,
        tap=HEALS,
        target=HEALS,
        by=Runner.MELTANO,
        relaxed=Relaxed.BATCH_TWICE,
    ),
    process_case(
        "the target is stopped under Meltano",
        "SIGTERM among contacts",
        _child_is_struck("target-esputnik", signal.SIGTERM, SUBSCRIBE),
        _struck_by_meltano,
        tap=HEALS,
        target=HEALS,
        by=Runner.MELTANO,
    ),
]

CASES = [*SIGNALS, *between.CASES, *machine.CASES, *BY_MELTANO, *clocks.CASES]
