"""One record of each fate and reason: what is explained is what happened, and what the next run would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

from target_esputnik.fates import ACCEPTED, BASELINE, HELD, REASONS, REJECTED

if TYPE_CHECKING:
    from ledger_driver import LedgerDriver
    from target_driver import Driver

PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": ["IN_PROGRESS", "DELIVERED"]}]}
OLD = {"created_at": "2019-05-01T00:00:00+03:00"}
AWAY: dict[str, Any] = {"kind": "rate_limit", "seconds": 500}  # longer than one request is tried

ORDERS_NEVER = frozenset({"held:backlog", "held:deleted_there", "rejected:not_taken"})
"""Of contacts alone: an order whose buyer waits or was deleted is held as buyer_not_delivered."""

CONTACTS_NEVER = frozenset(
    {
        "held:unmapped_status",
        "held:buyer_not_delivered",
        "held:in_doubt",
        "baseline:before_live_since",
        "baseline:ledger_lost",
    }
)
"""Of orders alone: a contact whose answer was lost is looked up, and contacts know no baseline but a switch."""


def ends(result: str) -> pytest.MarkDecorator:
    """Say which fate and reason a test is about; it gets them as `result`."""
    return pytest.mark.parametrize("result", [result])


def explained(ledger: LedgerDriver, kind: str, number: str, **settings: Any) -> dict[str, Any]:
    """Give the one explanation."""
    (told,) = ledger.facts("explain", kind, number, **settings)["explained"]
    assert isinstance(told, dict)
    return told


def rule_of(told: dict[str, Any], result: str) -> dict[str, str]:
    """Check that the rule is told with the result, and in the words of its reason."""
    rule: dict[str, str] = told["rule"]
    assert (f"{rule['result']}:{rule['reason']}" if rule["reason"] else rule["result"]) == result
    assert rule["meaning"] == (REASONS[rule["reason"]][1] if rule["reason"] else "eSputnik took it.")
    assert rule["because"]
    return rule


def foretold(ledger: LedgerDriver, kind: str, number: str, result: str, again: str, **settings: Any) -> dict[str, Any]:
    """Check what is told of a record: its rule, and what it would end in if it were read once more."""
    told = explained(ledger, kind, number, **settings)
    assert rule_of(told, result)["read_again"] == again
    return told


def came_true(again: str, ended: dict[str, int]) -> None:
    """Check that a record that was read once more ended as was foretold."""
    plain = again.split(":", maxsplit=1)[0].replace(" (", ":").rstrip(")")
    assert ended == {"accepted" if plain == "due" else plain: 1}, "it would have ended so"


def explained_order(
    target: Driver, ledger: LedgerDriver, record: dict[str, Any], result: str, again: str, **settings: Any
) -> dict[str, Any]:
    """Have order 1 explained, and read it once more: it must end as was foretold."""
    told = foretold(ledger, "order", "1", result, again, **settings)
    came_true(again, target(orders=[record], **settings).ended("orders"))
    return told


def explained_contact(
    target: Driver, ledger: LedgerDriver, record: dict[str, Any], result: str, again: str, **settings: Any
) -> dict[str, Any]:
    """The same of contact 7."""
    told = foretold(ledger, "contact", "7", result, again, **settings)
    came_true(again, target(contacts=[record], **settings).ended("contacts"))
    return told


class TestOrders:
    @ends("accepted")
    def test_accepted(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1, **PACKED, phone="067 123 45 67")
        target(orders=[record], **MAPPED)
        told = explained_order(target, ledger, record, result, "unchanged", **MAPPED)
        assert told["record"]["phone"] == "067 123 45 67"
        assert told["normalised"]["phone"] == "380671234567"
        assert told["normalised"]["planned"] == ["IN_PROGRESS", "DELIVERED"]
        assert "7 is mapped to IN_PROGRESS → DELIVERED" in told["rule"]["because"]
        assert told["payload"]["status"] == told["sent"]["what"] == "DELIVERED"
        assert (told["ledger"]["esputnik_status"], told["ledger"]["shop_status"]) == ("DELIVERED", 7)

    @ends("accepted")
    def test_unchanged_says_what_was_accepted(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(orders=[order(1)])
        assert target(orders=[order(1)]).ended("orders") == {"unchanged": 1}
        told = explained_order(target, ledger, order(1), result, "unchanged")
        assert told["sent"]["run"] == 1

    @ends("accepted")
    def test_superseded_says_what_became_of_the_newer(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        newer = order(1, status_id=3)
        assert target(orders=[order(1), newer]).ended("orders") == {"superseded": 1, "accepted": 1}
        told = explained_order(target, ledger, newer, result, "unchanged")
        assert told["record"]["status_id"] == 3
        assert told["payload"]["status"] == "DELIVERED"

    @ends("baseline:before_live_since")
    def test_baseline(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1, **OLD)
        target(orders=[record])
        told = explained_order(target, ledger, record, result, "unchanged")
        assert "2019-04-30T21:00" in told["rule"]["because"]
        assert "2020-01-01T00:00" in told["rule"]["because"]
        assert (told["payload"], told["sent"], told["answer"]) == (None, None, None)

    @ends("baseline:ledger_lost")
    def test_baseline_of_a_lost_ledger(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1)
        target(orders=[record], state={"esputnik_ledger": {"id": "another", "run": 5}})
        explained_order(target, ledger, record, result, "unchanged")

    @ends("baseline:switched_off")
    def test_baseline_while_orders_are_off(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1)
        target(orders=[record], receive_orders=False)
        told = explained_order(target, ledger, record, result, "unchanged", receive_orders=False)
        assert "receive_orders" in told["rule"]["because"]

    @ends("held:unmapped_status")
    def test_held_without_a_mapping(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1, **PACKED)
        target(orders=[record])
        told = explained_order(target, ledger, record, result, "held (unmapped_status)")
        assert "7 is mapped to nothing" in told["rule"]["because"]
        assert explained(ledger, "order", "1", **MAPPED)["rule"]["read_again"] == "due: IN_PROGRESS → DELIVERED"

    @ends("held:buyer_not_delivered")
    def test_held_for_its_buyer(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        target(orders=[order(1)])
        told = explained(ledger, "order", "1")
        assert "rejected (refused)" in rule_of(told, result)["because"]
        assert told["sent"] is None

    @ends("held:in_doubt")
    def test_held_in_doubt(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        told = explained_order(target, ledger, order(1), result, "held (in_doubt)", in_doubt_orders="hold")
        assert told["sent"]["outcome"] == "in_doubt"
        assert told["payload"]["externalOrderId"] == "1"

    @ends("held:unavailable")
    def test_held_because_esputnik_was_away(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, **AWAY)
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        told = explained(ledger, "order", "1")
        assert rule_of(told, result)["read_again"] == "due: INITIALIZED"
        target(orders=[])
        assert [one["status"] for one in target.sandbox.sent_orders()] == ["INITIALIZED"]

    @ends("held:unfinished")
    def test_held_half_sent(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", after=1, times=None, **AWAY)
        target(orders=[order(1, **PACKED), order(2)], order_batch_size=1, **MAPPED)
        target.sandbox.clear_faults()
        told = explained(ledger, "order", "1", **MAPPED)
        assert rule_of(told, result)["read_again"] == "due: DELIVERED"
        assert told["ledger"]["esputnik_status"] == "IN_PROGRESS"
        target(orders=[], **MAPPED)
        assert (target.events()["orderIN_PROGRESS"], target.events()["orderDELIVERED"]) == (1, 1)

    @ends("held:erased")
    def test_held_as_erased(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(orders=[order(1)])
        ledger.facts("erase", "--email", "guest1@example.com", "--yes")
        told = explained_order(target, ledger, order(1), result, "held (erased)")
        assert (told["record"], told["normalised"], told["payload"], told["answer"]) == (None, None, None, None)

    @ends("rejected:no_identity")
    def test_rejected_without_identity(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1, email=None)
        target(orders=[record])
        told = explained_order(target, ledger, record, result, "rejected (no_identity)")
        assert "no usable email" in told["rule"]["because"]

    @ends("rejected:invalid")
    def test_rejected_as_invalid(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = order(1, total="much")
        target(orders=[record])
        told = explained_order(target, ledger, record, result, "rejected (invalid)")
        assert "total" in told["rule"]["because"]
        assert "much" not in told["rule"]["because"]

    @ends("rejected:refused")
    def test_rejected_by_esputnik(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[order(1)])
        told = explained_order(target, ledger, order(1), result, "rejected (refused)")
        assert told["answer"] is not None
        assert told["sent"]["outcome"] == "rejected"


class TestContacts:
    @ends("accepted")
    def test_accepted(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = contact(7, first_name="  олена ")
        target(contacts=[record])
        told = explained_contact(target, ledger, record, result, "unchanged")
        assert told["record"]["first_name"] == "  олена "
        assert told["normalised"]["firstName"] == told["payload"]["firstName"] != "  олена "
        assert "subscribe" in told["rule"]["because"]
        assert told["sent"]["what"] == "subscribe"

    @ends("accepted")
    def test_a_guest_by_the_order_that_made_him(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(orders=[order(1)])
        told = explained(ledger, "contact", "guest1@example.com")
        assert "subscribe" in rule_of(told, result)["because"]
        assert told["record"]["order_id"] == 1
        assert told["normalised"]["channels"] == [{"type": "email", "value": "guest1@example.com"}]

    @ends("baseline:switched_off")
    def test_while_contacts_are_off(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(contacts=[contact(7)], receive_contacts=False)
        told = explained(ledger, "contact", "7", receive_contacts=False)
        assert rule_of(told, result)["because"] == "receive_contacts is off"

    @ends("held:backlog")
    def test_held_for_want_of_time(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(contacts=[contact(7)], max_run_minutes=0)
        assert explained_contact(target, ledger, contact(7), result, "due")["sent"] is None

    @ends("held:unavailable")
    def test_held_because_esputnik_was_away(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=None, **AWAY)
        target(contacts=[contact(7)])
        target.sandbox.clear_faults()
        explained_contact(target, ledger, contact(7), result, "due")

    @ends("held:unfinished")
    def test_held_while_its_import_goes_on(
        self, target: Driver, ledger: LedgerDriver, result: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("target_esputnik.delivery.imports.MOST_PATIENCE", 0.5)
        target.sandbox.switch(import_polls=10_000)
        target(contacts=[contact(7)], email_confirmation="confirmed")
        told = explained(ledger, "contact", "7", email_confirmation="confirmed")
        assert "bulk" in rule_of(told, result)["because"]
        assert told["sent"]["what"] == "bulk"
        assert told["payload"]["externalCustomerId"] == "7"

    @ends("held:deleted_there")
    def test_deleted_there(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(contacts=[contact(7)])
        target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
        changed = contact(7, first_name="Оксана")
        target(contacts=[changed])
        explained_contact(target, ledger, changed, result, "held (deleted_there)")

    @ends("held:erased")
    def test_erased(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target(contacts=[contact(7)])
        ledger.facts("erase", "--id", "7", "--yes")
        told = explained_contact(target, ledger, contact(7), result, "held (erased)")
        assert (told["record"], told["payload"]) == (None, None)

    @ends("rejected:no_identity")
    def test_rejected_without_identity(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = contact(7, email="x")
        target(contacts=[record])
        explained_contact(target, ledger, record, result, "rejected (no_identity)")

    @ends("rejected:invalid")
    def test_rejected_as_invalid(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        record = contact(7, registered_at=5)
        target(contacts=[record])
        explained_contact(target, ledger, record, result, "rejected (invalid)")

    @ends("rejected:refused")
    def test_refused(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        target(contacts=[contact(7)])
        told = explained_contact(target, ledger, contact(7), result, "rejected (refused)")
        assert told["answer"] is not None

    @ends("rejected:not_taken")
    def test_that_an_import_passed_over(self, target: Driver, ledger: LedgerDriver, result: str) -> None:
        target.sandbox.switch(import_polls=10_000)  # its work is never done, but it is said to be over
        over = '{"status": "FINISHED", "mapping": [{"dedupeValue": "nobody@example.com", "contactId": 1}]}'
        target.sandbox.fail(api="esputnik", path="/v1/importstatus/*", kind="status", status=200, body=over)
        target(contacts=[contact(7)], email_confirmation="confirmed")
        settings: dict[str, Any] = {"email_confirmation": "confirmed"}
        told = explained_contact(target, ledger, contact(7), result, "rejected (not_taken)", **settings)
        assert told["sent"]["what"] == "bulk"


def test_every_fate_and_reason_that_a_record_can_have_is_explained() -> None:
    every = {ACCEPTED} | {f"{fate}:{reason}" for reason, (fate, *_) in REASONS.items()}
    assert {one.partition(":")[0] for one in every} == {ACCEPTED, BASELINE, HELD, REJECTED}, "what is no row's end"
    assert _told_of(TestOrders) == every - ORDERS_NEVER
    assert _told_of(TestContacts) == every - CONTACTS_NEVER


def _told_of(tests: type) -> set[str]:
    marks = [mark for test in vars(tests).values() for mark in getattr(test, "pytestmark", [])]
    return {result for mark in marks for result in mark.args[1]}


def test_it_fits_one_screen_and_has_its_six_steps_in_order(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[order(1)])
    said = ledger("explain", "order", "1").out
    steps = [line for line in said.splitlines() if line[:2] in {f"{n}." for n in range(1, 7)}]
    assert [line[0] for line in steps] == list("123456")
    assert len(said.splitlines()) < 90


def test_one_that_is_not_known_ends_with_2(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[order(1)])
    for words in (("order", "2"), ("order", "x"), ("contact", "2"), ("receipt", "1")):
        assert ledger("explain", *words).code == 2
