"""One request with orders is under way while the next records are read and planned; none begins before its answer."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order, schema

from target_esputnik.client import EsputnikClient
from target_esputnik.delivery.intake import Intake
from target_esputnik.errors import LedgerBusy
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_driver import Driver

    from target_esputnik.ledger.rows import Send

ONE_EACH: dict[str, Any] = {"order_batch_size": 1}


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan every order by itself, too."""
    monkeypatch.setattr("target_esputnik.delivery.run.LEAST_BATCH", 1)


def _record(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "orders", "record": record}


def test_they_are_read_and_planned_meanwhile(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[int] = []
    plan = Intake.orders

    def watched(intake: Intake, records: Any) -> Any:
        under_way = target.rows("SELECT count(*) FROM sends WHERE kind = 'order' AND outcome = 'sending'")
        meanwhile.append(under_way[0][0])
        return plan(intake, records)

    target(contacts=[contact(7)])
    monkeypatch.setattr(Intake, "orders", watched)
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="delay", seconds=0.5)
    orders = [order(number, email="customer7@example.com") for number in (1, 2, 3)]
    assert target(orders=orders, **ONE_EACH).ended("orders") == {"accepted": 3}
    assert meanwhile == [0, 1, 1]


def test_nothing_else_is_asked_of_esputnik_before_the_answer(target: Driver) -> None:
    """An order that is on its way could meet a contact who came after it, and be taken for his."""
    seconds = 0.3
    target(contacts=[contact(7)])
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="delay", seconds=seconds)
    phones = {"phone": "+380501112233"}
    orders = [
        order(1),
        order(2, email="customer7@example.com"),
        order(3, email="customer7@example.com", **phones),
        order(4, email=None, **phones),
        order(5, **phones),
        order(6, email="customer8@example.com"),
        order(7),
    ]
    assert target(contacts=[contact(8)], orders=orders, **ONE_EACH).ended("orders") == {"accepted": 7}
    asked = target.sandbox.requests(api="esputnik")
    for this, after in pairwise(asked):
        if this["path"] == "/v1/orders":
            passed = datetime.fromisoformat(after["at"]) - datetime.fromisoformat(this["at"])
            assert passed.total_seconds() >= seconds, (
                f"{after['method']} {after['path']} came while orders were under way"
            )


def test_a_request_begins_when_the_one_before_it_is_settled(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a run that is killed would leave two batches in doubt."""
    in_flight: list[int] = []
    real = EsputnikClient.send_orders

    def slow(client: Any, orders: Any, **kwargs: Any) -> Any:
        waiting = target.rows("SELECT count(*) FROM orders WHERE reason = 'in_doubt'")[0][0]
        in_flight.append(waiting)
        time.sleep(0.1)
        return real(client, orders, **kwargs)

    target(contacts=[contact(7)])
    monkeypatch.setattr(EsputnikClient, "send_orders", slow)
    orders = [order(number, email="customer7@example.com") for number in range(1, 6)]
    assert target(orders=orders, **ONE_EACH).code == 0
    assert in_flight == [1] * 5


@pytest.mark.parametrize("least", [1, 100])
def test_others_can_write_into_a_ledger_that_they_share_while_an_answer_is_waited_for(
    target: Driver, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """Several shops may have one ledger. Once orders are planned one by one, once all of them at one time."""
    monkeypatch.setattr("target_esputnik.delivery.run.LEAST_BATCH", least)
    real = EsputnikClient.send_orders

    def slow(client: Any, orders: Any, **kwargs: Any) -> Any:
        time.sleep(0.2)  # by now the answer is waited for
        target.change_ledger("UPDATE scopes SET account_name = account_name")
        return real(client, orders, **kwargs)

    target(contacts=[contact(7)])
    monkeypatch.setattr(EsputnikClient, "send_orders", slow)
    bought = [order(number, email="customer7@example.com") for number in (1, 2, 3)]
    assert target(orders=bought, **ONE_EACH).ended("orders") == {"accepted": 3}


def test_what_was_answered_is_written_though_the_next_intents_cannot_be(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are one transaction: it must not take the answer along when it fails."""
    real = Ledger.intend

    def failing(ledger: Ledger, sends: Sequence[Send]) -> None:
        if any((send.kind, send.key) == ("order", "2") for send in sends):
            raise LedgerBusy("ledger_busy")
        real(ledger, sends)

    bought = [order(number, email="customer7@example.com") for number in (1, 2)]
    target(contacts=[contact(7)])
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "intend", failing)
        assert target(orders=bought, **ONE_EACH).code != 0
    assert target.rows("SELECT order_id, fate FROM orders ORDER BY 1") == [(1, "accepted")]
    assert target.rows("SELECT outcome FROM sends WHERE kind = 'order'") == [("accepted",)]
    assert target.rows("SELECT records FROM requests WHERE endpoint = 'orders'") == [(1,)]
    assert target(orders=bought, **ONE_EACH).ended("orders") == {"unchanged": 1, "accepted": 1}
    assert target.events()["orderINITIALIZED"] == 2


def test_a_newer_version_of_an_order_that_is_under_way_is_sent_after_it(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=1)
    versions = [order(1), order(2), order(2, status_id=3), order(1, status_id=3)]
    outcome = target(orders=versions, **ONE_EACH)
    assert outcome.code == 0
    assert outcome.ended("orders") == {"accepted": 4}
    assert sorted((sent["externalOrderId"], sent["status"]) for sent in target.sandbox.sent_orders()) == [
        ("1", "DELIVERED"),
        ("2", "DELIVERED"),
    ]
    assert (target.events()["orderINITIALIZED"], target.events()["orderDELIVERED"]) == (2, 2)


@pytest.mark.parametrize(("email", "reason"), [("customer7@example.com", "unavailable"), (None, "buyer_not_delivered")])
def test_what_was_planned_meanwhile_waits_when_no_answer_comes_and_goes_by_itself_later(
    target: Driver, email: str | None, reason: str
) -> None:
    """By whom the second order is: somebody delivered before, or a guest."""
    target(contacts=[contact(7)])
    bought = [order(1, email="customer7@example.com"), order(2, email=email or "guest@example.com")]
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
    struck = target(orders=bought, in_doubt_orders="hold", **ONE_EACH)
    assert (struck.code, struck.states) == (1, [])
    assert target.rows("SELECT order_id, fate, reason FROM orders ORDER BY 1") == [
        (1, "held", "in_doubt"),
        (2, "held", reason),
    ]
    assert struck.ended("orders") == {"held:in_doubt": 1, f"held:{reason}": 1}
    target.sandbox.clear_faults()
    healed = target(orders=bought, in_doubt_orders="hold", **ONE_EACH)
    assert healed.code == 0
    assert target.rows("SELECT order_id, fate FROM orders ORDER BY 1") == [(1, "held"), (2, "accepted")]
    assert target.events()["orderINITIALIZED"] == 1


@pytest.mark.parametrize("line", [{"type": "RECORD", "stream": "orders", "record": {"no": "key"}}, {"type": "WHAT"}])
def test_what_is_under_way_is_settled_though_the_tap_writes_nonsense(target: Driver, line: dict[str, Any]) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=1)
    outcome = target.messages([schema("orders"), _record(order(1)), line], **ONE_EACH)
    assert outcome.code == 1
    assert target.rows("SELECT fate FROM orders") == [("accepted",)]
    assert target.rows("SELECT outcome FROM sends WHERE kind = 'order'") == [("accepted",)]


def test_a_state_waits_for_the_answer(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("target_esputnik.delivery.run.SECONDS_BETWEEN_STATES", -1.0)
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
    lines = [schema("orders"), _record(order(1)), {"type": "STATE", "value": {"seen": 1}}, _record(order(2))]
    outcome = target.messages(lines, **ONE_EACH)
    assert outcome.code == 1
    assert outcome.states == []


def test_a_key_of_another_type_costs_its_own_record_only(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=0.5)
    outcome = target(orders=[order(1), order(1) | {"order_id": ["1"]}, order(2)], **ONE_EACH, max_rejected_percent=90)
    assert outcome.ended("orders") == {"accepted": 2, "rejected:invalid": 1}


def test_contacts_that_arrive_meanwhile_are_taken_in(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=0.5)
    lines = [
        schema("orders"),
        schema("contacts"),
        _record(order(1)),
        {"type": "RECORD", "stream": "contacts", "record": contact(7)},
        _record(order(2, email="customer7@example.com")),
    ]
    outcome = target.messages(lines, **ONE_EACH)
    assert outcome.code == 0
    assert outcome.ended("orders") == {"accepted": 2}
    assert outcome.ended("contacts") == {"accepted": 1}
