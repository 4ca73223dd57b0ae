"""The probe on a sandbox account: who is asked looks at what the account really holds, and a bystander stands by."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from target_esputnik.probe.addresses import TestAddress
from target_esputnik.probe.bench import Bench
from target_esputnik.probe.cleanup import Cleaner
from target_esputnik.probe.client import ProbeClient
from target_esputnik.probe.probing import Plan, Probed, plan_for, probe
from target_esputnik.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from horoshop_esputnik_sandbox import Sandbox
    from target_esputnik.probe.findings import Findings
    from target_esputnik.probe.question import Question

GIVEN = "me+test@example.com"
NONCE = "a1b2c3"
Row = dict[str, Any]

BYSTANDERS: tuple[Row, ...] = (
    {"email": "me+testing@example.com", "externalCustomerId": "7", "firstName": "Олена", "phone": "380501112233"},
    {"email": "me@example.com", "confirmed": False},
    {"email": "me+test@example.com.ua", "externalCustomerId": "probe"},
    {"email": "me+test-probe-a1b2c3-asked@example.org", "externalCustomerId": "9", "unsubscribed": True},
    {"email": "about.me+test-probe-a1b2c3-read@example.com"},
    {"email": "me+test-probe-other@example.com", "externalCustomerId": "11"},
    {"email": "me+probe-a1b2c3-buyer@example.com", "confirmed": False},
)
"""Contacts that are nearly the probe's, and none of its."""


class Onlooker:
    """A person who permits what he is told to, and who sees what the account really holds.

    Attributes:
        asked: the writes that he was asked for.
        told_of: what he was told.
    """

    def __init__(self, sandbox: Sandbox, permits: Callable[[int, str], bool] = lambda *_: True) -> None:
        self._sandbox = sandbox
        self._permits = permits
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.told_of: list[str] = []

    def permits(self, call: str, **values: str) -> bool:
        """Decide by the number of the question and its name."""
        self.asked.append((call, values))
        return self._permits(len(self.asked), call)

    def sees(self, question: Question, **values: str) -> str | None:
        """Look at the account, and give the reading that the sight stands for."""
        assert values["email"] in (look := question.look.format(**values))
        assert values["key"] in look
        return question.sights[list(question.sights)[self.sight(question.name, **values)]]

    def sight(self, name: str, *, email: str, key: str) -> int:
        """Give the number of what is to be seen, as the questions list it."""
        events = self._sandbox.events()
        if name == "event_caps":
            return ["subscribeFromApi", "subscribeFromAPI"].index(events[-1]["type"].partition("-")[0])
        if name == "order_event_repeat":
            fired = sum(event["key"] == key and event["type"] == "orderINITIALIZED" for event in events)
            return 2 - fired
        if name == "order_omitted":
            order = next(one for one in self._sandbox.sent_orders() if one["externalOrderId"] == key)
            return int(not order.get("deliveryAddress"))
        channel = next(c for one in living(self._sandbox) for c in one["channels"] if c["value"] == email)
        return int(not channel["unsubscribed" if name == "subscribe_on_unsubscribed" else "confirmed"])

    def told(self, what: str, **values: str) -> None:
        """Keep what is said."""
        self.told_of.append(what)


@dataclass
class Outcome:
    """What a probe came to.

    Attributes:
        writes: of the requests before the cleaning up, those that write, with their status.
    """

    plan: Plan
    findings: Findings
    probed: Probed
    onlooker: Onlooker
    writes: list[Row] = field(default_factory=list)

    @property
    def readings(self) -> dict[str, str]:
        """{question: reading} of what is settled."""
        return {name: finding.reading for name, finding in self.findings.settled.items()}


def living(sandbox: Sandbox) -> list[Row]:
    """Give the contacts that are not deleted."""
    return [contact for contact in sandbox.sent_contacts() if not contact["deleted"]]


def place_bystanders(sandbox: Sandbox) -> list[Row]:
    """Put contacts into the account that are nobody's business; give them as they are."""
    for fields in BYSTANDERS:
        sandbox.create_contact(**fields)
    return sandbox.sent_contacts()


def run_probe(
    sandbox: Sandbox,
    *only: str,
    onlooker: Onlooker | None = None,
    given: str = GIVEN,
    give_up_after: float = 60.0,
    stopped: Callable[[], bool] = lambda: False,
    steps: Collection[str] = (),
    **settings: Any,
) -> Outcome:
    """Run the probe in this process.

    Args:
        sandbox: of the account.
        only: questions.
        onlooker: is asked.
        given: the test address.
        give_up_after: seconds for a request of the steps; cleaning up has its own.
        stopped: whether a signal came.
        steps: names; other steps are left out.
        settings: of the target.
    """
    config = {"api_key": sandbox.api_key, "api_url": sandbox.esputnik_url, "max_requests_per_second": 200} | settings
    checked = Settings.from_config(config)
    onlooker = onlooker or Onlooker(sandbox)
    address = TestAddress.from_option(given, NONCE)
    plan = plan_for(only, checked.confirmation_form_type)
    if steps:
        plan = Plan(tuple(step for step in plan.steps if step.name in steps), 0, Counter(), 0)
    before: list[int] = []
    with closing(ProbeClient(checked, give_up_after=give_up_after)) as client, closing(ProbeClient(checked)) as broom:
        client.watch()

        def cleaner() -> Cleaner:
            before.append(len(sandbox.requests("esputnik")))
            return Cleaner(broom, address)

        bench = Bench(client, address, onlooker, checked.confirmation_form_type, stopped)
        probed = probe(bench, plan, cleaner, shop_facts=None)
    made = sandbox.requests("esputnik")[: before[-1] if before else None]
    return Outcome(plan, bench.findings, probed, onlooker, [one for one in made if one["method"] != "GET"])


def remains(sandbox: Sandbox, bystanders: list[Row]) -> list[str]:
    """Say what of a probe is still in the account a minute later, or differs from what stood there before."""
    sandbox.advance(61)  # an import that nobody polled has ended by then
    known = {contact["id"]: contact for contact in bystanders}
    there = {contact["id"]: contact for contact in sandbox.sent_contacts()}
    found = [f"contact {number} differs" for number, contact in known.items() if there[number] != contact]
    found += [
        f"contact {number} lives" for number, contact in there.items() if number not in known and not contact["deleted"]
    ]
    return found + [f"order {order['externalOrderId']}" for order in sandbox.sent_orders()]
