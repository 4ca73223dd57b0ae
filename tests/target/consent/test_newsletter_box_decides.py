from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

if TYPE_CHECKING:
    from target_driver import Driver

MODE = "newsletter"


def _unsubscribed(target: Driver, email: str) -> bool:
    return any(
        channel["unsubscribed"]
        for person in target.there(email)
        for channel in person["channels"]
        if channel["value"] == email
    )


def test_exactly_those_who_ticked_are_confirmed(target: Driver) -> None:
    people = [
        contact(1, newsletter_subscribed=True),
        contact(2, newsletter_subscribed=False),
        contact(3, newsletter_subscribed=None),
    ]
    target(contacts=people, orders=[order(9)], email_confirmation=MODE)
    addresses = [f"customer{number}@example.com" for number in (1, 2, 3)] + ["guest9@example.com"]
    assert [target.confirmed(address) for address in addresses] == [True, False, False, False]


def test_a_tick_confirms_an_address_that_went_unconfirmed(target: Driver) -> None:
    target(contacts=[contact(1, newsletter_subscribed=False)], email_confirmation=MODE)
    assert target.confirmed("customer1@example.com") is False
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    assert target.confirmed("customer1@example.com") is True


def test_unticking_stops_bulk_mail_and_ticking_again_resumes_it(target: Driver) -> None:
    email = "customer1@example.com"
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    assert not _unsubscribed(target, email)
    target(contacts=[contact(1, newsletter_subscribed=False)], email_confirmation=MODE)
    assert _unsubscribed(target, email)
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    assert not _unsubscribed(target, email)


@pytest.mark.parametrize("now", [{"email": "new@example.com"}, {"email": None, "phone": "+380501234567"}])
def test_unticking_stops_bulk_mail_to_the_address_that_was_ticked_whatever_the_shop_has_now(
    target: Driver, now: dict[str, Any]
) -> None:
    email = "customer1@example.com"
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    result = target(contacts=[contact(1, newsletter_subscribed=False, **now)], email_confirmation=MODE)
    assert result.ended("contacts") == {"accepted": 1}
    assert _unsubscribed(target, email)
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    assert not _unsubscribed(target, email)


def test_with_contacts_switched_off_the_box_still_decides_how_a_buyer_is_made(target: Driver) -> None:
    people = [contact(number, newsletter_subscribed=ticked) for number, ticked in ((1, True), (2, False))]
    orders = [order(number, email=f"customer{number}@example.com") for number in (1, 2)]
    target(contacts=people, orders=orders, email_confirmation=MODE, receive_contacts=False)
    assert [target.confirmed(f"customer{number}@example.com") for number in (1, 2)] == [True, False]


def test_a_tick_on_a_contact_with_another_shops_id_makes_no_second_one(target: Driver) -> None:
    email = "customer1@example.com"
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": email, "confirmed": False}], externalCustomerId="other-1"
    )
    target(contacts=[contact(1, newsletter_subscribed=False)], email_confirmation=MODE)
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    assert [person["externalCustomerId"] for person in target.there(email)] == ["other-1"]
    assert target.confirmed(email) is True


def test_an_opt_out_of_the_person_is_not_undone_by_a_box_that_was_always_ticked(target: Driver) -> None:
    email = "customer1@example.com"
    target(contacts=[contact(1, newsletter_subscribed=True)], email_confirmation=MODE)
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "other@example.com", "confirmed": True, "unsubscribed": True}]
    )
    target(contacts=[contact(1, newsletter_subscribed=True, first_name="Марія")], email_confirmation=MODE)
    assert not any("unsubscribed/delete" in path for path in target.paths())
    assert not _unsubscribed(target, email)
