"""The table of switches: complete, refusing what it does not know, tested in every position."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from horoshop_esputnik_sandbox import Sandbox, SandboxError
from horoshop_esputnik_sandbox.switches import TABLE, Switch

HERE = Path(__file__).parent


@pytest.mark.parametrize("switch", TABLE, ids=lambda switch: switch.name)
def test_every_position_is_turned_to_in_a_test(switch: Switch) -> None:
    turned = "\n".join(path.read_text() for path in HERE.glob("test_*_switches*.py"))
    for position in switch.positions:
        if (switch.name, position) == ("default_limit", switch.default):
            continue
        assert re.search(rf'\b{switch.name}="{position}"', turned), position
    if switch.number:
        assert re.search(rf"\b{switch.name}=\d", turned)


@pytest.mark.parametrize("switch", TABLE, ids=lambda switch: switch.name)
def test_every_default_is_a_position_with_a_meaning_and_a_source(switch: Switch) -> None:
    assert switch.parse(switch.default) == switch.default
    assert switch.meaning
    assert re.fullmatch(r"(horoshop|esputnik)-api\.md §.+", switch.source)


def test_an_unknown_switch_or_position_is_refused_with_those_that_there_are(fresh: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"no switch is named sorting; there are: .*\bsort\b"):
        fresh.switch(sorting="asc")
    with pytest.raises(SandboxError, match="switch sort has no position 'up'; it has: asc, desc, shuffled"):
        fresh.switch(sort="up")
    with pytest.raises(SandboxError, match="a whole number"):
        fresh.switch(page_cap=-1)
    with pytest.raises(ValueError, match="no switch is named x"):
        Sandbox(switches={"x": 1})


def test_one_unknown_switch_turns_none(fresh: Sandbox) -> None:
    with pytest.raises(SandboxError):
        fresh.switch(sort="desc", nothing="x")
    assert fresh.switches()["sort"] == "asc"


def test_yes_and_no_may_be_true_and_false(fresh: Sandbox) -> None:
    fresh.switch(order_confirms=True)
    assert fresh.switches()["order_confirms"] == "yes"
    fresh.switch(order_confirms=False, page_cap=None)
    assert fresh.switches()["order_confirms"] == "no"


def test_reset_turns_back_to_where_a_sandbox_began() -> None:
    with Sandbox(customers=0, orders=0, switches={"sort": "desc"}) as sandbox:
        sandbox.switch(sort="asc", page_cap=3)
        sandbox.reset()
        assert (sandbox.switches()["sort"], sandbox.switches()["page_cap"]) == ("desc", "none")
