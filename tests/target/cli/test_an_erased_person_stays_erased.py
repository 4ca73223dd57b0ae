# ruff: noqa: S608 - queries of tests, on values of tests
from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from target_driver import at, contact, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_driver import LedgerDriver
    from target_driver import Driver

HIS: dict[str, Any] = {
    "email": "Zenon.Zubr@example.com",
    "phone": "067 765 43 21",
    "first_name": "Зенон",
    "last_name": "Зубр",
    "city": "Збараж",
    "address": "вул. Зоряна, 77",
}
TRACES = ("zenon", "7654321", "765 43 21", "зенон", "зубр", "збараж", "зоряна")
PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
CONTACT_FIELDS: dict[str, Any] = {"contact_fields": ["email", "phone", "first_name", "last_name", "address"]}


def _traces(target: Driver) -> list[str]:
    """What of him stands in the bytes of any file of the ledger, its log included."""
    held = b"".join(file.read_bytes() for file in sorted(target.ledger_path.parent.iterdir()))
    text = held.decode("utf-8", "replace").casefold()
    return [trace for trace in TRACES if trace in text]


def _full_of_him(target: Driver) -> None:
    """Have records of his in every table and with many a fate, beside those of somebody else."""
    target(
        contacts=[contact(7, **HIS), contact(8)],
        orders=[
            order(1, **HIS),
            order(2, **HIS, **PACKED),
            order(3, **HIS, created_at="2019-05-01T00:00:00+03:00"),
            order(4, **(HIS | {"email": None})),
            order(5, **HIS, total="much"),
            order(6),
        ],
        **CONTACT_FIELDS,
    )
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400, body="Zenon Зубр")
    target(contacts=[contact(7, **(HIS | {"first_name": "Зенон-Петро"}))], orders=[order(9, **HIS)], **CONTACT_FIELDS)


class TestHere:
    @pytest.mark.sqlite_only
    @pytest.mark.parametrize(
        "whom",
        [("--email", "zenon.zubr@EXAMPLE.com"), ("--phone", "+380677654321"), ("--id", "7")],
        ids=lambda words: words[0],
    )
    def test_nothing_of_him_is_left_in_any_byte_of_the_ledger(
        self, target: Driver, ledger: LedgerDriver, whom: tuple[str, str]
    ) -> None:
        _full_of_him(target)
        assert _traces(target) == list(TRACES), "what is looked for was there"
        facts = ledger.facts("erase", *whom, "--yes")
        assert (facts["erased"], facts["log_cleared"]) == (True, True)
        assert facts["orders"] == [1, 2, 3, 4, 5, 9]
        assert _traces(target) == []

    def test_orders_that_an_older_version_wrote_are_found_too(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(3, **HIS, created_at="2019-05-01T00:00:00+03:00"), order(6)])
        target.change_ledger("UPDATE orders SET email_key = NULL, phone_key = NULL")
        assert ledger.facts("erase", "--email", "zenon.zubr@example.com")["orders"] == [3]
        assert ledger.facts("erase", "--phone", "+380677654321")["orders"] == [3]

    def test_orders_that_were_only_recorded_are_found_by_a_phone_of_the_shops_country(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        old = {"created_at": "2019-05-01T00:00:00+03:00"}
        polish = {"phone_region": "PL"}
        target(orders=[order(1, phone="512 345 678", **old), order(2, phone="067 765 43 21", **old)], **polish)
        assert ledger.facts("erase", "--phone", "+48512345678", **polish)["orders"] == [1]
        assert ledger.facts("erase", "--phone", "512-345-678", **polish)["orders"] == [1]

    @pytest.mark.sqlite_only
    def test_what_sqlite_leaves_in_pages_that_are_free_goes_too(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, **HIS)], **CONTACT_FIELDS)
        file = sqlite3.connect(target.ledger_path, isolation_level=None)
        file.execute("PRAGMA secure_delete = OFF")  # as many builds of SQLite have it
        file.execute("UPDATE contacts SET answer = ?", ["Зенон Зубр, Збараж " * 2000])
        file.execute("UPDATE contacts SET answer = NULL, record = NULL")
        file.execute("DELETE FROM sends")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        assert "зубр" in _traces(target), "nothing in a row, and still there"
        ledger.facts("erase", "--id", "7", "--yes")
        assert _traces(target) == []

    @pytest.mark.sqlite_only
    def test_a_reader_that_keeps_the_log_is_told_of_and_the_next_try_clears_it(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        _full_of_him(target)
        reader = sqlite3.connect(target.ledger_path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contacts").fetchone()
        facts = ledger.facts("erase", "--id", "7", "--yes")
        assert (facts["erased"], facts["log_cleared"]) == (True, False)
        reader.close()
        assert ledger.facts("erase", "--id", "7", "--yes")["log_cleared"] is True
        assert _traces(target) == []

    def test_others_keep_all_that_is_theirs(self, target: Driver, ledger: LedgerDriver) -> None:
        _full_of_him(target)
        ours = "SELECT * FROM contacts WHERE key NOT IN ('7') ORDER BY key"
        orders = "SELECT * FROM orders WHERE order_id = 6"
        sends = "SELECT * FROM sends WHERE key IN ('8', '6') OR key LIKE 'guest:%' ORDER BY id"
        before = [target.rows(query) for query in (ours, orders, sends)]
        ledger.facts("erase", "--id", "7", "--yes")
        assert [target.rows(query) for query in (ours, orders, sends)] == before
        assert before[2]

    def test_the_preview_says_what_goes_and_writes_nothing(
        self, target: Driver, ledger: LedgerDriver, everything: Callable[[], object]
    ) -> None:
        _full_of_him(target)
        before = everything()
        facts = ledger.facts("erase", "--email", HIS["email"])
        assert facts["erased"] is False
        assert facts["contacts"] == ["7"]
        assert facts["orders"] == [1, 2, 3, 4, 5, 9]
        assert everything() == before
        assert facts["counts"] == ledger.facts("erase", "--email", HIS["email"], "--yes")["counts"]

    def test_dry_run_erases_nothing_even_with_yes(
        self, target: Driver, ledger: LedgerDriver, everything: Callable[[], object]
    ) -> None:
        _full_of_him(target)
        before = everything()
        assert ledger.facts("erase", "--id", "7", "--yes", dry_run=True)["erased"] is False
        assert everything() == before

    def test_an_answer_about_somebody_else_that_quotes_him_is_blotted_out_and_stays_an_answer(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target.sandbox.switch(failed_orders="unmatched")
        target(orders=[order(1, **HIS), order(2, currency=None)])
        quoting = json.dumps([{"email": HIS["email"]}])
        target.change_ledger(f"UPDATE orders SET answer = '{quoting}'")
        target.change_ledger(f"UPDATE sends SET answer = '{quoting}' WHERE kind = 'order'")
        assert target.rows("SELECT reason FROM orders WHERE order_id = 2") == [("in_doubt",)]
        ledger.facts("erase", "--email", HIS["email"], "--yes")
        assert target.rows("SELECT answer FROM orders WHERE order_id = 2") == [("[erased]",)]
        assert target.rows("SELECT answer FROM sends WHERE kind = 'order' AND key = '2'") == [("[erased]",)]

    def test_a_rejected_version_with_an_address_that_the_row_does_not_have_is_found(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(contacts=[contact(7)])
        target(contacts=[contact(7, email=HIS["email"], first_name={"no": "text"})])
        assert target.rows("SELECT reason FROM contacts") == [("invalid",)]
        assert ledger.facts("erase", "--email", HIS["email"], "--yes")["contacts"] == ["7"]
        assert target.rows("SELECT record, answer FROM contacts WHERE key = '7'") == [(None, None)]

    def test_a_family_shares_a_phone_and_only_the_one_who_is_named_goes(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(contacts=[contact(7, **HIS), contact(8, phone=HIS["phone"])], orders=[order(1, phone=HIS["phone"])])
        facts = ledger.facts("erase", "--email", HIS["email"], "--yes")
        assert (facts["contacts"], facts["orders"]) == (["7"], [])
        assert target(contacts=[contact(8, phone=HIS["phone"])]).ended("contacts") == {"unchanged": 1}

    def test_an_order_with_nothing_but_the_familys_phone_stays_with_the_buyer_that_it_was_tied_to(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        family = {"phone": HIS["phone"]}
        target(contacts=[contact(7, **HIS), contact(8, **family)], orders=[order(1, email=None, user_id=8, **family)])
        assert target.rows("SELECT buyer, fate FROM orders") == [("8", "accepted")]
        assert ledger.facts("erase", "--email", HIS["email"], "--yes")["orders"] == []
        assert ledger.facts("erase", "--phone", HIS["phone"], "--yes")["orders"] == [1], "the phone itself was named"

    def test_it_waits_for_no_run_that_is_at_work(self, target: Driver, ledger: LedgerDriver) -> None:
        _full_of_him(target)
        if target.place.where != str(target.ledger_path):
            pytest.skip("PostgreSQL has its own lock")
        with FileLock(f"{target.ledger_path}.1.lock"):
            said = ledger("erase", "--id", "7", "--yes")
            assert (said.code, said.err.split(":")[0]) == (1, "ledger_busy")
        assert target.rows("SELECT count(*) FROM contacts WHERE reason = 'erased'") == [(0,)]

    @pytest.mark.parametrize(
        "words",
        [(), ("--email", "no address"), ("--phone", "12"), ("--id", "4711")],
        ids=["none", "email", "phone", "id"],
    )
    def test_who_is_not_named_well_is_not_erased(
        self, target: Driver, ledger: LedgerDriver, words: tuple[str, ...]
    ) -> None:
        target(contacts=[contact(7)])
        said = ledger("erase", "--yes", *words)
        assert said.code == 2
        assert "no address" not in said.err
        assert target.rows("SELECT count(*) FROM contacts WHERE reason = 'erased'") == [(0,)]


class TestNeverAgain:
    """No run makes the person again; each of these would have, had the hashes gone with the rest."""

    @pytest.fixture
    def erased(self, target: Driver, ledger: LedgerDriver) -> Driver:
        _full_of_him(target)
        ledger.facts("erase", "--id", "7", "--yes")
        return target

    @pytest.mark.parametrize(
        ("record", "fields"),
        [
            (7, {}),
            (7, {"first_name": "Інше"}),
            (7, {"email": "another@example.com"}),
            (7, {"registered_at": 5}),
            (70, {}),
            (70, {"registered_at": 5}),
            (70, {"email": None}),
        ],
    )
    def test_his_contact_is_held_and_nothing_of_it_is_kept(
        self, erased: Driver, record: int, fields: dict[str, Any]
    ) -> None:
        sent = [path for path in erased.paths() if not path.startswith("GET")]
        outcome = erased(contacts=[contact(record, **(HIS | fields))], **CONTACT_FIELDS)
        assert outcome.ended("contacts") == {"held:erased": 1}
        assert [path for path in erased.paths() if not path.startswith("GET")] == sent
        assert erased.rows(f"SELECT record, answer, hashes FROM contacts WHERE key = '{record}'") == [(None,) * 3]

    @pytest.mark.parametrize(
        ("number", "fields"),
        [
            (1, {}),
            (1, {"status_id": 3}),
            (1, {"total": "much"}),
            (2, PACKED),
            (3, {"created_at": "2019-05-01T00:00:00+03:00"}),
            (50, {}),
            (50, {"status_id": 9}),
            (50, {"created_at": "2019-05-01T00:00:00+03:00"}),
            (50, {"total": "much"}),
            (50, {"email": None}),
            (50, {"phone": None}),
            (50, {"phone": "050 111 22 33", "first_name": "Інше"}),
        ],
    )
    @pytest.mark.parametrize(
        "settings", [{}, {"receive_orders": False}, {"receive_contacts": False}], ids=["both", "contacts", "orders"]
    )
    def test_his_orders_are_held_and_nothing_of_them_is_kept(
        self, erased: Driver, number: int, fields: dict[str, Any], settings: dict[str, Any]
    ) -> None:
        sent = [path for path in erased.paths() if not path.startswith("GET")]
        outcome = erased(orders=[order(number, **(HIS | fields))], **settings)
        assert outcome.ended("orders") == {"held:erased": 1}
        assert not outcome.derived
        assert [path for path in erased.paths() if not path.startswith("GET")] == sent
        assert erased.rows(f"SELECT record, answer FROM orders WHERE order_id = {number}") == [(None, None)]

    def test_a_full_refresh_brings_no_content_back(self, erased: Driver) -> None:
        erased(
            contacts=[contact(7, **HIS)],
            orders=[order(n, **HIS) for n in (1, 2, 3, 4, 5, 9)],
            state={"bookmarks": {}},
        )
        assert erased.rows("SELECT count(*) FROM orders WHERE record IS NOT NULL AND order_id <> 6") == [(0,)]
        assert erased.rows("SELECT record FROM contacts WHERE key = '7'") == [(None,)]

    def test_an_order_that_had_lost_its_content_before_gets_none_back(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        old = order(1, **HIS, created_at="2019-05-01T00:00:00+03:00")
        target(orders=[old], store_payloads=False)
        ledger.facts("erase", "--email", HIS["email"], "--yes")
        target(orders=[old], state={"bookmarks": {}})
        assert target.rows("SELECT record FROM orders") == [(None,)]

    def test_the_address_that_he_has_by_now_is_his_too(self, erased: Driver) -> None:
        new = {"email": "new.home@example.com"}
        outcome = erased(contacts=[contact(7, **(HIS | new))], orders=[order(60, status_id=9, **new)])
        assert (outcome.ended("orders"), dict(outcome.derived)) == ({"held:erased": 1}, {})
        outcome = erased(orders=[order(61, **new)])
        assert (outcome.ended("orders"), dict(outcome.derived)) == ({"held:erased": 1}, {})

    def test_no_command_sends_him(self, erased: Driver, ledger: LedgerDriver) -> None:
        sent = [path for path in erased.paths() if not path.startswith("GET")]
        mapped: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": "IN_PROGRESS"}]}
        for words in (["release", "--yes"], ["retry", "--yes"], ["resend", "--id", "1", "--id", "3", "--yes"]):
            ledger.facts(*words, **mapped)
        assert [path for path in erased.paths() if not path.startswith("GET")] == sent

    def test_others_go_as_ever(self, erased: Driver) -> None:
        outcome = erased(contacts=[contact(8, first_name="Інше")], orders=[order(6, status_id=3), order(61)])
        assert outcome.ended("contacts") == {"accepted": 1}
        assert outcome.ended("orders") == {"accepted": 2}

    def test_an_order_that_waited_under_his_new_address_is_held(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, **HIS)], orders=[])
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="status", status=503)
        target(orders=[order(1, email="old@example.com")])
        target.sandbox.clear_faults()
        ledger.facts("erase", "--id", "7", "--yes")
        target.change_ledger(
            "UPDATE contacts SET email_key = (SELECT email_key FROM contacts WHERE key LIKE 'guest:%') WHERE key = '7'"
        )
        target(orders=[])
        assert target.rows("SELECT fate, reason, record FROM orders") == [("held", "erased", None)]

    def test_somebody_whom_the_ledger_does_not_know_yet_is_never_made(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(contacts=[contact(8)])
        ledger.facts("erase", "--email", HIS["email"], "--yes")
        outcome = target(contacts=[contact(7, **HIS)], orders=[order(1, **HIS)])
        assert (outcome.ended("contacts"), outcome.ended("orders")) == ({"held:erased": 1}, {"held:erased": 1})
        assert not target.there(HIS["email"])

    def test_a_guest_is_never_made_again(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, **HIS)])
        ledger.facts("erase", "--email", HIS["email"], "--yes", "--remote")
        outcome = target(orders=[order(2, **HIS)])
        assert (outcome.ended("orders"), dict(outcome.derived)) == ({"held:erased": 1}, {})
        assert not [person for person in target.there(HIS["email"]) if not person["deleted"]]


class TestRemote:
    @pytest.mark.parametrize("registered", [True, False], ids=["registered", "guest"])
    def test_his_contact_is_deleted_in_esputnik_and_no_other(
        self, target: Driver, ledger: LedgerDriver, *, registered: bool
    ) -> None:
        target(contacts=[contact(8), *([contact(7, **HIS)] if registered else [])], orders=[order(1, **HIS)])
        (person,) = target.there(HIS["email"])
        facts = ledger.facts("erase", "--email", HIS["email"], "--remote", "--yes")
        assert facts["contacts_in_esputnik"] == [person["id"]]
        assert {p["id"] for p in target.sandbox.sent_contacts() if p["deleted"]} == {person["id"]}
        assert target.rows("SELECT count(*) FROM contacts WHERE esputnik_id IS NOT NULL AND reason = 'erased'") == [
            (0,)
        ]

    def test_the_preview_names_it_and_deletes_nothing(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, **HIS)])
        (person,) = target.there(HIS["email"])
        assert ledger.facts("erase", "--id", "7", "--remote")["contacts_in_esputnik"] == [person["id"]]
        assert not any(p["deleted"] for p in target.sandbox.sent_contacts())

    def test_without_it_esputnik_is_not_asked(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, **HIS)])
        asked = len(target.paths())
        ledger.facts("erase", "--id", "7", "--yes")
        assert len(target.paths()) == asked

    @pytest.mark.parametrize("whom", [("--id", "7"), ("--email", HIS["email"])], ids=["id", "email"])
    def test_what_esputnik_refused_to_do_is_done_by_the_next_try(
        self, target: Driver, ledger: LedgerDriver, whom: tuple[str, str]
    ) -> None:
        target(contacts=[contact(7, **HIS)])
        (person,) = target.there(HIS["email"])
        path = f"/v1/contact/{person['id']}"
        target.sandbox.fail(api="esputnik", path=path, times=1, kind="status", status=403)
        said = ledger("erase", *whom, "--remote", "--yes")
        assert said.code == 2
        assert target.rows("SELECT reason, record FROM contacts") == [("erased", None)], "here it is done"
        facts = ledger.facts("erase", *whom, "--remote", "--yes")
        assert facts["contacts_in_esputnik"] == [person["id"]]
        assert [p["deleted"] for p in target.sandbox.sent_contacts()] == [True]

    def test_it_is_written_down_as_a_run_without_a_name(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7, **HIS)])
        run = ledger.facts("erase", "--id", "7", "--remote", "--yes")["run"]
        (row,) = target.rows(f"SELECT kind, exit_code, counts FROM runs WHERE number = {run}")
        assert (row[0], row[1]) == ("erase", 0)
        assert json.loads(row[2])["erased"]["contacts"] == 1
        assert ledger.facts("requests", "--run", str(run))["requests"][0]["endpoint"] == "contact (delete)"
        assert target(orders=[], state={"esputnik_ledger": {"id": "x", "run": 1}}, contacts=[]).code == 0


def test_moments_of_orders_are_kept_for_the_order_of_things(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[order(1, **HIS, created_at=at(days=2))])
    (before,) = target.rows("SELECT created_at, shop_status, esputnik_status FROM orders")
    ledger.facts("erase", "--email", HIS["email"], "--yes")
    assert target.rows("SELECT created_at, shop_status, esputnik_status FROM orders") == [before]
