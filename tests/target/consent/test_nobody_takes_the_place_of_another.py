"""Contacts whose address, id or deletion is somebody else's business, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_driver import contact, order

if TYPE_CHECKING:
    from target_driver import Driver

EMAIL = "customer7@example.com"
TWINS = (contact(7), contact(8, email="Customer7@example.com", first_name="Ірина"))


def _living(target: Driver, email: str = EMAIL) -> list[tuple[str | None, str | None]]:
    return [(p["externalCustomerId"], p["firstName"]) for p in target.there(email) if not p["deleted"]]


def test_a_tick_confirms_his_own_contact_though_his_id_is_on_a_third_one(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "former@example.com", "confirmed": True}],
        externalCustomerId="7",
        firstName="Former",
    )
    target.sandbox.create_contact(channels=[{"type": "email", "value": EMAIL, "confirmed": False}])
    for ticked in (False, True):
        target(contacts=[contact(7, newsletter_subscribed=ticked)], email_confirmation="newsletter")
    assert _living(target, "former@example.com") == [("7", "Former")]
    assert target.confirmed(EMAIL) is True


def test_of_two_accounts_with_one_address_the_first_has_the_contact_whatever_id_it_carries(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": EMAIL, "confirmed": True}], externalCustomerId="crm-55"
    )
    target(contacts=list(TWINS))
    target(contacts=[TWINS[1] | {"first_name": "Ганна"}])
    assert _living(target) == [("crm-55", "Олена")]


@pytest.mark.parametrize("reading", ["new", "revives", "refused"])
def test_the_second_of_two_accounts_does_not_bring_back_the_contact_that_was_deleted(
    target: Driver, reading: str
) -> None:
    target.sandbox.switch(subscribe_on_deleted=reading)
    target(contacts=list(TWINS))
    target.sandbox.delete_contact(target.there(EMAIL)[0]["id"])
    target(contacts=[contact(7, first_name="Марія")])
    target(contacts=[TWINS[1] | {"first_name": "Ганна"}])
    target(orders=[order(1, email=EMAIL)])
    assert _living(target) == []
    assert not target.sandbox.sent_orders()


def test_who_registers_anew_after_he_was_deleted_is_made(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there(EMAIL)[0]["id"])
    target(contacts=[contact(7, first_name="Марія")])
    target.sandbox.switch(subscribe_on_deleted="new")
    assert target(contacts=[TWINS[1]]).ended("contacts") == {"accepted": 1}
    assert _living(target) == [("8", "Ірина")]


def test_an_order_brings_nobody_back_of_whom_only_the_external_id_is_known(target: Driver) -> None:
    target.sandbox.switch(import_mapping="absent")
    target(contacts=[contact(7)], email_confirmation="confirmed")
    target.change_ledger("UPDATE contacts SET esputnik_id = NULL")
    target.sandbox.delete_contact(target.there(EMAIL)[0]["id"])
    result = target(orders=[order(1, email=EMAIL)], email_confirmation="confirmed")
    assert result.ended("orders") == {"held:buyer_not_delivered": 1}
    assert _living(target) == []


def test_a_buyer_whom_esputnik_cannot_show_holds_his_own_orders_alone(target: Driver) -> None:
    target(orders=[order(1), order(2)])
    first = target.there("guest1@example.com")[0]["id"]
    path = f"/v1/contact/{first}"
    target.sandbox.fail(api="esputnik", path=path, method="GET", times=None, kind="status", status=400)
    result = target(orders=[order(1, status_id=2), order(2, status_id=2)])
    assert (result.code, result.ended("orders")) == (0, {"accepted": 1, "held:buyer_not_delivered": 1})
    target.sandbox.clear_faults()
    target(orders=[])
    assert target.events()["orderIN_PROGRESS"] == 2


def test_nor_a_guest_of_whom_an_import_told_no_number(target: Driver) -> None:
    target.sandbox.switch(import_mapping="absent")
    target(orders=[order(1), order(2)], email_confirmation="confirmed")
    target.sandbox.delete_contact(target.there("guest1@example.com")[0]["id"])
    moved = [order(number, status_id=2) for number in (1, 2)]
    result = target(orders=moved, email_confirmation="confirmed")
    assert result.ended("orders") == {"held:buyer_not_delivered": 1, "accepted": 1}
    assert _living(target, "guest1@example.com") == []


@pytest.mark.parametrize("mode", ["unconfirmed", "confirmed"])
def test_a_customer_who_takes_the_address_of_another_account_is_recorded_and_its_owner_not_asked_again(
    target: Driver, mode: str
) -> None:
    target(contacts=[contact(7), contact(8)], email_confirmation=mode)
    asked = target.events()
    result = target(contacts=[TWINS[1]], email_confirmation=mode)
    assert result.ended("contacts") == {"accepted": 1}
    assert _living(target) == [("7", "Олена")]
    assert target.events() == asked
    result = target(orders=[order(1, email=EMAIL)], email_confirmation=mode)
    assert result.ended("orders") == {"accepted": 1}
    assert target.sandbox.sent_orders()[0]["contactId"] == target.there(EMAIL)[0]["id"]
    target(contacts=[contact(8, email="own@example.com")], email_confirmation=mode)
    assert _living(target, "own@example.com")[0][0] == "8"
