"""Import sessions: a bulk call answers at once, its rows are written later (esputnik-api.md §3.4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik.wording import RefusalError

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.esputnik.bulk import BulkCall, BulkWriter
    from horoshop_esputnik_sandbox.esputnik.incoming import Incoming
    from horoshop_esputnik_sandbox.switches import Switches

LONGEST = 60.0  # seconds of the sandbox's clock after which an import ends by itself, polled or not
MARK = "poison"


@dataclass
class Import:
    """One import; `mapping` is filled when it ends."""

    id: str
    call: BulkCall | None  # let go when it ends: only its answer is asked for then
    dedupe_on: str
    size: int
    started: float
    polls: int = 0
    status: str = "STARTED"
    mapping: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0


class Imports:
    """The imports of an account, by id."""

    def __init__(self, writer: BulkWriter, clock: Clock, switches: Switches) -> None:
        self._writer = writer
        self._clock = clock
        self._switches = switches
        self._sessions: dict[str, Import] = {}
        self._open: dict[str, Import] = {}
        self._errors_done = 0

    def start(self, call: BulkCall) -> str:
        """Take a call in; return the id of its session."""
        session = Import(str(uuid.uuid4()), call, call.dedupe_on, len(call.contacts), started=self._clock.now())
        self._sessions[session.id] = self._open[session.id] = session
        return session.id

    def poll(self, number: str) -> dict[str, Any]:
        """Answer importstatus: STARTED, IMPORTING, then FINISHED or ERROR."""
        session = self._sessions.get(number)
        if session is None:
            raise RefusalError(404, f"Import session '{number}' not found")
        if session.call is not None:
            if session.polls >= (self._switches.number("import_polls") or 0):
                self._end(session, session.call)
            else:
                session.status = "IMPORTING" if session.polls else "STARTED"
        session.polls += 1
        answer: dict[str, Any] = {"status": session.status, "description": ""}
        if session.status == "FINISHED" and self._switches["import_mapping"] == "returned":
            answer["mapping"] = session.mapping
        return answer

    def settle(self) -> None:
        """End the imports whose time is up."""
        for session in list(self._open.values()):
            if session.call is not None and self._clock.now() - session.started >= LONGEST:
                self._end(session, session.call)

    def shown(self) -> list[dict[str, Any]]:
        """Return what the sandbox knows of all imports."""
        return [
            {
                "id": session.id,
                "status": session.status,
                "polls": session.polls,
                "contacts": session.size,
                "dedupeOn": session.dedupe_on,
                "skipped": session.skipped,
                "mapping": session.mapping,
            }
            for session in self._sessions.values()
        ]

    def _end(self, session: Import, call: BulkCall) -> None:
        failed = self._fails(call)
        rows = call.contacts
        if failed:
            rows = rows[: len(rows) // 2] if self._switches["import_error_work"] == "half" else []
        for row in rows:
            contact = self._writer.write(call, row)
            if contact is None:
                session.skipped += 1
            else:
                session.mapping.append({"dedupeValue": _dedupe_value(call, row), "contactId": contact.id})
        session.status = "ERROR" if failed else "FINISHED"
        session.call = None
        del self._open[session.id]

    def _fails(self, call: BulkCall) -> bool:
        if self._errors_done < (self._switches.number("import_errors") or 0):
            self._errors_done += 1
            return True
        return self._switches["import_error_mark"] == "marked" and any(map(_marked, call.contacts))


def _marked(row: Incoming) -> bool:
    return any(MARK in text for text in (row.external_id or "", *(value for _, value in row.channels)))


def _dedupe_value(call: BulkCall, row: Incoming) -> str:
    if call.dedupe_on == "externalCustomerId":
        return row.external_id or ""
    if call.dedupe_on == "fieldId":
        return row.fields.get(call.field_id or 0, "")
    kinds = ("sms", "email") if call.dedupe_on == "email_or_sms" else (call.dedupe_on,)
    return next((value for kind in kinds for value in row.values(kind)), row.external_id or "")
