"""What `probe` says, by name, and the texts of its questions; these rows join the table of `words.py`.

Texts in braces are filled in by the caller. Unlike elsewhere, some are variants of the test address: whoever reads
them typed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik.cli.words import ENGLISH
from target_esputnik.probe.question import NOBODY
from target_esputnik.probe.questions import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE: Final[dict[str, str | tuple[str, str]]] = {
    "option.probe_email": "A test address of your own that eSputnik does not know, at a mailbox that takes "
    "plus-addresses; mails that the probe sets off go to variants of it.",
    "option.only": "Settle only this question; may be repeated.",
    "option.probe_yes": "Permit every write without asking. What you must look at in eSputnik is asked only at a "
    "terminal.",
    "probe.short": "Settle the APIs' unknowns on a test address.",
    "probe.help": "Settle on your own account what eSputnik's documentation leaves open: which reading is true, what "
    "it changes for you, which setting follows. It writes to nothing but contacts and orders of its own: variants of "
    "the test address (me+test-probe-…@example.com) and ids that begin with probe-. It says beforehand which workflow "
    "events it fires, asks before each write, and deletes at the end, also after a failure or Ctrl-C, what it made. "
    "What no call shows it asks you to look up in eSputnik. It works without a ledger; with one it also says what the "
    "records prove of the shop's API, and the probe is written down among the runs. Ends with 0; with 2 if something "
    "could not be cleaned up.",
    "column.question": "question",
    "column.reading": "answer",
    "column.changes": "what it changes for you",
    "column.setting": "setting that follows",
    # ---------------------------------------------------------------- before
    "probe.account": "The key belongs to the eSputnik account {name} ({id}).",
    "probe.plan": "Write requests: at most {writes}. It takes about {minutes} min, most of it waiting for eSputnik's "
    "guard against duplicates and for imports.",
    "probe.address": "They carry only variants of your test address, ids that begin with probe-, and a phone that is "
    "nobody's.",
    "probe.events": "Workflow events that fire, at the most:",
    "probe.no_events": "Workflow events that fire: none.",
    "probe.workflows": "Workflows of your account that listen to them start for the test contacts.",
    "probe.opt_in": "The event subscribeFromApi-{form_type} starts your double opt-in: its mail goes to the test "
    "address alone.",
    "probe.cleans": "At the end, also after a failure or Ctrl-C, contacts and orders are deleted.",
    "probe.dry_run": "The setting dry_run is on: nothing is sent.",
    # ---------------------------------------------------------------- during
    "probe.look": "Please look in eSputnik. {where}",
    "probe.sight": "The number, or Enter if you cannot tell",
    "probe.told.step": "— {step}",
    "probe.told.guard": "Waiting {seconds} seconds, until eSputnik has forgotten the last request.",
    "probe.told.refused": "eSputnik refuses this unexpectedly (HTTP {status}).",
    "probe.call.leftovers": "Delete what an earlier probe left (contacts: {count})?",
    "probe.call.key_write": "Take {email} off the unsubscribed list, where it is not, to see whether the key may "
    "write?",
    "probe.call.key_order": "Send an order without a buyer, which is refused, to see whether the key may send orders?",
    "probe.call.key_event": "Send an event without a name, which is refused, to see whether the key may send events?",
    "probe.call.add": "Add the contact {email} (POST contact)? It is confirmed; no event fires.",
    "probe.call.subscribe": "Subscribe the contact {email} (POST contact/subscribe)? Fires a subscribe event with the "
    "formType {form_type}.",
    "probe.call.subscribe_again": "Subscribe {email} once more, with the same body? It may fire a second event.",
    "probe.call.put": "Update the contact {email} (PUT contact)? No event fires.",
    "probe.call.delete": "Delete the contact {email} (DELETE contact)?",
    "probe.call.unsubscribe": "Put {email} on the unsubscribed list, until the probe is over?",
    "probe.call.import": "Import test contacts (POST contacts), {count} of them? No event fires.",
    "probe.call.import_again": "Send the same import once more?",
    "probe.call.order": "Send the order {key} with the status {status} (POST orders)? If it is taken, it fires "
    "order{status}.",
    "probe.call.order_again": "Send the order {key} once more, and if that is refused as a duplicate, again after a "
    "minute? It may fire its event again.",
    "probe.call.oversize": "Send {count} orders without a buyer, which are refused?",
    # ---------------------------------------------------------------- after
    "probe.stopped": "Stopped by a signal, and cleaned up.",
    "probe.stopped_left": "Stopped by a signal; not everything was cleaned up.",
    "probe.settled": "Settled: {count} of {all}",
    "probe.open": "Open",
    "probe.shop_side": "Of Horoshop's API only what its records prove is told here; with the order of its rows, page "
    "sizes and forms of answers the tap copes by itself.",
    "probe.cleaned": "Cleaned up: contacts {contacts}, orders {orders} (eSputnik deletes orders some time later).",
    "probe.stays": "What no call deletes: events in the history, and the event types that end in -probe.",
    "probe.left": "NOT cleaned up; delete it by hand, or run the probe again with the same address: {what}",
    "probe.open.declined": "You did not permit a write.",
    "probe.open.not_seen": "No call shows it, and nobody said what eSputnik's pages show.",
    "probe.open.no_right": "The key may not make the calls for it.",
    "probe.open.unclear": "eSputnik did something that none of the known readings foresees.",
    "probe.open.not_met": "It did not come up.",
    "probe.open.not_asked": "It was not asked.",
    "probe.open.ended": "The probe ended before.",
    "probe.open.no_ledger": "There is no ledger of this account and shop yet: run the target first.",
    "probe.open.no_records": "The ledger holds too few records to tell.",
}


def _of_questions() -> Iterator[tuple[str, str]]:
    """Yield the texts of the questions that are shown, as `probe.PART.QUESTION`."""
    for one in TABLE:
        yield f"probe.asks.{one.name}", one.asks
        if one.seen_by == NOBODY:
            yield f"probe.how.{one.name}", one.how
        if one.look:
            yield f"probe.look.{one.name}", one.look
        for sight, reading in one.sights.items():
            yield f"probe.sight.{one.name}.{reading}", sight
        for name, reading_of_it in one.readings.items():
            yield f"probe.meaning.{one.name}.{name}", reading_of_it.meaning
            if reading_of_it.setting:
                yield f"probe.setting.{one.name}.{name}", reading_of_it.setting


ENGLISH.update(PROBE)
ENGLISH.update(_of_questions())
