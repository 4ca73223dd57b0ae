"""HTTP answers: what either API may say instead of what was asked for, call by call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from matrix.case import ENDED_WELL, GAVE_UP, NEEDS_PERSON, Before, FaultCase, Group, Relaxed, Runner
from matrix.strikes import Counted, RedirectedElsewhere, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matrix.stage import Stage

MEGABYTE = 2**20
NO_GUARD = {"duplicate_guard": "off"}
TOO_MANY, SERVER_ERROR = 429, 500
A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=0.98)
"""The sandbox notes a request a moment before it answers."""


@dataclass(frozen=True)
class Call:
    """A call of an API, as the cases name it."""

    api: str
    method: str
    path: str
    words: str
    after: int = 0
    before: Before = Before.NOTHING


LOGIN = Call("shop", "POST", "/auth", "the login")
STATUSES = Call("shop", "POST", "/orders/get_available_statuses", "the list of statuses")
CUSTOMERS = Call("shop", "POST", "/users/export", "a page of customers", after=1)
ORDER_PAGE = Call("shop", "POST", "/orders/get", "a page of orders", after=1)
LATER_PAGE = Call("shop", "POST", "/orders/get", "a page of orders behind a bookmark", after=14)
ACCOUNT = Call("esputnik", "GET", "/v1/account/info", "the look at the account")
SEARCH = Call("esputnik", "GET", "/v1/contacts", "a search for a contact", after=2)
SUBSCRIBE = Call("esputnik", "POST", "/v1/contact/subscribe", "a subscribe", after=3)
IMPORT = Call("esputnik", "POST", "/v1/contacts", "an import")
POLL = Call("esputnik", "GET", "/v1/importstatus/*", "a poll of an import")
UPDATE = Call("esputnik", "PUT", "/v1/contact/*", "an update of a contact", before=Before.A_DAY)
ORDERS = Call("esputnik", "POST", "/v1/orders", "a batch of orders", after=1)
CALLS = (LOGIN, STATUSES, CUSTOMERS, ORDER_PAGE, ACCOUNT, SEARCH, SUBSCRIBE, IMPORT, POLL, UPDATE, ORDERS)

RETRY_REFUSED = (("retry", "--reason", "refused", "--yes"),)
"""What a person does about records that eSputnik refused in so many words, once it does not any more."""


FAST = {
    "a batch of orders is answered 502 once",
    "a batch of orders is answered 409 once",
    "a batch of orders is answered 504 though the work was done",
    "a subscribe is answered 500 though the work was done",
    "a page of orders is answered 502 once",
    "a page of orders is answered 401 once",
    "a page of orders is answered with 80 MB",
    "a page of orders is answered with half a character",
    "a batch of orders is redirected to another host with 307",
    "a batch of orders is one too many, with a Retry-After in seconds",
    "a search for a contact is one too many, with a Retry-After of an hour",
    "a search for a contact is answered with another charset",
    "a page of orders says EMPTY",
    "a batch of orders is answered 200 and a refusal without a name, and a person decides",
    "one order of a batch is refused, told as id, in a list of one that is no list",
}
"""Those that `make test` plays, too."""


def _case(name: str, call: Call, kind: str, *, options: dict[str, Any] | None = None, **more: Any) -> FaultCase:
    """Give a case that strikes a call, with what is the same of all."""
    order = {"method": call.method, "after": call.after, **(options or {})}
    return FaultCase(
        name=name,
        group=Group.HTTP,
        api=call.api,
        sentence=more.pop("sentence", name[0].upper() + name[1:]),
        strikes=(wire(call.api, call.path, kind, **order),),
        before=call.before,
        **more,
    )


def _codes(call: Call, codes: frozenset[int]) -> dict[str, frozenset[int]]:
    return {"tap" if call.api == "shop" else "target": codes}


# ---------------------------------------------------------------- statuses

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
    again = _repeat_of(struck, stage)
    between = datetime.fromisoformat(again["at"]) - datetime.fromisoformat(struck["at"]) if again else timedelta(0)
    return [] if between >= A_MINUTE else [f"they went again after {between}"]


def _statuses() -> Iterator[FaultCase]:
    for call, expected in STATUSES_ONCE.items():
        for status, codes in sorted(expected.items()):
            name = f"{call.words} is answered {status} once"
            more = {"also": _a_minute_passed} if call is ORDERS and status >= SERVER_ERROR else {}
            yield _case(name, call, "status", options={"status": status}, **_codes(call, codes), **more)
    for call, statuses in REFUSED_ONCE.items():
        for status in statuses:
            name = f"{call.words} is refused with {status} once, and a person tries again"
            yield _case(name, call, "status", options={"status": status}, commands=RETRY_REFUSED)
    for status in (400, 422):
        # Refused with its external id, an update is tried without: only both together are a refusal.
        name = f"an update of a contact is refused with {status} twice, and a person tries again"
        yield _case(name, UPDATE, "status", options={"status": status, "after": 1, "times": 2}, commands=RETRY_REFUSED)
    for call, expected in FOR_EVER.items():
        for status, codes in expected.items():
            name = f"{call.words} is answered {status}, and so are all after it"
            more = {"also": _a_bookmark_stands} if call is LATER_PAGE else {}
            yield _case(name, call, "status", options={"status": status, "times": None}, **_codes(call, codes), **more)


def _done_all_the_same() -> Iterator[FaultCase]:
    for call, statuses in FAILED_BUT_DONE.items():
        for status in statuses:
            relaxed = Relaxed.BATCH_TWICE if call is ORDERS else Relaxed.NOTHING
            name = f"{call.words} is answered {status} though the work was done"
            yield _case(name, call, "status_after", options={"status": status}, relaxed=relaxed)
    for status in FAILED_BUT_DONE[SUBSCRIBE]:
        # Nothing at eSputnik keeps a second mail from its owner here: the target has to look before it asks again.
        name = f"a subscribe is answered {status} though the work was done, and eSputnik notices no repeats"
        yield _case(name, SUBSCRIBE, "status_after", options={"status": status}, switches=NO_GUARD)


# ---------------------------------------------------------------- too many requests


def _too_soon(stage: Stage) -> list[str]:
    """Say where a request was repeated before the second was over that an answer with 429 asked for."""
    struck = next(one for one in stage.sandbox.requests() if one["status"] == TOO_MANY)
    again = _repeat_of(struck, stage)
    if again is None:
        return ["the request was not repeated"]
    between = datetime.fromisoformat(again["at"]) - datetime.fromisoformat(struck["at"])
    return [f"it was repeated after {between}"] if between < A_SECOND else []


def _repeat_of(struck: dict[str, Any], stage: Stage) -> dict[str, Any] | None:
    """The next request that is the same."""
    later = [one for one in stage.sandbox.requests() if one["seq"] > struck["seq"]]
    same = ("api", "method", "path", "query", "body")
    return next((one for one in later if all(one[name] == struck[name] for name in same)), None)


def _too_many() -> Iterator[FaultCase]:
    forms = {"in seconds": {"seconds": 1}, "as a date": {"seconds": 2, "date": True}}
    for call in (LOGIN, CUSTOMERS, ORDER_PAGE, SEARCH, SUBSCRIBE, IMPORT, POLL, UPDATE, ORDERS):
        for form, options in forms.items():
            name = f"{call.words} is one too many, with a Retry-After {form}"
            yield _case(name, call, "rate_limit", options=options, also=_too_soon)
        name = f"{call.words} is one too many, with a Retry-After of an hour"
        yield _case(name, call, "rate_limit", options={"seconds": 3600}, **_codes(call, GAVE_UP))


# ---------------------------------------------------------------- bodies

BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a web page": ("html", {}),
    "half of its answer": ("truncate", {}),
    "no JSON": ("garbage", {}),
    "nothing": ("empty", {}),
    "another charset": ("charset", {}),
    "half a character": ("half_character", {}),
    "half a character, escaped": ("half_character", {"escaped": True}),
    "80 MB": ("huge", {"bytes": 80 * MEGABYTE}),
    "a gzip bomb of 80 MB": ("gzip_bomb", {"bytes": 80 * MEGABYTE}),
    "its answer letter by letter": ("drip", {"seconds": 0.4}),
}
BEYOND_MEASURE = ("80 MB", "a gzip bomb of 80 MB")
WITH_BODIES = (LOGIN, CUSTOMERS, ORDER_PAGE, ACCOUNT, SEARCH, SUBSCRIBE, IMPORT, POLL, UPDATE, ORDERS)


def _not_taken(stage: Stage) -> list[str]:
    """Say so where the answer that was struck was taken for one: then its request was not repeated."""
    order = stage.case.strikes[0].order
    met = [one for one in stage.asked if (one["method"], one["path"]) == (order["method"], order["path"])]
    return [] if _repeat_of(met[order["after"]], stage) else ["the answer was taken"]


OTHERWISE: dict[tuple[Call, str], dict[str, Any]] = {
    **{(call, words): {"tap": GAVE_UP} for call in (LOGIN, CUSTOMERS, ORDER_PAGE) for words in BEYOND_MEASURE},
    (LOGIN, "a web page"): {"tap": NEEDS_PERSON},  # nothing has shown yet that this address is a shop
    (ACCOUNT, "a web page"): {"target": NEEDS_PERSON},
    **{(call, words): {"also": _not_taken} for call in (ACCOUNT, SEARCH) for words in BEYOND_MEASURE},
    **{(ORDERS, words): {"relaxed": Relaxed.BATCH_TWICE} for words in ("half of its answer", "80 MB")},
}


def _bodies() -> Iterator[FaultCase]:
    for call in WITH_BODIES:
        for words, (kind, options) in BODIES.items():
            more = OTHERWISE.get((call, words), {})
            yield _case(f"{call.words} is answered with {words}", call, kind, options=options, **more)


# ---------------------------------------------------------------- redirects


def _followed(stage: Stage) -> list[str]:
    received = stage.notes["elsewhere"]
    return [f"another host was sent {len(received)} requests"] if received else []


def _redirects() -> Iterator[FaultCase]:
    for call in (LOGIN, CUSTOMERS, ORDER_PAGE, ACCOUNT, SEARCH, SUBSCRIBE, IMPORT, POLL, UPDATE, ORDERS):
        for status in (302, 307):
            order = {"api": call.api, "path": call.path, "method": call.method, "after": call.after, "status": status}
            yield FaultCase(
                name=f"{call.words} is redirected to another host with {status}",
                group=Group.HTTP,
                api=call.api,
                sentence=f"{call.words} is answered with a redirect to another host; nothing is sent there",
                strikes=(RedirectedElsewhere(order),),
                before=call.before,
                also=_followed,
                **_codes(call, NEEDS_PERSON),
            )


# ---------------------------------------------------------------- envelopes

RELEASE = (("release", "--reason", "in_doubt", "--yes"),)
"""What a person does about orders of which eSputnik's answer does not tell whether it took them."""


def _shops_envelopes() -> Iterator[FaultCase]:
    words = {
        "EXCEPTION": ENDED_WELL,
        "UNAUTHORIZED": ENDED_WELL,
        "AUTHORIZATION_ERROR": ENDED_WELL,
        "EMPTY": ENDED_WELL,
        "ERROR": GAVE_UP,
        "HTTP_ERROR": GAVE_UP,
        "SOMETHING_NEW": GAVE_UP,
        "FORBIDDEN": NEEDS_PERSON,
        "UNDEFINED_FUNCTION": NEEDS_PERSON,
    }
    for word, codes in words.items():
        body = {"status": word, "response": {"message": "sandbox"}}
        yield _said(f"a page of orders says {word}", ORDER_PAGE, body, tap=codes)
    shapes: dict[str, Any] = {"a list": [], "a number for its word": {"status": 5}, "OK and nothing": {"status": "OK"}}
    shapes["OK and words"] = {"status": "OK", "response": "try later"}
    shapes["OK and other rows"] = {"status": "OK", "response": {"pages": []}}
    for what, body in shapes.items():
        yield _said(f"a page of orders is {what}", ORDER_PAGE, body, tap=GAVE_UP)
    yield _said("the login says ERROR", LOGIN, {"status": "ERROR", "response": {}}, tap=NEEDS_PERSON)
    yield _said("the login says EXCEPTION", LOGIN, {"status": "EXCEPTION", "response": {}})
    yield _said("the login gives no token", LOGIN, {"status": "OK", "response": {}}, tap=GAVE_UP)


def _esputniks_envelopes() -> Iterator[FaultCase]:
    batch = "a batch of orders is answered 200 and"
    inside = {"status": 500, "error": "Internal Server Error", "message": "sandbox"}
    yield _said(f"{batch} a failure inside", ORDERS, inside)
    yield _said(f"{batch} a refusal inside", ORDERS, {**inside, "status": 400})
    yield _said(f"{batch} a refused key inside", ORDERS, {**inside, "status": 401}, target=NEEDS_PERSON)
    yield _said(f"{batch} that it is a duplicate", ORDERS, {"message": "Duplicated request"})
    yield _said(f"{batch} that the whole batch is wrong", ORDERS, {"errorMessage": "sandbox"})
    unclear: dict[str, Any] = {
        "words alone": {"message": "sandbox"},
        "a refusal without a name": {"failedOrders": [{"message": "sandbox"}]},
        "a refusal of an order of no batch": {"failedOrders": ["99999999"]},
        "a refusal that is no list": {"failedOrders": "sandbox"},
    }
    for what, body in unclear.items():
        yield _said(f"{batch} {what}, and a person decides", ORDERS, body, target=GAVE_UP, commands=RELEASE)
    yield _said("a subscribe is answered 200 and a failure inside", SUBSCRIBE, inside)
    yield _said("an import is answered 200 and a failure inside", IMPORT, inside)
    yield _said("an import is answered 200 and no session", IMPORT, {})
    yield _said("a poll of an import says something new", POLL, {"status": "WAITING_FOR_GODOT"})
    yield _said("a poll of an import says nothing", POLL, {})
    yield _said("a search for a contact finds another one", SEARCH, [{"id": 5, "channels": []}])
    yield _said("a search for a contact finds no list", SEARCH, {"contacts": 5})


def _said(name: str, call: Call, body: Any, **more: Any) -> FaultCase:
    return _case(name, call, "status", options={"status": 200, "body": body}, **more)


# ---------------------------------------------------------------- what eSputnik does by itself


def _refused(stage: Stage) -> int:
    return sum(fate == "rejected:refused" for fate in stage.known["orders"].values())


def _imports_that_failed(stage: Stage) -> int:
    return sum(one["status"] == "ERROR" for one in stage.sandbox.imports())


def _turned_away(stage: Stage) -> int:
    return sum(one["status"] == TOO_MANY for one in stage.asked)


def _by_switches() -> Iterator[FaultCase]:
    def case(name: str, counted: Callable[[Stage], int], **more: Any) -> FaultCase:
        sentence = name[0].upper() + name[1:]
        return FaultCase(name, Group.HTTP, "esputnik", sentence, (Counted(counted),), **more)

    for shape in ("object", "id"):
        for form, collapsed in (("list", ""), ("object", " that is no list")):
            yield case(
                f"one order of a batch is refused, told as {shape}, in a list of one{collapsed}",
                _refused,
                before=Before.A_DAY,
                switches={"currencies": "documented", "failed_orders": shape, "single_element": form},
            )
    yield case(
        "one order of a batch makes eSputnik refuse the whole request",
        _refused,
        before=Before.A_DAY,
        switches={"currencies": "documented", "malformed_order": "whole_request"},
    )
    for work in ("none", "half"):
        yield case(
            f"an import ends in ERROR, with {work} of its work done",
            _imports_that_failed,
            switches={"import_errors": 1, "import_error_work": work},
        )
    for form in ("none", "seconds", "date"):
        yield case(
            f"the account allows 8 requests a second, with Retry-After as {form}",
            _turned_away,
            switches={"rate_limit": 8, "retry_after": form},
            target_settings={"max_requests_per_second": 100},
        )


# ---------------------------------------------------------------- the same by the users' own commands


def _as_users_run_it() -> Iterator[FaultCase]:
    by_name = {case.name: case for case in CASES_HERE}
    processes = (
        "a page of orders is answered 502 once",
        "the login is answered 401 once",
        "a page of customers is redirected to another host with 302",
        "a search for a contact is answered with 80 MB",
        "a batch of orders is answered 401 once",
        "a batch of orders is answered with half of its answer",
    )
    for name in processes:
        yield replace(by_name[name], name=f"{name}, as two processes", by=Runner.PROCESSES)
    for name in ("the login is answered 401 once", "a batch of orders is answered 401 once"):
        yield replace(by_name[name], name=f"{name}, by `meltano run`", by=Runner.MELTANO)


CASES_HERE = [
    *_statuses(),
    *_done_all_the_same(),
    *_too_many(),
    *_bodies(),
    *_redirects(),
    *_shops_envelopes(),
    *_esputniks_envelopes(),
    *_by_switches(),
]
CASES = [replace(case, fast=case.name in FAST) for case in (*CASES_HERE, *_as_users_run_it())]
