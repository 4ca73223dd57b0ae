from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from probe_driver import GIVEN, NONCE, Onlooker, living, remains, run_probe

from target_esputnik.errors import ConfigProblem
from target_esputnik.probe.addresses import MARK, TestAddress
from target_esputnik.probe.bench import SECONDS_UNTIL_SHOWN
from target_esputnik.probe.client import ProbeClient
from target_esputnik.probe.findings import DECLINED, ENDED, NO_RIGHT, UNCLEAR
from target_esputnik.probe.probing import PACE, STEPS

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox import Sandbox

PROBED = "subscribe(Update)FromApi-probe"
STEP_NAMES = [step.name for step in STEPS]
FAST = ("account", "order_confirms", "on_unsubscribed", "import", "match", "oversize")
"""Steps of each kind; `make test-faults` takes all."""

MANY = 100_000


# -------------------------------------------------------------------- asking


def writes_of(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Give the requests that write."""
    return [one for one in sandbox.requests("esputnik") if one["method"] != "GET"]


@pytest.mark.parametrize(("guard", "refused"), [("off", 0), ("all", 2)])
def test_each_write_is_asked_for_before_it_is_made(account: Sandbox, guard: str, refused: int) -> None:
    account.switch(duplicate_guard=guard)
    taken_before: list[int] = []

    class Counting(Onlooker):
        def permits(self, call: str, **values: str) -> bool:
            taken_before.append(sum(one["status"] != 409 for one in writes_of(account)))
            return super().permits(call, **values)

    outcome = run_probe(account, onlooker=Counting(account))
    # Never more writes than permissions; the key's three calls are asked for together, before the first of them.
    assert all(taken <= permissions for permissions, taken in enumerate(taken_before))
    taken = [one for one in outcome.writes if one["status"] != 409]
    assert len(taken) == len(outcome.onlooker.asked) - refused


def test_nothing_is_written_where_nothing_is_permitted(account: Sandbox, bystanders: list[dict[str, Any]]) -> None:
    outcome = run_probe(account, onlooker=Onlooker(account, permits=lambda *_: False))
    assert writes_of(account) == []
    assert account.sent_contacts() == bystanders
    assert set(outcome.readings) - PACE == {"account_info"}
    open_ones = outcome.findings.open()
    assert all(
        open_ones[name] == DECLINED for step in STEPS for name in step.settles if step.writes and name in open_ones
    )


@pytest.mark.parametrize("name", [step.name for step in STEPS if step.writes])
def test_a_no_to_any_one_write_leaves_its_question_open_and_nothing_behind(
    account: Sandbox, bystanders: list[dict[str, Any]], name: str
) -> None:
    asked = len(run_probe(account, steps=[name]).onlooker.asked)
    for number in range(1, asked + 1):
        account.reset()
        before = [account.create_contact(**_fields(one)) and one for one in bystanders]
        there = account.sent_contacts()
        outcome = run_probe(account, steps=[name], onlooker=Onlooker(account, lambda place, _, no=number: place != no))
        assert len(outcome.onlooker.asked) == number, "a step ends with the first no"
        assert len(outcome.writes) <= max(number - 1, 0)
        assert DECLINED in {outcome.findings.why_open.get(one) for one in _step(name).settles}
        assert remains(account, there) == []
        assert before


def _step(name: str) -> Any:
    return next(step for step in STEPS if step.name == name)


def _fields(contact: dict[str, Any]) -> dict[str, Any]:
    named = {name: contact[name] for name in ("externalCustomerId", "firstName", "channels")}
    return {name: value for name, value in named.items() if value is not None}


# -------------------------------------------------------------------- what is fired


@pytest.mark.parametrize(
    "positions",
    [
        {},
        {"duplicate_guard": "off", "phones": "any", "subscribe_on_deleted": "revives"},
        {"duplicate_guard": "all", "order_event_repeat": "silent", "subscribe_foreign_id": "new"},
    ],
    ids=lambda positions: "-".join(positions) or "defaults",
)
def test_no_event_fires_that_was_not_announced(account: Sandbox, positions: dict[str, str]) -> None:
    account.switch(**positions)
    outcome = run_probe(account, onlooker=Onlooker(account))
    fired: Counter[str] = Counter()
    for event in account.events():
        fired[PROBED if event["type"].endswith("-probe") else event["type"]] += 1
    assert fired <= outcome.plan.events
    assert fired["subscribeFromApi-horoshop"] == 1, "the double opt-in is set off once, so that the owner sees its mail"
    assert fired["orderINITIALIZED"] >= outcome.plan.events["orderINITIALIZED"] - 2


def test_every_write_carries_only_what_is_the_probes(account: Sandbox) -> None:
    outcome = run_probe(account)
    address = TestAddress.from_option(GIVEN, NONCE)
    carriers = [carrier for one in outcome.writes for carrier in _carried(one["body"])]
    assert len(carriers) > 1001
    for carrier in carriers:
        ids = {carrier.get(name) for name in ("externalCustomerId", "externalOrderId")} - {None}
        assert all(str(one).startswith(MARK + NONCE) for one in ids)
        emails = [c["value"] for c in carrier.get("channels", []) if c["type"] == "email"]
        assert all(address.is_variant(email) for email in [*emails, *carrier.get("emails", [])])
        assert "email" not in carrier or address.is_variant(carrier["email"])


def _carried(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict):
        return []
    return [*body.get("contacts", []), *body.get("orders", []), *([body["contact"]] if "contact" in body else [body])]


# -------------------------------------------------------------------- whom it refuses


@pytest.mark.parametrize("spelling", [GIVEN, GIVEN.upper()])
@pytest.mark.parametrize("external_id", ["1041", None])
def test_an_address_that_is_at_esputnik_is_refused_and_nothing_is_written(
    account: Sandbox, spelling: str, external_id: str | None
) -> None:
    account.create_contact(email=spelling, externalCustomerId=external_id)
    before = account.sent_contacts()
    with pytest.raises(ConfigProblem, match="belongs to a contact"):
        run_probe(account, given=GIVEN)
    assert writes_of(account) == []
    assert account.sent_contacts() == before


@pytest.mark.parametrize("text", ["", "nobody", "a b@example.com", "мене@приклад.укр", f"{'x' * 60}@example.com"])
def test_what_is_no_usable_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigProblem):
        TestAddress.from_option(text, NONCE)


def test_what_an_earlier_probe_left_is_cleaned_up_first(account: Sandbox, bystanders: list[dict[str, Any]]) -> None:
    account.create_contact(email=GIVEN, externalCustomerId="probe-000000-asked")
    account.create_contact(email="me+test-probe-000000-put@example.com", externalCustomerId="probe-000000-put")
    account.create_contact(email="me+test-probe-000000-match-email@example.com")
    outcome = run_probe(account, "put_omitted")
    assert outcome.onlooker.asked[0] == ("leftovers", {"count": "3"})
    assert outcome.probed.leftovers == 3
    assert outcome.readings["put_omitted"] == "kept"
    assert remains(account, bystanders) == []


def test_a_phone_that_somebody_has_is_not_used(account: Sandbox) -> None:
    address = TestAddress.from_option(GIVEN, NONCE)
    account.create_contact(email="actor@example.com", phone=address.phone())
    account.create_contact(email="short@example.com", phone="1234")
    before = account.sent_contacts()
    outcome = run_probe(account, "order_match", "phones")
    assert {outcome.findings.why_open[name] for name in ("order_match", "phones")} == {UNCLEAR}
    assert writes_of(account) == []
    assert account.sent_contacts() == before


def test_an_address_or_id_that_is_taken_meanwhile_is_not_written_to(account: Sandbox) -> None:
    account.create_contact(email=f"me+test-probe-{NONCE}-put@example.com", externalCustomerId="1041")
    before = account.sent_contacts()
    outcome = run_probe(account, "put_omitted")
    assert outcome.findings.why_open["put_omitted"] == UNCLEAR
    assert writes_of(account) == []
    assert account.sent_contacts() == before


def test_a_contact_of_the_probe_that_became_somebodys_stays_and_is_named(account: Sandbox) -> None:
    class Meddling(Onlooker):
        def sees(self, question: object, **values: str) -> None:  # type: ignore[override]
            """Somebody imports his own people meanwhile, and they are merged."""
            one = next(c for c in living(account) if c["channels"][0]["value"] == values["email"])
            account.delete_contact(one["id"], erase=True)
            account.create_contact(
                externalCustomerId="1041",
                channels=[{"type": "email", "value": v} for v in (values["email"], "real@example.com")],
            )

    outcome = run_probe(account, "subscribe_creates", onlooker=Meddling(account))
    assert outcome.probed.cleaned.left == [f"contact me+test-probe-{NONCE}-asked@example.com"]
    assert [contact["externalCustomerId"] for contact in living(account)] == ["1041"]


@pytest.mark.parametrize("scope", ["contacts", "contacts_write", "events", "messages"])
def test_with_a_key_that_may_not_search_or_order_nothing_is_written_blindly(account: Sandbox, scope: str) -> None:
    account.switch(key_scope=scope)
    outcome = run_probe(account)
    assert outcome.readings["key_scope"] == scope
    assert outcome.findings.why_open["order_confirms"] == NO_RIGHT
    assert outcome.probed.cleaned.left == []
    assert living(account) == []


# -------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FAST else [pytest.mark.faults_full]) for name in STEP_NAMES]
)
def test_whichever_answer_is_lost_nothing_is_left(account: Sandbox, name: str) -> None:
    run_probe(account, steps=[name])
    requests = len(account.requests("esputnik"))
    ended = 0
    for number in range(requests):
        account.reset()
        account.fail(api="esputnik", after=number, times=1, kind="drop_after")
        outcome = run_probe(account, steps=[name], give_up_after=0)
        assert outcome.probed.cleaned.left == [], number
        assert remains(account, []) == [], number
        if outcome.probed.error:
            ended += 1
            assert outcome.probed.error.code == "no_answer"
            assert ENDED in set(outcome.findings.why_open.values()) or len(outcome.readings) >= 3
    assert ended, "the fault never struck the probe itself"


@pytest.mark.parametrize("lost", [None, "/v1/emails/unsubscribed/add", "/v1/contact/subscribe"])
def test_an_address_that_was_unsubscribed_is_taken_off_the_list(account: Sandbox, lost: str | None) -> None:
    if lost:
        account.fail(api="esputnik", path=lost, times=1, kind="drop_after")
    outcome = run_probe(account, "subscribe_on_unsubscribed", give_up_after=0)
    assert bool(outcome.probed.error) == bool(lost)
    email = f"me+test-probe-{NONCE}-optout@example.com"
    assert any(one["path"] == "/v1/emails/unsubscribed/add" for one in outcome.writes)
    account.create_contact(email=email)  # the list outlives contacts, and shows itself in them
    assert [channel["unsubscribed"] for one in living(account) for channel in one["channels"]] == [False]


@pytest.mark.parametrize("name", ["currencies", "dedupe_field"])
def test_what_a_search_does_not_show_at_once_is_waited_for_before_it_is_looked_for(
    account: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    waited: list[tuple[float, int]] = []
    monkeypatch.setattr(ProbeClient, "pause", lambda _, seconds: waited.append((seconds, len(_made(account)))) or True)
    run_probe(account, name)
    made = _made(account)
    last_write = max(place for place, one in enumerate(made) if one["method"] == "POST")
    [begun] = [place for seconds, place in waited if seconds >= SECONDS_UNTIL_SHOWN and place > last_write]
    assert "/v1/contacts" in {one["path"] for one in made[begun:]}
    assert "DELETE" not in {one["method"] for one in made[:begun]}


def _made(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.requests("esputnik")


def test_an_outage_at_the_end_names_what_could_not_be_cleaned(account: Sandbox) -> None:
    class Cutting(Onlooker):
        def sees(self, question: object, **values: str) -> None:  # type: ignore[override]
            account.fail(api="esputnik", times=None, kind="status", status=403)

    outcome = run_probe(account, "order_confirms", onlooker=Cutting(account))
    email = f"me+test-probe-{NONCE}-buyer@example.com"
    assert f"contact {email}" in outcome.probed.cleaned.left
    assert f"order probe-{NONCE}-confirms" in outcome.probed.cleaned.left
    account.clear_faults()
    again = run_probe(account, "put_omitted")
    assert again.probed.leftovers == 1, "the same address cleans up what was left"
    assert living(account) == []


@pytest.mark.parametrize("name", ["import", "twice", "match"])
def test_a_signal_at_any_moment_leaves_nothing(account: Sandbox, name: str) -> None:
    for moment in range(1, MANY):
        account.reset()
        looked = 0

        def stopped(at: int = moment) -> bool:
            nonlocal looked
            looked += 1
            return looked >= at

        outcome = run_probe(account, steps=[name], stopped=stopped)
        assert remains(account, []) == []
        if not outcome.probed.stopped:
            assert moment > 10
            return
