"""Steps that work with orders, and the one that sends everything twice."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import DuplicateRequest, RequestRefused
from target_esputnik.probe.bench import OWN_FORM_TYPE
from target_esputnik.probe.drafts import contact_of, order_of, session_of
from target_esputnik.probe.import_steps import NO_NAME
from target_esputnik.probe.person import Unclear
from target_esputnik.probe.step import MOVED_ORDER, NEW_ORDER, PROBED, Step

if TYPE_CHECKING:
    from target_esputnik.probe.addresses import Subject
    from target_esputnik.probe.bench import Bench

TOO_MANY: Final = 1001
IMPOSSIBLE_DATE: Final = "2026-02-31T25:61:61+02:00"
OTHER_CURRENCY: Final = "PLN"
STREET: Final = "probe street"


def twice(bench: Bench) -> None:
    """A subscribe, an import and an order, each sent twice at once; then the order once more, and without a field."""
    subject = bench.fresh("repeat")
    guarded = {"subscribe": _subscribe_twice(bench, subject), "import": _import_twice(bench, subject)}
    order = order_of(bench.address, "repeat", subject, deliveryAddress=STREET)
    bench.findings.settle("order_answer", _shape_of_success(bench.order(order)))
    bench.ask("order_again", key=order["externalOrderId"])
    guarded["order"] = _is_duplicate(bench, "/v1/orders", "orders", {"orders": [order]})
    named = ", ".join(name for name, refused in guarded.items() if refused)
    bench.findings.settle("duplicate_guard", _scope(guarded), named and f"refused: {named}")
    if guarded["order"]:
        bench.wait_out_guard()
        bench.send_order(order)
    bench.see("order_event_repeat", key=order["externalOrderId"])
    bench.order(order_of(bench.address, "repeat", subject, status="IN_PROGRESS"))
    bench.see("order_omitted", key=order["externalOrderId"])


def _scope(guarded: dict[str, bool]) -> str:
    if all(guarded.values()):
        return "all"
    if not any(guarded.values()):
        return "off"
    return "subscribe" if guarded["subscribe"] and sum(guarded.values()) == 1 else "some"


def _subscribe_twice(bench: Bench, subject: Subject) -> bool:
    contact = contact_of(subject)
    bench.subscribe(contact)
    bench.ask("subscribe_again", email=subject.email)
    body = {"contact": contact, "formType": OWN_FORM_TYPE}
    return _is_duplicate(bench, "/v1/contact/subscribe", "contact/subscribe", body)


def _import_twice(bench: Bench, subject: Subject) -> bool:
    body = {"contacts": [contact_of(subject)], "dedupeOn": "externalCustomerId", "contactFields": ["firstName"]}
    session = session_of(bench.import_(body))
    bench.ask("import_again")
    refused = _is_duplicate(bench, "/v1/contacts", "contacts (bulk)", body)
    for open_session in sorted({session, *bench.traces.imports} - {None}, key=str):
        bench.poll(str(open_session))
    return refused


def _is_duplicate(bench: Bench, path: str, endpoint: str, body: dict[str, Any]) -> bool:
    """Send what was sent a moment ago, and tell whether it is refused as a duplicate."""
    try:
        bench.trace_import(bench.send_once("POST", path, endpoint, body))
    except DuplicateRequest:
        return True
    return False


def _shape_of_success(answer: Any) -> str:
    if answers.refused_elements(answer, "failedOrders"):
        raise Unclear
    if not isinstance(answer, dict):
        return "empty"
    return "json" if set(answer) <= {"failedOrders"} else "full"


def refused(bench: Bench) -> None:
    """An order without a buyer, which is refused by name."""
    order = order_of(bench.address, "nobody", None)
    elements = answers.refused_elements(bench.order(order), "failedOrders")
    if not elements:
        bench.findings.settle("failed_orders", "not_listed")
    elif answers.order_key(elements[0]) != order["externalOrderId"]:
        bench.findings.settle("failed_orders", "unmatched")
    else:
        bench.findings.settle("failed_orders", "object" if isinstance(elements[0], dict) else "id")


def malformed(bench: Bench) -> None:
    """An order with a date that there is not."""
    subject = bench.fresh("malformed")
    order = order_of(bench.address, "malformed", subject, date=IMPOSSIBLE_DATE)
    bench.findings.settle("malformed_order", _fate(bench, order, "whole_request", "per_row", "taken"))


def oversize(bench: Bench) -> None:
    """More orders than are taken at once; all of them without a buyer."""
    bench.ask("oversize", count=str(TOO_MANY))
    orders = [order_of(bench.address, f"many-{number}", None) for number in range(TOO_MANY)]
    try:
        refused = answers.refused_elements(bench.post("/v1/orders", "orders", {"orders": orders}), "failedOrders")
    except RequestRefused as problem:
        too_large = problem.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        bench.findings.settle("oversize", "413" if too_large else "400", f"HTTP {problem.status}")
        return
    if len(refused) < TOO_MANY:  # not all of them are named as refused: they may have to be deleted
        for order in orders:
            bench.trace_order(order)
    bench.findings.settle("oversize", "taken")


def match(bench: Bench) -> None:
    """An order with the phone of one contact, the email of another, and an external id of neither."""
    phone = bench.nobodys_phone()
    by_phone, by_email, buyer = bench.fresh("match-phone"), bench.fresh("match-email"), bench.fresh("match")
    with_phone = contact_of(by_phone, with_id=False)
    with_phone["channels"].append({"type": "sms", "value": phone})
    numbers = {bench.add(with_phone): "phone_first", bench.add(contact_of(by_email, with_id=False)): "email_first"}
    bench.order(order_of(bench.address, "match", buyer, email=by_email.email, phone=phone))
    found = bench.id_of_external(buyer.external_id)
    if found not in numbers:
        raise Unclear
    bench.findings.settle("order_match", numbers[found])


def foreign_id(bench: Bench) -> None:
    """An order with an unknown external id, and the address of a contact that has another one."""
    owner, buyer = bench.fresh("owner"), bench.fresh("stranger")
    number = bench.add(contact_of(owner))
    bench.order(order_of(bench.address, "stranger", buyer, email=owner.email))
    found = bench.id_of_external(buyer.external_id)
    reading = "matches" if found is None else "takes_id" if found == number else "new"
    bench.findings.settle("order_foreign_id", reading)


def names(bench: Bench) -> None:
    """An order with a forbidden name."""
    subject = bench.fresh("name")
    order = order_of(bench.address, "name", subject, firstName=NO_NAME)
    bench.findings.settle("order_names", _fate(bench, order, "checked", "checked", "unchecked"))


def currency(bench: Bench) -> None:
    """An order in a currency that is not documented."""
    subject = bench.fresh("currency")
    order = order_of(bench.address, "currency", subject, currency=OTHER_CURRENCY)
    bench.findings.settle("currencies", _fate(bench, order, "documented", "documented", "any"))


def _fate(bench: Bench, order: dict[str, Any], whole: str, alone: str, taken: str) -> str:
    """Which of three readings an order's fate means: refused with its request, refused alone, taken."""
    try:
        answer = bench.order(order)
    except RequestRefused:
        return whole
    return alone if answers.refused_elements(answer, "failedOrders") else taken


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "twice",
        ("duplicate_guard", "order_answer", "order_event_repeat", "order_omitted"),
        twice,
        events=(PROBED, PROBED, NEW_ORDER, NEW_ORDER, MOVED_ORDER),
        writes=8,
        guard_waits=1,
    ),
    Step("refused", ("failed_orders",), refused, writes=1, searches=False),
    Step("malformed", ("malformed_order",), malformed, events=(NEW_ORDER,), writes=1),
    Step("oversize", ("oversize",), oversize, writes=1, searches=False),
    Step("match", ("order_match",), match, events=(NEW_ORDER,), writes=3),
    Step("order_foreign_id", ("order_foreign_id",), foreign_id, events=(NEW_ORDER,), writes=2),
    Step("order_names", ("order_names",), names, events=(NEW_ORDER,), writes=1),
    Step("currency", ("currencies",), currency, events=(NEW_ORDER,), writes=1),
)
