from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from target_driver import contact, order, schema

from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from target_driver import Driver

A_BATCH = 1000
"""So many records are planned, and written down, together."""


class _Paused(io.StringIO):
    """Singer messages of contacts; when the first batch of them was taken in, something else happens."""

    def __init__(self, contacts: list[dict[str, object]], meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._contacts, self._meanwhile = contacts, meanwhile

    def __iter__(self) -> Iterator[str]:
        yield json.dumps(schema("contacts"))
        for place, record in enumerate(self._contacts):
            if place == A_BATCH:
                self._meanwhile()
            yield json.dumps({"type": "RECORD", "stream": "contacts", "record": record})


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


def test_a_real_run_is_not_kept_waiting_by_it(target: Driver) -> None:
    contacts = [contact(number) for number in range(1, A_BATCH + 2)]
    target(contacts=contacts[:1], orders=[order(1)])
    real = []
    work = _Paused(contacts, lambda: real.append(target(contacts=contacts[:2], orders=[order(1), order(2)])))
    # With the switch off it writes every contact down, and looks none up.
    planned = TargetEsputnik(config=target.config(dry_run=True, receive_contacts=False))
    assert planned.work(work) == 0
    [outcome] = real
    assert (outcome.code, outcome.ended("contacts")) == (0, {"unchanged": 1, "accepted": 1})
    assert outcome.ended("orders") == {"unchanged": 1, "accepted": 1}
    assert target.rows("SELECT number, kind FROM runs ORDER BY number") == [(1, "run"), (2, "run")]
    assert target.rows("SELECT count(*) FROM contacts WHERE source = 'registration'") == [(2,)]


def test_it_goes_while_a_real_run_is_at_work(target: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    target(contacts=[contact(7)])
    with target.another_run():
        assert target(contacts=[contact(7), contact(8)], dry_run=True).code == 0
    assert "contacts due: 1" in capsys.readouterr().err


def test_it_sees_what_it_would_have_written_itself(target: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    target(orders=[order(1)])
    one_buyer = [order(number, email="guest4@example.com") for number in (4, 5)]
    two_versions = [contact(7), contact(7, first_name="Марія")]
    target(contacts=two_versions, orders=[order(2, email="guest1@example.com"), *one_buyer], dry_run=True)
    told = capsys.readouterr().err
    assert "contacts due: 2" in told
    assert "order statuses due: 3" in told


def test_a_shop_that_the_ledger_does_not_know_is_planned_and_not_made(
    target: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    target(contacts=[contact(7)])
    assert target(contacts=[contact(7), contact(8)], orders=[order(1)], shop="another", dry_run=True).code == 0
    assert "contacts due: 3" in capsys.readouterr().err
    assert target.rows("SELECT shop FROM scopes") == [("default",)]
