"""One step of the probe: the questions that it settles, what it writes, and which workflow events that may fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_esputnik.probe.bench import Bench

SUBSCRIBED: Final = "subscribeFromApi-{form_type}"
"""Of the one subscribe that sets the account's double opt-in off; its name is filled in."""

PROBED: Final = "subscribe(Update)FromApi-probe"
"""Of every other subscribe: which of the two depends on what is being settled."""

NEW_ORDER: Final = "orderINITIALIZED"
MOVED_ORDER: Final = "orderIN_PROGRESS"


@dataclass(frozen=True)
class Step:
    """A step.

    Attributes:
        name: of its words.
        settles: questions; the step works for itself, so that any may be left out.
        run: settles them at a bench.
        events: workflow events that it fires at the most.
        writes: write requests that it makes at the most.
        guard_waits: how often it may have to wait for a minute.
        searches: whether it looks contacts up, without which it would write blindly.
    """

    name: str
    settles: tuple[str, ...]
    run: Callable[[Bench], None]
    events: tuple[str, ...] = ()
    writes: int = 0
    guard_waits: int = 0
    searches: bool = True
