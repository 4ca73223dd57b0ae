"""A bulk call that orders wait for takes along who waits anyway, and nobody for whom an order would wait longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

if TYPE_CHECKING:
    from target_driver import Driver

BULK, SUBSCRIBE, ORDERS = "POST /v1/contacts", "POST /v1/contact/subscribe", "POST /v1/orders"


def _shop(people: int, **fields: Any) -> dict[str, Any]:
    """Give a shop of so many customers, of whom the first one has ordered."""
    return {
        "contacts": [contact(number, **fields) for number in range(1, people + 1)],
        "orders": [order(1, user_id=1, email="customer1@example.com")],
    }


def _calls(target: Driver) -> list[str]:
    return [path for path in target.paths() if path in {BULK, SUBSCRIBE, ORDERS}]


def test_those_who_wait_go_in_the_call_of_a_buyer(target: Driver) -> None:
    result = target(**_shop(40), email_confirmation="confirmed")
    assert _calls(target) == [BULK, ORDERS]
    assert result.ended("contacts") == {"accepted": 40}
    assert len(target.sandbox.sent_contacts()) == 40


def test_but_no_more_than_eSputnik_takes_in_a_moment(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: N802
    monkeypatch.setattr("target_esputnik.delivery.company.FULL", 10)
    assert target(**_shop(40), email_confirmation="confirmed").ended("contacts") == {"accepted": 40}
    assert _calls(target) == [BULK, ORDERS, BULK]


@pytest.mark.parametrize("size", [8, 9, 10, 11, 40])
def test_buyers_take_none_of_the_space_of_their_company(
    target: Driver, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Of nine people five have ordered, and stand in the list among the others."""
    monkeypatch.setattr("target_esputnik.delivery.company.FULL", size)
    shop = _shop(9)
    shop["orders"] = [order(n, user_id=n, email=f"customer{n}@example.com") for n in (1, 3, 5, 7, 9)]
    assert target(**shop, email_confirmation="confirmed").ended("contacts") == {"accepted": 9}
    assert _calls(target) == ([BULK, ORDERS] if size >= 9 else [BULK, ORDERS, BULK])
    assert len(target.sandbox.sent_contacts()) == 9


def test_all_go_along_by_and_by(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches of orders, with a buyer each: what did not fit into the call of the first goes with the second."""
    monkeypatch.setattr("target_esputnik.delivery.company.FULL", 4)
    monkeypatch.setattr("target_esputnik.delivery.run.LEAST_BATCH", 1)
    shop = _shop(8)
    shop["orders"].append(order(2, user_id=8, email="customer8@example.com"))
    result = target(**shop, email_confirmation="confirmed", order_batch_size=1)
    assert result.ended("contacts") == {"accepted": 8}
    assert _calls(target) == [BULK, ORDERS, BULK, ORDERS]


@pytest.mark.parametrize("mode", ["unconfirmed", "newsletter"])
def test_nobody_is_confirmed_for_company(target: Driver, mode: str) -> None:
    shop = _shop(9, newsletter_subscribed=False)
    shop["contacts"][0]["newsletter_subscribed"] = shop["contacts"][8]["newsletter_subscribed"] = True
    target(**shop, email_confirmation=mode)
    ticked = mode == "newsletter"
    assert [target.confirmed(f"customer{number}@example.com") for number in (1, 5, 9)] == [ticked, False, ticked]


def test_no_order_waits_for_those_who_are_asked_one_by_one(target: Driver) -> None:
    shop = _shop(9, newsletter_subscribed=False)
    shop["contacts"][0]["newsletter_subscribed"] = True
    target(**shop, email_confirmation="newsletter")
    assert _calls(target) == [BULK, ORDERS] + [SUBSCRIBE] * 8


def test_who_carries_other_fields_goes_in_a_call_of_his_own(target: Driver) -> None:
    shop = _shop(3)
    shop["contacts"][2] |= {"first_name": None, "full_name": None}
    target(**shop, email_confirmation="confirmed")
    assert _calls(target) == [BULK, ORDERS, BULK]


def test_who_was_delivered_before_waits_for_his_turn(target: Driver) -> None:
    people = [contact(number) for number in (2, 3)]
    target(contacts=people, email_confirmation="confirmed")
    before = len(_calls(target))
    changed = [person | {"first_name": "Марія"} for person in people]
    target(
        contacts=[*changed, contact(1)],
        orders=[order(1, user_id=1, email="customer1@example.com")],
        email_confirmation="confirmed",
    )
    assert _calls(target)[before:] == [BULK, ORDERS, BULK]
    assert {person["firstName"] for person in target.sandbox.sent_contacts()} >= {"Марія"}


def test_with_contacts_switched_off_nobody_goes_along(target: Driver) -> None:
    target(contacts=[contact(number) for number in (2, 3)], email_confirmation="confirmed")
    target.change_ledger("UPDATE contacts SET fate = 'held', reason = 'backlog', delivered = FALSE")
    target(orders=_shop(1)["orders"], email_confirmation="confirmed", receive_contacts=False)
    assert target.rows("SELECT key FROM contacts WHERE fate = 'held' ORDER BY key") == [("2",), ("3",)]
