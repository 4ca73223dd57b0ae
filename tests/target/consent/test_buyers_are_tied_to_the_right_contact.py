from __future__ import annotations

from typing import TYPE_CHECKING

from target_driver import contact, order, schema

if TYPE_CHECKING:
    import pytest
    from target_driver import Driver

PHONE, OTHER_PHONE = "+380501234567", "+380671234567"


def _sent(target: Driver) -> dict[str, dict[str, object]]:
    return {sent["externalOrderId"]: sent for sent in target.sandbox.sent_orders()}


def test_a_buyer_is_tied_by_email_without_case_never_by_the_shops_user_number(target: Driver) -> None:
    target(
        contacts=[contact(7)],
        orders=[order(1, email="CUSTOMER7@example.com", user_id=999), order(2, email="else@example.com", user_id=7)],
    )
    sent = _sent(target)
    assert sent["1"]["externalCustomerId"] == "7"
    assert "externalCustomerId" not in sent["2"] or not sent["2"]["externalCustomerId"]


def test_a_buyer_is_tied_by_phone_only_where_one_side_has_no_email(target: Driver) -> None:
    target(
        contacts=[contact(7, phone="050 123-45-67"), contact(8, email=None, phone="(067) 123 45 67")],
        orders=[
            order(1, email=None, phone="+38 (050) 123-45-67"),
            order(2, email="new@example.com", phone="0501234567"),
            order(3, email="third@example.com", phone="380671234567"),
        ],
    )
    sent = _sent(target)
    assert sent["1"]["externalCustomerId"] == "7"
    assert not sent["2"].get("externalCustomerId")
    assert sent["3"]["externalCustomerId"] == "8"


def test_a_customer_who_comes_between_two_orders_is_seen_by_the_second(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was found for the orders before is remembered, but not longer than it is true."""
    monkeypatch.setattr("target_esputnik.delivery.run.LEAST_BATCH", 1)
    target(contacts=[contact(7)])
    email = "customer7@example.com"
    records = [
        ("orders", order(1, email=email, user_id=7)),
        ("orders", order(2, email=email, user_id=7)),
        ("contacts", contact(8, email=email)),
        ("orders", order(3, email=email, user_id=8)),
    ]
    lines = [{"type": "RECORD", "stream": stream, "record": record} for stream, record in records]
    assert target.messages([schema("contacts"), schema("orders"), *lines], order_batch_size=1).code == 0
    assert target.rows("SELECT order_id, buyer FROM orders ORDER BY 1") == [(1, "7"), (2, "7"), (3, "8")]


def test_a_phone_that_belongs_to_another_contact_is_left_out_of_the_guests_subscribe_and_order(target: Driver) -> None:
    target.sandbox.create_contact(channels=[{"type": "sms", "value": PHONE[1:]}], firstName="Інша")
    target(orders=[order(1, phone=PHONE), order(2, phone=OTHER_PHONE)], contact_fields=["email", "phone", "first_name"])
    sent = _sent(target)
    assert "phone" not in sent["1"] or not sent["1"]["phone"]
    assert sent["2"]["phone"] == OTHER_PHONE[1:]
    others = [person for person in target.sandbox.sent_contacts() if person["firstName"] == "Інша"]
    assert [channel["value"] for channel in others[0]["channels"]] == [PHONE[1:]]
    assert target.confirmed("guest1@example.com") is False


def test_a_guest_who_gives_his_email_only_sometimes_gets_each_order_by_the_way_that_he_gave(target: Driver) -> None:
    target(orders=[order(1, email=None, phone=PHONE), order(2, phone=PHONE), order(3, phone=PHONE)])
    target(orders=[order(4, email="guest2@example.com", phone=PHONE)])
    by_email = target.there("guest2@example.com")[0]["id"]
    owners = {key: sent["contactId"] for key, sent in _sent(target).items()}
    assert owners["1"] not in {owners["2"], owners["3"]}
    assert (owners["2"], owners["3"]) == (by_email, target.there("guest3@example.com")[0]["id"])
    assert owners["4"] == by_email


def test_a_phone_of_somebody_else_is_left_out_of_the_first_order_with_the_default_fields(target: Driver) -> None:
    target.sandbox.create_contact(channels=[{"type": "sms", "value": PHONE[1:]}], firstName="Інша")
    target(orders=[order(1, phone=PHONE)])
    assert [sent["contactId"] for sent in target.sandbox.sent_orders()] == [target.there("guest1@example.com")[0]["id"]]


def test_who_takes_an_address_that_another_gave_up_is_himself(target: Driver) -> None:
    target(contacts=[contact(7, email="a@example.com")])
    target(contacts=[contact(7, email="c@example.com")])
    target(contacts=[contact(8, email="a@example.com", first_name="Марія")])
    assert any(person["firstName"] == "Марія" for person in target.there("a@example.com"))


def test_a_mistyped_phone_of_a_later_order_moves_it_to_nobody_else(target: Driver) -> None:
    target(orders=[order(1, email="guest@example.com", phone=OTHER_PHONE)])
    target.sandbox.create_contact(channels=[{"type": "sms", "value": PHONE[1:]}], firstName="Інша")
    target(orders=[order(2, email="guest@example.com", phone=PHONE)])
    sent = _sent(target)
    assert sent["1"]["contactId"] == sent["2"]["contactId"]


def test_of_a_family_with_one_phone_only_the_shops_number_picks_one(target: Driver) -> None:
    family = [contact(7, phone=PHONE), contact(8, phone=PHONE)]
    target(contacts=family, orders=[order(1, email=None, phone=PHONE, user_id=8), order(2, email=None, phone=PHONE)])
    sent = _sent(target)
    assert sent["1"]["externalCustomerId"] == "8"
    assert not sent["2"].get("externalCustomerId")


def test_a_guest_whom_esputnik_has_already_is_recorded_and_not_written_to(target: Driver) -> None:
    target.sandbox.create_contact(
        channels=[{"type": "email", "value": "guest1@example.com", "confirmed": False}], firstName="Власне"
    )
    result = target(orders=[order(1)])
    person = target.there("guest1@example.com")[0]
    assert person["firstName"] == "Власне"
    assert target.confirmed("guest1@example.com") is False
    assert dict(result.derived) == {("contacts", "held", "backlog"): 0, ("contacts", "accepted", ""): 1}
    assert [sent["contactId"] for sent in target.sandbox.sent_orders()] == [person["id"]]


def test_a_guest_who_registers_later_keeps_his_contact_and_is_not_asked_again(target: Driver) -> None:
    target(orders=[order(1, email="olena@example.com")])
    target(contacts=[contact(7, email="Olena@example.com")], orders=[order(2, email="olena@example.com")])
    assert len(target.there("olena@example.com")) == 1
    assert target.events()["subscribeFromApi-horoshop"] == 1
    assert {sent["contactId"] for sent in target.sandbox.sent_orders()} == {target.there("olena@example.com")[0]["id"]}
    assert _sent(target)["2"]["externalCustomerId"] == "7"


def test_two_accounts_with_one_address_do_not_overwrite_each_other(target: Driver) -> None:
    twins = [contact(7, email="olena@example.com"), contact(8, email="OLENA@example.com", first_name="Марія")]
    target(contacts=twins[:1])
    target(contacts=twins)
    again = target(contacts=twins)
    people = target.there("olena@example.com")
    assert [(person["externalCustomerId"], person["firstName"]) for person in people] == [("7", "Олена")]
    assert again.ended("contacts") == {"unchanged": 2}


def test_an_external_id_of_somebody_else_is_not_taken_over(target: Driver) -> None:
    target.sandbox.create_contact(
        externalCustomerId="crm-1", channels=[{"type": "email", "value": "customer7@example.com", "confirmed": True}]
    )
    target(contacts=[contact(7)], orders=[order(1, email="customer7@example.com")], external_id_prefix="h-")
    person = target.there("customer7@example.com")
    assert [entry["externalCustomerId"] for entry in person] == ["crm-1"]
    assert [sent["contactId"] for sent in target.sandbox.sent_orders()] == [person[0]["id"]]


def test_twins_and_families_that_arrive_together_do_not_become_one_contact(target: Driver) -> None:
    people = [
        contact(7, email="olena@example.com"),
        contact(8, email="OLENA@example.com", first_name="Марія"),
        contact(9, phone=PHONE, first_name="Мати"),
        contact(10, phone=PHONE, first_name="Син"),
    ]
    result = target(contacts=people, contact_fields=["email", "phone", "first_name"])
    assert result.ended("contacts") == {"accepted": 4}
    there = {person["externalCustomerId"]: person for person in target.sandbox.sent_contacts()}
    assert {key: person["firstName"] for key, person in there.items()} == {"7": "Олена", "9": "Мати", "10": "Син"}
    family = sorted([channel["type"] for channel in there[key]["channels"]] for key in ("9", "10"))
    assert family == [["email"], ["email", "sms"]], "the phone is on one contact, and merged nobody"
    assert target.events() == {"subscribeFromApi-horoshop": 3}


def test_a_contact_that_was_merged_into_another_there_is_followed(target: Driver) -> None:
    target(contacts=[contact(7)])
    person = target.there("customer7@example.com")[0]
    target.sandbox.delete_contact(person["id"])
    target.sandbox.create_contact(
        externalCustomerId="7", channels=[{"type": "email", "value": "customer7@example.com", "confirmed": True}]
    )
    assert target(contacts=[contact(7, first_name="Марія")]).ended("contacts") == {"accepted": 1}


def test_an_address_that_was_taken_away_and_comes_back_is_not_asked_again(target: Driver) -> None:
    for email in ("customer7@example.com", None, "customer7@example.com"):
        target(contacts=[contact(7, email=email, phone=PHONE)])
    assert target.events() == {"subscribeFromApi-horoshop": 1}
    assert target.confirmed("customer7@example.com") is False
