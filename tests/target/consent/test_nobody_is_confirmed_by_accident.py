from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_driver import at, contact, order

from target_esputnik.client import EsputnikClient

if TYPE_CHECKING:
    from target_driver import Driver

ASKED, HISTORY = "subscribeFromApi-horoshop", "subscribeFromApi-horoshop-history"
FAMILY = {7: "Олена", 8: "Марія", 9: "Петро"}


def test_a_new_customer_becomes_unconfirmed_and_is_asked_exactly_once(target: Driver) -> None:
    target(contacts=[contact(7)])
    again = target(contacts=[contact(7)])
    assert target.confirmed("customer7@example.com") is False
    assert target.events() == {ASKED: 1}
    assert again.ended("contacts") == {"unchanged": 1}


def test_a_customer_from_before_the_integration_sets_off_no_mail(target: Driver) -> None:
    target(
        contacts=[contact(7, registered_at=at(days=2)), contact(8, registered_at=at(hours=1))], live_since=at(days=1)
    )
    assert target.events() == {HISTORY: 1, ASKED: 1}


def test_a_guest_goes_unconfirmed_before_his_order(target: Driver) -> None:
    target(orders=[order(1)])
    writes = [path for path in target.paths() if path.startswith("POST")]
    assert writes == ["POST /v1/contact/subscribe", "POST /v1/orders"]
    assert target.confirmed("guest1@example.com") is False


def test_a_buyer_who_registered_goes_before_his_order_even_when_contacts_have_no_time(target: Driver) -> None:
    result = target(
        contacts=[contact(7), contact(8)], orders=[order(1, email="Customer7@Example.com")], max_run_minutes=0
    )
    assert result.ended("contacts") == {"accepted": 1, "held:backlog": 1}
    assert target.confirmed("customer7@example.com") is False
    assert not target.there("customer8@example.com")
    assert [sent["externalCustomerId"] for sent in target.sandbox.sent_orders()] == ["7"]


def test_in_confirmed_mode_the_owner_confirms_everybody_by_bulk(target: Driver) -> None:
    target(contacts=[contact(7)], orders=[order(1)], email_confirmation="confirmed")
    assert target.confirmed("customer7@example.com") is True
    assert target.confirmed("guest1@example.com") is True
    assert "POST /v1/contact/subscribe" not in target.paths()


def test_an_address_once_unconfirmed_is_not_confirmed_by_turning_the_switch(target: Driver) -> None:
    target(contacts=[contact(7)])
    target(contacts=[contact(7, first_name="Марія")], email_confirmation="confirmed")
    assert target.confirmed("customer7@example.com") is False
    assert target.there("customer7@example.com")[0]["firstName"] == "Марія"
    assert "POST /v1/contacts" not in target.paths()


def test_a_known_contact_is_updated_without_being_asked_again_or_losing_what_is_there(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.switch(put_omitted="cleared")
    result = target(contacts=[contact(7, last_name="Шевченко")])
    person = target.there("customer7@example.com")[0]
    assert (person["firstName"], person["lastName"]) == ("Олена", "Шевченко")
    assert target.confirmed("customer7@example.com") is False
    assert target.events() == {ASKED: 1}
    assert result.ended("contacts") == {"accepted": 1}


def test_a_contact_that_esputnik_has_already_is_neither_asked_nor_confirmed(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "CUSTOMER7@example.com", "confirmed": False}], firstName="Стара"
    )
    target(contacts=[contact(7)])
    person = target.there("customer7@example.com")
    assert len(person) == 1
    assert (person[0]["firstName"], person[0]["externalCustomerId"]) == ("Олена", "7")
    assert target.confirmed("customer7@example.com") is False
    assert not target.events()


def test_a_search_that_finds_more_than_it_was_asked_for_ties_nobody(target: Driver) -> None:
    target.sandbox.switch(search_email="contains")
    target.sandbox.create_contact(channels=[{"type": "email", "value": "customer7@example.com.ua", "confirmed": True}])
    target(contacts=[contact(7)])
    assert target.confirmed("customer7@example.com") is False
    assert target.events() == {ASKED: 1}


@pytest.mark.parametrize("subscribe_email", ["add", "replace"])
def test_a_new_address_of_a_known_customer_must_be_confirmed_by_its_owner(target: Driver, subscribe_email: str) -> None:
    target.sandbox.switch(subscribe_email=subscribe_email)
    target(contacts=[contact(7)])
    target(contacts=[contact(7, email="new@example.com")])
    assert target.confirmed("new@example.com") is False
    assert target.events() == {ASKED: 1, "subscribeUpdateFromApi-horoshop": 1}
    assert "PUT" not in {path.split()[0] for path in target.paths()}


def test_a_contact_without_an_address_goes_by_bulk_in_every_mode(target: Driver) -> None:
    for number, mode in enumerate(("unconfirmed", "confirmed", "newsletter")):
        person = contact(number, email=None, phone=f"+38050123456{number}")
        result = target(contacts=[person], email_confirmation=mode)
        assert result.ended("contacts") == {"accepted": 1}
    assert "POST /v1/contact/subscribe" not in target.paths()


def test_a_contact_without_address_and_phone_is_rejected_and_costs_no_other(target: Driver) -> None:
    result = target(contacts=[contact(7, email="nobody@", phone="12"), contact(8)])
    assert result.ended("contacts") == {"rejected:no_identity": 1, "accepted": 1}


def test_a_contact_deleted_at_esputnik_is_never_made_again(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
    for name in ("Марія", "Ганна"):
        result = target(contacts=[contact(7, first_name=name)])
        assert result.ended("contacts") == {"held:deleted_there": 1}
    assert all(person["deleted"] for person in target.there("customer7@example.com"))


def test_who_was_deleted_at_esputnik_stays_held_when_the_shop_has_him_as_he_was_before(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
    target(contacts=[contact(7, first_name="Марія")])
    assert target(contacts=[contact(7)]).ended("contacts") == {"held:deleted_there": 1}
    assert target.rows("SELECT fate, reason FROM contacts") == [("held", "deleted_there")]


@pytest.mark.parametrize("mapping", ["returned", "absent"])
def test_a_confirmed_contact_deleted_at_esputnik_is_never_made_again(target: Driver, mapping: str) -> None:
    target.sandbox.switch(import_mapping=mapping)
    target(contacts=[contact(7)], email_confirmation="confirmed")
    target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
    result = target(contacts=[contact(7, first_name="Марія")], email_confirmation="confirmed")
    assert result.ended("contacts") == {"held:deleted_there": 1}


def test_an_order_of_a_contact_deleted_at_esputnik_does_not_bring_him_back(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
    target(contacts=[contact(7, first_name="Марія")])
    result = target(orders=[order(1, email="customer7@example.com")])
    assert result.ended("orders") == {"held:buyer_not_delivered": 1}
    assert not target.sandbox.sent_orders()


def test_after_a_lost_ledger_who_was_deleted_at_esputnik_sets_off_no_mail(target: Driver) -> None:
    """Nothing tells him from a newcomer then; `live_since` is in the past."""
    lost = {"bookmarks": {}, "esputnik_ledger": {"id": "another ledger", "run": 7}}
    target(contacts=[contact(7)], state=lost)
    target(contacts=[contact(7), contact(8)])
    assert target.events() == {HISTORY: 2}
    target(contacts=[contact(9, registered_at=at(days=-1))])
    assert target.events() == {HISTORY: 2, ASKED: 1}


def test_an_address_that_is_sent_only_since_a_setting_asks_for_it_is_asked_then(target: Driver) -> None:
    target(contacts=[contact(7, phone="+380501234567")], contact_fields=["phone", "first_name"])
    target(contacts=[contact(7, phone="+380501234567")])
    assert target.confirmed("customer7@example.com") is False


@pytest.mark.parametrize("people", [[contact(7, email="guest1@example.com")], []])
def test_an_order_brings_nobody_back_who_was_deleted_since(target: Driver, people: list[dict[str, object]]) -> None:
    target(contacts=people, orders=[order(1)])
    target.sandbox.delete_contact(target.there("guest1@example.com")[0]["id"])
    result = target(orders=[order(1, status_id=2), order(2, email="guest1@example.com")])
    assert result.ended("orders") == {"held:buyer_not_delivered": 2}
    assert all(person["deleted"] for person in target.there("guest1@example.com"))


def test_an_address_that_the_contact_has_had_before_is_not_asked_again(target: Driver) -> None:
    for email in ("customer7@example.com", "new@example.com", "customer7@example.com"):
        target(contacts=[contact(7, email=email)])
    assert target.events() == {ASKED: 1, "subscribeUpdateFromApi-horoshop": 1}


def test_a_new_address_brings_nobody_back_who_was_deleted_at_esputnik(target: Driver) -> None:
    target(contacts=[contact(7)])
    target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
    assert target(contacts=[contact(7, email="new@example.com")]).ended("contacts") == {"held:deleted_there": 1}
    assert target.events() == {ASKED: 1}


def test_an_address_for_which_the_contact_has_no_room_does_not_count_as_delivered(target: Driver) -> None:
    for email in ("customer7@example.com", "second@example.com"):
        target(contacts=[contact(7, email=email)])
    result = target(contacts=[contact(7, email="third@example.com")])
    assert result.ended("contacts") == {"rejected:refused": 1}
    assert target(contacts=[contact(7, email="third@example.com")]).ended("contacts") == {"rejected:refused": 1}
    assert target.events()["subscribeUpdateFromApi-horoshop"] == 2, "asked once for each address"


def test_after_a_lost_ledger_the_switch_confirms_nobody_who_may_be_unconfirmed(target: Driver) -> None:
    target(contacts=[contact(7)], orders=[order(1)])
    target.place.lose()
    lost = {"bookmarks": {}, "esputnik_ledger": {"id": "another ledger", "run": 7}}
    target(contacts=[contact(7), contact(8)], state=lost, email_confirmation="confirmed")
    assert target.confirmed("customer7@example.com") is False
    assert target.confirmed("customer8@example.com") is True, "nobody had him"
    target(contacts=[contact(7, first_name="Марія")], email_confirmation="confirmed")
    assert target.confirmed("customer7@example.com") is False
    target(contacts=[contact(9, email="guest1@example.com", registered_at=at(days=-1))], email_confirmation="confirmed")
    assert target.confirmed("guest1@example.com") is False, "he was a guest of the lost ledger, and registered now"


class TestTwoAccountsOfTheShopWithOneAddress:
    PEOPLE = (contact(7, email="one@example.com"), contact(8, email="One@example.com", first_name="Марія"))

    @pytest.mark.parametrize("mode", ["unconfirmed", "confirmed", "newsletter"])
    @pytest.mark.parametrize("together", [True, False])
    def test_are_one_contact_that_is_the_firsts(self, target: Driver, mode: str, *, together: bool) -> None:
        ticked = [person | {"newsletter_subscribed": True} for person in self.PEOPLE]
        for people in [ticked] if together else [[person] for person in ticked]:
            target(contacts=people, email_confirmation=mode)
        target(contacts=[ticked[1] | {"first_name": "Ганна"}], email_confirmation=mode)
        assert [(p["externalCustomerId"], p["firstName"]) for p in target.there("one@example.com")] == [("7", "Олена")]

    @pytest.mark.parametrize("ticked", [True, False])
    def test_bring_back_nobody_once_that_contact_is_deleted_there(self, target: Driver, *, ticked: bool) -> None:
        people = [person | {"newsletter_subscribed": ticked} for person in self.PEOPLE]
        target(contacts=people, email_confirmation="newsletter")
        target.sandbox.delete_contact(target.there("one@example.com")[0]["id"])
        for person in people:
            target(contacts=[person | {"last_name": "Нова"}], email_confirmation="newsletter")
        orders = [order(number, user_id=number, email="one@example.com") for number in (7, 8)]
        result = target(orders=orders, email_confirmation="newsletter")
        assert result.ended("orders") == {"held:buyer_not_delivered": 2}
        assert [person["deleted"] for person in target.there("one@example.com")] == [True]

    def test_and_the_second_is_a_contact_of_his_own_once_he_has_another_address(self, target: Driver) -> None:
        target(contacts=list(self.PEOPLE))
        target(contacts=[self.PEOPLE[1] | {"email": "own@example.com"}])
        assert target.confirmed("own@example.com") is False
        assert [p["externalCustomerId"] for p in target.there("one@example.com")] == ["7"]


@pytest.mark.parametrize("reading", ["new", "address"])
def test_a_customer_with_a_phone_alone_does_not_become_the_guest_who_typed_it(target: Driver, reading: str) -> None:
    phone = "+380501234567"
    target.sandbox.switch(dedupe_unknown_id=reading)
    target(orders=[order(1, phone=phone)], contact_fields=["email", "phone", "first_name"])
    target(contacts=[contact(7, email=None, phone=phone, first_name="Марія")])
    guest = target.there("guest1@example.com")[0]
    assert (guest["firstName"], guest["externalCustomerId"]) == ("Петро", None)
    target(contacts=[contact(7, email="own@example.com", phone=phone)], contact_fields=["email", "phone"])
    assert [person["externalCustomerId"] for person in target.there("own@example.com")] == ["7"]
    assert target.confirmed("own@example.com") is False
    assert target.there("guest1@example.com") == [guest]


def test_a_customer_with_a_phone_alone_is_the_guest_who_bought_with_that_phone_alone(target: Driver) -> None:
    phone = "+380501234567"
    target(orders=[order(1, email=None, phone=phone)])
    target(contacts=[contact(7, email=None, phone=phone, first_name="Марія")])
    assert [(p["externalCustomerId"], p["firstName"]) for p in target.there("380501234567")] == [("7", "Марія")]


def test_an_update_that_may_have_been_done_is_put_right_when_the_shop_changed_it_back(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EsputnikClient.__init__.__kwdefaults__, "give_up_after", 1.0)
    target(contacts=[contact(7)])
    target.sandbox.fail(api="esputnik", method="PUT", times=None, kind="drop_after")
    assert target(contacts=[contact(7, first_name="Марія")]).code == 1
    assert target.there("customer7@example.com")[0]["firstName"] == "Марія"
    target.sandbox.clear_faults()
    target(contacts=[contact(7)])
    assert target.there("customer7@example.com")[0]["firstName"] == "Олена"


def test_an_id_that_belongs_to_another_contact_there_does_not_hold_up_the_buyer(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "former@example.com", "confirmed": True}], externalCustomerId="7"
    )
    target.sandbox.create_contact(channels=[{"type": "email", "value": "customer7@example.com", "confirmed": False}])
    result = target(contacts=[contact(7)], orders=[order(1, email="customer7@example.com")])
    assert (result.ended("contacts"), result.ended("orders")) == ({"accepted": 1}, {"accepted": 1})
    assert target.confirmed("customer7@example.com") is False
    assert target.there("customer7@example.com")[0]["firstName"] == "Олена"


def test_another_prefix_makes_nobody_a_second_time(target: Driver) -> None:
    target(contacts=[contact(7)], orders=[order(1)])
    result = target(contacts=[contact(7)], orders=[order(1)], external_id_prefix="a-")
    assert result.code == 2
    assert "external_id_prefix" in result.log
    assert len(target.sandbox.sent_orders()) == 1
    assert target(contacts=[contact(7)], external_id_prefix="a-", shop="second").code == 0


def test_a_family_with_one_phone_and_no_address_is_several_contacts(target: Driver) -> None:
    people = [contact(number, email=None, phone="+380501234567", first_name=name) for number, name in FAMILY.items()]
    target(contacts=people)
    there = {person["externalCustomerId"]: person["firstName"] for person in target.there("380501234567")}
    assert there == {str(number): name for number, name in FAMILY.items()}
