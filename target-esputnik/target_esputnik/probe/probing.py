"""The whole probe: what will be done, then step by step, then cleaned up, whatever happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import ConfigProblem, ContactGone, CredentialsRefused, RequestRefused, TargetError
from target_esputnik.probe import account_steps, contact_steps, import_steps, order_steps, shop_side
from target_esputnik.probe.bench import SEGMENT
from target_esputnik.probe.cleanup import Cleaned, Cleaner
from target_esputnik.probe.findings import DECLINED, ENDED, NO_RIGHT, NOT_MET, UNCLEAR
from target_esputnik.probe.person import Declined, Unclear
from target_esputnik.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from target_esputnik.ledger.shop_facts import ShopFacts
    from target_esputnik.probe.bench import Bench
    from target_esputnik.probe.step import Step

STEPS: Final[tuple[Step, ...]] = (
    *account_steps.STEPS,
    *contact_steps.STEPS,
    *import_steps.STEPS,
    *order_steps.STEPS,
)
"""In the order in which they are made: the harmless ones first."""

PACE: Final = frozenset({"rate_limit", "search_rate_limit", "retry_after"})
"""Questions that every step settles: every answer is watched."""

HARMLESS: Final = frozenset({"account", "key", "read"})
"""Steps that are made where nothing but the pace is asked for."""


@dataclass(frozen=True)
class Plan:
    """What a probe will do at the most.

    Attributes:
        steps: in their order.
        writes: write requests.
        events: workflow events by name.
        guard_waits: waits of a minute.
    """

    steps: tuple[Step, ...]
    writes: int
    events: Counter[str]
    guard_waits: int


def plan_for(wanted: Collection[str], form_type: str) -> Plan:
    """The plan that settles some questions; all if none is named."""
    asked = set(wanted)
    for_pace = HARMLESS if asked & PACE else frozenset()
    steps = tuple(step for step in STEPS if not asked or step.name in for_pace or set(step.settles) & asked)
    events = Counter(event.format(form_type=form_type) for step in steps for event in step.events)
    return Plan(steps, sum(step.writes for step in steps), events, sum(step.guard_waits for step in steps))


@dataclass
class Probed:
    """What came of it: findings are the bench's.

    Attributes:
        error: why it ended early.
        stopped: a signal ended it.
        leftovers: contacts of earlier probes that were deleted.
    """

    error: TargetError | None = None
    stopped: bool = False
    leftovers: int = 0
    cleaned: Cleaned = field(default_factory=Cleaned)


def probe(bench: Bench, plan: Plan, cleaner: Callable[[], Cleaner], *, shop_facts: ShopFacts | None) -> Probed:
    """Settle what can be settled, and clean up.

    Args:
        bench: its client has proved the key.
        plan: of `plan_for`.
        cleaner: makes one with a client of its own.
        shop_facts: of the ledger; None without one.

    Raises:
        ConfigProblem: the given address is at eSputnik, and not by a probe; nothing was written.
    """
    probed = Probed()
    shop_side.settle(bench.findings, shop_facts)
    try:
        may_search = _make_sure_it_is_nobodys(bench, cleaner, probed)
        for step in plan.steps:
            if step.searches and not may_search:
                bench.findings.leave_open(step.settles, NO_RIGHT)
            else:
                _make(bench, step)
    except Stopping:
        probed.stopped = True
    except ConfigProblem:
        raise
    except TargetError as error:
        probed.error = error
    finally:
        _settle_pace(bench)
        if bench.traces:
            probed.cleaned = cleaner().clean(bench.traces)
    _note_what_stays(bench, probed)
    if probed.stopped or probed.error:
        bench.findings.leave_open([name for step in plan.steps for name in step.settles], ENDED)
    return probed


def _make(bench: Bench, step: Step) -> None:
    """Make a step; whatever it leaves open gets the reason."""
    bench.person.told("step", step=step.name)
    why = UNCLEAR
    try:
        step.run(bench)
    except Declined:
        why = DECLINED
    except Unclear:
        pass
    except RequestRefused as refused:  # where no reading foresees it
        bench.person.told("refused", status=str(refused.status))
    except CredentialsRefused:
        why = NO_RIGHT
    bench.findings.leave_open(step.settles, why)


def _make_sure_it_is_nobodys(bench: Bench, cleaner: Callable[[], Cleaner], probed: Probed) -> bool:
    """Refuse an address that is at eSputnik, but for what an earlier probe left, which is deleted.

    Returns:
        Whether the key may search at all; if not, nothing is written that a search would have to precede.
    """
    address = bench.address
    try:
        found = bench.client.contacts_with(email=address.given)
        left = _left_by_others(bench)
    except CredentialsRefused:
        return False
    if any(not address.owns(contact) for contact in found):
        raise ConfigProblem("probe_address_taken")
    owned = [contact for contact in [*found, *left] if address.owns(contact)]
    numbers = {number for contact in owned if (number := answers.contact_id(contact)) is not None}
    if numbers and bench.person.permits("leftovers", count=str(len(numbers))):
        one = cleaner()
        one.delete_leftovers(sorted(numbers))
        probed.leftovers = one.cleaned.contacts
    return True


def _left_by_others(bench: Bench) -> list[dict[str, Any]]:
    """What a search by the beginning of all variants finds, on accounts whose search does that."""
    try:
        return answers.contacts_found(bench.search(email=bench.address.beginning))
    except (ContactGone, RequestRefused):  # nobody by 404, or no whole address
        return []


def _settle_pace(bench: Bench) -> None:
    """What the answers told of the pace."""
    limits = bench.client.limits
    for name, search in (("search_rate_limit", True), ("rate_limit", False)):
        met = [after for was_search, after in limits if was_search is search]
        bench.findings.settle(name, "met" if met else "not_met", f"429: {len(met)}" if met else "")
    waits = [after.strip() for _, after in limits]
    if not waits:
        bench.findings.leave_open(["retry_after"], NOT_MET)
        return
    said = next(filter(None, waits), "")
    bench.findings.settle("retry_after", "none" if not said else "seconds" if said.isdigit() else "date", said)


def _note_what_stays(bench: Bench, probed: Probed) -> None:
    """No call deletes a segment."""
    finding = bench.findings.settled.get("contact_groups")
    if finding is not None and finding.reading == "usable":
        probed.cleaned.left.append(f"segment {SEGMENT}")
