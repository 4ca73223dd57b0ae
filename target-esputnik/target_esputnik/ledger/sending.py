"""What is being sent: intents, written before a request leaves and settled after its answer, and bulk imports."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from target_esputnik.confirmation import SUBSCRIBE
from target_esputnik.ledger import tables as t
from target_esputnik.ledger.base import SCOPE, WANTED, LedgerBase, json_text, names_of
from target_esputnik.ledger.moments import now_text
from target_esputnik.ledger.rows import Import, Send

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_INTENT_NAMES: Final = names_of(Send, "id")
_INTENT: Final = attrgetter(*_INTENT_NAMES)


class Sending(LedgerBase):
    """Intents and imports."""

    def intend(self, sends: Sequence[Send]) -> None:
        """Write down what is about to be sent, and give every intent its id."""
        if not sends:
            return
        more = (self.scope.id, self.run.id, now_text())
        rows = [(*_INTENT(send), *more) for send in sends]
        with self.transaction():
            ids = self._add_all(t.sends, (*_INTENT_NAMES, "scope_id", "run_id", "at"), rows)
        for send, key in zip(sends, ids, strict=True):
            send.id = key

    def settle(self, sends: Sequence[Send]) -> None:
        """Write down what became of intents."""
        if not sends:
            return
        rows = [(send.outcome, send.reason, send.answer, send.id) for send in sends]
        with self.transaction():
            self._write_many(
                "settle", self._settlement, ("send_outcome", "send_reason", "send_answer", "send_id"), rows
            )

    def _settlement(self) -> sa.Update:
        sends = self._place(t.sends)
        values = {
            name: sa.bindparam(f"send_{name}", type_=sends.c[name].type) for name in ("outcome", "reason", "answer")
        }
        return sends.update().where(sends.c.id == sa.bindparam("send_id", type_=sends.c.id.type)).values(values)

    def settle_forgotten(self) -> int:
        """Call every intent of an earlier run that was never settled `in_doubt`. Returns how many there were."""
        with self.transaction():
            return self._change(
                t.sends,
                lambda s: [s.scope_id == self.scope.id, s.outcome == "sending", s.run_id != self.run.id],
                outcome="in_doubt",
            )

    def subscribes_in_doubt(self, keys: Iterable[str]) -> set[str]:
        """The contacts who may have been asked to confirm, though no answer said so, since they were last settled."""
        return {key for key, what in self._in_doubt(keys).items() if what == SUBSCRIBE}

    def contacts_in_doubt(self, keys: Iterable[str]) -> set[str]:
        """The contacts of whose last call it is not known whether eSputnik did it."""
        return set(self._in_doubt(keys))

    def _in_doubt(self, keys: Iterable[str]) -> dict[str, str]:
        """The route of the last call of each contact whose last call is in doubt."""
        newest: dict[str, str | None] = {}
        with self.transaction():
            for key, what, outcome in self._rows_of("last calls", _last_calls, keys):
                newest[key] = what if outcome == "in_doubt" else None
        return {key: what for key, what in newest.items() if what is not None}

    # ---------------------------------------------------------------- bulk imports

    def begin_import(self, session: str, keys: Sequence[str]) -> Import:
        """Write down an import that eSputnik began."""
        with self.transaction():
            number = self._add(
                t.imports,
                {
                    "scope_id": self.scope.id,
                    "run_id": self.run.id,
                    "session": session,
                    "state": "running",
                    "started_at": now_text(),
                    "keys": json_text(list(keys)),
                },
            )
        return Import(session, list(keys), id=number)

    def end_import(self, session: Import, state: str) -> None:
        """Write down how an import ended."""
        with self.transaction():
            self._change(t.imports, lambda i: [i.id == session.id], state=state, ended_at=now_text())

    def give_up_imports(self, before: str) -> None:
        """Call imports that began before a moment, and whose end no run has seen, UNKNOWN."""
        with self.transaction():
            self._change(
                t.imports,
                lambda i: [i.scope_id == self.scope.id, i.state == "running", i.started_at < before],
                state="UNKNOWN",
                ended_at=now_text(),
            )

    def running_imports(self) -> list[Import]:
        """Imports whose end no run has seen."""
        query = sa.select(t.imports).where(t.imports.c.scope_id == self.scope.id, t.imports.c.state == "running")
        with self.transaction():
            return [
                Import(row.session, json.loads(row.keys), id=row.id, state=row.state)
                for row in self._connection.execute(query)
            ]


def _last_calls() -> sa.Select[Any]:
    """What was sent of some contacts, oldest first."""
    sends = t.sends.c
    of_them = (sends.scope_id == SCOPE, sends.kind == "contact", sends.key.in_(WANTED), sends.outcome != "not_sent")
    return sa.select(sends.key, sends.what, sends.outcome).where(*of_them).order_by(sends.id)
