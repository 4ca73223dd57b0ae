"""Where a run is killed or stopped: every point as data, told in a sentence, on both streams.

`tools/` prints this table into docs/guarantees.md, and `tests/faults` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

Strike = dict[str, Any]

CONTACTS, ORDERS = "contacts", "orders"
STREAMS: Final = (CONTACTS, ORDERS)


@dataclass(frozen=True)
class Case:
    """One stream at one point.

    Attributes:
        story: what is read: a name in `crash_stories.py`.
        strikes: each run in its turn is struck so (see `struck_target.py`); most points need one.
        fault: what the sandbox does meanwhile.
        switches: how the sandbox reads what the API leaves open.
    """

    story: str
    strikes: tuple[Strike, ...]
    fault: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """A moment of a run.

    Attributes:
        name: of the test and of the row in the document.
        sentence: what the run is doing.
        cases: by stream.
        over: the run is done: a signal changes neither its verdict nor its exit code.
        fast: is also tried by every `make test`.
    """

    name: str
    sentence: str
    cases: dict[str, Case]
    over: bool = False
    fast: bool = False


def _request(call: str, moment: str, nth: int = 1) -> Strike:
    return {"request": call, "moment": moment, "nth": nth}


def _statement(text: str, moment: str = "after", nth: int = 1) -> Strike:
    return {"statement": text, "moment": moment, "nth": nth}


def _function(where: str, moment: str = "before", nth: int = 1) -> Strike:
    return {"function": f"target_esputnik.{where}", "moment": moment, "nth": nth}


def _on_both(strike: Strike, *, story: str = "") -> dict[str, Case]:
    """The same moment on both streams."""
    return {stream: Case(stream + story, (strike,)) for stream in STREAMS}


def _each(contacts: Strike, orders: Strike) -> dict[str, Case]:
    return {CONTACTS: Case("contacts", (contacts,)), ORDERS: Case("orders", (orders,))}


def _import(*strikes: Strike) -> dict[str, Case]:
    """A moment of a bulk import: of contacts, and of the buyers of orders."""
    return {stream: Case(stream + "_confirmed", strikes, switches={"import_polls": 2}) for stream in STREAMS}


SUBSCRIBE, SEND, BULK = "POST /v1/contact/subscribe", "POST /v1/orders", "POST /v1/contacts"
POLL = "GET /v1/importstatus"
_NO_WORK = {"api": "esputnik", "kind": "drop_before", "times": 1}

POINTS: Final[tuple[Point, ...]] = (
    # ------------------------------------------------------------ the beginning
    Point(
        "key_proved",
        "The key is proved, the ledger is not entered yet.",
        _on_both(_request("GET /v1/account/info", "answered")),
    ),
    Point(
        "folder_made",
        "The folder of a new ledger is made, its `.gitignore` is not.",
        _on_both({"function": "pathlib:Path.write_text", "moment": "before"}, story="_new"),
    ),
    Point(
        "migrating",
        "A new ledger: some of its tables are made, others are not.",
        _on_both(_statement("CREATE TABLE", nth=5), story="_new"),
        fast=True,
    ),
    Point(
        "migrated",
        "A new ledger: all tables are made, nothing is committed.",
        _on_both(_statement("INSERT INTO ledger", "commit"), story="_new"),
    ),
    Point(
        "scope_made",
        "The account and shop are being written into a new ledger.",
        _on_both(_statement("INSERT INTO scopes"), story="_new"),
    ),
    Point(
        "run_begun",
        "The run is given its number.",
        _on_both(_statement("INSERT INTO runs", "commit")),
    ),
    Point(
        "before_first_record",
        "The first record is read and not looked at.",
        _on_both(_function("delivery.run:Run.take")),
    ),
    # ------------------------------------------------------------ taking in
    Point(
        "taking_in",
        "Records are being written down, in the middle of the transaction.",
        _each(_statement("INSERT INTO contacts", nth=2), _statement("INSERT INTO orders", nth=2)),
    ),
    Point(
        "taken_in",
        "Records are written down, before the commit.",
        _each(_statement("INSERT INTO contacts", "commit", 2), _statement("INSERT INTO orders", "commit", 2)),
    ),
    Point(
        "looked_up",
        "A contact was looked up, nothing is decided.",
        _on_both(_request("GET /v1/contacts", "answered", 2)),
    ),
    # ------------------------------------------------------------ intent, request, answer
    Point(
        "before_intent",
        "What is to be sent is made, and not written down.",
        _each(_function("ledger.sending:Sending.intend", nth=2), _function("ledger.sending:Sending.intend", nth=3)),
    ),
    Point(
        "in_the_intent",
        "The intent is being written, after its first statement.",
        _each(_statement("INSERT INTO sends", nth=3), _statement("INSERT INTO sends", nth=6)),
    ),
    Point(
        "intent_before_commit",
        "The intent is written, before the commit.",
        _each(_statement("INSERT INTO sends", "commit", 3), _statement("INSERT INTO sends", "commit", 6)),
    ),
    Point(
        "before_request",
        "The intent is written, the request has not left.",
        _each(_request(SUBSCRIBE, "before"), _request(SEND, "before")),
        fast=True,
    ),
    Point(
        "left_not_done",
        "The request left; eSputnik did not do the work.",
        {
            CONTACTS: Case("contacts", (_request(SUBSCRIBE, "left"),), fault=_NO_WORK | {"path": SUBSCRIBE[5:]}),
            ORDERS: Case("orders", (_request(SEND, "left"),), fault=_NO_WORK | {"path": SEND[5:]}),
        },
    ),
    Point(
        "left_and_done",
        "The request left; eSputnik did the work; the answer is not read.",
        _each(_request(SUBSCRIBE, "answered"), _request(SEND, "answered")),
        fast=True,
    ),
    Point(
        "one_of_several",
        "Some of several requests are answered, one is not.",
        _each(_request(SUBSCRIBE, "answered", 3), _request(SEND, "answered", 2)),
    ),
    Point(
        "an_update_done",
        "A contact is updated, or a later wave is sent; the answer is not read.",
        _each(_request("PUT /v1/contact/", "answered"), _request(SEND, "answered", 3)),
    ),
    Point(
        "answered_not_settled",
        "The answer is read, and nothing of it is written down.",
        _each(
            _function("delivery.contacts:ContactDelivery._remember", nth=2),
            _function("delivery.orders:OrderDelivery._accepted"),
        ),
        fast=True,
    ),
    Point(
        "settling",
        "The outcome is being written, after its first statement.",
        _each(_statement("UPDATE sends", nth=2), _statement("UPDATE sends", nth=3)),
    ),
    Point(
        "settled_before_commit",
        "The outcome is written, before the commit.",
        _each(_statement("UPDATE sends", "commit", 2), _statement("UPDATE sends", "commit", 3)),
        fast=True,
    ),
    # ------------------------------------------------------------ between
    Point(
        "between_waves",
        "Between two waves of a list of statuses; of contacts, between two routes.",
        _each(
            _function("delivery.contacts:ContactDelivery._settle_part", nth=2),
            _function("delivery.orders:OrderDelivery._begin", nth=2),
        ),
        fast=True,
    ),
    Point(
        "buyers_before_orders",
        "The buyers are delivered, their orders are not begun; of contacts, the backlog is not begun.",
        _each(
            _function("delivery.run:Run._deliver_backlog"),
            _function("delivery.orders:OrderDelivery._set_aside"),
        ),
    ),
    # ------------------------------------------------------------ bulk imports of contacts
    Point(
        "import_not_saved",
        "An import is under way at eSputnik, its session is not written down.",
        _import(_request(BULK, "answered")),
    ),
    Point(
        "import_saved",
        "The session of an import is written down, it was not polled.",
        _import(_function("ledger.sending:Sending.begin_import", "after")),
    ),
    Point(
        "import_polled",
        "An import is being polled.",
        _import(_request(POLL, "answered")),
        fast=True,
    ),
    Point(
        "import_over",
        "The end of an import is written down, what became of its contacts is not.",
        _import(_function("ledger.sending:Sending.end_import", "after")),
    ),
    # ------------------------------------------------------------ STATE, the end, and after the end
    Point(
        "before_state",
        "Everything before a STATE is settled, the STATE is not written.",
        _on_both(_function("target:TargetEsputnik._write_state_message", nth=2)),
    ),
    Point("state_half_written", "A STATE is written to one half.", _on_both({"state": "half", "nth": 2}), fast=True),
    Point(
        "after_state",
        "A STATE is written, the run goes on.",
        _on_both(_function("target:TargetEsputnik._write_state_message", "after", 2)),
    ),
    Point(
        "backlog_drain",
        "The last messages are read; contacts of the backlog are being sent.",
        _each(
            _request(SUBSCRIBE, "left", 2),
            _function("delivery.run:Run._deliver_backlog", "after"),
        ),
    ),
    Point(
        "closing", "All is done, the verdict is not written.", _on_both(_function("delivery.run:Run.close")), over=True
    ),
    Point(
        "verdict",
        "The verdict is written, before the commit.",
        _on_both(_statement("UPDATE runs SET ended_at", "commit")),
        over=True,
    ),
    Point(
        "closed",
        "The verdict is written, the process is not gone.",
        _on_both(_function("ledger.store:Ledger.close", "after")),
        over=True,
    ),
    # ------------------------------------------------------------ a run that picks up the pieces of another
    Point(
        "picking_up",
        "What was in doubt is being sent again, or an import was polled to its end, when the run is killed, too.",
        {
            CONTACTS: Case(
                "contacts_confirmed",
                (_request(POLL, "answered"), _function("ledger.sending:Sending.end_import", "after")),
                switches={"import_polls": 3},
            ),
            ORDERS: Case("orders", (_request(SEND, "left"), _request(SEND, "answered"))),
        },
    ),
    Point(
        "picking_up_later",
        "The same with what was left waiting behind it: the second batch of orders, the second address.",
        {
            CONTACTS: Case("contacts", (_request(SUBSCRIBE, "answered"), _request(SUBSCRIBE, "answered"))),
            ORDERS: Case("orders", (_request(SEND, "answered", 2), _request(SEND, "answered", 2))),
        },
    ),
    Point(
        "picking_up_by_looking",
        "The same where eSputnik does not notice repeats, and with lists of statuses that were cut off behind them.",
        {
            CONTACTS: Case(
                "contacts",
                (_request(SUBSCRIBE, "answered"), _request(SUBSCRIBE, "answered")),
                switches={"duplicate_guard": "off"},
            ),
            ORDERS: Case("orders_lists", (_request(SEND, "left", 2), _request(SEND, "left"))),
        },
    ),
)
