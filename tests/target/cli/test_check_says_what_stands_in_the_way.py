from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import LONG_AGO, contact, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_driver import LedgerDriver
    from target_driver import Driver

NEW = {"id": 1, "title": "Нове", "titles": {"ua": "Нове"}, "is_successful": False}
OWN = {"id": 7, "title": "Комплектується", "titles": {"ua": "Комплектується"}, "is_successful": False}


def _codes(facts: dict[str, Any], state: str) -> set[str]:
    return {finding["code"] for finding in facts["findings"] if finding["state"] == state}


def test_it_works_before_the_first_run_and_makes_no_ledger(target: Driver, ledger: LedgerDriver) -> None:
    facts = ledger.facts("check")
    assert facts["ok"]
    assert facts["account"] == {"id": "24001", "name": "Sandbox Org"}
    assert facts["ledger"] == {"where": target.place.where, "exists": False}
    assert {"settings", "account", "no_ledger"} <= _codes(facts, "ok")
    assert not target.place.exists()
    assert not target.ledger_path.parent.exists()


def test_it_tells_of_ledger_run_and_statuses_and_writes_nothing(
    target: Driver, ledger: LedgerDriver, everything: Callable[[], object]
) -> None:
    target(orders=[order(1), order(2, status_id=7, status_titles={"ua": "Комплектується"})], order_statuses=[NEW, OWN])
    before = everything()
    facts = ledger.facts("check")
    assert everything() == before
    assert facts["ledger"]["exists"]
    assert facts["ledger"]["version"] == "0005"
    assert facts["ledger"]["shop"] == "default"
    assert facts["ledger"]["live_since"].startswith(LONG_AGO[:10])
    assert facts["last_run"]["number"] == 1
    assert facts["unmapped_statuses"] == [{"id": 7, "title": "Комплектується", "orders": 1}]
    assert "unmapped" in _codes(facts, "notice")


def test_the_live_moment_of_the_first_run_is_told_where_none_is_set(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[], live_since=None)
    facts = ledger.facts("check", live_since=None)
    assert facts["ledger"]["live_since"] == target.rows("SELECT live_since FROM scopes")[0][0]


def test_a_segment_that_is_missing_is_told_and_a_field_that_is_missing_needs_a_person(
    target: Driver, ledger: LedgerDriver
) -> None:
    settings: dict[str, Any] = {"groups": ["Buyers"], "custom_fields": [{"field": "city", "id": 40011}]}
    assert "no_group" in _codes(ledger.facts("check", **settings), "notice")
    target(contacts=[contact(7)], **settings)
    assert {"group", "field"} <= _codes(ledger.facts("check", **settings), "ok")
    said = ledger("check", "--json", custom_fields=[{"field": "city", "id": 5}])
    assert said.code == 2
    assert _codes(said.facts, "problem") == {"no_field"}


@pytest.mark.parametrize("switch", ["list", "object"])
def test_lists_that_esputnik_collapses_into_one_element_are_read(
    target: Driver, ledger: LedgerDriver, switch: str
) -> None:
    target.sandbox.switch(single_element=switch)
    settings: dict[str, Any] = {"groups": ["Buyers"], "custom_fields": [{"field": "city", "id": 40011}]}
    target(contacts=[contact(7)], **settings)
    assert {"group", "field"} <= _codes(ledger.facts("check", **settings), "ok")


def test_a_mapping_that_fits_no_status_of_the_shop_is_told(target: Driver, ledger: LedgerDriver) -> None:
    target(orders=[], order_statuses=[NEW, OWN])
    mapping = [
        {"status": "комплектується", "send": "IN_PROGRESS"},
        {"status": "Комплектуеться", "send": "IN_PROGRESS"},
        {"status": 77, "send": "DELIVERED"},
    ]
    facts = ledger.facts("check", order_status_mapping=mapping)
    assert {"title_unknown", "id_unknown"} <= _codes(facts, "notice")
    told = [f["sentence"] for f in facts["findings"] if f["code"] in {"title_unknown", "id_unknown"}]
    assert len(told) == 2
    assert any("number 2" in sentence for sentence in told)
    assert any("77" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("settings", "state", "code"),
    [
        ({"receive_contacts": False, "receive_orders": False}, "problem", "both_off"),
        ({"ledger_url": "sqlite://"}, "problem", "memory"),
        ({"live_since": "2999-01-01T00:00:00Z"}, "notice", "future"),
        ({"contact_fields": ["phone"]}, "notice", "no_email"),
        ({"receive_contacts": False, "email_confirmation": "newsletter"}, "notice", "newsletter_off"),
        ({"receive_contacts": False, "custom_fields": [{"field": "city", "id": 40011}]}, "notice", "identity_only"),
        ({"store_payloads": False}, "notice", "no_payloads"),
        ({"dry_run": True}, "notice", "dry_run"),
    ],
)
def test_settings_that_contradict_each_other_are_told(
    ledger: LedgerDriver, settings: dict[str, Any], state: str, code: str
) -> None:
    said = ledger("check", "--json", **settings)
    assert code in _codes(said.facts, state)
    assert code not in _codes(ledger("check", "--json").facts, state)
    assert said.code == (2 if state == "problem" else 0)


class TestTrouble:
    def test_a_refused_key_needs_a_person_and_the_rest_is_checked_all_the_same(
        self, target: Driver, ledger: LedgerDriver
    ) -> None:
        target(orders=[order(1)])
        said = ledger("check", "--json", api_key="a-wrong-key")
        assert said.code == 2
        assert _codes(said.facts, "problem") == {"credentials"}
        assert "a-wrong-key" not in said.out + said.err
        assert said.facts["last_run"]["number"] == 1

    def test_an_outage_heals_by_itself(self, target: Driver, ledger: LedgerDriver) -> None:
        target.sandbox.fail(api="esputnik", path="/v1/account/info", times=None, kind="html", status=200)
        assert ledger("check").code == 2, "a page for people is not eSputnik"
        target.sandbox.clear_faults()
        target.sandbox.fail(api="esputnik", path="/v1/account/info", times=None, kind="rate_limit", seconds=120)
        said = ledger("check", "--json")
        assert said.code == 1
        assert _codes(said.facts, "problem") == {"unavailable"}

    def test_a_bad_setting_is_one_line_without_its_value(self, ledger: LedgerDriver) -> None:
        said = ledger("check", email_confirmation="canary-value")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("config: setting email_confirmation")
        assert "canary-value" not in said.err
        assert len(said.err.splitlines()) == 1

    @pytest.mark.sqlite_only
    def test_a_file_that_is_no_ledger_needs_a_person(self, target: Driver, ledger: LedgerDriver) -> None:
        target.ledger_path.parent.mkdir()
        target.ledger_path.write_text("this is no database at all, but a text of some length" * 50, encoding="utf-8")
        said = ledger("check", "--json")
        assert said.code == 2
        assert _codes(said.facts, "problem") == {"ledger_unusable"}

    def test_another_account_begins_anew_and_is_told_so(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target.change_ledger("UPDATE scopes SET account = 'loopback:999', account_name = 'Other'")
        facts = ledger.facts("check")
        assert {"no_scope", "other_account"} <= _codes(facts, "notice")
