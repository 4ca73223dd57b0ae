from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import at, contact, order

from target_esputnik.confirmation import RULES
from target_esputnik.fates import REASONS

if TYPE_CHECKING:
    from ledger_driver import LedgerDriver
    from target_driver import Driver

PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": ["IN_PROGRESS", "DELIVERED"]}]}
OLD = {"created_at": "2019-05-01T00:00:00+03:00"}


class TestRequests:
    def test_every_request_is_listed_newest_first(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], orders=[order(1)])
        listed = ledger.facts("requests")["requests"]
        assert len(listed) == len(target.paths())
        assert [row["at"] for row in listed] == sorted((row["at"] for row in listed), reverse=True)
        assert {(row["endpoint"], row["method"], row["records"]) for row in listed} >= {("orders", "POST", 1)}

    def test_what_failed_is_told_apart_and_why(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[order(1)])
        (failed,) = ledger.facts("requests", "--failed")["requests"]
        assert (failed["endpoint"], failed["outcome"], failed["status"]) == ("orders", "refused", 400)

    @pytest.mark.parametrize(
        ("options", "wanted"),
        [
            (("--run", "2"), {2}),
            (("--run", "5"), set()),
            (("--endpoint", "orders"), {1, 2}),
            (("--endpoint", "orders", "--run", "1"), {1}),
            (("--outcome", "refused"), {2}),
            (("--from", "2026-02-01"), {2}),
            (("--to", "2026-01-31"), {1}),
            (("--last", "1h"), {2}),
        ],
    )
    def test_each_filter_chooses(
        self, target: Driver, ledger: LedgerDriver, options: tuple[str, ...], wanted: set[int]
    ) -> None:
        target(orders=[order(1)])
        target.change_ledger("UPDATE requests SET at = '2026-01-31T12:00:00.000000+00:00'")
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[order(2)])
        assert {row["run"] for row in ledger.facts("requests", *options)["requests"]} == wanted

    def test_a_long_list_is_cut_and_says_so(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        facts = ledger.facts("requests", "--limit", "1")
        assert (len(facts["requests"]), facts["more"]) == (1, True)
        every = len(target.paths())
        assert ledger.facts("requests", "--limit", str(every))["more"] is False

    def test_another_shop_sees_none_of_them(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target(orders=[], shop="another")
        assert {row["endpoint"] for row in ledger.facts("requests", shop="another")["requests"]} == {"account/info"}


class TestContacts:
    def test_a_registered_contact_is_told_from_registration_to_its_orders(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(contacts=[contact(7)], orders=[order(1, email="customer7@example.com")])
        target(contacts=[contact(7, first_name="Оксана")])
        (told,) = ledger.facts("contacts", "7")["contacts"]
        (there,) = target.there("customer7@example.com")
        assert (told["id"], told["source"], told["esputnik_id"]) == ("7", "registration", there["id"])
        assert told["person"]["first_name"] == "Оксана"
        assert [(sent["run"], sent["what"], sent["rule"]) for sent in told["sends"]] == [
            (1, "subscribe", "not_there"),
            (2, "update", "known"),
        ]
        assert told["sends"][0]["why"] == next(rule.why for rule in RULES if rule.name == "not_there")
        assert told["sends"][0]["payload"]["channels"][0]["value"] == "customer7@example.com"
        assert told["confirmation"]["address"] == "unconfirmed"
        assert told["sends"][0]["at"] <= told["confirmation"]["asked_at"] <= told["sends"][1]["at"]
        assert [(row["id"], row["esputnik_status"]) for row in told["orders"]] == [(1, "INITIALIZED")]

    def test_an_import_tells_its_rule_too(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], email_confirmation="confirmed")
        (told,) = ledger.facts("contacts", "7")["contacts"]
        assert [(sent["what"], sent["rule"]) for sent in told["sends"]] == [("bulk", "consents")]
        assert (told["confirmation"]["address"], told["confirmation"]["asked_at"]) == ("confirmed", None)

    def test_a_guest_is_told_with_the_order_that_made_him(self, target: Driver, ledger: LedgerDriver) -> None:
        same = {"email": "guest@example.com"}
        target(orders=[order(5, **same, created_at=at(days=1)), order(4, **same)])
        (told,) = ledger.facts("contacts", "GUEST@example.com")["contacts"]
        assert (told["source"], told["first_order"]) == ("order", 5)
        assert {row["id"] for row in told["orders"]} == {4, 5}
        assert ledger.facts("contacts", told["id"])["contacts"] == [told]

    def test_of_very_many_orders_the_newest_are_told_and_that_there_are_more(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        same = {"email": "guest@example.com"}
        target(orders=[order(1, **same, created_at=at(days=1)), order(2, **same)])
        target.change_ledger(
            "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 102) "
            "INSERT INTO orders (scope_id, order_id, fate, since, read_run, created_at, ever_accepted, change_sent, "
            "buyer, updated_at) SELECT scope_id, i, fate, since, read_run, created_at, ever_accepted, change_sent, "
            "buyer, updated_at FROM orders, n WHERE order_id = 2"
        )
        (told,) = ledger.facts("contacts", "guest@example.com")["contacts"]
        assert [row["id"] for row in told["orders"]] == list(range(102, 2, -1))
        assert (told["first_order"], told["orders_in_all"]) == (1, 102)
        assert "the newest 100 of 102 orders" in ledger("contacts", "guest@example.com").out
        target.change_ledger("DELETE FROM orders WHERE order_id > 100")
        assert "newest" not in ledger("contacts", "guest@example.com").out

    def test_an_answer_of_a_refusal_is_told(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        target(contacts=[contact(7)])
        (told,) = ledger.facts("contacts", "7")["contacts"]
        assert (told["result"], told["reason"]) == ("rejected", "refused")
        assert told["sends"][0]["outcome"] == "rejected"
        assert told["sends"][0]["answer"] is not None

    def test_by_phone_everybody_who_has_it_is_found(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, phone="0671234567"), contact(8, phone="+380 67 123-45-67"), contact(9)])
        assert [told["id"] for told in ledger.facts("contacts", "067 123 45 67")["contacts"]] == ["7", "8"]

    def test_one_that_is_not_known_ends_with_2_and_is_not_repeated(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)])
        said = ledger("contacts", "stranger@example.com")
        assert (said.code, said.out) == (2, "")
        assert "stranger" not in said.err


class TestOrders:
    def test_every_status_that_was_sent_and_what_it_was_is_told(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)], **MAPPED)
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[order(1, status_id=4)])
        told = ledger.facts("orders", "1")
        assert [(s["what"], s["shop_status"], s["outcome"]) for s in told["sends"]] == [
            ("IN_PROGRESS", 7, "accepted"),
            ("DELIVERED", 7, "accepted"),
            ("CANCELLED", 4, "rejected"),
        ]
        assert told["sends"][2]["answer"] is not None
        assert told["sends"][0]["payload"]["status"] == "IN_PROGRESS"
        assert (told["shop_status"], told["esputnik_status"], told["reason"]) == (4, "DELIVERED", "refused")

    def test_its_content_is_told_with_its_buyer(self, target: Driver, ledger: LedgerDriver) -> None:
        target(
            contacts=[contact(7)],
            orders=[order(1, email="customer7@example.com", city="Львів", delivery_type="Нова пошта", paid=True)],
        )
        told = ledger.facts("orders", "1")
        assert told["content"]["products"] == [
            {"article": "TK-01", "title": "Чайник", "quantity": 1, "price": 420, "total_price": 420}
        ]
        assert (told["content"]["delivery"]["city"], told["content"]["delivery"]["delivery_type"]) == (
            "Львів",
            "Нова пошта",
        )
        assert told["content"]["payment"]["paid"] is True
        assert (told["buyer"]["id"], told["buyer"]["source"]) == ("7", "registration")
        assert told["buyer"]["esputnik_id"] == target.there("customer7@example.com")[0]["id"]

    @pytest.mark.parametrize(
        ("products", "total", "adds_up", "difference"),
        [
            ([("A", 100, 1), ("B", 50, 2)], 180, True, 0),
            ([("A", 33.33, 3)], 100, False, -0.01),
            ([("A", 0, 1)], 100, True, 0),
        ],
    )
    def test_the_sum_that_is_sent_is_checked(
        self,
        target: Driver,
        ledger: LedgerDriver,
        products: list[Any],
        total: float,
        *,
        adds_up: bool,
        difference: float,
    ) -> None:
        listed = [
            {"article": name, "title": name, "price": price, "quantity": quantity, "total_price": price * quantity}
            for name, price, quantity in products
        ]
        target(orders=[order(1, products=listed, total=total, total_before_discount=total)])
        sums = ledger.facts("orders", "1")["sums"]
        assert (sums["total"], sums["adds_up"], sums["difference"]) == (total, adds_up, difference)
        (there,) = target.sandbox.sent_orders()
        sent = round(sum(item["cost"] * item["quantity"] for item in there["items"]), 2)
        assert sums["lines_in_all"] == sent, "what is checked is what went"

    def test_content_that_is_gone_is_said_to_be_gone(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)], store_payloads=False)
        told = ledger.facts("orders", "1")
        assert (told["content"], told["sums"]) == (None, None)
        assert "not kept" in ledger("orders", "1").out

    def test_one_that_is_not_known_ends_with_2(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        assert ledger("orders", "2").code == 2
        assert ledger("orders", "one").code == 2


class TestMasked:
    @pytest.mark.parametrize(
        "words", [("contacts", "7"), ("orders", "1"), ("explain", "order", "1"), ("explain", "contact", "7")]
    )
    @pytest.mark.parametrize("json_too", [(), ("--json",)])
    def test_nothing_personal_is_shown(
        self, target: Driver, ledger: LedgerDriver, words: tuple[str, ...], json_too: tuple[str, ...]
    ) -> None:
        his: dict[str, Any] = {
            "email": "zenon@example.com",
            "phone": "0677654321",
            "first_name": "Зенон",
            "last_name": "Зубр",
            "city": "Збараж",
            "address": "вул. Зоряна, 77",
            "comment": "Код 4711",
            "extra": {"delivery_data": {"who": "Зубр"}},
        }
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400, body="Зубр")
        fields = ["email", "phone", "first_name", "last_name", "address"]
        target(contacts=[contact(7, **his)], orders=[order(1, **his)], contact_fields=fields)
        traces = ("zenon", "7654321", "зенон", "зубр", "збараж", "зоряна", "4711")
        whole = ledger(*words, *json_too).out.casefold()
        assert "zenon" in whole
        masked = ledger(*words, "--masked", *json_too)
        assert masked.code == 0
        assert [trace for trace in traces if trace in masked.out.casefold()] == []
        assert "***" in masked.out


def _explained(ledger: LedgerDriver, kind: str, number: str, **settings: Any) -> dict[str, Any]:
    (told,) = ledger.facts("explain", kind, number, **settings)["explained"]
    assert isinstance(told, dict)
    return told


class TestExplain:
    """One record of each fate and reason: what is explained is what happened, and what the next run would do."""

    def _check(
        self, target: Driver, ledger: LedgerDriver, record: dict[str, Any], result: str, again: str, **settings: Any
    ) -> dict[str, Any]:
        told = _explained(ledger, "order", "1", **settings)
        rule = told["rule"]
        assert (f"{rule['result']}:{rule['reason']}" if rule["reason"] else rule["result"]) == result
        assert rule["read_again"] == again
        meaning = REASONS[rule["reason"]][1] if rule["reason"] else "eSputnik took it."
        assert rule["meaning"] == meaning
        ended = target(orders=[record], **settings).ended("orders")
        plain = again.split(":", maxsplit=1)[0].replace(" (", ":").rstrip(")")
        assert ended == {"accepted" if plain == "due" else plain: 1}, "it would have ended so"
        return told

    def test_accepted(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1, **PACKED, phone="067 123 45 67")
        target(orders=[record], **MAPPED)
        told = self._check(target, ledger, record, "accepted", "unchanged", **MAPPED)
        assert told["record"]["phone"] == "067 123 45 67"
        assert told["normalised"]["phone"] == "380671234567"
        assert told["normalised"]["planned"] == ["IN_PROGRESS", "DELIVERED"]
        assert "7 is mapped to IN_PROGRESS → DELIVERED" in told["rule"]["because"]
        assert told["payload"]["status"] == told["sent"]["what"] == "DELIVERED"
        assert (told["ledger"]["esputnik_status"], told["ledger"]["shop_status"]) == ("DELIVERED", 7)

    def test_baseline(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1, **OLD)
        target(orders=[record])
        told = self._check(target, ledger, record, "baseline:before_live_since", "unchanged")
        assert "2019-04-30T21:00" in told["rule"]["because"]
        assert "2020-01-01T00:00" in told["rule"]["because"]
        assert (told["payload"], told["sent"], told["answer"]) == (None, None, None)

    def test_baseline_of_a_lost_ledger(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1)
        target(orders=[record], state={"esputnik_ledger": {"id": "another", "run": 5}})
        self._check(target, ledger, record, "baseline:ledger_lost", "unchanged")

    def test_baseline_while_orders_are_off(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1)
        target(orders=[record], receive_orders=False)
        told = self._check(target, ledger, record, "baseline:switched_off", "unchanged", receive_orders=False)
        assert "receive_orders" in told["rule"]["because"]

    def test_held_without_a_mapping(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1, **PACKED)
        target(orders=[record])
        told = self._check(target, ledger, record, "held:unmapped_status", "held (unmapped_status)")
        assert "7 is mapped to nothing" in told["rule"]["because"]
        assert _explained(ledger, "order", "1", **MAPPED)["rule"]["read_again"] == "due: IN_PROGRESS → DELIVERED"

    def test_held_for_its_buyer(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        target(orders=[order(1)])
        told = _explained(ledger, "order", "1")
        assert (told["rule"]["result"], told["rule"]["reason"]) == ("held", "buyer_not_delivered")
        assert "rejected (refused)" in told["rule"]["because"]
        assert told["sent"] is None

    def test_held_in_doubt(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        hold: dict[str, Any] = {"in_doubt_orders": "hold"}
        told = self._check(target, ledger, order(1), "held:in_doubt", "held (in_doubt)", **hold)
        assert told["sent"]["outcome"] == "in_doubt"
        assert told["payload"]["externalOrderId"] == "1"

    def test_held_because_esputnik_was_away(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="rate_limit", seconds=120)
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        told = _explained(ledger, "order", "1")
        assert (told["rule"]["reason"], told["rule"]["read_again"]) == ("unavailable", "due: INITIALIZED")

    def test_held_as_erased(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        ledger.facts("erase", "--email", "guest1@example.com", "--yes")
        told = self._check(target, ledger, order(1), "held:erased", "held (erased)")
        assert (told["record"], told["normalised"], told["payload"], told["answer"]) == (None, None, None, None)

    def test_rejected_without_identity(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1, email=None)
        target(orders=[record])
        told = self._check(target, ledger, record, "rejected:no_identity", "rejected (no_identity)")
        assert "no usable email" in told["rule"]["because"]

    def test_rejected_as_invalid(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1, total="much")
        target(orders=[record])
        told = self._check(target, ledger, record, "rejected:invalid", "rejected (invalid)")
        assert "total" in told["rule"]["because"]
        assert "much" not in told["rule"]["because"]

    def test_rejected_by_esputnik(self, target: Driver, ledger: LedgerDriver) -> None:
        record = order(1)
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[record])
        told = self._check(target, ledger, record, "rejected:refused", "rejected (refused)")
        assert told["answer"] is not None
        assert told["sent"]["outcome"] == "rejected"

    def _check_contact(
        self, target: Driver, ledger: LedgerDriver, record: dict[str, Any], result: str, again: str, **settings: Any
    ) -> dict[str, Any]:
        told = _explained(ledger, "contact", "7", **settings)
        rule = told["rule"]
        assert (f"{rule['result']}:{rule['reason']}" if rule["reason"] else rule["result"]) == result
        assert rule["read_again"] == again
        ended = target(contacts=[record], **settings).ended("contacts")
        plain = again.replace(" (", ":").rstrip(")")
        assert ended == {"accepted" if plain == "due" else plain: 1}, "it would have ended so"
        return told

    def test_contact_accepted(self, target: Driver, ledger: LedgerDriver) -> None:
        record = contact(7, first_name="  олена ")
        target(contacts=[record])
        told = self._check_contact(target, ledger, record, "accepted", "unchanged")
        assert told["record"]["first_name"] == "  олена "
        assert told["normalised"]["firstName"] == told["payload"]["firstName"] != "  олена "
        assert "subscribe" in told["rule"]["because"]
        assert told["sent"]["what"] == "subscribe"

    def test_contact_held(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], max_run_minutes=0)
        told = self._check_contact(target, ledger, contact(7), "held:backlog", "due")
        assert told["sent"] is None

    def test_contact_deleted_there(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)])
        target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
        changed = contact(7, first_name="Оксана")
        target(contacts=[changed])
        self._check_contact(target, ledger, changed, "held:deleted_there", "held (deleted_there)")

    def test_contact_erased(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)])
        ledger.facts("erase", "--id", "7", "--yes")
        told = self._check_contact(target, ledger, contact(7), "held:erased", "held (erased)")
        assert (told["record"], told["payload"]) == (None, None)

    @pytest.mark.parametrize(
        ("record", "reason"),
        [(contact(7, email="x"), "no_identity"), (contact(7, registered_at=5), "invalid")],
        ids=["no_identity", "invalid"],
    )
    def test_contact_rejected(self, target: Driver, ledger: LedgerDriver, record: dict[str, Any], reason: str) -> None:
        target(contacts=[record])
        self._check_contact(target, ledger, record, f"rejected:{reason}", f"rejected ({reason})")

    def test_contact_refused(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        target(contacts=[contact(7)])
        told = self._check_contact(target, ledger, contact(7), "rejected:refused", "rejected (refused)")
        assert told["answer"] is not None

    def test_contact_while_contacts_are_off(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], receive_contacts=False)
        told = _explained(ledger, "contact", "7", receive_contacts=False)
        assert (told["rule"]["reason"], told["rule"]["because"]) == ("switched_off", "receive_contacts is off")

    def test_it_fits_one_screen_and_has_its_six_steps_in_order(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        said = ledger("explain", "order", "1").out
        steps = [line for line in said.splitlines() if line[:2] in {f"{n}." for n in range(1, 7)}]
        assert [line[0] for line in steps] == list("123456")
        assert len(said.splitlines()) < 90

    def test_one_that_is_not_known_ends_with_2(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        for words in (("order", "2"), ("order", "x"), ("contact", "2"), ("receipt", "1")):
            assert ledger("explain", *words).code == 2


def test_answers_are_told_as_they_came(target: Driver, ledger: LedgerDriver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
    target(orders=[order(1)])
    (kept,) = target.rows("SELECT answer FROM sends WHERE kind = 'order'")
    answer = ledger.facts("orders", "1")["sends"][0]["answer"]
    assert answer == kept[0] or answer == json.loads(kept[0])
