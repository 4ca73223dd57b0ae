from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import at, contact, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_driver import LedgerDriver
    from target_driver import Driver

PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": ["IN_PROGRESS", "DELIVERED"]}]}


def _why(facts: dict[str, Any]) -> dict[str, list[str]]:
    return {row["why"]: row["first"] for row in facts["left"]}


def _ended(facts: dict[str, Any], stream: str) -> dict[str, int]:
    return {
        f"{row['result']}:{row['reason']}" if row["reason"] else row["result"]: row["count"]
        for row in facts["outcomes"]
        if row["stream"] == stream
    }


class TestThePreview:
    def test_it_tells_what_would_go_and_leaves_no_trace(
        self, target: Driver, ledger: LedgerDriver, everything: Callable[[], object]
    ) -> None:
        target(contacts=[contact(7)], orders=[order(1, **PACKED), order(2, **PACKED, email="customer7@example.com")])
        before = everything()
        facts = ledger.facts("release", **MAPPED)
        assert everything() == before
        assert facts["sent"] is False
        assert facts["would_send"] == {"contacts": 1, "order_statuses": 4}
        assert facts["events"] == {"orderDELIVERED": 2, "orderIN_PROGRESS": 2, "subscribeFromApi-horoshop": 1}
        assert "--yes" in ledger("release", **MAPPED).out

    def test_it_tells_exactly_what_then_happens(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], orders=[order(1, **PACKED), order(2, **PACKED, email="customer7@example.com")])
        fired_before = target.events()
        preview = ledger.facts("release", **MAPPED)
        sent = ledger.facts("release", "--yes", **MAPPED)
        assert target.events() - fired_before == preview["events"]
        assert sent["outcomes"] == preview["outcomes"]

    def test_dry_run_outranks_yes(self, target: Driver, ledger: LedgerDriver, everything: Callable[[], object]) -> None:
        target(orders=[order(1, **PACKED)])
        before = everything()
        facts = ledger.facts("release", "--yes", dry_run=True, **MAPPED)
        assert (facts["sent"], everything()) == (False, before)

    def test_it_makes_no_ledger(self, target: Driver, ledger: LedgerDriver) -> None:
        for command in ("retry", "release"):
            for options in ([], ["--yes"]):
                assert ledger(command, *options).code == 2
        assert not target.place.exists()

    def test_it_begins_no_new_account_in_a_ledger(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)])
        for options in ([], ["--yes"]):
            assert ledger("release", *options, shop="another").code == 2
        assert target.rows("SELECT count(*) FROM scopes") == [(1,)]


class TestRelease:
    def test_orders_that_are_mapped_by_now_go_after_their_buyers_and_only_once(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(orders=[order(1, **PACKED), order(2, **PACKED)])
        target.change_ledger("UPDATE orders SET since = '2026-01-02T12:00:00.000000+00:00'")
        target(orders=[], **MAPPED)
        assert not target.sandbox.sent_orders(), "held for more than three days: they wait for a person"
        asked = len(target.paths())
        assert _ended(ledger.facts("release", "--yes", **MAPPED), "orders") == {"accepted": 2}
        writes = [path for path in target.paths()[asked:] if path.startswith("POST")]
        assert writes == ["POST /v1/contact/subscribe"] * 2 + ["POST /v1/orders"] * 2
        assert all(not channel["confirmed"] for p in target.sandbox.sent_contacts() for channel in p["channels"])
        again = ledger.facts("release", "--yes", **MAPPED)
        assert (again["outcomes"], again["left"]) == ([], [])
        assert target.events()["orderDELIVERED"] == 2
        assert target(orders=[order(1, **PACKED), order(2, **PACKED)], **MAPPED).ended("orders") == {"unchanged": 2}

    def test_orders_that_still_lack_a_mapping_stay_and_are_named(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)])
        facts = ledger.facts("release", "--yes")
        assert _why(facts) == {"still_unmapped": ["1"]}
        assert target.rows("SELECT fate, reason FROM orders") == [("held", "unmapped_status")]

    @pytest.mark.parametrize(
        ("options", "sent"),
        [
            (("--id", "2"), ["2"]),
            (("--stream", "contacts"), []),
            (("--stream", "orders"), ["1", "2"]),
            (("--reason", "in_doubt"), []),
            (("--reason", "unmapped_status"), ["1", "2"]),
            (("--to", "2026-02-01"), ["1"]),
            (("--from", "2026-02-01"), ["2"]),
        ],
    )
    def test_only_what_the_selectors_choose_goes(
        self, target: Driver, ledger: LedgerDriver, options: tuple[str, ...], sent: list[str]
    ) -> None:
        target(orders=[order(1, **PACKED), order(2, **PACKED)])
        target.change_ledger("UPDATE orders SET since = '2026-01-02T12:00:00.000000+00:00' WHERE order_id = 1")
        ledger.facts("release", "--yes", *options, **MAPPED)
        assert sorted(row["externalOrderId"] for row in target.sandbox.sent_orders()) == sent

    def test_orders_in_doubt_go_again(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        target(orders=[order(1)])
        target.sandbox.clear_faults()
        target(orders=[], in_doubt_orders="hold")
        facts = ledger.facts("release", "--reason", "in_doubt", "--yes", in_doubt_orders="hold")
        assert _ended(facts, "orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 1

    def test_an_order_in_doubt_does_not_go_with_its_buyer_who_is_released(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(contacts=[contact(7)])
        mine = order(1, user_id=7, email="customer7@example.com")
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        target(contacts=[contact(7)], orders=[mine])
        target.sandbox.clear_faults()
        target.sandbox.delete_contact(target.there("customer7@example.com")[0]["id"])
        target(orders=[])
        assert target.rows("SELECT reason FROM orders") == [("in_doubt",)]
        ledger.facts("release", "--reason", "deleted_there", "--yes")
        assert target.confirmed("customer7@example.com") is False
        target(orders=[mine], in_doubt_orders="hold")
        assert not target.sandbox.sent_orders(), "it went against the owner's word"
        target(orders=[mine])
        assert [row["externalOrderId"] for row in target.sandbox.sent_orders()] == ["1"]

    def test_orders_of_a_batch_whose_refusal_named_none_go_again_too(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target.sandbox.switch(failed_orders="unmatched")
        target(orders=[order(1), order(2, currency=None)])
        target.sandbox.switch(failed_orders="object")
        facts = ledger.facts("release", "--reason", "in_doubt", "--yes")
        assert _ended(facts, "orders") == {"accepted": 1, "rejected:refused": 1}

    def test_a_contact_that_was_deleted_is_made_again_unconfirmed(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)])
        self._delete_there(target)
        target.sandbox.advance(3600)
        assert target(contacts=[contact(7, first_name="Оксана")]).ended("contacts") == {"held:deleted_there": 1}
        facts = ledger.facts("release", "--reason", "deleted_there", "--yes", email_confirmation="confirmed")
        assert _ended(facts, "contacts") == {"accepted": 1}
        living = [person for person in target.there("customer7@example.com") if not person["deleted"]]
        assert [person["firstName"] for person in living] == ["Оксана"]
        assert target.confirmed("customer7@example.com") is False, "unconfirmed once is unconfirmed for good"

    def test_a_confirmed_contact_that_was_deleted_is_restored(self, target: Driver, ledger: LedgerDriver) -> None:
        confirmed: dict[str, Any] = {"email_confirmation": "confirmed"}
        target(contacts=[contact(7), contact(8)], **confirmed)
        self._delete_there(target)
        changed = [contact(7, first_name="Оксана"), contact(8)]
        assert target(contacts=changed, **confirmed).ended("contacts") == {"held:deleted_there": 1, "unchanged": 1}
        facts = ledger.facts("release", "--yes", **confirmed)
        assert _ended(facts, "contacts") == {"accepted": 1}
        living = [person for person in target.there("customer7@example.com") if not person["deleted"]]
        assert [person["externalCustomerId"] for person in living] == ["7"]

    def test_contacts_that_wait_for_their_turn_go_now(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7), contact(8)], max_run_minutes=0)
        assert _ended(ledger.facts("release", "--yes"), "contacts") == {"accepted": 2}
        assert target.events() == {"subscribeFromApi-horoshop": 2}

    def test_an_erased_person_is_never_released(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], orders=[order(1, **PACKED)], max_run_minutes=0)
        target.change_ledger("UPDATE contacts SET reason = 'erased', record = NULL")
        target.change_ledger("UPDATE orders SET reason = 'erased', record = NULL")
        facts = ledger.facts("release", "--yes", **MAPPED)
        assert [(row["stream"], row["why"]) for row in facts["left"]] == [("contacts", "erased"), ("orders", "erased")]
        assert facts["outcomes"] == []

    def test_what_a_switch_turns_off_is_not_sent(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], orders=[order(1, **PACKED)], max_run_minutes=0)
        facts = ledger.facts("release", "--yes", receive_contacts=False, receive_orders=False, **MAPPED)
        assert [row["why"] for row in facts["left"]] == ["switched_off", "switched_off"]
        assert [path for path in target.paths() if not path.startswith("GET")] == []

    @staticmethod
    def _delete_there(target: Driver) -> None:
        person = target.there("customer7@example.com")[0]
        target.sandbox.delete_contact(person["id"])


class TestRetry:
    def test_a_refused_order_goes_again_as_it_was_read(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        assert target(orders=[order(1)]).ended("orders") == {"rejected:refused": 1}
        assert target(orders=[order(1)]).ended("orders") == {"rejected:refused": 1}, "no run tries it again by itself"
        assert _ended(ledger.facts("retry", "--reason", "refused", "--yes"), "orders") == {"accepted": 1}
        assert target(orders=[order(1)]).ended("orders") == {"unchanged": 1}

    def test_a_refused_contact_goes_again(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
        assert target(contacts=[contact(7)]).ended("contacts") == {"rejected:refused": 1}
        assert _ended(ledger.facts("retry", "--stream", "contacts", "--yes"), "contacts") == {"accepted": 1}
        assert target.there("customer7@example.com")

    def test_a_list_of_statuses_goes_on_where_it_was_refused(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", after=1, times=1, kind="status", status=400)
        assert target(orders=[order(1, **PACKED)], **MAPPED).ended("orders") == {"rejected:refused": 1}
        ledger.facts("retry", "--yes", **MAPPED)
        assert (target.events()["orderIN_PROGRESS"], target.events()["orderDELIVERED"]) == (1, 1)

    def test_what_cannot_go_as_it_is_stays_and_is_named(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, email="x")], orders=[order(1, email=None), order(2, total="much")])
        facts = ledger.facts("retry", "--yes")
        assert {(row["stream"], row["why"], *row["first"]) for row in facts["left"]} == {
            ("contacts", "still_no_identity", "7"),
            ("orders", "still_no_identity", "1"),
            ("orders", "still_invalid", "2"),
        }
        assert facts["outcomes"] == []

    def test_too_many_refusals_end_with_3(self, target: Driver, ledger: LedgerDriver) -> None:
        orders = [order(number, email="one@example.com") for number in range(1, 22)]
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="status", status=400)
        target(orders=orders)
        said = ledger("retry", "--yes", "--json")
        assert (said.code, said.facts["exit_code"]) == (3, 3)
        assert "too_many_rejected: 21 of 21" in said.err


class TestResend:
    def test_an_accepted_order_goes_with_its_last_status_only(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED), order(2)], **MAPPED)
        ledger.facts("resend", "--id", "1", "--yes", **MAPPED)
        assert target.events()["orderDELIVERED"] == 2
        assert target.events()["orderIN_PROGRESS"] == 1
        assert target.events()["orderINITIALIZED"] == 1
        assert target(orders=[order(1, **PACKED)], **MAPPED).ended("orders") == {"unchanged": 1}

    def test_cut_off_it_goes_on_with_that_status_only(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)], **MAPPED)
        target.sandbox.advance(3600)
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
        assert ledger("resend", "--id", "1", "--yes", **MAPPED).code == 1
        target.sandbox.clear_faults()
        target(orders=[], **MAPPED)
        assert (target.events()["orderIN_PROGRESS"], target.events()["orderDELIVERED"]) == (1, 2)

    def test_a_baseline_order_goes_with_all_that_its_status_is_mapped_to_after_its_buyer(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        old = {"created_at": "2019-05-01T00:00:00+03:00"}
        target(orders=[order(1, **PACKED, **old), order(2, **old)], **MAPPED)
        assert not target.sandbox.sent_orders()
        facts = ledger.facts("resend", "--reason", "before_live_since", "--yes", **MAPPED)
        assert _ended(facts, "orders") == {"accepted": 2}
        assert target.events() == {
            "subscribeFromApi-horoshop-history": 2,
            "orderINITIALIZED": 1,
            "orderIN_PROGRESS": 1,
            "orderDELIVERED": 1,
        }
        assert target(orders=[order(1, **PACKED, **old)], **MAPPED).ended("orders") == {"unchanged": 1}

    def test_a_period_is_when_orders_were_made(self, target: Driver, ledger: LedgerDriver) -> None:
        days = {number: f"2026-02-0{number}T12:00:00+02:00" for number in (1, 2, 3)}
        target(orders=[order(number, created_at=day) for number, day in days.items()])
        ledger.facts("resend", "--from", "2026-02-02", "--to", "2026-02-02", "--yes")
        repeated = [event for event in target.sandbox.events() if event["type"] == "orderINITIALIZED"][3:]
        assert [event["key"] for event in repeated] == ["2"]

    def test_without_a_selector_it_would_be_the_whole_shop_and_is_refused(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(orders=[order(1)])
        assert ledger("resend", "--yes").code == 2
        assert target.events()["orderINITIALIZED"] == 1

    def test_content_that_is_gone_is_named_and_a_full_refresh_brings_it_back(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(orders=[order(1), order(2)], store_payloads=False)
        facts = ledger.facts("resend", "--id", "1", "--yes")
        assert _why(facts) == {"content_gone": ["1"]}
        assert "--full-refresh" in facts["left"][0]["sentence"]
        bookmark = {"bookmarks": {"orders": {"replication_key_value": "2026-01-01T00:00:00+00:00"}}}
        target(orders=[order(1)], state=bookmark)
        assert _why(ledger.facts("resend", "--id", "1")) == {"content_gone": ["1"]}, "a plain run keeps nothing anew"
        from_the_beginning = target(orders=[order(1), order(2)], state={"bookmarks": {}})
        assert from_the_beginning.ended("orders") == {"unchanged": 2}
        assert _ended(ledger.facts("resend", "--id", "1", "--yes"), "orders") == {"accepted": 1}
        assert target.events()["orderINITIALIZED"] == 3


class TestOneRunAtATime:
    def test_it_does_not_begin_while_a_run_is_at_work(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)])
        with target.another_run():
            said = ledger("release", "--yes", **MAPPED)
            assert (said.code, said.err.split(":")[0]) == (1, "ledger_busy")
            assert ledger("held").code == 0, "reports work while a run is at work"
            assert ledger.facts("release", **MAPPED)["would_send"]["order_statuses"] == 2, "previews do, too"
        assert not target.sandbox.sent_orders()

    def test_it_is_written_down_as_a_run_of_its_kind(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)])
        sent = ledger.facts("release", "--yes", **MAPPED)
        runs = ledger.facts("stats")["runs"]
        assert [(run["number"], run["kind"], run["exit_code"]) for run in runs] == [
            (sent["run"], "release", 0),
            (1, "run", 0),
        ]
        assert target(orders=[], state={"esputnik_ledger": {"id": "x", "run": 1}}).states, "the target goes on after it"

    def test_an_outage_ends_it_with_1_and_what_was_not_sent_waits(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **PACKED)])
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="rate_limit", seconds=120)
        said = ledger("release", "--yes", **MAPPED)
        assert (said.code, len(said.err.splitlines())) == (1, 1)
        target.sandbox.clear_faults()
        target(orders=[], **MAPPED)
        assert [row["externalOrderId"] for row in target.sandbox.sent_orders()] == ["1"]


def test_a_recorded_list_whose_resend_was_cut_off_goes_on_where_it_stopped(
    target: Driver, ledger: LedgerDriver
) -> None:
    history = {
        "live_since": at(days=1),
        "order_status_mapping": [{"status": 8, "send": ["IN_PROGRESS", "DELIVERED"]}],
    }
    target(orders=[order(1, status_id=8, created_at=at(days=5))], **history)
    target.sandbox.fail(api="esputnik", path="/v1/orders", after=1, times=1, kind="rate_limit", seconds=500)
    ledger("resend", "--id", "1", "--yes", **history)
    target.sandbox.clear_faults()
    target(orders=[], **history)
    fired = [event["type"] for event in target.sandbox.events() if event["type"].startswith("order")]
    assert fired == ["orderIN_PROGRESS", "orderDELIVERED"]
