"""The calls of both APIs that answers are struck at, and what their cases have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matrix.case import Before, FaultCase, Group
from matrix.strikes import wire

if TYPE_CHECKING:
    from matrix.stage import Stage


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


def case_of(name: str, call: Call, kind: str, *, options: dict[str, Any] | None = None, **more: Any) -> FaultCase:
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


def codes_of(call: Call, codes: frozenset[int]) -> dict[str, frozenset[int]]:
    """Give the exit codes to the program that makes the call; the other one ends well."""
    return {"tap" if call.api == "shop" else "target": codes}


def repeat_of(struck: dict[str, Any], stage: Stage) -> dict[str, Any] | None:
    """The next request that is the same."""
    later = [one for one in stage.sandbox.requests() if one["seq"] > struck["seq"]]
    same = ("api", "method", "path", "query", "body")
    return next((one for one in later if all(one[name] == struck[name] for name in same)), None)
