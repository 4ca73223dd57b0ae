"""The seven invariants: each says what is wrong after a case, as lines; none: it holds."""

from __future__ import annotations

import base64
import json
import logging
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from comparison import contacts_that_differ, events_that_differ, orders_that_differ
from oracle import KYIV, Snapshot, created_at, fates_of_contacts, phone_of

from matrix.case import Relaxed, Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matrix.stage import CalmEnd, Stage

    Invariant = Callable[[Stage, CalmEnd], list[str]]

SETTLED = {"accepted", "rejected", "held", "unchanged", "superseded", "baseline"}
IN_TIME = 90.0
"""Seconds within which a struck run must be over: its budgets are 2 s here, the rest is for a loaded machine."""
MORE_EVENTS = {Relaxed.NOTHING: 0, Relaxed.BATCH_TWICE: 1, Relaxed.BATCH_THRICE: 2}
"""How many more events than in a calm run an order of the batch in doubt may fire, at the most."""
TRACEBACK = "Traceback (most recent call last)"


def no_loss(stage: Stage, calm: CalmEnd) -> list[str]:
    """(1) Every record of the shop has the fate in the ledger that the contract calls for, and eSputnik has it."""
    now = stage.story.snapshots[-1]
    wanted = {str(number): fate.ledger for number, fate in stage.story.fates().items()}
    wrong = _unlike("order", stage.fates("orders"), _but_odd(stage, "orders", wanted))
    contacts = {key: fate for key, fate in stage.fates("contacts").items() if not key.startswith("guest:")}
    wrong += _unlike("contact", contacts, _but_odd(stage, "contacts", fates_of_contacts(now)))
    for (table, key), fate in stage.odd.items():
        found = stage.pipe.fates(table).get(key)
        if found != fate:
            wrong.append(f"the odd one, {table} {key}: {found}, wanted {fate}")
    return wrong


def no_early_bookmark(stage: Stage, calm: CalmEnd) -> list[str]:
    """(2) Of what lies before the bookmark that stood after the struck run, every record was settled in the ledger."""
    assert stage.shop is not None
    moments = {stream: _moment(stage.bookmarks.get(stream)) for stream in ("contacts", "orders")}
    behind = {"contacts": _registered_before(stage.shop, moments["contacts"])}
    behind["orders"] = _placed_before(stage.shop, moments["orders"])
    wrong = []
    for table, keys in behind.items():
        known = stage.known[table]
        wrong += [f"{table} {key} lies before the bookmark and is not in the ledger" for key in keys - known.keys()]
        unsettled = {key for key in keys & known.keys() if known[key].split(":")[0] not in SETTLED}
        wrong += [f"{table} {key} lies before the bookmark and is {known[key]}" for key in unsettled]
    return wrong


def same_end(stage: Stage, calm: CalmEnd) -> list[str]:
    """(3) eSputnik and the ledger are as after a calm run, and as the shop's own rows call for."""
    there, fates = stage.there(), stage.story.fates()
    odd = {int(key) for table, key in stage.odd if table == "orders"}
    fates = {number: fate for number, fate in fates.items() if number not in odd}
    wrong = orders_that_differ(there, fates) + contacts_that_differ(there, stage.story.snapshots[-1])
    wrong += _raised_by(lambda: stage.story.check_consent(there))
    if not stage.odd:
        for part, lines in stage.picture().items():
            wrong += [f"{part}: there is {line}" for line in (lines - calm.picture[part]).elements()]
            wrong += [f"{part}: there is not {line}" for line in (calm.picture[part] - lines).elements()]
    return wrong


def bounded_repeats(stage: Stage, calm: CalmEnd) -> list[str]:
    """(4) What fired is what fires in a calm run; at most the batch in doubt twice, where the case says so."""
    now = stage.fired()
    wrong = [f"fired no {event}" for event in (calm.fired - now).elements()]
    again = Counter(event for event in (now - calm.fired).elements() if not _is_odd(stage, event))
    allowed = _may_fire_twice(stage, again)
    most = MORE_EVENTS[stage.case.relaxed]
    wrong += [
        f"fired {times} times more: {event}"
        for event, times in again.items()
        if times > (most if event in allowed else 0)
    ]
    fates = stage.story.fates()
    repeated = {event.split()[1] for event in again if event in allowed}
    odd = {key for table, key in stage.odd if table == "orders"}
    lines = events_that_differ(stage.there(), fates)
    return wrong + [line for line in lines if line.split()[1].rstrip(":") not in repeated | odd]


def balance(stage: Stage, calm: CalmEnd) -> list[str]:
    """(5) In every run, what was read of each stream is the sum of what became of it."""
    wrong = []
    for run in stage.pipe.rows("SELECT number, counts FROM runs WHERE counts IS NOT NULL"):
        counts = json.loads(run["counts"])
        sums: Counter[str] = Counter()
        for stream, _, _, count in counts["fates"]:
            sums[stream] += count
        read = Counter(counts["read"])
        wrong += [
            f"run {run['number']}: {read[stream]} {stream} read, {sums[stream]} settled"
            for stream in read | sums
            if read[stream] != sums[stream]
        ]
    return wrong


def no_leak(stage: Stage, calm: CalmEnd) -> list[str]:
    """(6) No secret in anything that was said, at any level; nobody's email or phone from info on; no traceback."""
    heard = stage.heard
    everything = {
        "a log record": heard.at_least(logging.NOTSET),
        "stderr": heard.stderr,
        "the tap's stdout": heard.said,
    }
    everything["the target's stdout"] = heard.kept
    wrong = [
        f"{name} holds {what}"
        for name, text in everything.items()
        for what, secret in _secrets(stage)
        if secret in text
    ]
    aloud = {"a log record from info on": heard.at_least(logging.INFO), "the target's stdout": heard.kept}
    aloud["stderr"] = "\n".join(line for line in heard.stderr.splitlines() if "DEBUG" not in line)
    for name, text in aloud.items():
        folded = text.casefold()
        wrong += [f"{name} holds somebody's {kind}" for kind, value in _personal(stage) if value in folded]
    wrong += [f"{name} holds a traceback" for name, text in everything.items() if TRACEBACK in text]
    return wrong


def true_end(stage: Stage, calm: CalmEnd) -> list[str]:
    """(7) The struck run ended in time, with exit codes that tell the truth; it comes to rest soon after."""
    case, ran = stage.case, stage.ran
    assert ran is not None
    wrong = []
    if stage.seconds > IN_TIME:
        wrong.append(f"it took {stage.seconds:.0f} s")
    if case.by is Runner.MELTANO:
        if ran.target != int(max(case.tap) > 0 or max(case.target) > 0):
            wrong.append(f"meltano ended with {ran.target}")
    else:
        wrong += [
            f"the {name} ended with {code}, not {sorted(wanted)}"
            for name, code, wanted in (("tap", ran.tap, case.tap), ("target", ran.target, case.target))
            if code not in wanted
        ]
    if ran.codes == (0, 0) and stage.calm[0].writes() and not stage.odd:
        wrong.append(f"it said that all was done, and the next run sent {stage.calm[0].writes()}")
    wrong += [f"calm run {n} ended with {run.codes}" for n, run in enumerate(stage.calm, 1) if run.codes != (0, 0)]
    if stage.calm[-1].writes():
        wrong.append(f"it does not come to rest: the last run sent {stage.calm[-1].writes()}")
    return wrong + _verdict_of_the_ledger(stage)


INVARIANTS: dict[str, Invariant] = {
    "no loss": no_loss,
    "no early bookmark": no_early_bookmark,
    "same end": same_end,
    "bounded repeats": bounded_repeats,
    "balance": balance,
    "no leak": no_leak,
    "true end": true_end,
}


def _unlike(what: str, found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    return [
        f"{what} {key}: {found.get(key)}, wanted {wanted.get(key)}"
        for key in sorted(found.keys() | wanted.keys())
        if found.get(key) != wanted.get(key)
    ]


def _but_odd(stage: Stage, table: str, wanted: dict[str, str]) -> dict[str, str]:
    return {key: fate for key, fate in wanted.items() if (table, key) not in stage.odd}


def _is_odd(stage: Stage, event: str) -> bool:
    if event.startswith("order"):
        return ("orders", event.split()[1]) in stage.odd
    return any(address in event.casefold() for address in stage.odd_addresses)


def _moment(bookmark: Any) -> datetime | None:
    value = (bookmark or {}).get("replication_key_value")
    return datetime.fromisoformat(value) if value else None


def _placed_before(shop: Snapshot, moment: datetime | None) -> set[str]:
    if moment is None:
        return set()
    return {str(number) for number, order in shop.orders.items() if created_at(order) <= moment}


def _registered_before(shop: Snapshot, moment: datetime | None) -> set[str]:
    if moment is None:
        return set()
    return {
        str(number)
        for number, one in shop.customers.items()
        if datetime.strptime(one["registered"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=KYIV) <= moment
    }


def _raised_by(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except AssertionError as problem:
        return [f"consent: {problem}"[:600]]
    return []


def _may_fire_twice(stage: Stage, again: Iterable[str]) -> set[str]:
    """The events that a case lets fire twice: all of orders that one request of the struck run carried."""
    if stage.case.relaxed is Relaxed.NOTHING:
        return set()
    orders = {event.split()[1] for event in again if event.startswith("order")}
    batches = [one["body"]["orders"] for one in stage.asked if one["path"] == "/v1/orders" and one["body"]]
    keys = [{str(order["externalOrderId"]) for order in batch} for batch in batches]
    whole = next((batch for batch in keys if orders <= batch), set())
    return {event for event in again if event.startswith("order") and event.split()[1] in whole}


def _secrets(stage: Stage) -> list[tuple[str, str]]:
    """What must not be said anywhere, in each spelling in which it travels."""
    sandbox = stage.sandbox
    tokens = {one["body"].get("token") for one in sandbox.requests(api="shop") if isinstance(one["body"], dict)}
    plain = {"the key": sandbox.api_key, "the password": sandbox.password}
    plain |= {f"token {number}": token for number, token in enumerate(sorted(tokens - {None}))}
    found = []
    for name, value in plain.items():
        pair = f"target-esputnik:{value}"
        spellings = {value, quote(value), *(base64.b64encode(text.encode()).decode() for text in (value, pair))}
        found += [(name, spelling) for spelling in spellings]
    return found


def _personal(stage: Stage) -> list[tuple[str, str]]:
    """The emails and phones of the shop and of the account, as they might be said."""
    rows = [*stage.sandbox.customers(), *stage.sandbox.orders()]
    emails = {str(row.get(name) or "").casefold() for row in rows for name in ("email", "delivery_email")}
    phones = {str(row.get(name) or "") for row in rows for name in ("phone", "delivery_phone")}
    phones |= {phone_of(phone) or "" for phone in phones}
    channels = {c["value"].casefold() for one in stage.sandbox.sent_contacts() for c in one["channels"]}
    emails |= {value for value in channels if "@" in value}
    emails |= {quote(email, safe="").casefold() for email in emails}
    found = [("email", email) for email in sorted(emails) if "@" in email or "%40" in email]
    return found + [("phone", phone) for phone in sorted(phones) if len(phone) > 8]


def _verdict_of_the_ledger(stage: Stage) -> list[str]:
    """What the ledger keeps of the struck run is what its process ended with."""
    if stage.case.by is not Runner.HERE or stage.ran is None:
        return []
    number = len(stage.calm)
    runs = stage.pipe.rows("SELECT exit_code, error FROM runs WHERE kind = 'run' ORDER BY number DESC")
    expected = len(stage.story.snapshots)
    if len(runs) < expected:
        return [] if stage.ran.target else ["a run that was done is not in the ledger"]
    struck = runs[number]
    if struck["exit_code"] != stage.ran.target:
        return [f"the ledger says {struck['exit_code']} of the run, its process {stage.ran.target}"]
    return [] if bool(struck["error"]) == bool(stage.ran.target) else [f"the ledger's error is {struck['error']}"]
