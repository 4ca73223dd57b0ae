"""HTTP answers by their status: once, for ever, and though the work was done; and requests that are too many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from matrix.calls import (
    ACCOUNT,
    CUSTOMERS,
    IMPORT,
    LATER_PAGE,
    LOGIN,
    ORDER_PAGE,
    ORDERS,
    POLL,
    SEARCH,
    STATUSES,
    SUBSCRIBE,
    UPDATE,
    Call,
    case_of,
    codes_of,
    repeat_of,
)
from matrix.case import ENDED_WELL, GAVE_UP, NEEDS_PERSON, FaultCase, Relaxed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matrix.stage import Stage

NO_GUARD = {"duplicate_guard": "off"}
TOO_MANY, SERVER_ERROR = 429, 500
A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=0.98)
"""The sandbox notes a request a moment before it answers."""
RETRY_REFUSED = (("retry", "--reason", "refused", "--yes"),)
"""What a person does about records that eSputnik refused in so many words, once it does not any more."""

STATUSES_ONCE: dict[Call, dict[int, frozenset[int]]] = {
    LOGIN: {
        **dict.fromkeys((408, 429, 500, 502, 503, 504), ENDED_WELL),
        **dict.fromkeys((401, 403, 404), NEEDS_PERSON),
        400: GAVE_UP,
    },
    STATUSES: {**dict.fromkeys((401, 429, 500, 503), ENDED_WELL), **dict.fromkeys((403, 404), NEEDS_PERSON)},
    CUSTOMERS: {**dict.fromkeys((401, 429, 500, 502), ENDED_WELL), **dict.fromkeys((403, 404), NEEDS_PERSON)},
    ORDER_PAGE: {
        **dict.fromkeys((401, 408, 425, 429, 500, 502, 503, 504, 524), ENDED_WELL),
        **dict.fromkeys((403, 404), NEEDS_PERSON),
        **dict.fromkeys((400, 409, 413, 422), GAVE_UP),
    },
    ACCOUNT: {**dict.fromkeys((408, 429, 500, 503), ENDED_WELL), **dict.fromkeys((401, 403, 404), NEEDS_PERSON)},
    SEARCH: {**dict.fromkeys((408, 429, 500, 502, 503, 504), ENDED_WELL), **dict.fromkeys((401, 403), NEEDS_PERSON)},
    SUBSCRIBE: {
        **dict.fromkeys((408, 409, 429, 500, 502, 503, 504), ENDED_WELL),
        **dict.fromkeys((401, 403, 404, 405), NEEDS_PERSON),
    },
    IMPORT: {
        **dict.fromkeys((408, 409, 429, 500, 503), ENDED_WELL),
        **dict.fromkeys((401, 403, 404), NEEDS_PERSON),
    },
    POLL: {**dict.fromkeys((404, 408, 429, 500, 502, 503), ENDED_WELL), **dict.fromkeys((401, 403), NEEDS_PERSON)},
    UPDATE: {**dict.fromkeys((408, 409, 429, 500, 503), ENDED_WELL), **dict.fromkeys((401, 403), NEEDS_PERSON)},
    ORDERS: {
        **dict.fromkeys((400, 408, 409, 413, 422, 429, 500, 502, 503, 504, 524), ENDED_WELL),
        **dict.fromkeys((401, 403, 404, 405, 415), NEEDS_PERSON),
    },
}
REFUSED_ONCE = {SUBSCRIBE: (400, 422), IMPORT: (400, 413)}
FAILED_BUT_DONE = {SUBSCRIBE: (500, 504), IMPORT: (500, 504), UPDATE: (502,), ORDERS: (500, 502, 503, 504)}
FOR_EVER: dict[Call, dict[int, frozenset[int]]] = {
    LOGIN: {401: NEEDS_PERSON, 500: GAVE_UP},
    CUSTOMERS: {503: GAVE_UP},
    ORDER_PAGE: {401: NEEDS_PERSON, 429: GAVE_UP, 502: GAVE_UP},
    LATER_PAGE: {401: NEEDS_PERSON, 404: NEEDS_PERSON, 418: GAVE_UP, 502: GAVE_UP},
    ACCOUNT: {401: NEEDS_PERSON, 503: GAVE_UP},
    SEARCH: {429: GAVE_UP, 500: GAVE_UP},
    SUBSCRIBE: {401: NEEDS_PERSON, 429: GAVE_UP, 500: GAVE_UP},
    IMPORT: {503: GAVE_UP},
    POLL: {500: GAVE_UP},
    UPDATE: {500: GAVE_UP},
    ORDERS: {401: NEEDS_PERSON, 429: GAVE_UP, 500: GAVE_UP, 502: GAVE_UP},
}


def _a_bookmark_stands(stage: Stage) -> list[str]:
    """Say so where the struck run left no bookmark of orders: then nothing was seen of whether it is early."""
    return [] if stage.bookmarks.get("orders") else [f"there is no bookmark of orders: {stage.bookmarks}"]


def _a_minute_passed(stage: Stage) -> list[str]:
    """Say so where orders went again before eSputnik had forgotten them: its guard is a minute long."""
    struck = next(one for one in stage.asked if one["path"] == ORDERS.path and (one["status"] or 0) >= SERVER_ERROR)
    again = repeat_of(struck, stage)
    between = datetime.fromisoformat(again["at"]) - datetime.fromisoformat(struck["at"]) if again else timedelta(0)
    return [] if between >= A_MINUTE else [f"they went again after {between}"]


def _statuses() -> Iterator[FaultCase]:
    for call, expected in STATUSES_ONCE.items():
        for status, codes in sorted(expected.items()):
            name = f"{call.words} is answered {status} once"
            more = {"also": _a_minute_passed} if call is ORDERS and status >= SERVER_ERROR else {}
            yield case_of(name, call, "status", options={"status": status}, **codes_of(call, codes), **more)
    for call, statuses in REFUSED_ONCE.items():
        for status in statuses:
            name = f"{call.words} is refused with {status} once, and a person tries again"
            yield case_of(name, call, "status", options={"status": status}, commands=RETRY_REFUSED)
    for status in (400, 422):
        # Refused with its external id, an update is tried without: only both together are a refusal.
        name = f"an update of a contact is refused with {status} twice, and a person tries again"
        yield case_of(
            name, UPDATE, "status", options={"status": status, "after": 1, "times": 2}, commands=RETRY_REFUSED
        )
    for call, expected in FOR_EVER.items():
        for status, codes in expected.items():
            name = f"{call.words} is answered {status}, and so are all after it"
            more = {"also": _a_bookmark_stands} if call is LATER_PAGE else {}
            yield case_of(
                name, call, "status", options={"status": status, "times": None}, **codes_of(call, codes), **more
            )


def _done_all_the_same() -> Iterator[FaultCase]:
    for call, statuses in FAILED_BUT_DONE.items():
        for status in statuses:
            relaxed = Relaxed.BATCH_TWICE if call is ORDERS else Relaxed.NOTHING
            name = f"{call.words} is answered {status} though the work was done"
            yield case_of(name, call, "status_after", options={"status": status}, relaxed=relaxed)
    for status in FAILED_BUT_DONE[SUBSCRIBE]:
        # Nothing at eSputnik keeps a second mail from its owner here: the target has to look before it asks again.
        name = f"a subscribe is answered {status} though the work was done, and eSputnik notices no repeats"
        yield case_of(name, SUBSCRIBE, "status_after", options={"status": status}, switches=NO_GUARD)


# ---------------------------------------------------------------- too many requests


def _too_soon(stage: Stage) -> list[str]:
    """Say where a request was repeated before the second was over that an answer with 429 asked for."""
    struck = next(one for one in stage.sandbox.requests() if one["status"] == TOO_MANY)
    again = repeat_of(struck, stage)
    if again is None:
        return ["the request was not repeated"]
    between = datetime.fromisoformat(again["at"]) - datetime.fromisoformat(struck["at"])
    return [f"it was repeated after {between}"] if between < A_SECOND else []


def _too_many() -> Iterator[FaultCase]:
    forms = {"in seconds": {"seconds": 1}, "as a date": {"seconds": 2, "date": True}}
    for call in (LOGIN, CUSTOMERS, ORDER_PAGE, SEARCH, SUBSCRIBE, IMPORT, POLL, UPDATE, ORDERS):
        for form, options in forms.items():
            name = f"{call.words} is one too many, with a Retry-After {form}"
            yield case_of(name, call, "rate_limit", options=options, also=_too_soon)
        name = f"{call.words} is one too many, with a Retry-After of an hour"
        yield case_of(name, call, "rate_limit", options={"seconds": 3600}, **codes_of(call, GAVE_UP))


CASES: list[FaultCase] = [*_statuses(), *_done_all_the_same(), *_too_many()]
