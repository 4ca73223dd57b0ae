from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from crash_stories import Story
from ledger_driver import LedgerDriver
from target_driver import LONG_AGO, at, contact, order

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crash_driver import CrashDriver

# Sent by the last run before the loss; then placed and not yet read when the ledger was lost.
SENT = [("orders", order(number)) for number in range(1, 5)] + [("contacts", contact(9))]
MISSED = [("orders", order(number, created_at=at(seconds=30))) for number in range(5, 8)]


def _lose(driver: CrashDriver) -> None:
    for file in driver.ledger.parent.glob("ledger.db*"):
        file.unlink()


def _copy(driver: CrashDriver, folder: Path) -> Path:
    copy = folder / "older.db"
    shutil.copy(driver.ledger, copy)
    return copy


def _restore(driver: CrashDriver, copy: Path) -> None:
    _lose(driver)
    shutil.copy(copy, driver.ledger)


@pytest.fixture
def driver(driver_of: Callable[[str], CrashDriver]) -> CrashDriver:
    """Give a driver whose runs have sent four orders, and whose tap has their bookmark."""
    made = driver_of("orders_new")
    made.story = Story(())
    return made


def _read_on(driver: CrashDriver, records: list[Any], **settings: Any) -> None:
    """Let a run read records behind the state that the tap has, whatever it has seen."""
    if driver.state is not None:
        driver.state.pop("seen", None)
    assert driver.calm(records, **settings) == 0


class TestAfterTheLoss:
    def test_of_the_file_nothing_fires_and_nobody_is_asked_again(self, driver: CrashDriver) -> None:
        _read_on(driver, SENT)
        fired = driver.events()
        _lose(driver)
        _read_on(driver, SENT + MISSED)
        assert driver.events() == fired

    def test_of_the_newest_part_nothing_fires_and_nobody_is_asked_again(
        self, driver: CrashDriver, tmp_path: Path
    ) -> None:
        _read_on(driver, SENT[:1])
        copy = _copy(driver, tmp_path)
        _read_on(driver, SENT)
        fired = driver.events()
        _restore(driver, copy)
        _read_on(driver, SENT + MISSED)
        assert driver.events() == fired

    def test_of_the_newest_part_an_order_that_moved_on_in_it_is_not_sent_again(
        self, driver: CrashDriver, tmp_path: Path
    ) -> None:
        _read_on(driver, SENT)
        copy = _copy(driver, tmp_path)
        moved = [("orders", order(1, status_id=2)), ("orders", order(2, status_id=3))]
        _read_on(driver, moved)
        fired = driver.events()
        _restore(driver, copy)
        _read_on(driver, SENT[2:] + moved)
        assert driver.events() == fired
        _read_on(driver, [("orders", order(1, status_id=3)), ("orders", order(3, status_id=3))])
        new = driver.events() - fired
        assert new == {("orderDELIVERED", "1"): 1, ("orderDELIVERED", "3"): 1}, "what changes from now on goes"

    def test_of_the_newest_part_what_waits_in_the_copy_is_not_sent_by_itself(
        self, driver: CrashDriver, tmp_path: Path
    ) -> None:
        _read_on(driver, [*SENT[:1], ("orders", order(8, status_id=77))])
        copy = _copy(driver, tmp_path)
        mapped = {"order_status_mapping": [{"status": 77, "send": "IN_PROGRESS"}]}
        _read_on(driver, SENT, **mapped)
        fired = driver.events()
        assert fired["orderIN_PROGRESS", "8"] == 1
        _restore(driver, copy)
        _read_on(driver, SENT, **mapped)
        assert driver.events() == fired
        _read_on(driver, [("orders", order(8, status_id=77))], **mapped)
        assert driver.events() == fired

    @pytest.mark.parametrize("failing", ["a run", "a command"])
    def test_of_the_newest_part_is_noticed_though_its_numbers_were_used_again_since(
        self, driver: CrashDriver, tmp_path: Path, failing: str
    ) -> None:
        _read_on(driver, SENT[:1])
        copy = _copy(driver, tmp_path)
        _read_on(driver, SENT)
        fired = driver.events()
        _restore(driver, copy)
        if failing == "a run":
            driver.sandbox.switch(key_scope="disabled")
            assert driver.calm(SENT) == 2
            driver.sandbox.switch(key_scope="full")
        else:
            LedgerDriver(driver, tmp_path).facts("resend", "--id", "999", "--yes", live_since=LONG_AGO)  # type: ignore[arg-type]
        _read_on(driver, SENT + MISSED)
        assert driver.events() == fired

    def test_of_the_account_it_belonged_to_nothing_fires(self, driver: CrashDriver, tmp_path: Path) -> None:
        _read_on(driver, SENT)
        fired = driver.events()
        _lose(driver)
        driver.ledger.parent.mkdir(exist_ok=True)
        _read_on(driver, SENT[:1], shop="another-shop-of-another-ledger")
        _read_on(driver, SENT + MISSED)
        assert driver.events() == fired

    def test_of_the_shops_name_nothing_fires(self, driver: CrashDriver) -> None:
        _read_on(driver, SENT)
        fired = driver.events()
        _read_on(driver, SENT + MISSED, shop="renamed")
        assert driver.events() == fired

    def test_the_next_change_of_status_goes(self, driver: CrashDriver) -> None:
        _read_on(driver, SENT)
        _lose(driver)
        _read_on(driver, SENT + MISSED)
        _read_on(driver, [("orders", order(1, status_id=3, status_title="Доставлено"))])
        assert driver.events()["orderDELIVERED", "1"] == 1


def test_after_the_loss_a_status_that_means_the_same_as_the_recorded_one_fires_nothing(driver: CrashDriver) -> None:
    _read_on(driver, [("orders", order(1, status_id=2))])
    fired = driver.events()
    assert fired["orderIN_PROGRESS", "1"] == 1
    _lose(driver)
    _read_on(driver, [("orders", order(1, status_id=2))])
    _read_on(driver, [("orders", order(1, status_id=6))])
    assert driver.events() == fired
    _read_on(driver, [("orders", order(1, status_id=3))])
    assert driver.events() - fired == {("orderDELIVERED", "1"): 1}


def test_resend_shows_what_was_missed_and_brings_it_back_once(driver: CrashDriver, tmp_path: Path) -> None:
    _read_on(driver, SENT)
    _lose(driver)
    _read_on(driver, SENT + MISSED)
    ledger = LedgerDriver(driver, tmp_path)  # type: ignore[arg-type]  # all it asks for is `config`
    ids = [option for number in (5, 6, 7) for option in ("--id", str(number))]
    before = driver.events()
    preview = ledger.facts("resend", *ids, live_since=LONG_AGO)
    assert (preview["sent"], driver.events()) == (False, before)
    assert preview["events"]["orderINITIALIZED"] == 3
    ledger.facts("resend", *ids, "--yes")
    fired = driver.events() - before
    assert {key: count for (kind, key), count in fired.items() if kind == "orderINITIALIZED"} == {
        "5": 1,
        "6": 1,
        "7": 1,
    }
    _read_on(driver, SENT + MISSED)
    assert driver.events() == before + fired
