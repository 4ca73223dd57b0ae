"""An order whose request got no answer is in doubt until an answer says more, whatever else goes wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import order

from target_esputnik.client import EsputnikClient
from target_esputnik.transport import DUPLICATE_GUARD

if TYPE_CHECKING:
    from target_driver import Driver

ORDERS = "/v1/orders"
AWAY = {"kind": "rate_limit", "seconds": 500}  # longer than one request is tried: the run gives up at once


@pytest.fixture(autouse=True)
def minute(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sandbox's minute pass at once."""
    monkeypatch.setattr(
        EsputnikClient, "wait_out_duplicate_guard", lambda _: target.sandbox.advance(seconds=DUPLICATE_GUARD)
    )


def _fails(target: Driver, *faults: dict[str, Any], path: str = ORDERS) -> None:
    for fault in faults:
        target.sandbox.fail(api="esputnik", path=path, **({"times": 1} | fault))


def _fate(target: Driver) -> tuple[str, str | None]:
    [(fate, reason)] = target.rows("SELECT fate, reason FROM orders")
    return fate, reason


@pytest.mark.parametrize("first", [{"kind": "drop_after"}, {"kind": "status_after", "status": 504}])
@pytest.mark.parametrize("then", [AWAY, *({"kind": "status", "status": status} for status in (401, 403, 409, 301))])
def test_the_answer_that_came_instead_does_not_tell_what_became_of_the_first_try(
    target: Driver, first: dict[str, Any], then: dict[str, Any]
) -> None:
    target.sandbox.switch(duplicate_guard="off")
    echo = first["kind"] == "drop_after" and then.get("status") == 409
    _fails(target, first, then)
    target(orders=[order(1)])
    assert _fate(target) == (("accepted", None) if echo else ("held", "in_doubt"))
    target(orders=[order(1)], in_doubt_orders="hold")
    assert target.events()["orderINITIALIZED"] == 1, "it went again against the owner's word"


def test_the_echo_of_a_lost_answer_is_known_as_one_also_behind_too_many_requests(target: Driver) -> None:
    target.sandbox.switch(duplicate_guard="all")
    _fails(target, {"kind": "drop_after"}, {"kind": "rate_limit", "seconds": 0})
    assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
    assert target.events()["orderINITIALIZED"] == 1


@pytest.mark.parametrize("path", [ORDERS, "/v1/contact/*"])
def test_a_next_run_that_cannot_send_it_knows_no_more(target: Driver, path: str) -> None:
    _fails(target, {"kind": "drop_before", "times": 50})
    target(orders=[order(1)])
    target.sandbox.clear_faults()
    _fails(target, AWAY, path=path)
    assert target(orders=[]).code == 1
    assert _fate(target) == ("held", "in_doubt")
    target(orders=[order(1)], in_doubt_orders="hold")
    assert not target.sandbox.sent_orders()
    target(orders=[order(1)])
    assert _fate(target) == ("accepted", None)
