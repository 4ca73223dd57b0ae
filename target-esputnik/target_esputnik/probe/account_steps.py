"""Steps that work with the account and the key, and write nothing that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import ContactGone, CredentialsRefused, RequestRefused
from target_esputnik.probe.drafts import order_of
from target_esputnik.probe.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_esputnik.probe.bench import Bench

LEVELS: Final[dict[frozenset[str], str]] = {
    frozenset({"read", "write", "order", "event"}): "full",
    frozenset({"read", "write", "event"}): "contacts",
    frozenset({"write", "event"}): "contacts_write",
    frozenset({"event"}): "events",
    frozenset(): "messages",
}
"""The levels of access by the calls that they allow (esputnik-api.md §1.2)."""


def account(bench: Bench) -> None:
    """The account is read."""
    body = bench.get("/v1/account/info", "account/info")
    has_number = isinstance(body, dict) and answers.whole_number(body.get("orgId")) is not None
    bench.findings.settle("account_info", "with_org" if has_number else "without_org")


def key(bench: Bench) -> None:
    """One call of each kind, none of which changes anything."""
    nobody = bench.address.subject("nobody")
    off_list: dict[str, Any] = {"emails": [nobody.email]}
    order = order_of(bench.address, "key", None)
    bench.ask("key_write", email=nobody.email)
    bench.ask("key_order")
    bench.ask("key_event")
    calls: dict[str, Callable[[], Any]] = {
        "read": lambda: bench.search(email=nobody.email),
        "write": lambda: bench.post("/v1/emails/unsubscribed/delete", "emails/unsubscribed/delete", off_list),
        "order": lambda: bench.send_order(order),
        "event": lambda: bench.post("/v1/event", "event", {}),
    }
    may = {kind for kind, call in calls.items() if _is_allowed(call)}
    bench.findings.settle("key_scope", LEVELS.get(frozenset(may), "other"), ", ".join(sorted(may)))


def _is_allowed(call: Callable[[], Any]) -> bool:
    try:
        call()
    except CredentialsRefused:
        return False
    except (RequestRefused, ContactGone):  # it was let in, and then refused for what it holds
        return True
    return True


STEPS: Final[tuple[Step, ...]] = (
    Step("account", ("account_info",), account, searches=False),
    Step("key", ("key_scope", "error_body"), key, writes=3, searches=False),
)
