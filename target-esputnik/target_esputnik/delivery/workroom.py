"""What the rooms of a delivery share: settings, ledger, client, counts, the clock of the run, and the wish to stop."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from target_esputnik.errors import Interrupted, TargetError
from target_esputnik.identity import Erased
from target_esputnik.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from target_esputnik.client import EsputnikClient
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings
    from target_esputnik.tally import Tally
    from target_esputnik.tries import Exchange

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass
class Workroom:
    """One run's tools.

    Attributes:
        live_since: as ledger text; contacts from before it are history.
        exchanges: requests that are over and not yet in the ledger; threads append, the main thread writes.
        stopping: set by a signal.
    """

    settings: Settings
    ledger: Ledger
    client: EsputnikClient
    tally: Tally
    live_since: str
    exchanges: list[Exchange]
    began: float = field(default_factory=time.monotonic)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def stop_asked(self) -> bool:
        """Whether a signal came."""
        return self.stopping.is_set()

    @cached_property
    def erased(self) -> Erased:
        """Who is never made again. No other process erases while this run holds the ledger's lock."""
        return Erased(self.ledger.erased_identities())

    def seconds_left(self) -> float:
        """Until `max_run_minutes` is over."""
        return self.settings.max_run_minutes * 60 - (time.monotonic() - self.began)

    def check_stop(self) -> None:
        """Raise Stopping if a signal came: called only where everything sent is settled."""
        if self.stop_asked:
            raise Stopping

    def in_parallel(self, work: Callable[[_In], _Out], items: Sequence[_In]) -> list[_Out | TargetError]:
        """The result or the error of each item, in order; at most `max_parallel_requests` at one time.

        After an error that concerns them all (eSputnik is away, the key is refused) what has not begun is not begun,
        and gets that error, too.
        """
        broken: list[TargetError] = []

        def attempt(item: _In) -> _Out | TargetError:
            if broken:
                return broken[0]
            if self.stop_asked:
                return Interrupted("interrupted")
            try:
                return work(item)
            except TargetError as error:
                if error.exit_code == 2 or error.code in _ENDS_A_RUN:  # noqa: PLR2004
                    broken.append(error)
                return error

        if len(items) <= 1:
            return [attempt(item) for item in items]
        with ThreadPoolExecutor(self.settings.max_parallel_requests) as pool:
            return list(pool.map(attempt, items))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the ledger, with the requests that are over; if it fails, they are not forgotten."""
        over = list(self.exchanges)
        with self.ledger.transaction():
            yield
            self.ledger.note_exchanges(over)
        del self.exchanges[: len(over)]  # one that ends at this moment is behind these

    def write_exchanges(self) -> None:
        """Bring the requests that are over into the ledger."""
        over = list(self.exchanges)
        self.ledger.note_exchanges(over)
        del self.exchanges[: len(over)]


_ENDS_A_RUN = frozenset({"unavailable", "no_answer"})


def slices(items: Sequence[_In], size: int) -> Iterator[Sequence[_In]]:
    """Consecutive slices of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
