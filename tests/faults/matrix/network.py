"""The network: what the way to either API may do, at each moment of an exchange."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from matrix.case import DONE_OR_GAVE_UP, ENDED_WELL, GAVE_UP, Before, FaultCase, Group, Relaxed, Runner
from matrix.strikes import Disturbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

QUICK = {"request_timeout": 2}
"""A side that says nothing is waited for so long, instead of a minute."""


WORDY = {"order_answer": "full"}
"""A batch of orders is answered with a body of its own, so that there is something to cut off."""


def _patience_with(kind: str) -> dict[str, int]:
    return QUICK if kind == "timeout" else {}


@dataclass(frozen=True)
class Trouble:
    """A kind of disturbance, in words.

    Attributes:
        words: what becomes of the connection.
        options: its own.
        ends: whether the exchange is over by it.
    """

    kind: str
    words: str
    options: Mapping[str, Any] = field(default_factory=dict)
    ends: bool = True


TROUBLES = (
    Trouble("latency", "stands still for a while", {"seconds": 0.5}, ends=False),
    Trouble("bandwidth", "becomes as slow as a modem", {"bytes_a_second": 20_000}, ends=False),
    Trouble("sliced", "lets pass a few bytes at a time", {"bytes": 40, "seconds": 0.0001}, ends=False),
    Trouble("slow_close", "goes silent and is closed late", {"seconds": 0.3}),
    Trouble("timeout", "goes silent for ever"),
    Trouble("reset", "is reset"),
    Trouble("limited", "lets 20 bytes more pass and is closed"),
    Trouble("down", "is reset, and all others are refused until the run is over"),
)
MOMENTS = {
    "connect": "as it is made",
    "request": "in the middle of a request",
    "before_answer": "after a request, before its answer",
    "answer": "in the middle of an answer",
}


@dataclass(frozen=True)
class Place:
    """A call of an API that is met.

    Attributes:
        words: how a case's name calls it; empty: the one that is met where nothing else is said.
        after: so many of these calls pass first.
        moves: a request that was taken and is repeated fires its events once more.
        before: what happens before the struck run, so that the call is made at all.
    """

    api: str
    path: str
    method: str
    words: str = ""
    after: int = 0
    moves: bool = False
    before: Before = Before.NOTHING


SHOP = Place("shop", "/orders/get", "POST", after=1)
ORDERS = Place("esputnik", "/v1/orders", "POST", after=1, moves=True)
OTHERS = (
    Place("shop", "/auth", "POST", "of the login"),
    Place("shop", "/users/export", "POST", "of the list of customers", after=1),
    Place("shop", "/orders/get_available_statuses", "POST", "of the list of statuses"),
    Place("esputnik", "/v1/account/info", "GET", "of the look at the account"),
    Place("esputnik", "/v1/contacts", "GET", "of a search for a contact", after=2),
    Place("esputnik", "/v1/contact/subscribe", "POST", "of a subscribe", after=3),
    Place("esputnik", "/v1/contacts", "POST", "of an import"),
    Place("esputnik", "/v1/importstatus/*", "GET", "of a poll of an import"),
    Place("esputnik", "/v1/contact/*", "PUT", "of an update of a contact", before=Before.A_DAY),
)
AT_OTHERS = ("timeout", "reset", "limited")
API_WORDS = {"shop": "the shop", "esputnik": "eSputnik"}


def _cases() -> Iterator[FaultCase]:
    for place in (SHOP, ORDERS):
        for trouble in TROUBLES:
            for at in MOMENTS:
                yield _case(place, trouble, at)
    for place in OTHERS:
        for trouble in TROUBLES:
            for at in ("request", "before_answer", "answer") if trouble.kind in AT_OTHERS else ():
                yield _case(place, trouble, at)
    for place in (SHOP, ORDERS):
        for trouble in TROUBLES:
            if trouble.ends and trouble.kind != "down":
                yield _for_ever(place, trouble)


def _case(place: Place, trouble: Trouble, at: str) -> FaultCase:
    met = {} if at == "connect" else {"path": place.path, "method": place.method, "after": place.after}
    moment = f"{MOMENTS[at]} {place.words}".strip()
    order = {"api": place.api, "kind": trouble.kind, "at": at, **met, **trouble.options}
    taken = place.moves and trouble.ends and at in {"before_answer", "answer"}
    return FaultCase(
        name=f"the connection to {API_WORDS[place.api]} {trouble.words}, {moment}",
        group=Group.NETWORK,
        api=place.api,
        sentence=f"A connection to {API_WORDS[place.api]} {trouble.words} ({moment})",
        strikes=(Disturbed(order),),
        tap=GAVE_UP if trouble.kind == "down" and place.api == "shop" else ENDED_WELL,
        target=GAVE_UP if trouble.kind == "down" and place.api == "esputnik" else ENDED_WELL,
        relaxed=Relaxed.BATCH_TWICE if taken else Relaxed.NOTHING,
        before=place.before,
        switches=WORDY if place.moves else {},
        tap_settings=_patience_with(trouble.kind),
        target_settings=_patience_with(trouble.kind),
        fast=not place.words and (trouble.kind == "reset" or (trouble.kind, at) == ("limited", "before_answer")),
    )


def _for_ever(place: Place, trouble: Trouble) -> FaultCase:
    order = {"api": place.api, "kind": trouble.kind, "at": "connect", "times": None, **trouble.options}
    return FaultCase(
        name=f"every connection to {API_WORDS[place.api]} {trouble.words}",
        group=Group.NETWORK,
        api=place.api,
        sentence=f"Every connection to {API_WORDS[place.api]} {trouble.words}, as long as the run lasts",
        strikes=(Disturbed(order),),
        tap=GAVE_UP if place.api == "shop" else ENDED_WELL,
        target=GAVE_UP if place.api == "esputnik" else DONE_OR_GAVE_UP,
        tap_settings=_patience_with(trouble.kind),
        target_settings=_patience_with(trouble.kind),
    )


def _as_users_run_it() -> Iterator[FaultCase]:
    """Some of them by the users' own commands."""
    by_name = {case.name: case for case in CASES_HERE}
    processes = (
        "the connection to the shop is reset, in the middle of an answer",
        "the connection to eSputnik is reset, after a request, before its answer",
        "the connection to eSputnik lets 20 bytes more pass and is closed, after a request, before its answer",
        "the connection to eSputnik goes silent for ever, in the middle of an answer of a subscribe",
    )
    for name in processes:
        yield replace(by_name[name], name=f"{name}, as two processes", by=Runner.PROCESSES, fast=False)
    for name in processes[:2]:
        yield replace(by_name[name], name=f"{name}, by `meltano run`", by=Runner.MELTANO, fast=False)


def _unguarded() -> Iterator[FaultCase]:
    """An answer to a subscribe that is lost, where nothing at eSputnik keeps a second mail from its owner."""
    [subscribe] = [place for place in OTHERS if place.path == "/v1/contact/subscribe"]
    for trouble in TROUBLES:
        for at in ("before_answer", "answer") if trouble.kind in AT_OTHERS else ():
            case = _case(subscribe, trouble, at)
            name = f"{case.name}, and eSputnik notices no repeats"
            yield replace(case, name=name, switches={"duplicate_guard": "off"})


def _no_answer_to_orders() -> Iterator[FaultCase]:
    """No answer to orders comes back at all: what may fire again is bounded by how often they are sent."""
    for trouble in TROUBLES:
        for at in ("before_answer", "answer") if trouble.kind in {"reset", "limited"} else ():
            case = _case(replace(ORDERS, after=0), trouble, at)
            [strike] = case.strikes
            assert isinstance(strike, Disturbed)
            yield replace(
                case,
                name=f"every connection to eSputnik {trouble.words}, {MOMENTS[at]} of orders",
                strikes=(Disturbed({**strike.order, "times": None}),),
                target=GAVE_UP,
                relaxed=Relaxed.BATCH_THRICE,
                fast=False,
            )


CASES_HERE = [*_cases(), *_unguarded(), *_no_answer_to_orders()]
CASES = [*CASES_HERE, *_as_users_run_it()]
