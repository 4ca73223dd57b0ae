from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from probe_driver import Onlooker, remains, run_probe

from horoshop_esputnik_sandbox.switches import TABLE as SWITCHES
from target_esputnik.probe.findings import NOT_MET, NOT_SEEN
from target_esputnik.probe.probing import PACE, STEPS
from target_esputnik.probe.question import ANSWERS, NOBODY, PERSON
from target_esputnik.probe.questions import BY_NAME, TABLE

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox import Sandbox

DEVICES = {"import_error_mark": "makes imports fail by a mark in an address, for tests of bisection; no unknown"}
NUMBERS: dict[str, tuple[object, ...]] = {
    "import_polls": (0, 1, 7),
    "import_errors": (0, 1, 2, 3),
    "rate_limit": ("none", 5),
    "search_rate_limit": ("none", 1),
}
LIMITED = {"rate_limit": 5, "search_rate_limit": 50}
UNLIMITED = {"rate_limit": "none", "search_rate_limit": "none"}
"""Whether a limit is met depends on how fast this machine is at the moment."""

CLOSING = {"key_scope", *UNLIMITED}
"""Switches that close steps to the probe, or depend on its pace: they are not mixed with others."""

COMPANIONS: dict[str, dict[str, Any]] = {"import_error_work": {"import_errors": 1}, "retry_after": LIMITED}
"""Other switches without which one has no effect."""


def positions() -> list[Any]:
    """List every position of every switch of eSputnik's API, and the reading that it is."""
    return [
        pytest.param(switch.name, position, reading_of(switch.name, position), id=f"{switch.name}-{position}")
        for switch in SWITCHES
        if switch.api == "esputnik" and switch.name not in DEVICES and BY_NAME[switch.name].seen_by != NOBODY
        for position in NUMBERS.get(switch.name, switch.positions)
        if position != "disabled"  # the key opens nothing at all: the command says so by itself
    ]


def mixtures(count: int) -> list[Any]:
    """Draw positions for all switches together; of any two nearly every pair of positions comes up."""
    drawn = []
    for seed in range(count):
        chance = random.Random(seed)  # noqa: S311 - no secret
        mixture: dict[str, Any] = {
            switch.name: chance.choice(NUMBERS.get(switch.name, switch.positions))
            for switch in SWITCHES
            if switch.api == "esputnik" and switch.name not in {*DEVICES, *CLOSING}
        }
        mixture["import_errors"] = chance.choice((0, 1, 2))  # after three the probe gives imports up
        if mixture["dedupe_fallback"] == "ignored":
            mixture["dedupe_unknown_id"] = "new"  # where an unknown id ends the search, no address is looked at
        drawn.append(pytest.param(mixture, id=f"mixture-{seed}", marks=pytest.mark.faults_full))
    return drawn


def reading_of(name: str, position: object) -> str:
    """Name the reading of a position: the position itself, but for limits, whose number nobody may find out."""
    return str(position) if name not in {"rate_limit", "search_rate_limit"} else _limit(position)


def _limit(position: object) -> str:
    return "not_met" if position == "none" else "met"


@pytest.mark.parametrize(("name", "position", "reading"), positions())
def test_every_position_of_every_switch_is_named_and_nothing_is_left(
    account: Sandbox, bystanders: list[dict[str, Any]], name: str, position: object, reading: str
) -> None:
    account.switch(**({name: position} | COMPANIONS.get(name, {})))
    outcome = run_probe(account, name)
    for _ in range(3):  # whether a pace meets its limit depends on how fast this machine is at the moment
        if outcome.findings.open().get(name) == "not_met" and reading != "not_met":
            outcome = run_probe(account, name)
    assert outcome.readings.get(name) == reading, outcome.findings.open().get(name)
    left = ["segment probe-esputnik-ledger"] if outcome.readings.get("contact_groups") == "usable" else []
    assert outcome.probed.cleaned.left == left
    assert remains(account, bystanders) == []


def test_every_switch_is_a_question_or_no_unknown() -> None:
    asked = {switch.name for switch in SWITCHES if switch.api == "esputnik"} - set(BY_NAME)
    assert asked == set(DEVICES)


def test_every_question_that_can_be_settled_has_its_step_and_its_readings() -> None:
    settled = {name for step in STEPS for name in step.settles} | PACE
    assert settled == {question.name for question in TABLE if question.seen_by in {ANSWERS, PERSON}}
    for question in TABLE:
        assert bool(question.readings) == (question.seen_by != NOBODY), question.name
        assert bool(question.look and question.sights) == (question.seen_by == PERSON), question.name
        assert set(question.sights.values()) <= set(question.readings), question.name


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"duplicate_guard": "all", "single_element": "object", "ids": "strings", "search_none": "empty"},
        {"duplicate_guard": "all", "error_body": "json", "import_mapping": "absent", "search_email": "exact"},
        {"put_omitted": "cleared", "subscribe_foreign_id": "new", "order_foreign_id": "new", "phones": "any"},
        {"dedupe_unknown_id": "address", "dedupe_field": "updated", "search_email": "contains", "failed_orders": "id"},
        {"malformed_order": "whole_request", "currencies": "documented", "order_names": "checked"},
        *mixtures(16),
    ],
    ids=lambda switches: "-".join(switches) or "defaults",
)
def test_all_at_once_every_question_is_settled_that_came_up(
    account: Sandbox, bystanders: list[dict[str, Any]], switches: dict[str, Any]
) -> None:
    account.switch(**UNLIMITED, **switches)
    outcome = run_probe(account)
    state = account.switches()
    met = {name: finding for name, finding in outcome.readings.items() if name in state and name not in PACE}
    assert met == {name: reading_of(name, state[name]) for name in met}
    open_ones = {name for name, why in outcome.findings.open().items() if BY_NAME[name].seen_by in {ANSWERS, PERSON}}
    assert open_ones == {"retry_after"} | (set() if switches.get("import_errors") else {"import_error_work"})
    assert {outcome.findings.why_open[name] for name in open_ones} == {NOT_MET}
    assert remains(account, bystanders) == []


def test_what_no_call_shows_stays_open_where_nobody_looks(account: Sandbox) -> None:
    class Blind(Onlooker):
        def sees(self, question: object, **values: str) -> None:  # type: ignore[override]
            return None

    outcome = run_probe(account, onlooker=Blind(account))
    open_ones = {name for name, why in outcome.findings.open().items() if why == NOT_SEEN}
    assert open_ones == {question.name for question in TABLE if question.seen_by == PERSON}


def test_an_address_that_subscribe_confirms_at_once_is_seen(account: Sandbox) -> None:
    class Alarmed(Onlooker):
        def sight(self, name: str, *, email: str, key: str) -> int:
            return 0

    outcome = run_probe(account, "subscribe_creates", onlooker=Alarmed(account))
    assert outcome.readings["subscribe_creates"] == "confirmed"
