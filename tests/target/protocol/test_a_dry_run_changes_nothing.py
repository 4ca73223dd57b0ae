from __future__ import annotations

from typing import TYPE_CHECKING

from target_driver import contact, order

if TYPE_CHECKING:
    import pytest
    from target_driver import Driver


def test_it_tells_what_would_happen_and_leaves_no_trace(target: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    target.sandbox.create_contact(channels=[{"type": "email", "value": "customer8@example.com", "confirmed": True}])
    plan = {"contacts": [contact(7), contact(8)], "orders": [order(1), order(2, email="customer7@example.com")]}
    result = target(**plan, dry_run=True)
    told = capsys.readouterr().err
    assert (result.code, result.states) == (0, [])
    assert [path for path in target.paths() if not path.startswith("GET")] == []
    assert not target.place.exists()
    assert not target.ledger_path.parent.exists()
    assert "contacts due: 3" in told
    assert "order statuses due: 2" in told
    assert "subscribeFromApi-horoshop: 2" in told
    assert "orderINITIALIZED: 2" in told
    real = target(**plan)
    assert real.ended("orders") == {"accepted": 2}
    assert target.events() == {"subscribeFromApi-horoshop": 2, "orderINITIALIZED": 2}


def test_a_ledger_that_is_there_stays_as_it_is(target: Driver) -> None:
    target(contacts=[contact(7)], live_since=None)
    before = (
        target.rows("SELECT * FROM runs"),
        target.rows("SELECT * FROM scopes"),
        target.rows("SELECT * FROM contacts"),
    )
    target(contacts=[contact(7), contact(8)], orders=[order(1)], dry_run=True, live_since=None)
    after = (
        target.rows("SELECT * FROM runs"),
        target.rows("SELECT * FROM scopes"),
        target.rows("SELECT * FROM contacts"),
    )
    assert before == after
    assert target.rows("SELECT count(*) FROM orders") == [(0,)]
