"""The bench that every step of the probe works at: each write is asked for, written down, and only then made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import answers
from target_esputnik.errors import ContactGone, CredentialsRefused, DuplicateRequest, RequestRefused
from target_esputnik.probe.drafts import first_email, session_of
from target_esputnik.probe.findings import NOT_SEEN, Findings
from target_esputnik.probe.person import Declined, Unclear
from target_esputnik.probe.questions import BY_NAME
from target_esputnik.probe.traces import Traces
from target_esputnik.stopping import Stopping
from target_esputnik.transport import DUPLICATE_GUARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_esputnik.probe.addresses import Subject, TestAddress
    from target_esputnik.probe.client import ProbeClient
    from target_esputnik.probe.person import Person

OWN_FORM_TYPE: Final = "probe"
"""`formType` of all but one subscribe: no workflow of the account listens to it."""

SEGMENT: Final = "probe-esputnik-ledger"
SECONDS_UNTIL_SHOWN: Final = 20.0
"""So long a search may lag behind a write."""

FIRST_POLL, SLOWEST_POLL, POLLS_AT_MOST = 0.5, 10.0, 120


@dataclass
class Bench:
    """What the steps share.

    Attributes:
        client: of the account.
        address: the test address and its variants.
        person: is asked before each write.
        form_type: that the account's double opt-in workflow listens to.
        stopped: whether a signal came; looked at before each request.
    """

    client: ProbeClient
    address: TestAddress
    person: Person
    form_type: str
    stopped: Callable[[], bool]
    findings: Findings = field(default_factory=Findings)
    traces: Traces = field(default_factory=Traces)

    # ---------------------------------------------------------------- asking

    def ask(self, call: str, **values: str) -> None:
        """Ask for a write. Raises Declined."""
        self._check_stop()
        if not self.person.permits(call, **values):
            raise Declined
        self._check_stop()

    def see(self, name: str, *, email: str = "", key: str = "") -> None:
        """Have the person settle a question."""
        self._check_stop()
        reading = self.person.sees(BY_NAME[name], email=email, key=key)
        if reading is None:
            self.findings.leave_open([name], NOT_SEEN)
        else:
            self.findings.settle(name, reading)

    # ---------------------------------------------------------------- reading

    def get(self, path: str, endpoint: str, query: dict[str, Any] | None = None) -> Any:
        """A reading call."""
        self._check_stop()
        return self.client.raw("GET", path, endpoint, query=query)

    def search(self, **query: str) -> Any:
        """A search and its answer as it came. Raises ContactGone where nobody is found by 404."""
        return self.get("/v1/contacts", "contacts (search)", {"startindex": 1, "maxrows": 500} | query)

    def ids_by_search(self, **query: str) -> set[int]:
        """The ids that a search finds, whatever they are."""
        try:
            found = answers.contacts_found(self.search(**query))
        except ContactGone:
            return set()
        return {number for contact in found if (number := answers.contact_id(contact)) is not None}

    def id_of_external(self, external_id: str, *, patient: bool = True) -> int | None:
        """The contact that has an external id; looked for until a search can no longer lag behind."""

        def look() -> int | None:
            self._check_stop()
            found = [c for c in self.client.contacts_by_external_id(external_id) if self.address.owns(c)]
            return answers.contact_id(found[0]) if found else None

        return self.until(look) if patient else look()

    def read(self, number: int) -> dict[str, Any]:
        """A contact as it is shown. Raises Unclear where it is not there or not the probe's."""
        try:
            body = self.get(f"/v1/contact/{number}", "contact (read)")
        except ContactGone:
            raise Unclear from None
        if not isinstance(body, dict) or not self.address.owns(body):
            raise Unclear
        return body

    def until(self, look: Callable[[], Any]) -> Any:
        """What `look` finds as soon as it finds anything, or what it found last."""
        waited, pause = 0.0, 1.0
        while not (found := look()) and waited < SECONDS_UNTIL_SHOWN:
            self.wait(pause)
            waited, pause = waited + pause, pause * 2
        return found

    # ---------------------------------------------------------------- waiting

    def wait(self, seconds: float) -> None:
        """Wait. Raises Stopping."""
        self._check_stop()
        if not self.client.pause(seconds):
            raise Stopping

    def wait_out_guard(self) -> None:
        """Wait until eSputnik has forgotten what was sent so far."""
        self.person.told("guard", seconds=str(round(DUPLICATE_GUARD)))
        self.wait(DUPLICATE_GUARD)

    def _check_stop(self) -> None:
        if self.stopped():
            raise Stopping

    # ---------------------------------------------------------------- writing

    def fresh(self, name: str) -> Subject:
        """A contact that eSputnik does not have. Raises Unclear if it has its address or id all the same."""
        subject = self.address.subject(name)
        self._check_stop()
        if self.client.contacts_with(email=subject.email) or self.client.contacts_by_external_id(subject.external_id):
            raise Unclear
        return subject

    def nobodys_phone(self) -> str:
        """A phone that no contact of the account has. Raises Unclear."""
        phone = self.address.phone()
        self.unused_phone(phone)
        return phone

    def unused_phone(self, phone: str) -> None:
        """Raise Unclear if some contact has a phone: subscribe and orders find contacts by it."""
        self._check_stop()
        if self.client.contacts_with(phone=phone) or self.ids_by_search(sms=phone):
            raise Unclear

    def trace(self, contact: dict[str, Any]) -> None:
        """Write a contact down that a request carries."""
        self.traces.emails |= {c["value"] for c in contact["channels"] if c["type"] == "email"}
        if contact.get("externalCustomerId"):
            self.traces.external_ids.add(contact["externalCustomerId"])

    def add(self, contact: dict[str, Any]) -> int:
        """POST contact: confirmed, no event. Returns its id."""
        self.ask("add", email=first_email(contact))
        return self._contact_id(contact, self.post("/v1/contact", "contact (add)", contact))

    def subscribe(self, contact: dict[str, Any], *, form_type: str = OWN_FORM_TYPE) -> int:
        """Subscribe a contact. Returns its id. Raises RequestRefused."""
        self.ask("subscribe", email=first_email(contact), form_type=form_type)
        body = {"contact": contact, "formType": form_type}
        return self._contact_id(contact, self.post("/v1/contact/subscribe", "contact/subscribe", body))

    def put(self, number: int, contact: dict[str, Any]) -> None:
        """Update a contact of the probe."""
        self.ask("put", email=first_email(contact))
        self.trace(contact)
        self._send("PUT", f"/v1/contact/{number}", "contact (update)", contact)

    def delete(self, number: int, email: str) -> None:
        """Delete a contact of the probe."""
        self.ask("delete", email=email)
        self.read(number)
        with self.traces.sending():
            self.client.delete_contact(number)

    def order(self, order: dict[str, Any]) -> Any:
        """Send an order. Returns the answer as it came. Raises RequestRefused."""
        self.ask("order", key=order["externalOrderId"], status=order["status"])
        return self.send_order(order)

    def send_order(self, order: dict[str, Any]) -> Any:
        """The same, already permitted."""
        self.trace_order(order)
        try:
            return self.post("/v1/orders", "orders", {"orders": [order]})
        except CredentialsRefused:
            self.traces.orders.discard(order["externalOrderId"])  # nor may the key delete any
            raise

    def trace_order(self, order: dict[str, Any]) -> None:
        """Write an order down, and the contact that it may make."""
        self.traces.orders.add(order["externalOrderId"])
        self.traces.unnumbered = True
        if order.get("email"):
            self.traces.emails.add(order["email"])
        if order.get("externalCustomerId"):
            self.traces.external_ids.add(order["externalCustomerId"])

    def post(self, path: str, endpoint: str, body: dict[str, Any]) -> Any:
        """A write that was permitted; after a 409 it waits out the guard and sends once more."""
        for contact in [body, body.get("contact", {}), *body.get("contacts", [])]:
            if contact.get("channels"):
                self.trace(contact)
        return self._send("POST", path, endpoint, body)

    def _send(self, method: str, path: str, endpoint: str, body: dict[str, Any]) -> Any:
        try:
            try:
                return self.send_once(method, path, endpoint, body)
            except DuplicateRequest:
                self.wait_out_guard()
                return self.send_once(method, path, endpoint, body)
        except (DuplicateRequest, ContactGone):
            raise Unclear from None
        except RequestRefused as refused:
            self.note_refusal(refused)
            raise

    def send_once(self, method: str, path: str, endpoint: str, body: dict[str, Any]) -> Any:
        """The same without a second try. Raises DuplicateRequest."""
        self._check_stop()
        with self.traces.sending():
            return self.client.raw(method, path, endpoint, body)

    def unsubscribe(self, email: str) -> None:
        """Put a variant on the list that gets no bulk mail."""
        self.ask("unsubscribe", email=email)
        self.traces.unsubscribed.add(email)
        self.post("/v1/emails/unsubscribed/add", "emails/unsubscribed/add", {"emails": [email]})

    def note_refusal(self, refused: RequestRefused) -> None:
        """Learn from the first refusal how refusals are worded."""
        if "error_body" not in self.findings.settled:
            is_object = isinstance(answers.body_of(refused.answer), dict)
            self.findings.settle("error_body", "json" if is_object else "text", f"HTTP {refused.status}")

    def _contact_id(self, contact: dict[str, Any], answer: Any) -> int:
        number = answers.contact_id(answer)
        if number is None and contact.get("externalCustomerId"):
            number = self.id_of_external(contact["externalCustomerId"])
        if number is None:
            raise Unclear
        self.traces.contact_ids.add(number)
        return number

    # ---------------------------------------------------------------- bulk calls

    def import_(self, body: dict[str, Any]) -> Any:
        """POST contacts. Returns the answer as it came. Raises RequestRefused."""
        self.ask("import", count=str(len(body["contacts"])))
        return self.send_import(body)

    def send_import(self, body: dict[str, Any]) -> Any:
        """The same, already permitted."""
        answer = self.post("/v1/contacts", "contacts (bulk)", body)
        self.trace_import(answer)
        return answer

    def trace_import(self, answer: Any) -> None:
        """Write down that an import may be going on."""
        self.traces.unnumbered = True
        session = session_of(answer)
        if session is not None:
            self.traces.imports.add(session)

    def poll(self, session: str) -> tuple[dict[str, Any], int]:
        """Poll an import to its end. Returns the last answer, and how many polls came before it."""
        pause = FIRST_POLL
        for polls in range(POLLS_AT_MOST):
            body = self.get(f"/v1/importstatus/{session}", "importstatus")
            if answers.import_status(body).over:
                self.traces.imports.discard(session)
                return body, polls
            self.wait(pause)
            pause = min(SLOWEST_POLL, pause * 1.5)
        raise Unclear
