"""HTTP answers: what either API may say instead of what was asked for, call by call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matrix import http_statuses
from matrix.calls import (
    ACCOUNT,
    CUSTOMERS,
    IMPORT,
    LOGIN,
    ORDER_PAGE,
    ORDERS,
    POLL,
    SEARCH,
    SUBSCRIBE,
    UPDATE,
    Call,
    case_of,
    codes_of,
    repeat_of,
)
from matrix.case import ENDED_WELL, GAVE_UP, NEEDS_PERSON, Before, FaultCase, Group, Relaxed, Runner
from matrix.http_statuses import TOO_MANY
from matrix.strikes import Counted, RedirectedElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matrix.stage import Stage

MEGABYTE = 2**20
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
    return [] if repeat_of(met[order["after"]], stage) else ["the answer was taken"]


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
            yield case_of(f"{call.words} is answered with {words}", call, kind, options=options, **more)


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
                **codes_of(call, NEEDS_PERSON),
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
    return case_of(name, call, "status", options={"status": 200, "body": body}, **more)


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
    *http_statuses.CASES,
    *_bodies(),
    *_redirects(),
    *_shops_envelopes(),
    *_esputniks_envelopes(),
    *_by_switches(),
]
CASES = [replace(case, fast=case.name in FAST) for case in (*CASES_HERE, *_as_users_run_it())]
