"""Steps that work with the bulk call: the two imports, and one that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import RequestRefused
from target_esputnik.probe.drafts import contact_of, session_of
from target_esputnik.probe.findings import NOT_MET
from target_esputnik.probe.person import Unclear
from target_esputnik.probe.step import PROBED, Step

if TYPE_CHECKING:
    from target_esputnik.probe.bench import Bench

MORE_TRIES: Final = 2
"""How often an import that ends in ERROR is sent again."""

NO_NAME: Final = "@@@ 12345"


def by_id(bench: Bench) -> None:
    """An import by external ids: a new contact, one that is unconfirmed, one whose address is known, a bad one."""
    new, unconfirmed = bench.fresh("new"), bench.fresh("unconfirmed")
    known, bad = bench.fresh("known"), bench.fresh("bad")
    bench.subscribe(contact_of(unconfirmed))
    holder = bench.add(contact_of(known, with_id=False))
    body = {
        # The new one comes first: an import that ends in ERROR half done has written it.
        "contacts": [contact_of(new), contact_of(unconfirmed), contact_of(known), contact_of(bad, firstName=NO_NAME)],
        "dedupeOn": "externalCustomerId",
        "contactFields": ["firstName", "email"],
    }
    answer = bench.import_(body)
    refused = answers.refused_elements(answer, "failedContacts")
    if refused:
        bench.findings.settle("failed_contacts", _shape_of_refusal(refused[0]))
    _to_the_end(bench, body, answer, new.external_id)
    if not refused:
        taken = bench.id_of_external(bad.external_id, patient=False)
        bench.findings.settle("failed_contacts", "vanish" if taken is None else "taken")
    bench.see("confirmed_route_confirms", email=unconfirmed.email)
    found = bench.id_of_external(known.external_id)
    if found is None:
        raise Unclear
    bench.findings.settle("dedupe_unknown_id", "address" if found == holder else "new")


def _shape_of_refusal(element: Any) -> str:
    if not isinstance(element, dict):
        return "id"
    return "reason" if answers.reason_of(element) else "contact"


def _to_the_end(bench: Bench, body: dict[str, Any], answer: Any, first: str) -> None:
    """Poll an import; send one that ends in ERROR again. Raises Unclear if it never ends well."""
    errors = 0
    while True:
        session = session_of(answer)
        if session is None:
            raise Unclear
        last, polls = bench.poll(session)
        status = answers.import_status(last)
        if status.status == "FINISHED":
            break
        errors += 1
        if errors == 1:
            half = bench.id_of_external(first, patient=False) is not None
            bench.findings.settle("import_error_work", "half" if half else "none")
        if errors > MORE_TRIES:
            bench.findings.settle("import_errors", str(errors), "every import that was tried")
            raise Unclear
        bench.ask("import_again")
        answer = bench.send_import(body)
    bench.findings.settle("import_errors", str(errors))
    bench.findings.settle("import_polls", str(polls))
    bench.findings.settle("import_mapping", "returned" if status.has_mapping else "absent")
    bench.findings.leave_open(["import_error_work"], NOT_MET)


def by_email(bench: Bench) -> None:
    """An import by email: an unknown external id with a known address, and a second address."""
    known, moved, second = bench.fresh("mail"), bench.fresh("mail-moved"), bench.fresh("mail-second")
    holder = bench.add(contact_of(known, with_id=False))
    number = bench.add(contact_of(moved, with_id=False))
    body = {
        "contacts": [contact_of(known), contact_of(moved, second.email, with_id=False)],
        "dedupeOn": "email",
        "contactFields": ["firstName", "email"],
    }
    session = session_of(bench.import_(body))
    if session is None:
        raise Unclear
    last, _ = bench.poll(session)
    if answers.import_status(last).status != "FINISHED":
        raise Unclear
    found = bench.id_of_external(known.external_id)
    if found is not None:
        bench.findings.settle("dedupe_fallback", "fallback" if found == holder else "ignored")
    emails = answers.channel_values(bench.read(number), "email")
    bench.findings.settle("dedupe_field", "updated" if second.email in emails else "kept")


def bad_call(bench: Bench) -> None:
    """A bulk call with an unknown `dedupeOn`, of a contact that is refused in any case."""
    subject = bench.fresh("bulk")
    body = {"contacts": [contact_of(subject, firstName=NO_NAME)], "dedupeOn": "probe"}
    try:
        answer = bench.import_(body)
    except RequestRefused as refused:
        bench.findings.settle("bulk_problem", "400", f"HTTP {refused.status}")
        return
    if answers.error_message(answer) is not None:
        bench.findings.settle("bulk_problem", "message")
        return
    bench.findings.settle("bulk_problem", "taken")


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "import",
        (
            "failed_contacts",
            "import_polls",
            "import_errors",
            "import_error_work",
            "import_mapping",
            "confirmed_route_confirms",
            "dedupe_unknown_id",
        ),
        by_id,
        events=(PROBED,),
        writes=3 + MORE_TRIES,
        guard_waits=MORE_TRIES,
    ),
    Step("import_by_email", ("dedupe_fallback", "dedupe_field"), by_email, writes=3),
    Step("bad_call", ("bulk_problem",), bad_call, writes=1),
)
