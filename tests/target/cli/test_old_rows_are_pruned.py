from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_driver import contact, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_driver import LedgerDriver
    from target_driver import Driver

LONG_AGO = "2025-01-31T12:00:00.000000+00:00"
BEFORE = ("--before", "2025-02-01")
AGED = {
    "runs": ("started_at", "ended_at"),
    "requests": ("at",),
    "sends": ("at",),
    "imports": ("started_at", "ended_at"),
    "contacts": ("updated_at",),
    "orders": ("updated_at",),
}


def _age(target: Driver) -> None:
    """Have everything that the ledger holds be from long ago."""
    for table, columns in AGED.items():
        for column in columns:
            target.change_ledger(f"UPDATE {table} SET {column} = '{LONG_AGO}' WHERE {column} IS NOT NULL")  # noqa: S608


def _count(target: Driver, table: str) -> int:
    return int(target.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608


@pytest.fixture
def aged(target: Driver) -> Driver:
    """Give a ledger with two old runs."""
    target(contacts=[contact(7)], orders=[order(1), order(2, status_id=9)], email_confirmation="confirmed")
    target(orders=[order(3)])
    _age(target)
    return target


def test_old_payloads_go_now_and_what_waits_keeps_its_own(aged: Driver, ledger: LedgerDriver) -> None:
    facts = ledger.facts("prune", "--yes")
    assert facts["counts"] == {"payloads": 10}
    assert aged.rows("SELECT order_id FROM orders WHERE record IS NOT NULL") == [(2,)]
    assert aged.rows("SELECT count(*) FROM contacts WHERE record IS NOT NULL") == [(0,)]
    assert aged.rows("SELECT count(*) FROM sends WHERE payload IS NOT NULL") == [(0,)]


def test_payloads_that_are_not_old_stay(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[order(1)])
    assert ledger.facts("prune", "--yes")["counts"] == {"payloads": 0}
    assert ledger.facts("prune", "--yes", payload_retention_days=365)["counts"] == {"payloads": 0}
    assert target.rows("SELECT count(*) FROM orders WHERE record IS NOT NULL") == [(1,)]


@pytest.mark.sqlite_only
def test_forgotten_payloads_are_gone_from_the_file_too(aged: Driver, ledger: LedgerDriver) -> None:
    ledger.facts("prune", "--yes")
    held = b"".join(file.read_bytes() for file in aged.ledger_path.parent.iterdir())
    assert b"customer7@example.com" not in held
    assert b"guest3@example.com" not in held
    assert b"guest2@example.com" in held, "it waits"


def test_old_requests_sends_imports_and_runs_go_and_the_newest_run_stays(aged: Driver, ledger: LedgerDriver) -> None:
    requests, sends = _count(aged, "requests"), _count(aged, "sends")
    assert (requests > 5, sends) == (True, 5)
    counts = ledger.facts("prune", *BEFORE, "--yes")["counts"]
    assert counts == {"payloads": 10, "requests": requests, "sends": sends, "imports": 2, "runs": 1}
    assert aged.rows("SELECT number, kind FROM runs ORDER BY number") == [(2, "run"), (3, "prune")]
    assert ledger("last-run").code == 0


def test_younger_rows_stay(aged: Driver, ledger: LedgerDriver) -> None:
    aged(orders=[order(4)])
    kept = [_count(aged, table) for table in ("requests", "sends")]
    old = ledger.facts("prune", *BEFORE, "--yes")["counts"]
    assert [_count(aged, table) for table in ("requests", "sends")] == [
        kept[0] - old["requests"],
        kept[1] - old["sends"],
    ]
    assert ledger.facts("orders", "4")["sends"]


def test_nothing_is_sent_again_after_it(aged: Driver, ledger: LedgerDriver) -> None:
    ledger.facts("prune", "--before", "2100-01-01", "--yes")
    writes = [path for path in aged.paths() if not path.startswith("GET")]
    outcome = aged(contacts=[contact(7)], orders=[order(1), order(3)], email_confirmation="confirmed")
    assert (outcome.ended("contacts"), outcome.ended("orders")) == ({"unchanged": 1}, {"unchanged": 2})
    assert [path for path in aged.paths() if not path.startswith("GET")] == writes


def test_the_state_of_before_still_belongs_to_this_ledger(target: Driver, ledger: LedgerDriver) -> None:
    state = target(orders=[order(1)]).states[-1]
    for number in (2, 3):
        state = target(orders=[order(number)], state=state).states[-1]
    _age(target)
    ledger.facts("prune", "--before", "2100-01-01", "--yes")
    outcome = target(orders=[order(4)], state=state)
    assert outcome.ended("orders") == {"accepted": 1}, "a ledger that seems lost would take it as baseline"


def test_what_is_in_doubt_keeps_its_trace(target: Driver, ledger: LedgerDriver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=50, kind="drop_before")
    target(orders=[order(1)])
    target.sandbox.clear_faults()
    _age(target)
    ledger.facts("prune", *BEFORE, "--yes")
    assert target.rows("SELECT what, outcome FROM sends WHERE kind = 'order'") == [("INITIALIZED", "in_doubt")]
    target(orders=[])
    assert target.events()["orderINITIALIZED"] == 1


def test_what_was_sent_after_a_doubt_stays_with_it(target: Driver, ledger: LedgerDriver) -> None:
    target(contacts=[contact(7)])
    target(contacts=[contact(7, first_name="Марія")])
    target.change_ledger("UPDATE sends SET outcome = 'in_doubt' WHERE id = (SELECT min(id) FROM sends)")
    _age(target)
    ledger.facts("prune", *BEFORE, "--yes")
    assert target.rows("SELECT outcome FROM sends ORDER BY id") == [("in_doubt",), ("accepted",)]


def test_an_import_that_is_going_on_stays(aged: Driver, ledger: LedgerDriver) -> None:
    aged.change_ledger("UPDATE imports SET state = 'running', ended_at = NULL")
    assert ledger.facts("prune", *BEFORE, "--yes")["counts"]["imports"] == 0
    assert _count(aged, "imports") == 2


def test_the_preview_tells_the_same_and_writes_nothing(
    aged: Driver, ledger: LedgerDriver, everything: Callable[[], object]
) -> None:
    ledger.facts("resend", "--id", "1", "--yes")
    _age(aged)
    before = everything()
    told = ledger.facts("prune", *BEFORE)
    assert everything() == before
    assert ledger.facts("prune", *BEFORE, "--yes", dry_run=True)["pruned"] is False
    assert everything() == before
    done = ledger.facts("prune", *BEFORE, "--yes")
    assert (told["pruned"], done["pruned"]) == (False, True)
    assert told["counts"] == done["counts"]


def test_another_shop_of_the_ledger_is_not_touched(aged: Driver, ledger: LedgerDriver) -> None:
    aged(orders=[order(1)], shop="another")
    ours = "SELECT count(*) FROM requests JOIN runs ON runs.id = run_id WHERE scope_id = 2"
    before = aged.rows(ours)
    ledger.facts("prune", "--before", "2100-01-01", "--yes")
    assert aged.rows(ours) == before


def test_the_preview_keeps_no_run_waiting(aged: Driver, ledger: LedgerDriver) -> None:
    with aged.another_run():
        assert ledger("prune", *BEFORE).code == 0
        assert ledger("prune", *BEFORE, "--yes").err.startswith("ledger_busy")


def test_the_run_that_the_taps_state_names_stays_though_later_ones_wrote_none(
    target: Driver, ledger: LedgerDriver
) -> None:
    state = target(orders=[order(1)]).states[-1]
    target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="rate_limit", seconds=500)
    assert target(orders=[order(2)], state=state).code == 1
    target.sandbox.clear_faults()
    long_ago = "'2020-01-01T00:00:00.000000+00:00'"
    for change in (
        f"runs SET started_at = {long_ago}, ended_at = {long_ago}",
        *(f"{t} SET at = {long_ago}" for t in ("requests", "sends")),
    ):
        target.change_ledger(f"UPDATE {change}")
    ledger.facts("prune", "--before", "2021-01-01", "--yes")
    assert target(orders=[order(3)], state=state).ended("orders") == {"accepted": 1}
