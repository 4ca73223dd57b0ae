"""A short soak: what `make soak` does for ten minutes, in a few runs; and that it would notice what it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from soak import NO_LIMITS, LostError, Soak
from soak_faults import ESPUTNIK, SHOP
from soak_watch import Peaks, ledger_beyond

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 2**20


@pytest.fixture
def soak(tmp_path: Path) -> Iterator[Soak]:
    """Give a soak without Meltano, which `make soak` has."""
    with Sandbox(customers=20, orders=30, switches=NO_LIMITS) as sandbox:
        one = Soak(sandbox, tmp_path, seed=12)
        yield one
        one.pipe.kill()


@pytest.mark.faults_full
def test_a_few_troubled_runs_lose_nothing_double_nothing_and_grow_nothing(soak: Soak) -> None:
    soak.go_on(runs=5)
    assert soak.troubles
    assert soak.beyond() == []
    assert dict(soak.table())["apart from the oracle"] == "0"


@pytest.mark.faults_full
def test_an_order_that_is_lost_is_noticed(soak: Soak) -> None:
    soak.go_on(runs=1)
    placed = soak.sandbox.place_order(delivery_email="late@example.com", stat_created="2020-01-01 00:00:00")
    with pytest.raises(LostError, match=f"order {placed}: None, wanted baseline"):
        soak.go_on(runs=2)


def test_every_fault_is_one_that_the_sandbox_has() -> None:
    with Sandbox(customers=0, orders=0) as sandbox:
        for api, faults in (("shop", SHOP), ("esputnik", ESPUTNIK)):
            for fault in faults:
                sandbox.fail(api=api, **fault)


def test_what_grows_is_told() -> None:
    peaks = Peaks()
    for run in range(20):
        peaks.note({"tap": 50 * MEGABYTE, "target": (60 + 2 * run) * MEGABYTE}, {"tap": 6, "target": 9 + 4 * run})
    assert [line.partition(":")[0] for line in peaks.beyond()] == ["target"] * 3
    calm = Peaks()
    for _ in range(20):
        calm.note({"tap": 50 * MEGABYTE}, {"tap": 6})
    assert calm.beyond() == []


def test_a_ledger_that_takes_too_much_room_is_told(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(bytes(2 * MEGABYTE))
    assert ledger_beyond(ledger, rows=1000) == []
    assert len(ledger_beyond(ledger, rows=10)) == 1
    (tmp_path / "ledger.db-wal").write_bytes(bytes(9 * MEGABYTE))
    assert len(ledger_beyond(ledger, rows=1000)) == 1
