from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

from target_esputnik.client import EsputnikClient
from target_esputnik.transport import DUPLICATE_GUARD

if TYPE_CHECKING:
    from target_driver import Driver

ORDERS = "/v1/orders"


@pytest.mark.parametrize("reading", ["per_row", "whole_request"])
@pytest.mark.parametrize("collapse", ["list", "object"])
def test_one_order_that_esputnik_refuses_costs_no_other(target: Driver, reading: str, collapse: str) -> None:
    target.sandbox.switch(malformed_order=reading, single_element=collapse)
    orders = [order(number) for number in range(1, 8)]
    orders[4] |= {"currency": None}
    result = target(orders=orders)
    assert result.ended("orders") == {"accepted": 6, "rejected:refused": 1}
    assert sorted(sent["externalOrderId"] for sent in target.sandbox.sent_orders()) == ["1", "2", "3", "4", "6", "7"]
    assert target.events()["orderINITIALIZED"] == 6


def test_a_batch_that_is_refused_whole_is_halved_until_only_the_culprit_is_left(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path=ORDERS, times=3, kind="status", status=400)
    result = target(orders=[order(number) for number in range(1, 9)])
    assert result.ended("orders") == {"accepted": 8}
    assert target.events()["orderINITIALIZED"] == 8


def test_a_rejected_version_that_is_read_again_makes_no_request_and_no_attempt(target: Driver) -> None:
    target(orders=[order(1, currency=None)])
    before = len(target.paths())
    again = target(orders=[order(1, currency=None)])
    assert again.ended("orders") == {"rejected:refused": 1}
    assert target.paths()[before:] == ["GET /v1/account/info"]
    assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}


def test_what_a_tap_adds_of_its_own_is_no_new_version(target: Driver) -> None:
    """Many Singer taps put `_sdc_` columns into records, with another moment in each run."""
    for moment in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"):
        before = len(target.paths())
        result = target(orders=[order(1, currency=None, _sdc_extracted_at=moment, _sdc_sequence=1)])
        assert result.ended("orders") == {"rejected:refused": 1}
    assert target.paths()[before:] == ["GET /v1/account/info"]


def test_a_refused_buyer_holds_his_order_alone_and_it_goes_once_he_is_delivered(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
    result = target(contacts=[contact(7)], orders=[order(1, email="customer7@example.com")], max_parallel_requests=1)
    assert result.ended("contacts") == {"rejected:refused": 1}
    assert result.ended("orders") == {"held:buyer_not_delivered": 1}
    assert not target.sandbox.sent_orders()
    later = target(contacts=[contact(7, first_name="Марія")])
    assert later.ended("contacts") == {"accepted": 1}
    assert target.events()["orderINITIALIZED"] == 1
    assert target.confirmed("customer7@example.com") is False


def test_an_import_that_ends_in_error_is_sent_once_more_then_bisected(target: Driver) -> None:
    target.sandbox.switch(import_error_mark="marked")
    people = [contact(number) for number in range(1, 6)] + [contact(6, email="poison@example.com")]
    orders = [order(1, email="customer1@example.com"), order(6, email="poison@example.com")]
    result = target(contacts=people, orders=orders, email_confirmation="confirmed")
    assert result.ended("contacts") == {"accepted": 5, "rejected:refused": 1}
    assert result.ended("orders") == {"accepted": 1, "held:buyer_not_delivered": 1}


@pytest.mark.parametrize("shape", ["contact", "reason", "id", "vanish"])
def test_one_contact_that_a_bulk_refuses_costs_no_other(target: Driver, shape: str) -> None:
    target.sandbox.switch(failed_contacts=shape, single_element="object")
    people = [contact(number) for number in range(1, 6)]
    people[2] |= {"email": None, "phone": "+380501234567"}
    target.sandbox.fail(api="esputnik", path="/v1/contacts", times=1, kind="status", status=413)
    result = target(contacts=people, email_confirmation="confirmed")
    assert result.ended("contacts") == {"accepted": 5}


def test_a_contact_that_a_bulk_refused_does_not_count_as_there_when_the_import_is_over(target: Driver) -> None:
    """The end of an import need not say whom it took: what was refused at once is known from the first answer alone."""
    his = [{"type": "email", "value": "customer7@example.com"}]
    answer = {"asyncSessionId": "5", "failedContacts": [{"channels": his, "message": "no"}]}
    fault = {"api": "esputnik", "kind": "status", "status": 200}
    target.sandbox.fail(path="/v1/contacts", method="POST", times=1, body=json.dumps(answer), **fault)
    target.sandbox.fail(path="/v1/importstatus/*", body='{"status": "FINISHED"}', **fault)
    result = target(contacts=[contact(7), contact(8)], email_confirmation="confirmed")
    assert result.ended("contacts") == {"rejected:refused": 1, "accepted": 1}


def test_orders_that_could_not_be_sent_go_in_the_next_run_though_they_are_not_read_again(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path=ORDERS, times=1, kind="status", status=401)
    assert target(orders=[order(1), order(2)]).ended("orders") == {"held:unavailable": 2}
    target(orders=[])
    assert target.events()["orderINITIALIZED"] == 2


class TestALostAnswer:
    def test_an_order_whose_answer_was_lost_is_repeated_once_and_the_echo_counts_as_done(self, target: Driver) -> None:
        target.sandbox.switch(duplicate_guard="all")
        target.sandbox.fail(api="esputnik", path=ORDERS, times=1, kind="drop_after")
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 1

    def test_what_stays_unknown_is_in_doubt_and_no_further_batch_is_risked(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=50, kind="drop_before")
        result = target(orders=[order(number) for number in range(1, 5)], order_batch_size=2)
        assert result.code == 1
        assert target.paths().count("POST /v1/orders") <= 2
        assert target.rows("SELECT order_id, reason FROM orders ORDER BY 1") == [
            (1, "in_doubt"),
            (2, "in_doubt"),
            (3, "unavailable"),
            (4, "unavailable"),
        ]
        assert result.states == [], "STATE went past orders that are not settled"

    def test_in_doubt_is_sent_again_by_the_next_run_or_held_as_the_owner_says(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=50, kind="drop_before")
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        held = target(orders=[order(1)], in_doubt_orders="hold")
        assert held.ended("orders") == {"held:in_doubt": 1}
        assert not target.sandbox.sent_orders()
        resent = target(orders=[], in_doubt_orders="resend")
        assert dict(resent.carried) == {("orders", "accepted", ""): 1}

    def test_a_refusal_that_names_no_order_puts_the_batch_in_doubt_for_a_person(self, target: Driver) -> None:
        target.sandbox.switch(failed_orders="unmatched")
        result = target(orders=[order(1), order(2, currency=None)])
        assert result.code == 1
        assert target.rows("SELECT DISTINCT reason FROM orders") == [("in_doubt",)]
        target(orders=[])
        assert target.events()["orderINITIALIZED"] == 1, "a batch that was answered went again by itself"

    def test_a_contact_whose_answer_was_lost_is_not_asked_twice(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="drop_after")
        assert target(contacts=[contact(7)]).ended("contacts") == {"accepted": 1}
        assert target.events() == {"subscribeFromApi-horoshop": 1}


class TestADuplicate:
    """409 says that the body came less than a minute ago; only a lost answer explains it as done."""

    @pytest.fixture(autouse=True)
    def minute(self, target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the sandbox's minute pass at once; which minute is waited for is what the tests are about."""
        target.sandbox.switch(duplicate_guard="all", duplicate_guard_arms="received")
        monkeypatch.setattr(
            EsputnikClient, "wait_out_duplicate_guard", lambda _: target.sandbox.advance(seconds=DUPLICATE_GUARD)
        )

    def test_after_a_5xx_an_order_is_sent_once_more_when_the_minute_is_over(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=1, kind="status", status=500)
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 1
        assert [request["status"] for request in target.sandbox.requests(api="esputnik")][-2:] == [500, 200]

    def test_a_duplicate_that_no_lost_answer_explains_is_sent_once_more_when_the_minute_is_over(
        self, target: Driver
    ) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=1, kind="status", status=409)
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 1

    def test_after_a_5xx_a_customer_is_asked_again_only_if_he_is_not_there(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=500)
        assert target(contacts=[contact(7)]).ended("contacts") == {"accepted": 1}
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status_after", status=500)
        assert target(contacts=[contact(8)]).ended("contacts") == {"accepted": 1}
        assert target.events() == {"subscribeFromApi-horoshop": 2}


class TestAGatewayThatFailsAfterTheWork:
    """Without a guard against duplicates every repeat of an order is a mail."""

    @pytest.fixture(autouse=True)
    def minute(self, target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let no time pass; how often is repeated is what the tests are about."""
        target.sandbox.switch(duplicate_guard="off")
        monkeypatch.setattr(EsputnikClient, "wait_out_duplicate_guard", lambda _: None)

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_an_order_goes_twice_at_the_most_and_is_then_in_doubt(self, target: Driver, status: int) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=None, kind="status_after", status=status)
        assert target(orders=[order(1)]).code == 1
        assert target.paths().count("POST /v1/orders") == 2
        assert target.rows("SELECT fate, reason FROM orders") == [("held", "in_doubt")]

    def test_a_customer_is_looked_for_before_he_is_asked_again(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=2, kind="status_after", status=504)
        assert target(contacts=[contact(7)]).ended("contacts") == {"accepted": 1}
        assert target.events() == {"subscribeFromApi-horoshop": 1}

    def test_an_error_for_the_moment_is_got_over(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=1, kind="status", status=500)
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=2, kind="status", status=500)
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
        assert target.events() == {"orderINITIALIZED": 1, "subscribeFromApi-horoshop": 1}

    def test_an_order_that_esputnik_always_fails_at_holds_up_no_other_for_longer_than_a_run(
        self, target: Driver
    ) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, carrying="guest3@", times=None, kind="status", status=500)
        assert target(orders=[order(number) for number in range(1, 9)], order_batch_size=4).code == 1
        healed = target(orders=[order(9)])
        assert (healed.code, healed.ended("orders")) == (0, {"accepted": 1})
        assert target.rows("SELECT order_id, reason FROM orders WHERE fate <> 'accepted'") == [(3, "in_doubt")]
        assert target.events()["orderINITIALIZED"] == 8
        before = target.paths().count("POST /v1/orders")
        assert target(orders=[]).code == 0
        assert target.paths().count("POST /v1/orders") == before, "what a person decides on went by itself"

    def test_what_it_has_become_in_the_shop_is_kept_for_the_person_who_decides(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, carrying="guest3@", times=None, kind="status", status=500)
        target(orders=[order(3)])
        assert target(orders=[order(3, status_id=2), order(4)]).code == 0
        assert target.rows("SELECT change_status, answer IS NULL FROM orders WHERE order_id = 3") == [(2, False)]

    def test_one_that_is_alone_in_doubt_holds_up_no_other_either(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, carrying="guest3@", times=None, kind="status", status=500)
        assert target(orders=[order(3)]).code == 1
        assert target(orders=[]).code == 1, "nothing shows yet that it is the order's failure"
        result = target(orders=[order(number) for number in range(4, 8)])
        assert (result.code, result.ended("orders")) == (0, {"accepted": 4})
        assert target.rows("SELECT order_id, reason FROM orders WHERE fate <> 'accepted'") == [(3, "in_doubt")]

    def test_one_that_is_alone_in_doubt_risks_one_order_more_and_no_batch(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=None, kind="status", status=503)
        assert target(orders=[order(3)]).code == 1
        assert target(orders=[order(number) for number in range(4, 8)]).code == 1
        assert target.rows("SELECT order_id FROM orders WHERE reason = 'in_doubt' ORDER BY 1") == [(3,), (4,)]
        target.sandbox.clear_faults()
        assert target(orders=[]).code == 0
        assert target.events()["orderINITIALIZED"] == 5

    def test_while_esputnik_fails_at_all_of_them_no_other_is_risked_and_they_heal_by_themselves(
        self, target: Driver
    ) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=None, kind="status", status=503)
        assert target(orders=[order(number) for number in range(1, 9)]).code == 1
        before = target.paths().count("POST /v1/orders")
        assert target(orders=[order(9), order(10), order(11)]).code == 1
        assert target.paths().count("POST /v1/orders") - before <= 6, "all of them, and five to see that it is all"
        assert target.rows("SELECT count(*) FROM orders WHERE reason = 'in_doubt'") == [(8,)]
        target.sandbox.clear_faults()
        assert target(orders=[order(9), order(10), order(11)]).code == 0
        assert target.events()["orderINITIALIZED"] == 11


class TestAnErrorInsideA200:
    """§1.6: an answer's body may say otherwise than its HTTP status."""

    @pytest.fixture(autouse=True)
    def minute(self, target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        target.sandbox.switch(duplicate_guard="off")
        monkeypatch.setattr(EsputnikClient, "wait_out_duplicate_guard", lambda _: None)

    def _answers(self, target: Driver, body: str, **fault: Any) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, kind="status", status=200, body=body, **fault)

    def test_a_refusal_is_one_and_costs_no_other(self, target: Driver) -> None:
        body = '{"status": 400, "error": "Bad Request", "message": "currency"}'
        self._answers(target, body, times=None, carrying="guest3@")
        result = target(orders=[order(number) for number in range(1, 5)])
        assert result.ended("orders") == {"accepted": 3, "rejected:refused": 1}

    def test_a_failure_is_one_and_the_orders_are_in_doubt(self, target: Driver) -> None:
        self._answers(target, '{"status": 500, "error": "Internal Server Error"}', times=None)
        result = target(orders=[order(1)])
        assert (result.code, target.paths().count("POST /v1/orders")) == (1, 2)
        assert target.rows("SELECT reason FROM orders") == [("in_doubt",)]

    def test_words_alone_are_no_success_and_a_person_decides(self, target: Driver) -> None:
        self._answers(target, '{"message": "Something about orders"}')
        assert target(orders=[order(1), order(2)]).code == 1
        assert target.rows("SELECT DISTINCT reason FROM orders") == [("in_doubt",)]
        assert target(orders=[order(3)]).ended("orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 1, "what was answered went again by itself"

    @pytest.mark.parametrize("body", ["", "{}", "Orders were added", '{"id": 0, "asyncSessionId": "x"}'])
    def test_what_a_success_is_known_to_look_like_is_one(self, target: Driver, body: str) -> None:
        self._answers(target, body)
        assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}


@pytest.mark.parametrize("body", ['{"message": "Duplicated request"}', "Accepted", "{}"])
def test_a_subscribe_that_names_no_contact_does_not_let_the_order_confirm_him(
    target: Driver, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(EsputnikClient, "wait_out_duplicate_guard", lambda _: None)
    target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=None, kind="status", status=200, body=body)
    result = target(orders=[order(1)])
    assert result.ended("orders") == {"held:buyer_not_delivered": 1}
    assert not target.there("guest1@example.com")
    target.sandbox.clear_faults()
    assert dict(target(orders=[]).carried)["orders", "accepted", ""] == 1
    assert target.confirmed("guest1@example.com") is False


def test_an_import_without_a_session_is_tried_twice_and_then_waits(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EsputnikClient, "wait_out_duplicate_guard", lambda _: None)
    target.sandbox.fail(
        api="esputnik", path="/v1/contacts", method="POST", times=None, kind="status", status=200, body={}
    )
    result = target(contacts=[contact(7)], orders=[order(1)], email_confirmation="confirmed")
    assert result.ended("orders") == {"held:buyer_not_delivered": 1}
    assert result.ended("contacts") == {"held:unavailable": 1}
    assert target.paths().count("POST /v1/contacts") <= 6
    target.sandbox.clear_faults()
    target(contacts=[], email_confirmation="confirmed")
    assert target.rows("SELECT DISTINCT fate FROM contacts") == [("accepted",)]


def test_an_import_that_is_stuck_holds_up_no_order_and_is_given_up_after_a_day(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("target_esputnik.delivery.imports.MOST_PATIENCE", 0.5)
    monkeypatch.setattr("target_esputnik.delivery.contacts.LEAST_PATIENCE", 1.0)
    target.sandbox.switch(import_polls=10_000)
    for number in (7, 8):
        target(contacts=[contact(number)], email_confirmation="confirmed")
    began = time.monotonic()
    assert target(orders=[order(1)]).ended("orders") == {"accepted": 1}
    assert time.monotonic() - began < 30, "each stuck import was waited for"
    target.change_ledger("UPDATE imports SET started_at = '2020-01-01T00:00:00.000000+00:00' WHERE id = 1")
    target(orders=[])
    assert target.rows("SELECT id, state FROM imports ORDER BY id")[:1] == [(1, "UNKNOWN")]


def test_the_contacts_of_an_import_that_was_given_up_go_once_more(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("target_esputnik.delivery.imports.MOST_PATIENCE", 0.5)
    target.sandbox.switch(import_polls=10_000)
    target(contacts=[contact(7)], email_confirmation="confirmed")
    assert target.rows("SELECT fate, reason FROM contacts") == [("held", "unfinished")]
    target.sandbox.switch(import_polls=0)
    target.change_ledger("UPDATE imports SET started_at = '2020-01-01T00:00:00.000000+00:00'")
    target(orders=[], email_confirmation="confirmed")
    assert target.rows("SELECT fate, reason FROM contacts") == [("accepted", None)]


def test_after_a_413_an_import_that_ends_in_error_is_sent_once_more(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/contacts", method="POST", times=1, kind="status", status=413)
    target.sandbox.switch(import_errors=1)
    result = target(contacts=[contact(7), contact(8)], email_confirmation="confirmed")
    assert result.ended("contacts") == {"accepted": 2}


def test_an_import_that_esputnik_has_forgotten_is_sent_again(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/importstatus/*", times=1, kind="status", status=404)
    target(contacts=[contact(7)], email_confirmation="confirmed")
    target(contacts=[], email_confirmation="confirmed")
    assert target.rows("SELECT fate FROM contacts") == [("accepted",)]


class TestAnOutage:
    def test_too_many_requests_slow_the_pace_and_lose_nothing(self, target: Driver) -> None:
        target.sandbox.fail(
            api="esputnik",
            path="/v1/contact/subscribe",
            times=2,
            kind="status",
            status=429,
            headers={"Retry-After": "1"},
        )
        assert target(contacts=[contact(7), contact(8)]).ended("contacts") == {"accepted": 2}

    def test_a_refused_key_ends_the_run_for_a_person_before_anything_is_read(self, target: Driver) -> None:
        result = target(contacts=[contact(7)], api_key="wrong")
        assert result.code == 2
        assert target.paths() == ["GET /v1/account/info"]
        assert not target.place.exists() or target.rows("SELECT count(*) FROM contacts") == [(0,)]

    def test_a_page_for_people_is_not_esputnik(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/account/info", times=50, kind="html", status=200)
        assert target(contacts=[contact(7)]).code == 2

    def test_a_page_for_people_does_not_say_that_orders_were_taken(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path=ORDERS, times=50, kind="html", status=200)
        assert target(orders=[order(1)]).ended("orders") == {"held:in_doubt": 1}


@pytest.mark.parametrize("status", [400, 404])
def test_an_address_that_esputnik_cannot_look_for_costs_no_other(target: Driver, status: int) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/contacts", method="GET", times=1, kind="status", status=status)
    result = target(contacts=[contact(7), contact(8)], max_parallel_requests=1)
    assert result.code == 0
    assert sum(result.ended("contacts").values()) == 2
    assert result.ended("contacts")["accepted"] >= 1


def test_a_segment_that_is_not_there_is_said_and_costs_nothing(target: Driver) -> None:
    target.sandbox.create_contact(channels=[{"type": "email", "value": "customer7@example.com", "confirmed": True}])
    result = target(contacts=[contact(7), contact(8)], groups=["Нові"])
    assert result.ended("contacts") == {"accepted": 2}
    assert [target.there(f"customer{n}@example.com")[0]["groups"] for n in (7, 8)] != [[], []]


def test_a_segment_call_that_gets_no_answer_forgets_nobody_and_is_made_by_the_next_run(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EsputnikClient.__init__.__kwdefaults__, "give_up_after", 1.0)
    monkeypatch.setattr(EsputnikClient, "wait_out_duplicate_guard", lambda _: None)
    target(contacts=[contact(1)], groups=["Нові"])
    target.sandbox.create_contact(channels=[{"type": "email", "value": "customer7@example.com", "confirmed": True}])
    target.sandbox.fail(api="esputnik", path="/v1/group/*", times=None, kind="status", status=503)
    result = target(contacts=[contact(7), contact(8)], groups=["Нові"])
    assert (result.code, result.ended("contacts")) == (1, {"accepted": 1, "held:unavailable": 1})
    target.sandbox.clear_faults()
    target(contacts=[], groups=["Нові"])
    assert target.there("customer7@example.com")[0]["groups"]
    assert target.events()["subscribeFromApi-horoshop"] == 2, "who was asked was forgotten"
