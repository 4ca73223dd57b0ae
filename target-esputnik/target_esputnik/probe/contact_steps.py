"""Steps that work with single contacts: confirmation, subscribe, PUT, search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik import answers
from target_esputnik.errors import ContactGone, RequestRefused
from target_esputnik.probe.bench import SEGMENT
from target_esputnik.probe.drafts import contact_of, order_of
from target_esputnik.probe.person import Unclear
from target_esputnik.probe.step import NEW_ORDER, PROBED, SUBSCRIBED, Step

if TYPE_CHECKING:
    from target_esputnik.probe.bench import Bench

FOUR_DIGITS: Final = "1234"


def read(bench: Bench) -> None:
    """One contact is added, read and looked for in every way."""
    subject = bench.fresh("read")
    number = bench.add(contact_of(subject, groups=[{"name": SEGMENT}]))
    shown = bench.read(number)
    settle = bench.findings.settle
    settle("ids", "strings" if isinstance(shown.get("id"), str) else "numbers")
    settle("single_element", "list" if isinstance(shown.get("channels"), list) else "object")
    joined = [group.get("name") for group in answers.as_list(shown.get("groups")) if isinstance(group, dict)]
    settle("contact_groups", "usable" if SEGMENT in joined else "ignored")
    if not bench.until(lambda: number in bench.ids_by_search(email=subject.email)):
        raise Unclear
    local, _, domain = subject.email.partition("@")
    part = f"{local.removeprefix(bench.address.beginning)}@{domain}"
    if number in bench.ids_by_search(email=part):
        settle("search_email", "contains")
    else:
        settle("search_email", "prefix" if number in bench.ids_by_search(email=subject.email[:-2]) else "exact")
    found = number in bench.ids_by_search(email=subject.email.upper())
    settle("search_case", "insensitive" if found else "sensitive")
    settle("search_none", _answer_to_no_match(bench))


def _answer_to_no_match(bench: Bench) -> str:
    try:
        found = bench.search(email=bench.address.email("nobody"))
    except ContactGone:
        return "not_found"
    return "empty" if found is None else "list"


def subscribe(bench: Bench) -> None:
    """The one subscribe that the account's double opt-in workflow sees."""
    subject = bench.fresh("asked")
    bench.subscribe(contact_of(subject), form_type=bench.form_type)
    bench.see("subscribe_creates", email=subject.email)
    bench.see("event_caps", email=subject.email)


def order_confirms(bench: Bench) -> None:
    """An order for an unconfirmed contact."""
    subject = bench.fresh("buyer")
    bench.subscribe(contact_of(subject))
    bench.order(order_of(bench.address, "confirms", subject))
    bench.see("order_confirms", email=subject.email)


def put(bench: Bench) -> None:
    """A PUT that leaves the names out, and brings a second address."""
    subject, second = bench.fresh("put"), bench.fresh("put-second")
    number = bench.add(contact_of(subject))
    body = contact_of(subject, second.email)
    del body["firstName"]
    bench.put(number, body)
    shown = bench.read(number)
    bench.findings.settle("put_omitted", "kept" if shown.get("firstName") else "cleared")
    if second.email in answers.channel_values(shown, "email"):
        bench.see("put_adds_email", email=second.email)
    else:
        bench.findings.settle("put_adds_email", "not_added")


def on_confirmed(bench: Bench) -> None:
    """A subscribe for a confirmed contact."""
    subject = bench.fresh("confirmed")
    bench.add(contact_of(subject))
    bench.subscribe(contact_of(subject))
    bench.see("subscribe_on_confirmed", email=subject.email)


def on_unsubscribed(bench: Bench) -> None:
    """A subscribe for an address that opted out."""
    subject = bench.fresh("optout")
    bench.add(contact_of(subject))
    bench.unsubscribe(subject.email)
    bench.subscribe(contact_of(subject))
    bench.see("subscribe_on_unsubscribed", email=subject.email)


def on_deleted(bench: Bench) -> None:
    """A subscribe for a contact that was deleted."""
    subject = bench.fresh("deleted")
    number = bench.add(contact_of(subject))
    bench.delete(number, subject.email)
    try:
        again = bench.subscribe(contact_of(subject))
    except RequestRefused:
        bench.findings.settle("subscribe_on_deleted", "refused")
        return
    bench.findings.settle("subscribe_on_deleted", "revives" if again == number else "new")


def other_email(bench: Bench) -> None:
    """A subscribe that brings another address for a known external id."""
    subject, second = bench.fresh("moved"), bench.fresh("moved-second")
    number = bench.add(contact_of(subject))
    changed = contact_of(subject)
    changed["channels"] = [{"type": "email", "value": second.email}]
    bench.subscribe(changed)
    emails = set(answers.channel_values(bench.read(number), "email"))
    if second.email not in emails:
        bench.findings.settle("subscribe_email", "ignored")
    else:
        bench.findings.settle("subscribe_email", "add" if subject.email in emails else "replace")


def foreign_id(bench: Bench) -> None:
    """A subscribe whose address belongs to a contact with another external id."""
    subject, other = bench.fresh("twice"), bench.fresh("twice-second")
    number = bench.add(contact_of(subject))
    again = bench.subscribe(contact_of(subject, externalCustomerId=other.external_id))
    bench.findings.settle("subscribe_foreign_id", "updates" if again == number else "new")


def phones(bench: Bench) -> None:
    """A subscribe with what is no phone."""
    subject = bench.fresh("phone")
    bench.unused_phone(FOUR_DIGITS)
    contact = contact_of(subject)
    contact["channels"].append({"type": "sms", "value": FOUR_DIGITS})
    try:
        bench.subscribe(contact)
    except RequestRefused as refused:
        bench.findings.settle("phones", "digits", f"HTTP {refused.status}")
    else:
        bench.findings.settle("phones", "any")


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "read",
        ("ids", "single_element", "contact_groups", "search_email", "search_case", "search_none"),
        read,
        writes=1,
    ),
    Step("subscribe", ("subscribe_creates", "event_caps"), subscribe, events=(SUBSCRIBED,), writes=1),
    Step("order_confirms", ("order_confirms",), order_confirms, events=(PROBED, NEW_ORDER), writes=2),
    Step("put", ("put_omitted", "put_adds_email"), put, writes=2),
    Step("on_confirmed", ("subscribe_on_confirmed",), on_confirmed, events=(PROBED,), writes=2),
    Step("on_unsubscribed", ("subscribe_on_unsubscribed",), on_unsubscribed, events=(PROBED,), writes=3),
    Step("on_deleted", ("subscribe_on_deleted",), on_deleted, events=(PROBED,), writes=3),
    Step("other_email", ("subscribe_email",), other_email, events=(PROBED,), writes=2),
    Step("foreign_id", ("subscribe_foreign_id",), foreign_id, events=(PROBED,), writes=2),
    Step("phones", ("phones",), phones, events=(PROBED,), writes=1),
)
