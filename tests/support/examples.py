"""How many examples a property is tried with, and that a run can be repeated.

* `few`, in `make test`: the same examples on every machine and in every run.
* `many`, in `make test-faults`: twenty times as many, and these are the same in every run, too.
* `random`: as many, others in each run. `make test-faults TESTS="tests/properties --hypothesis-profile=random"`; with
  `--hypothesis-seed=N` a run of it can be repeated, and a failure prints the line that repeats it alone.
"""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

FEW: Final = 100
MANY: Final = 20 * FEW


def offer_profiles() -> None:
    """Make them known to `--hypothesis-profile`, and take `few` where none is asked for."""
    # A loaded machine is slow, and a shop with sockets is no toy: only a hang is a failure, and pytest sees to that.
    patient = settings(
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    settings.register_profile("few", patient, max_examples=FEW, derandomize=True, database=None)
    settings.register_profile("many", patient, max_examples=MANY, derandomize=True, database=None)
    settings.register_profile("random", patient, max_examples=MANY)
    settings.load_profile("few")


def examples(few: int, **more: int) -> settings:
    """Settings of a property that is costly to try: so many examples of `few`, and twenty times as many of `many`."""
    return settings(max_examples=few * settings.default.max_examples // FEW, **more)  # type: ignore[arg-type, union-attr]
