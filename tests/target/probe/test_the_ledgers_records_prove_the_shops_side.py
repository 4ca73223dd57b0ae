from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from ledger_driver import LedgerDriver
from pipe_driver import Pipe
from probe_driver import GIVEN
from target_driver import Driver

from horoshop_esputnik_sandbox import Sandbox
from horoshop_esputnik_sandbox.switches import TABLE as SWITCHES
from target_esputnik.ledger.shop_facts import ShopFacts
from target_esputnik.probe.findings import NO_LEDGER, NO_RECORDS, Findings
from target_esputnik.probe.question import LEDGER
from target_esputnik.probe.questions import BY_NAME
from target_esputnik.probe.shop_side import settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_AGO = "2020-01-01T00:00:00+00:00"
LEAVES_NO_MARK = frozenset(
    [
        "sort",
        "page_cap",
        "default_limit",
        "offset",
        "limit_zero",
        "empty_body",
        "numbers",
        "blanks",
        "bad_token",
        "token_ttl",
        "token_window",
        "token_sessions",
        "html_challenge",
        "statuses_body",
        "additional_data",
        "date_only_to",
        "entities",
        "b2b",
        "api_access",
        "expired_token",
        "delivery_data",
        "shop_zone",
        "update_log",
    ]
)
"""How the shop answers, which the tap copes with: its records are the same under every position, or do not tell it."""


def positions() -> list[Any]:
    """List every position of the shop's switches that leave a mark in records."""
    marked = [switch for switch in SWITCHES if switch.api == "shop" and switch.name not in LEAVES_NO_MARK]
    return [pytest.param(s.name, position, id=f"{s.name}-{position}") for s in marked for position in s.positions]


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """Give a shop."""
    with Sandbox(customers=20, orders=40) as running:
        yield running


@pytest.mark.parametrize(("name", "position"), positions())
def test_every_position_that_leaves_a_mark_in_records_is_named(
    shop: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, position: str
) -> None:
    shop.reset()
    shop.switch(**{name: position})
    for _ in range(3):
        shop.place_order(delivery_name="Гість", delivery_email="guest@example.com", comment="подзвоніть")
    assert Pipe(shop, tmp_path, target={"live_since": LONG_AGO}).run().codes == (0, 0)
    driver = LedgerDriver(Driver(shop, tmp_path, caplog), tmp_path)
    facts = driver("probe", "--email", GIVEN, "--yes", "--json", "--only", name).facts
    (question,) = (one for one in facts["questions"] if one["name"] == name)
    assert question.get("reading") == position, question


def test_every_switch_of_the_shop_is_asked_about_or_leaves_no_mark() -> None:
    switches = {switch.name for switch in SWITCHES if switch.api == "shop"}
    asked = {question.name for question in BY_NAME.values() if question.seen_by == LEDGER}
    assert asked | LEAVES_NO_MARK == switches
    assert not asked & LEAVES_NO_MARK


def test_no_ledger_and_too_few_records_prove_nothing() -> None:
    without, few = Findings(), Findings()
    settle(without, None)
    settle(few, ShopFacts(4, 0, 4, 0, 0, ()))
    assert without.settled == few.settled == {}
    assert set(without.why_open.values()) == {NO_LEDGER}
    assert set(few.why_open.values()) == {NO_RECORDS}


def test_the_evidence_holds_counts_and_nothing_of_a_person() -> None:
    findings = Findings()
    settle(findings, ShopFacts(10, 3, 20, 0, 2, (1, 2, 3, 4, 6, 8)))
    assert all(re.fullmatch(r"[\d/]+", finding.evidence) for finding in findings.settled.values())
    assert len(findings.settled) == 4
