from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_driver import contact, order, schema

from target_esputnik.delivery import run
from target_esputnik.tally import Tally

if TYPE_CHECKING:
    import pytest
    from target_driver import Driver


def _lines(stream: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give records with a STATE after each, which says how many came before it."""
    lines: list[dict[str, Any]] = [schema(stream)]
    for number, record in enumerate(records, start=1):
        lines += [{"type": "RECORD", "stream": stream, "record": record}, {"type": "STATE", "value": {"seen": number}}]
    return lines


def test_it_goes_out_when_all_before_it_is_settled_and_carries_the_ledger(target: Driver) -> None:
    result = target.messages(_lines("orders", [order(1), order(2)]))
    uid = target.rows("SELECT uid FROM scopes")[0][0]
    assert result.states == [{"seen": 2, "esputnik_ledger": {"id": uid, "run": 1}}]


def test_it_goes_out_on_the_way_and_never_ahead_of_a_batch(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    seen = [state["seen"] for state in target.messages(_lines("orders", [order(n) for n in range(1, 6)])).states]
    assert seen == [1, 3, 5], "a STATE that came before a batch's last record may go with it, none from behind it"


def test_a_run_that_fails_writes_only_the_state_of_what_is_settled(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    target.sandbox.fail(api="esputnik", path="/v1/orders", after=1, times=99, kind="drop_before")
    result = target.messages(_lines("orders", [order(n) for n in range(1, 8)]))
    assert result.code == 1
    assert [state["seen"] for state in result.states] == [1]


def test_contacts_that_wait_in_the_ledger_count_as_settled_and_go_in_the_next_runs(target: Driver) -> None:
    result = target.messages(_lines("contacts", [contact(7)]), max_run_minutes=0)
    assert result.states[-1]["seen"] == 1
    assert result.ended("contacts") == {"held:backlog": 1}
    later = target(contacts=[])
    assert dict(later.carried) == {("contacts", "accepted", ""): 1}
    assert target.confirmed("customer7@example.com") is False


def test_every_record_read_ends_in_exactly_one_fate(target: Driver) -> None:
    result = target(
        contacts=[contact(1), contact(1, city=7), contact(2), contact(2), contact(3, email="x")],
        orders=[order(1), order(1), order(2, status_id=77), order(3, total="1"), order(4, email=None)],
        order_statuses=[{"id": 1, "title": "Нове"}, {"id": 2, "titles": "no"}],
    )
    assert sum(result.ended("contacts").values()) == 5
    assert sum(result.ended("orders").values()) == 5
    assert result.ended("order_statuses") == {"accepted": 1, "rejected:invalid": 1}
    assert result.code == 0


def _lose_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for a bug of ours: records of one kind are read, and nothing says what became of them."""
    counted = Tally.settled

    def settled(tally: Tally, stream: str, fate: str, reason: str | None = None) -> None:
        if fate != "baseline":
            counted(tally, stream, fate, reason)

    monkeypatch.setattr(Tally, "settled", settled)


OLD = "2020-01-01T10:00:00+02:00"


def test_a_run_that_loses_count_of_a_record_ends_in_an_error_that_says_so(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_count(monkeypatch)
    lines = [line for line in _lines("orders", [order(1), order(2, created_at=OLD)]) if line["type"] != "STATE"]
    result = target.messages(lines, live_since="2021-01-01")
    assert result.code == 1
    assert "orders by 1" in result.log
    assert target.rows("SELECT error FROM runs") == [("out_of_balance",)]


def test_a_run_that_loses_count_of_a_record_writes_no_state_past_it(
    target: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    _lose_count(monkeypatch)
    orders = [order(1), order(2), order(3), order(4, created_at=OLD), order(5)]
    result = target.messages(_lines("orders", orders), live_since="2021-01-01")
    assert result.code == 1
    assert [state["seen"] for state in result.states] == [1]
