"""Edit, run, be killed, run: whatever the order of these, the end is the model's. See `support/dying_runs.py`."""

from __future__ import annotations

from dying_runs import DyingRuns
from examples import examples
from hypothesis.stateful import run_state_machine_as_test


def test_a_shop_that_changes_while_runs_die_ends_as_the_model_has_it() -> None:
    DyingRuns.killed = 0
    run_state_machine_as_test(DyingRuns, settings=examples(3, stateful_step_count=8))
    assert DyingRuns.killed > 0, "no run was killed"
