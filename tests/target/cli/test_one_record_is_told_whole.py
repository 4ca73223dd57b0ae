from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import at, contact, order

from target_esputnik.confirmation import RULES

if TYPE_CHECKING:
    from ledger_driver import LedgerDriver
    from target_driver import Driver

PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": ["IN_PROGRESS", "DELIVERED"]}]}


def test_a_number_beyond_all_is_told_as_none(target: Driver, ledger: LedgerDriver) -> None:
    """JSON has 1e999, and Python reads it as something that no JSON has."""
    target(orders=[order(1, of_this_shop_only="here")])
    target.change_ledger("""UPDATE orders SET record = replace(record, '"here"', '1e999')""")
    (told,) = ledger.facts("explain", "order", "1")["explained"]
    assert told["record"]["of_this_shop_only"] is None


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

    def test_a_status_that_waits_is_not_told_as_sent(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        assert "1 Нове → INITIALIZED" in ledger("orders", "1").out
        target(orders=[order(1, **PACKED)])
        told = ledger("orders", "1").out
        assert "7 Комплектується → —" in told
        assert re.search(r"eSputnik's status\s+INITIALIZED", told)

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


def test_answers_are_told_as_they_came(target: Driver, ledger: LedgerDriver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
    target(orders=[order(1)])
    (kept,) = target.rows("SELECT answer FROM sends WHERE kind = 'order'")
    answer = ledger.facts("orders", "1")["sends"][0]["answer"]
    assert answer == kept[0] or answer == json.loads(kept[0])
