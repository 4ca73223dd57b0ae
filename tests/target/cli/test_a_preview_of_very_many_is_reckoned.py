"""A preview of more records than can be made ready while somebody waits tells what the exact one would: "at most"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import at, contact, order

from target_esputnik.cli import errand

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_driver import LedgerDriver
    from target_driver import Driver

PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": "комплектується", "send": ["IN_PROGRESS", "DELIVERED"]}]}
OLD = {"created_at": "2019-05-01T00:00:00+03:00"}
TOLD = ("would_send", "outcomes", "contacts", "events", "left")


@pytest.fixture
def many(target: Driver) -> None:
    """Give a ledger with one of everything that can be sent again, or cannot."""
    target.sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=1, kind="status", status=400)
    target(contacts=[contact(8)])
    target(contacts=[contact(9)], max_run_minutes=0)
    target(
        contacts=[contact(7), contact(6, email="x")],
        orders=[
            order(1, email="customer7@example.com"),
            order(2, **OLD, email="old@example.com"),
            order(3, **OLD, **PACKED, email="old@example.com"),
            order(4, **PACKED, email="held@example.com"),
            order(5, email=None),
            order(6, total="much"),
            order(10, **OLD, email="customer9@example.com"),
            order(11, **OLD, email=None, phone="0671234567"),
            order(12, created_at=at(days=1), email="gone@example.com"),
        ],
        max_run_minutes=0,
    )
    target.change_ledger("UPDATE orders SET record = NULL WHERE order_id = 12")


@pytest.fixture
def reckoned(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give a way to count every record as one of very many."""
    return lambda: monkeypatch.setattr(errand, "FEW", -1)


@pytest.mark.usefixtures("many")
class TestItTellsWhatTheExactOneTells:
    @pytest.mark.parametrize("mode", ["unconfirmed", "confirmed"])
    @pytest.mark.parametrize(
        "words",
        [
            ("resend", "--from", "2019-01-01"),
            ("resend", "--reason", "before_live_since"),
            ("resend", "--id", "1", "--id", "3", "--id", "12"),
            ("release",),
            ("release", "--stream", "orders"),
            ("retry",),
            ("retry", "--reason", "no_identity"),
        ],
        ids=" ".join,
    )
    def test_where_esputnik_has_nobody_else(
        self, ledger: LedgerDriver, reckoned: Callable[[], None], words: tuple[str, ...], mode: str
    ) -> None:
        settings = MAPPED | {"email_confirmation": mode}
        exact = ledger.facts(*words, **settings)
        reckoned()
        said = ledger.facts(*words, **settings)
        assert {name: said[name] for name in TOLD} == {name: exact[name] for name in TOLD}
        assert said["at_most"] is True

    def test_also_of_what_a_setting_leaves(self, ledger: LedgerDriver, reckoned: Callable[[], None]) -> None:
        settings = {"receive_contacts": False, "receive_orders": False}
        words = [("release",), ("resend", "--from", "2019-01-01")]
        exact = [ledger.facts(*one, **settings)["left"] for one in words]
        reckoned()
        assert [ledger.facts(*one, **settings)["left"] for one in words] == exact

    def test_also_of_who_was_erased(self, ledger: LedgerDriver, reckoned: Callable[[], None]) -> None:
        ledger.facts("erase", "--email", "old@example.com", "--yes")
        exact = ledger.facts("resend", "--from", "2019-01-01", **MAPPED)
        reckoned()
        said = ledger.facts("resend", "--from", "2019-01-01", **MAPPED)
        assert (said["would_send"], said["left"]) == (exact["would_send"], exact["left"])


@pytest.mark.usefixtures("many")
class TestItPromisesNothing:
    def test_what_then_fires_is_never_more_and_the_reader_is_told_why(
        self, target: Driver, ledger: LedgerDriver, reckoned: Callable[[], None]
    ) -> None:
        target.sandbox.create_contact(email="old@example.com")
        reckoned()
        preview = ledger("resend", "--from", "2019-01-01", **MAPPED)
        assert "at most" in preview.out
        assert "looked up" in preview.out
        told = ledger.facts("resend", "--from", "2019-01-01", **MAPPED)["events"]
        before = target.events()
        ledger.facts("resend", "--from", "2019-01-01", "--yes", **MAPPED)
        fired = target.events() - before
        assert fired
        assert all(count <= told[event] for event, count in fired.items())
        assert fired != told, "whom eSputnik has is not asked"

    def test_nothing_is_asked_but_whose_key_it_is_and_nothing_is_written(
        self, target: Driver, ledger: LedgerDriver, reckoned: Callable[[], None], everything: Callable[[], object]
    ) -> None:
        before, asked = everything(), len(target.paths())
        reckoned()
        ledger.facts("resend", "--from", "2019-01-01", **MAPPED)
        ledger.facts("release", **MAPPED)
        assert set(target.paths()[asked:]) == {"GET /v1/account/info"}
        assert everything() == before

    def test_another_prefix_is_refused_as_it_is_when_it_is_sent(
        self, ledger: LedgerDriver, reckoned: Callable[[], None]
    ) -> None:
        reckoned()
        assert ledger("resend", "--from", "2019-01-01", external_id_prefix="other-").code == 2


def test_a_preview_looks_only_some_up(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[order(number, **OLD, email=f"guest{number}@example.com") for number in range(1, 10)])
    asked = len(target.paths())
    facts = ledger.facts("resend", "--from", "2019-01-01")
    searches = [path for path in target.paths()[asked:] if path.startswith("GET /v1/contacts")]
    assert len(searches) == errand.SEARCHES
    assert (facts["at_most"], facts["events"]) == (
        True,
        {"orderINITIALIZED": 9, "subscribeFromApi-horoshop-history": 9},
    )
