from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_driver import at, contact, order

if TYPE_CHECKING:
    from target_driver import Driver


def test_an_order_is_sent_once_however_often_it_is_read(target: Driver) -> None:
    first = target(orders=[order(1)])
    again = [target(orders=[order(1)]) for _ in range(2)]
    assert first.ended("orders") == {"accepted": 1}
    assert [run.ended("orders") for run in again] == [{"unchanged": 1}] * 2
    assert target.events()["orderINITIALIZED"] == 1
    assert target.paths().count("POST /v1/orders") == 1


def test_a_changed_status_is_sent_once_and_a_changed_total_is_not(target: Driver) -> None:
    target(orders=[order(1)])
    target(orders=[order(1, total=999)])
    target(orders=[order(1, status_id=2, total=999)])
    target(orders=[order(1, status_id=6)])
    assert target.events() == {"subscribeFromApi-horoshop": 1, "orderINITIALIZED": 1, "orderIN_PROGRESS": 1}
    assert target.sandbox.sent_orders()[0]["totalCost"] == 999


def test_nothing_left_to_send_for_a_new_status_is_recorded_as_unchanged(target: Driver) -> None:
    target(orders=[order(1, status_id=2)])
    assert target(orders=[order(1, status_id=6)]).ended("orders") == {"unchanged": 1}
    assert target.rows("SELECT shop_status, esputnik_status FROM orders") == [(6, "IN_PROGRESS")]
    assert target(orders=[order(1, status_id=3)]).ended("orders") == {"accepted": 1}


def test_any_update_sends_the_last_status_again_when_the_content_changed(target: Driver) -> None:
    target(orders=[order(1, status_id=2)], order_updates="any")
    target(orders=[order(1, status_id=2, comment="call first")], order_updates="any")
    assert target.events()["orderIN_PROGRESS"] == 1
    target(orders=[order(1, status_id=2, city="Київ")], order_updates="any")
    target(orders=[order(1, status_id=2, city="Київ")], order_updates="any")
    assert target.events()["orderIN_PROGRESS"] == 2


def test_a_first_run_mails_nobody_about_history(target: Driver) -> None:
    result = target(orders=[order(1), order(2, created_at=at(days=90))], contacts=[contact(7)], live_since=None)
    assert result.ended("orders") == {"baseline:before_live_since": 2}
    assert not target.sandbox.sent_orders()
    assert {event for event in target.events() if event.startswith("order")} == set()
    assert not target.there("guest1@example.com"), "a baseline order made a contact"


def test_a_baseline_order_is_sent_when_its_status_changes_after_its_buyer(target: Driver) -> None:
    target(orders=[order(1)], live_since=None)
    assert target(orders=[order(1)], live_since=None).ended("orders") == {"unchanged": 1}
    assert target(orders=[order(1, status_id=2)], live_since=None).ended("orders") == {"accepted": 1}
    assert target.confirmed("guest1@example.com") is False
    assert target.events() == {"subscribeFromApi-horoshop-history": 1, "orderIN_PROGRESS": 1}


def test_settings_never_make_a_recorded_or_sent_order_due(target: Driver) -> None:
    target(orders=[order(1), order(2, created_at=at(days=3))], live_since=at(days=1))
    mapping = [{"status": 2, "send": ["IN_PROGRESS", "DELIVERED"]}, {"status": 6, "send": "CANCELLED"}]
    result = target(
        orders=[order(1), order(2, created_at=at(days=3))],
        live_since=at(days=30),
        order_status_mapping=mapping,
        store_id="second",
        order_updates="any",
        contact_fields=["phone"],
    )
    assert result.ended("orders") == {"unchanged": 2}
    assert target.paths().count("POST /v1/orders") == 1


def test_a_past_live_since_sends_history_on_purpose(target: Driver) -> None:
    assert target(orders=[order(1, created_at=at(days=300))], live_since=at(days=365)).ended("orders") == {
        "accepted": 1
    }
    assert "subscribeFromApi-horoshop" in target.events()


def test_a_newer_version_in_the_same_run_supersedes_the_older(target: Driver) -> None:
    result = target(contacts=[contact(7), contact(7, first_name="Марія")], orders=[order(1), order(1, status_id=2)])
    assert result.ended("orders") == {"superseded": 1, "accepted": 1}
    assert result.ended("contacts") == {"superseded": 1, "accepted": 1}
    assert target.sandbox.sent_orders()[0]["status"] == "IN_PROGRESS"


class TestAListOfStatuses:
    MAPPING = [{"status": 8, "send": ["IN_PROGRESS", "DELIVERED"]}]  # noqa: RUF012 - a constant of the tests

    def test_it_is_sent_in_its_order_in_waves(self, target: Driver) -> None:
        orders = [order(1, status_id=8), order(2, status_id=8), order(3)]
        target(orders=orders, order_status_mapping=self.MAPPING)
        fired = [
            (event["type"], event["key"]) for event in target.sandbox.events() if event["type"].startswith("order")
        ]
        assert fired == [
            ("orderIN_PROGRESS", "1"),
            ("orderIN_PROGRESS", "2"),
            ("orderINITIALIZED", "3"),
            ("orderDELIVERED", "1"),
            ("orderDELIVERED", "2"),
        ]

    def test_a_status_that_the_order_has_already_is_skipped(self, target: Driver) -> None:
        target(orders=[order(1, status_id=2)], order_status_mapping=self.MAPPING)
        target(orders=[order(1, status_id=8)], order_status_mapping=self.MAPPING)
        assert target.events()["orderIN_PROGRESS"] == 1
        assert target.events()["orderDELIVERED"] == 1

    def test_cut_off_in_the_middle_it_goes_on_where_it_stopped(self, target: Driver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", after=1, times=50, kind="status", status=400)
        first = target(orders=[order(1, status_id=8)], order_status_mapping=self.MAPPING)
        assert first.ended("orders") == {"rejected:refused": 1}
        assert target.rows("SELECT esputnik_status FROM orders") == [("IN_PROGRESS",)]
        target.sandbox.clear_faults()
        again = target(orders=[order(1, status_id=8)], order_status_mapping=self.MAPPING)
        assert again.ended("orders") == {"rejected:refused": 1}, "a rejected version is not tried again"
        changed = target(orders=[order(1, status_id=8, comment="new")], order_status_mapping=self.MAPPING)
        assert changed.ended("orders") == {"accepted": 1}
        assert target.events()["orderIN_PROGRESS"] == 1

    def test_no_member_of_a_longer_list_is_sent_twice(self, target: Driver) -> None:
        mapping = [{"status": 8, "send": ["IN_PROGRESS", "DELIVERED", "CANCELLED"]}]
        target.sandbox.fail(api="esputnik", path="/v1/orders", after=2, times=50, kind="status", status=400)
        target(orders=[order(1, status_id=8)], order_status_mapping=mapping)
        target.sandbox.clear_faults()
        target(orders=[order(1, status_id=8, comment="new")], order_status_mapping=mapping)
        fired = [event["type"] for event in target.sandbox.events() if event["type"].startswith("order")]
        assert fired == ["orderIN_PROGRESS", "orderDELIVERED", "orderCANCELLED"]

    def test_an_update_that_is_cut_off_goes_on_with_the_last_status_alone(self, target: Driver) -> None:
        settings = {"order_status_mapping": self.MAPPING, "order_updates": "any"}
        target(orders=[order(1, status_id=8)], **settings)
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        target(orders=[order(1, status_id=8, city="Київ")], **settings)
        target.sandbox.clear_faults()
        target(orders=[order(1, status_id=8, city="Київ")], **settings)
        fired = [event["type"] for event in target.sandbox.events() if event["type"].startswith("order")]
        assert fired == ["orderIN_PROGRESS", "orderDELIVERED", "orderDELIVERED"]


class TestAStatusWithoutAMapping:
    def test_it_is_held_and_never_guessed(self, target: Driver) -> None:
        assert target(orders=[order(1, status_id=77)]).ended("orders") == {"held:unmapped_status": 1}
        assert not target.sandbox.sent_orders()

    def test_once_mapped_it_goes_by_itself_even_if_it_is_not_read_again(self, target: Driver) -> None:
        target(orders=[order(1, status_id=77)])
        result = target(orders=[], order_status_mapping=[{"status": 77, "send": "DELIVERED"}])
        assert dict(result.carried) == {("orders", "accepted", ""): 1}
        assert target.events()["orderDELIVERED"] == 1

    @pytest.mark.parametrize("read_again", [[], [order(1, status_id=77)]])
    def test_held_for_more_than_three_days_it_waits_for_a_person(
        self, target: Driver, read_again: list[object]
    ) -> None:
        target(orders=[order(1, status_id=77)])
        target.change_ledger("UPDATE orders SET since = '2020-01-01T00:00:00.000000+00:00'")
        target(orders=read_again, order_status_mapping=[{"status": 77, "send": "DELIVERED"}])
        assert not target.sandbox.sent_orders()

    def test_its_next_status_goes(self, target: Driver) -> None:
        target(orders=[order(1, status_id=77)])
        assert target(orders=[order(1, status_id=3)]).ended("orders") == {"accepted": 1}

    def test_a_mapping_by_title_fits_any_language_without_case(self, target: Driver) -> None:
        titles = {"ua": "Оплачено", "en": "Paid"}
        mapping = [{"status": "PAID", "send": "IN_PROGRESS"}]
        result = target(orders=[order(1, status_id=8, status_titles=titles)], order_status_mapping=mapping)
        assert result.ended("orders") == {"accepted": 1}


class TestALedgerThatIsLost:
    def _state(self, target: Driver) -> dict[str, object]:
        return target(orders=[order(1)]).states[-1]

    def test_fires_nothing_whatever_live_since_says(self, target: Driver) -> None:
        state = self._state(target)
        target.place.lose()
        younger = [order(2, created_at=at(seconds=30)), order(3, created_at=at(hours=-1))]
        result = target(orders=[order(1), *younger], state=state)
        assert result.ended("orders") == {"baseline:ledger_lost": 3}
        assert target.events()["orderINITIALIZED"] == 1
        assert "2 orders are newer than the bookmark" in result.log

    def test_still_fires_nothing_for_orders_that_only_a_later_run_reads(self, target: Driver) -> None:
        state = self._state(target)
        target.place.lose()
        after = target(orders=[], state=state).states[-1]
        assert target(orders=[order(1)], state=after).ended("orders") == {"baseline:ledger_lost": 1}
        assert target.events()["orderINITIALIZED"] == 1

    def test_an_older_copy_counts_as_lost(self, target: Driver) -> None:
        target(orders=[])
        target.place.back_up()
        state = self._state(target)
        target.place.restore()
        assert target(orders=[order(1)], state=state).ended("orders") == {"baseline:ledger_lost": 1}

    def test_the_ledger_of_the_state_is_not_lost(self, target: Driver) -> None:
        state = self._state(target)
        assert target(orders=[order(2)], state=state).ended("orders") == {"accepted": 1}

    def test_a_full_refresh_fires_nothing_again(self, target: Driver) -> None:
        self._state(target)
        assert target(orders=[order(1)]).ended("orders") == {"unchanged": 1}


class TestSwitchesOfWhatIsReceived:
    def test_orders_off_they_only_tell_of_buyers_and_are_not_due_later(self, target: Driver) -> None:
        result = target(orders=[order(1)], receive_orders=False)
        assert result.ended("orders") == {"baseline:switched_off": 1}
        assert target.confirmed("guest1@example.com") is False
        assert target(orders=[order(1)]).ended("orders") == {"unchanged": 1}
        assert not target.sandbox.sent_orders()

    def test_contacts_off_only_buyers_go_with_what_identifies_them(self, target: Driver) -> None:
        result = target(
            contacts=[contact(7), contact(8)],
            orders=[order(1, email="customer7@example.com"), order(2)],
            receive_contacts=False,
        )
        assert result.ended("orders") == {"accepted": 2}
        assert not target.there("customer8@example.com")
        people = [target.there(f"{name}@example.com")[0] for name in ("customer7", "guest2")]
        assert [(person["externalCustomerId"], person["firstName"]) for person in people] == [("7", None), (None, None)]
        assert target.confirmed("customer7@example.com") is False

    def test_contacts_on_again_they_go(self, target: Driver) -> None:
        target(contacts=[contact(8)], receive_contacts=False)
        assert target(contacts=[contact(8)]).ended("contacts") == {"accepted": 1}

    def test_both_off_nothing_goes(self, target: Driver) -> None:
        target(contacts=[contact(7)], orders=[order(1)], receive_contacts=False, receive_orders=False)
        assert [path for path in target.paths() if not path.startswith("GET")] == []


def test_a_held_status_that_is_mapped_to_what_was_sent_last_fires_nothing_again(target: Driver) -> None:
    target(orders=[order(1, status_id=2)])
    target(orders=[order(1, status_id=77)])
    target(orders=[], order_status_mapping=[{"status": 77, "send": "IN_PROGRESS"}])
    assert target.events()["orderIN_PROGRESS"] == 1
    assert target.rows("SELECT fate, shop_status FROM orders") == [("accepted", 77)]


def test_turning_any_update_on_fires_nothing_for_what_changed_before(target: Driver) -> None:
    target(orders=[order(1, status_id=3)])
    target(orders=[order(1, status_id=3, city="Київ")])
    target(orders=[order(1, status_id=3, city="Київ")], order_updates="any")
    assert target.events()["orderDELIVERED"] == 1
    target(orders=[order(1, status_id=3, city="Одеса")], order_updates="any")
    assert target.events()["orderDELIVERED"] == 2


@pytest.mark.parametrize("moved", [False, True])
def test_after_an_older_copy_of_the_ledger_any_update_fires_nothing_for_what_may_have_been_sent(
    target: Driver, *, moved: bool
) -> None:
    target(orders=[order(1, status_id=2)], order_updates="any")
    target.place.back_up()
    new = order(1, status_id=3 if moved else 2, city="Київ")
    state = target(orders=[new], order_updates="any").states[-1]
    before = target.events()
    target.place.restore()
    for _ in range(2):
        state = target(orders=[new], state=state, order_updates="any").states[-1]
        assert target.events() == before
    target(orders=[new | {"city": "Одеса"}], state=state, order_updates="any")
    assert sum((target.events() - before).values()) == 1


def test_a_tap_that_says_nothing_sets_nothing_off_that_waits(target: Driver) -> None:
    """Its first message may be the STATE that tells that this ledger is an older copy."""
    mapped = {"order_status_mapping": [{"status": 77, "send": "DELIVERED"}]}
    target(orders=[order(1, status_id=77)])
    target.place.back_up()
    target(orders=[], **mapped)
    assert target.events()["orderDELIVERED"] == 1
    target.place.restore()
    target.messages([], **mapped)
    assert target.events()["orderDELIVERED"] == 1
