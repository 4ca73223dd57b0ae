from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from target_driver import contact, order

from target_esputnik.fates import REASONS
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from ledger_driver import LedgerDriver
    from target_driver import Driver

NEW = {"id": 1, "title": "Нове", "titles": {"ua": "Нове"}, "is_successful": False}
OWN = {"id": 8, "title": "Зібрано", "titles": {"ua": "Зібрано"}, "is_successful": False}
PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}


@pytest.fixture
def mixed(target: Driver) -> Driver:
    """Give a ledger with records of every fate."""
    target(
        contacts=[contact(7), contact(8, email="no address", phone=None)],
        orders=[
            order(1),
            order(2, **PACKED),
            order(3, email=None),
            order(4, total="much"),
            order(5, created_at="2019-05-01T00:00:00+03:00"),
        ],
        order_statuses=[NEW, OWN],
    )
    return target


def _counts(rows: list[dict[str, Any]], **wanted: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in rows:
        if all(row[name] == value for name, value in wanted.items()):
            counted[f"{row['result']}:{row['reason']}" if row["reason"] else row["result"]] += row["count"]
    return dict(counted)


class TestStatuses:
    def test_each_has_its_orders_and_what_it_is_sent_as(self, mixed: Driver, ledger: LedgerDriver) -> None:
        facts = ledger.facts(
            "statuses", order_status_mapping=[{"status": "зібрано", "send": ["IN_PROGRESS", "DELIVERED"]}]
        )
        assert facts["statuses"] == [
            {"id": 1, "title": "Нове", "orders": 3, "sent_as": ["INITIALIZED"], "listed": True},
            {"id": 7, "title": "Комплектується", "orders": 1, "sent_as": None, "listed": False},
            {"id": 8, "title": "Зібрано", "orders": 0, "sent_as": ["IN_PROGRESS", "DELIVERED"], "listed": True},
        ]

    def test_an_order_counts_in_the_status_that_the_shop_gave_last(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1), order(2)])
        target(orders=[order(1, **PACKED), order(2, status_id=3)])
        assert {row["id"]: row["orders"] for row in ledger.facts("statuses")["statuses"]} == {3: 1, 7: 1}

    def test_the_yaml_to_paste_names_those_without_a_mapping_and_guesses_nothing(
        self, mixed: Driver, ledger: LedgerDriver
    ) -> None:
        pasted = ledger.facts("statuses")["to_paste"]
        setting = yaml.safe_load(pasted)["order_status_mapping"]
        assert [entry["status"] for entry in setting] == [7, 8]
        assert "Комплектується" in pasted
        assert ledger("statuses", order_status_mapping=setting).code == 2, "pasted as it is, it must not be taken"
        chosen = yaml.safe_load(pasted.replace("CHOOSE", "IN_PROGRESS"))["order_status_mapping"]
        assert ledger.facts("statuses", order_status_mapping=chosen)["to_paste"] is None

    def test_a_title_cannot_break_out_of_its_line(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[], order_statuses=[OWN | {"title": "Зібрано\n  - status: 3\x1b[31m"}])
        said = ledger("statuses")
        assert "\x1b" not in said.out
        assert [e["status"] for e in yaml.safe_load(ledger.facts("statuses")["to_paste"])["order_status_mapping"]] == [
            8
        ]


class TestStats:
    def test_they_agree_with_what_the_run_itself_counted(self, mixed: Driver, ledger: LedgerDriver) -> None:
        facts = ledger.facts("stats")
        assert _counts(facts["now"], stream="orders") == {
            "accepted": 1,
            "baseline:before_live_since": 1,
            "held:unmapped_status": 1,
            "rejected:no_identity": 1,
            "rejected:invalid": 1,
        }
        assert _counts(facts["ended"], stream="orders") == _counts(facts["now"], stream="orders")
        assert {(row["from"], row["count"]) for row in facts["ended"] if row["result"] == "accepted"} >= {
            ("derived", 1)
        }
        assert [run["number"] for run in facts["runs"]] == [1]

    def test_requests_are_those_that_esputnik_received(self, mixed: Driver, ledger: LedgerDriver) -> None:
        facts = ledger.facts("stats")
        assert sum(row["requests"] for row in facts["requests"]) == len(mixed.paths())
        assert {row["endpoint"]: row["records"] for row in facts["requests"]}["orders"] == 1
        assert facts["runs"][0]["requests"] == len(mixed.paths())

    def test_a_request_that_failed_is_told_apart(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
        target(orders=[order(1)])
        outcomes = {row["outcome"] for row in ledger.facts("stats")["requests"] if row["endpoint"] == "orders"}
        assert outcomes == {"refused"}

    def test_a_period_holds_the_runs_that_began_in_it(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target(orders=[order(2)])
        target.change_ledger("UPDATE runs SET started_at = '2026-01-31T22:30:00.000000+00:00' WHERE number = 1")
        chosen = {
            ("--from", "2026-01-31T22:30:00+00:00", "--to", "2026-01-31T22:31:00Z"): [1],
            ("--from", "2026-01-31T22:30:01+00:00"): [2],
            ("--to", "2026-01-31T22:30:00+00:00"): [],
            ("--last", "1d"): [2],
            (): [2, 1],
        }
        for options, runs in chosen.items():
            facts = ledger.facts("stats", *options)
            assert [run["number"] for run in facts["runs"]] == runs, options
            orders = sum(row["requests"] for row in facts["requests"] if row["endpoint"] == "orders")
            assert orders == len(runs), options

    def test_a_date_alone_is_a_whole_day_of_this_machines_zone(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        # The night of the clock change: this day has 25 hours in Kyiv.
        target.change_ledger("UPDATE runs SET started_at = '2026-10-25T21:30:00.000000+00:00'")
        file = ledger.config()
        for day, runs in (("2026-10-24", 0), ("2026-10-25", 1), ("2026-10-26", 0)):
            said = ledger.process(
                "stats", "--config", file, "--json", "--from", day, "--to", day, environment={"TZ": "Europe/Kyiv"}
            )
            assert said.facts["runs_in_all"] == runs, day

    def test_last_goes_without_a_period(self, mixed: Driver, ledger: LedgerDriver) -> None:
        assert ledger("stats", "--last", "7d", "--from", "2026-01-01").code == 2

    @pytest.mark.parametrize("option", [("--last", "7x"), ("--from", "yesterday"), ("--to", "31.01.2026")])
    def test_what_is_no_time_is_refused(self, mixed: Driver, ledger: LedgerDriver, option: tuple[str, str]) -> None:
        assert ledger("stats", *option).code == 2


class TestLastRun:
    def test_it_ends_with_the_code_of_the_run(self, target: Driver, ledger: LedgerDriver) -> None:
        assert target(orders=[order(1)]).code == 0
        assert ledger("last-run").code == 0
        assert target(orders=[order(number, email=None) for number in range(100, 130)]).code == 3
        said = ledger("last-run", "--json")
        assert (said.code, said.facts["exit_code"], said.facts["state"]) == (3, 3, "ended")
        target.sandbox.fail(api="esputnik", path="/v1/orders", times=None, kind="rate_limit", seconds=120)
        assert target(orders=[order(2)]).code == 1
        assert ledger("last-run", "--json").facts["error"] == "unavailable"
        assert ledger("last-run").code == 1

    def test_a_run_that_could_not_begin_counts_too(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        assert target(orders=[order(2)], api_key="a-wrong-key").code == 2
        said = ledger("last-run", "--json")
        assert (said.code, said.facts["error"]) == (2, "credentials")
        assert target(orders=[order(2)]).code == 0
        assert ledger("last-run").code == 0

    def test_a_run_without_an_end_is_going_on_or_died(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target.change_ledger("UPDATE runs SET ended_at = NULL, exit_code = NULL")
        assert (ledger("last-run").code, ledger("last-run", "--json").facts["state"]) == (1, "died")
        with target.another_run():
            assert (ledger("last-run").code, ledger("last-run", "--json").facts["state"]) == (1, "running")

    def test_a_run_that_died_is_not_the_one_that_is_going_on(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target.change_ledger(
            "UPDATE runs SET ended_at = NULL, exit_code = NULL, started_at = '2026-01-05T12:00:00.000000+00:00'"
        )
        target(orders=[order(2)])
        with target.another_run():
            assert [run["state"] for run in ledger.facts("stats", "--to", "2026-01-05")["runs"]] == ["died"]

    def test_a_report_that_looks_whether_a_run_is_at_work_turns_none_away(self, target: Driver) -> None:
        target(orders=[order(1)])
        account, name, shop = target.rows("SELECT account, account_name, shop FROM scopes")[0]

        def look_again_and_again() -> None:
            with Ledger.open(target.place.url, create=False, writable=False) as ledger:
                ledger.enter_scope(account, name, shop, create=False)
                while not over.is_set():
                    ledger.is_locked()

        over = threading.Event()
        looks = [threading.Thread(target=look_again_and_again) for _ in range(3)]
        for look in looks:
            look.start()
        try:
            for _ in range(30):
                with target.another_run():
                    pass
        finally:
            over.set()
            for look in looks:
                look.join()

    @pytest.mark.parametrize("day", ["2026-01-05", "20260105"])
    def test_a_day_that_is_the_end_is_in_the_period(self, target: Driver, ledger: LedgerDriver, day: str) -> None:
        target(orders=[order(1)])
        target.change_ledger("UPDATE runs SET started_at = '2026-01-05T12:00:00.000000+00:00'")
        said = ledger("stats", "--json", "--to", day)
        assert said.code == 2 or len(said.facts["runs"]) == 1, "Python 3.10 does not take a day without hyphens"

    def test_a_command_that_sends_is_no_run_of_the_target(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(number, email=None) for number in range(100, 130)])
        assert ledger("retry", "--yes").code == 0
        assert ledger("last-run").code == 3


class TestLists:
    def test_each_record_has_its_reason_in_words_and_what_to_do(self, mixed: Driver, ledger: LedgerDriver) -> None:
        facts = ledger.facts("rejected")
        assert {(row["stream"], row["id"], row["reason"]) for row in facts["records"]} == {
            ("contacts", "8", "no_identity"),
            ("orders", "3", "no_identity"),
            ("orders", "4", "invalid"),
        }
        for row in facts["by_reason"]:
            assert (row["meaning"], row["todo"]) == REASONS[row["reason"]][1:]
        held = ledger.facts("held")["records"]
        assert [(row["id"], row["reason"], row["shop_status"]) for row in held] == [("2", "unmapped_status", 7)]
        said = ledger("held").out
        assert REASONS["unmapped_status"][1] in said

    @pytest.mark.parametrize(
        ("options", "ids"),
        [
            (("--stream", "contacts"), {"8"}),
            (("--reason", "invalid"), {"4"}),
            (("--reason", "invalid", "--reason", "no_identity", "--stream", "orders"), {"3", "4"}),
            (("--id", "3", "--id", "8"), {"3", "8"}),
            (("--id", "3", "--stream", "contacts"), set()),
            (("--to", "2026-01-01"), set()),
        ],
    )
    def test_every_selector_chooses(
        self, mixed: Driver, ledger: LedgerDriver, options: tuple[str, ...], ids: set[str]
    ) -> None:
        facts = ledger.facts("rejected", *options)
        assert {row["id"] for row in facts["records"]} == ids
        assert facts["total"] == len(ids)

    def test_a_period_is_since_when_they_stand_there(self, mixed: Driver, ledger: LedgerDriver) -> None:
        mixed.change_ledger("UPDATE orders SET since = '2026-02-03T12:00:00.000000+00:00' WHERE order_id = 3")
        assert [r["id"] for r in ledger.facts("rejected", "--from", "2026-02-01", "--to", "2026-02-05")["records"]] == [
            "3"
        ]
        since = (datetime.now(timezone.utc) - timedelta(hours=1)).isoformat()
        assert {row["id"] for row in ledger.facts("rejected", "--from", since)["records"]} == {"4", "8"}

    def test_the_youngest_come_first_and_the_rest_is_told(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, email=None)])
        target(orders=[order(2, total="much")])
        target(orders=[order(3, email=None)])
        facts = ledger.facts("rejected", "--limit", "2")
        assert [row["id"] for row in facts["records"]] == ["3", "2"]
        assert facts["total"] == 3
        assert "2 of 3" in ledger("rejected", "--limit", "2").out

    def test_answers_are_shown_only_where_the_operator_asks(self, target: Driver, ledger: LedgerDriver) -> None:
        body = {"message": "canary@example.com is not liked"}
        target.sandbox.fail(
            api="esputnik", path="/v1/orders", times=1, kind="status", status=400, body=json.dumps(body)
        )
        target(orders=[order(1)])
        assert "canary" not in ledger("rejected").out + ledger("rejected", "--json").out
        assert "canary" in ledger("rejected", "--show-answers").out
        assert "canary" in ledger.facts("rejected", "--show-answers")["records"][0]["answer"]

    def test_a_reason_of_another_fate_is_a_typing_mistake(self, mixed: Driver, ledger: LedgerDriver) -> None:
        assert ledger("held", "--reason", "invalid").code == 2
