"""Clocks that jump, and the two nights in which Kyiv's clocks change: the second part of the group process."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import psutil
from pipe_driver import MeltanoPipe

from matrix.case import FaultCase, Group
from matrix.oddities import known_address
from matrix.worlds import World, move_clock, shifted

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

NO_LOOKBACK = {"order_lookback_days": 0}
"""So that the bookmark alone decides what is read: the lookback would hide that it went ahead."""


def utc(text: str) -> datetime:
    """A moment, written without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def strike_child(stage: Stage, which: str, number: int) -> None:
    """Send a signal to the plugin that Meltano has started."""
    assert isinstance(stage.pipe, MeltanoPipe)
    children = psutil.Process(stage.pipe.running.pid).children(recursive=True)
    # Its own process, not a shell or an installer around it.
    plugins = [one for one in children if any(part.endswith(f"/bin/{which}") for part in one.cmdline())]
    for plugin in plugins:
        plugin.send_signal(number)
    stage.notes["struck"] = len(plugins)


def place(stage: Stage, **fields: Any) -> None:
    """Place an order of a known customer now, by the shop's clock; it must be accepted."""
    number = stage.sandbox.place_order(**{"delivery_email": known_address(stage), **fields})
    stage.odd["orders", str(number)] = "accepted"


def register(stage: Stage, **fields: Any) -> None:
    """Register a customer with a phone alone; he must be accepted."""
    number = stage.sandbox.register(title="Ярина Сова", phone="+38 (050) 555-66-77", **fields)
    stage.odd["contacts", str(number)] = "accepted"


def order_and_customer(stage: Stage) -> None:
    """One of each, now."""
    place(stage)
    register(stage)


def _around(*, tap: dict[str, float] | None = None, target: dict[str, float] | None = None) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        order_and_customer(stage)
        stage.notes["clocks"] = 0

        def counted(by: dict[str, float]) -> Callable[[], Any]:
            def clock() -> Any:
                stage.notes["clocks"] += 1
                return shifted(**by)()

            return clock

        if tap:
            stage.pipe.around_tap = counted(tap)
        if target:
            stage.pipe.around_target = counted(target)

    return arrange


def _moved(stage: Stage) -> bool:
    return bool(stage.notes["clocks"])


def _clock(name: str, sentence: str, *, fast: bool = False, **clocks: dict[str, float]) -> FaultCase:
    """Give a case of clocks that are wrong in the struck run; one more order and customer come after it."""
    world = World(_around(**clocks), _moved, order_and_customer)
    return FaultCase(name, Group.PROCESS, "", sentence, (world,), tap_settings=NO_LOOKBACK, fast=fast)


HOUR, DAY, YEAR = {"hours": 1.0}, {"days": 1.0}, {"days": 365.0}
BACK_AN_HOUR, BACK_A_DAY, BACK_A_YEAR = {"hours": -1.0}, {"days": -1.0}, {"days": -365.0}
CLOCKS = [
    _clock("a clock that was an hour ahead", "both ran an hour too early", tap=HOUR, target=HOUR),
    _clock("a clock that was a day ahead", "both ran a day too early", tap=DAY, target=DAY, fast=True),
    _clock("a clock that was a year ahead", "both ran a year too early", tap=YEAR, target=YEAR),
    _clock("a clock that was an hour behind", "both ran an hour late", tap=BACK_AN_HOUR, target=BACK_AN_HOUR),
    _clock("a clock that was a day behind", "both ran a day late", tap=BACK_A_DAY, target=BACK_A_DAY),
    _clock("a clock that was a year behind", "both ran a year late", tap=BACK_A_YEAR, target=BACK_A_YEAR),
    _clock("a tap's clock ahead of the target's", "the tap's is a day ahead", tap=DAY),
    _clock("a tap's clock behind the target's", "the tap's is a day behind", tap=BACK_A_DAY),
    _clock("a target's clock ahead of the tap's", "the target's is a day ahead", target=DAY),
    _clock("a target's clock behind the tap's", "the target's is a day behind", target=BACK_A_DAY),
]


def _night(
    name: str,
    sentence: str,
    at: str,
    then: Callable[[Stage], None],
    before: Callable[[Stage], None] = order_and_customer,
    *,
    fast: bool = False,
) -> FaultCase:
    """Give a case of a night: something comes before the struck run, and something between it and the next."""
    world = World(before, lambda stage: bool(stage.bookmarks), then)
    settings = {"tap_settings": NO_LOOKBACK, "at": utc(at), "fast": fast}
    return FaultCase(name, Group.PROCESS, "", sentence, (world,), **settings)


def _then_at(moment: str, what: Callable[[Stage], None] = order_and_customer) -> Callable[[Stage], None]:
    def then(stage: Stage) -> None:
        move_clock(stage, utc(moment))
        what(stage)

    return then


def _written(*stamps: str) -> Callable[[Stage], None]:
    """Let orders and customers come with these stamps, as the shop writes them."""

    def come(stage: Stage) -> None:
        for stamp in stamps:
            place(stage, stat_created=stamp)
            register(stage, registered=stamp)

    return come


# In autumn 03:00 to 04:00 comes twice, from 00:00 UTC and from 01:00 UTC; in spring it does not come at all.
NIGHTS = [
    _night(
        "the hour that comes twice, once and again",
        "a run at 03:40 for the first time; what comes at 03:10 for the second time has an earlier stamp",
        "2026-10-25T00:40:00",
        _then_at("2026-10-25T01:10:00"),
        fast=True,
    ),
    _night(
        "the hour that comes twice, the same minute",
        "a run and an order at 03:20 for the first time, an order at 03:20 for the second",
        "2026-10-25T00:20:00",
        _then_at("2026-10-25T01:20:00"),
    ),
    _night(
        "the hour that comes twice, both before the run",
        "a run at 04:30; both hours lie behind it",
        "2026-10-25T02:30:00",
        _then_at("2026-10-25T02:40:00"),
        _written("2026-10-25 03:10:00", "2026-10-25 03:50:00", "2026-10-25 03:59:59", "2026-10-25 03:00:00"),
    ),
    _night(
        "the hour that comes twice, run within it",
        "a run at 03:05 for the second time, and one at 03:55",
        "2026-10-25T01:05:00",
        _then_at("2026-10-25T01:55:00"),
        _written("2026-10-25 03:50:00", "2026-10-25 03:05:00"),
    ),
    _night(
        "the last second before the hour comes again",
        "a run at 03:59:55 for the first time, an order at 03:00 for the second",
        "2026-10-25T00:59:50",
        _then_at("2026-10-25T01:00:05"),
    ),
    _night(
        "the hour that does not come, jumped over",
        "a run at 02:59 and one at 04:01, two minutes later",
        "2027-03-28T00:59:00",
        _then_at("2027-03-28T01:01:00"),
        fast=True,
    ),
    _night(
        "the hour that does not come, and stamps in it",
        "orders that say 03:30 all the same",
        "2027-03-28T02:00:00",
        _then_at("2027-03-28T02:10:00"),
        _written("2027-03-28 03:30:00", "2027-03-28 03:00:00", "2027-03-28 03:59:59"),
    ),
    _night(
        "the hour that does not come, stamps in it after a run",
        "a run at 02:58, then orders that say 03:30",
        "2027-03-28T00:58:00",
        _then_at("2027-03-28T01:20:00", _written("2027-03-28 03:30:00")),
    ),
]
CASES = [*CLOCKS, *NIGHTS]
