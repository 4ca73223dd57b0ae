"""A customer whose contact at eSputnik carries another id than his, or none, is reached there, and nobody else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact

if TYPE_CHECKING:
    from target_driver import Driver

HIS = "customer7@example.com"


@pytest.fixture
def third(target: Driver) -> dict[str, Any]:
    """Put a contact there that has our customer's id, and one that has his address; give what the first one is."""
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "former@example.com", "confirmed": True}],
        externalCustomerId="7",
        firstName="Інша",
    )
    target.sandbox.create_contact(channels=[{"type": "email", "value": HIS, "confirmed": False}])
    return _third(target)


def _third(target: Driver) -> dict[str, Any]:
    return next(person for person in target.sandbox.sent_contacts() if person["externalCustomerId"] == "7")


def test_a_new_address_goes_to_no_third_contact(target: Driver, third: dict[str, Any]) -> None:
    for email in (HIS, "new7@example.com"):
        assert target(contacts=[contact(7, email=email)]).ended("contacts") == {"accepted": 1}
    assert target.confirmed("new7@example.com") is False
    assert _third(target) == third


def test_once_he_is_deleted_no_third_contact_is_taken_for_his(target: Driver, third: dict[str, Any]) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there(HIS)[0]["id"])
    assert target(contacts=[contact(7, first_name="Марія")]).ended("contacts") == {"held:deleted_there": 1}
    assert _third(target) == third


def test_a_new_address_of_a_contact_with_another_id_makes_no_second_one(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": HIS, "confirmed": True}], externalCustomerId="crm-55"
    )
    for email in (HIS, "new7@example.com"):
        assert target(contacts=[contact(7, email=email)]).ended("contacts") == {"accepted": 1}
    assert [person["externalCustomerId"] for person in target.sandbox.sent_contacts()] == ["crm-55"]
    assert target.confirmed("new7@example.com") is False
