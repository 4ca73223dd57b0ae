"""Every sentence of the statistics page, by name, so that another language is another table.

Texts in braces are filled in by the caller, and escaped by the template. A pair is one and many, chosen by `count`;
`shown` is the same number as people write it. The rows of `words_records.py` join this table.
"""

from __future__ import annotations

from typing import Final

from target_esputnik.web.words_records import RECORDS
from target_esputnik.words import said_of

PAGE: Final[dict[str, str | tuple[str, str]]] = {
    # ---------------------------------------------------------------- the frame
    "web.brand": "Horoshop → eSputnik",
    "web.skip": "To the content",
    "web.nav": "Pages",
    "web.nav.front": "Overview",
    "web.nav.orders": "Orders",
    "web.nav.contacts": "Contacts",
    "web.nav.runs": "Runs",
    "web.nav.shops": "All shops",
    "web.languages": "Language",
    "web.find": "Find",
    "web.find.what": "Order number, contact id, email or phone",
    "web.shops": "Shop and account",
    "web.shops.title": "All shops",
    "web.shops.note": "How each shop's last run ended, and where its records stand now. A shop leads to its own pages.",
    "web.shops.last_run": "Last run began",
    "web.sandbox": "sandbox",
    "web.masked": "Personal data is masked. Start with --show-personal-data to see it.",
    "web.unmasked": "Personal data is shown.",
    "web.zone": "Times are those of {zone}. This page only reads.",
    # ---------------------------------------------------------------- the period
    "web.period": "Period",
    "web.period.today": "Today",
    "web.period.7d": "7 days",
    "web.period.30d": "30 days",
    "web.period.all": "All time",
    "web.period.custom": "Other days",
    "web.period.from": "From",
    "web.period.to": "To",
    "web.period.show": "Show",
    "web.period.wrong": "These dates make no period; the last 7 days are shown.",
    # ---------------------------------------------------------------- the status sentence
    "web.status.no_run": "Nothing has run for this shop yet",
    "web.status.running": "A run is at work, begun {ago}",
    "web.status.died": "The last run was cut off, begun {ago}; the next one goes on from there",
    "web.status.person": "The last run failed {ago} and needs you",
    "web.status.incomplete": "The last run stopped early, {ago}; the next one goes on from there",
    "web.status.silent": "No run since {ago}, though one usually comes every {usual}",
    "web.status.rejected.orders": ("{shown} order rejected", "{shown} orders rejected"),
    "web.status.rejected.contacts": ("{shown} contact rejected", "{shown} contacts rejected"),
    "web.status.held.orders": ("{shown} order needs you: {why}", "{shown} orders need you: {why}"),
    "web.status.held.contacts": ("{shown} contact needs you: {why}", "{shown} contacts need you: {why}"),
    "web.status.healing.orders": ("{shown} order goes by itself later", "{shown} orders go by themselves later"),
    "web.status.healing.contacts": ("{shown} contact goes by itself later", "{shown} contacts go by themselves later"),
    "web.status.all_delivered": "All delivered, last {ago}",
    "web.status.all_but_waiting": "Nothing needs you; last delivered {ago}",
    "web.status.nothing_due": "Nothing was due yet; the last run ended {ago}",
    "web.show": "show",
    # ---------------------------------------------------------------- results, and their reasons in a few words
    "web.fate.accepted": "Delivered",
    "web.fate.held": "Waiting",
    "web.fate.rejected": "Rejected",
    "web.fate.baseline": "Recorded only",
    "web.fate.unchanged": "Unchanged",
    "web.fate.superseded": "Replaced by a newer one",
    "web.reason.backlog": "Next in line",
    "web.reason.unmapped_status": "Status not mapped",
    "web.reason.buyer_not_delivered": "Its buyer is not delivered yet",
    "web.reason.deleted_there": "Deleted in eSputnik",
    "web.reason.erased": "Erased on request",
    "web.reason.in_doubt": "No answer came",
    "web.reason.unavailable": "eSputnik was away",
    "web.reason.unfinished": "Half of it went",
    "web.reason.no_identity": "No email and no phone",
    "web.reason.invalid": "A field is not valid",
    "web.reason.refused": "eSputnik refused it",
    "web.reason.not_taken": "The import left it out",
    "web.reason.before_live_since": "From before the start",
    "web.reason.ledger_lost": "Not known whether it was sent",
    "web.reason.switched_off": "Switched off",
    "web.no_reason": "No reason",
    "web.all": "All",
    # ---------------------------------------------------------------- the first page
    "web.front.results": "Where records stand",
    "web.front.results_note": "Each record counts once, on the day it came to stand where it stands now. Click a "
    "number to see the records.",
    "web.front.result": "Result",
    "web.front.contacts": "Contacts",
    "web.front.orders": "Orders",
    "web.front.order_statuses": "Statuses",
    "web.front.days": "Day by day",
    "web.front.as_table": "As a table",
    "web.front.highest": "up to {shown}",
    "web.front.nothing": "Nothing in this period",
    "web.front.nothing_note": "Choose a longer one, or look at all time.",
    "web.front.fresh": "Freshness",
    "web.front.stream": "Stream",
    "web.front.read": "Last read",
    "web.front.sent": "Last delivered",
    "web.front.newest": "Newest in the shop",
    "web.front.balance": "The balance",
    "web.front.balance_note": (
        "{shown} run of this period: every record that was read ended in exactly one result.",
        "{shown} runs of this period: every record that was read ended in exactly one result.",
    ),
    "web.front.balance_gap": "does not add up: {shown} are not accounted for",
    "web.front.balance_read": "{shown} read",
    "web.front.no_runs": "No run in this period.",
    # ---------------------------------------------------------------- lists
    "web.list.count": ("{shown} record", "{shown} records"),
    "web.list.result": "Result",
    "web.list.reason": "Reason",
    "web.list.empty": "No such records in this period",
    "web.list.empty_note": "That may be good news. Choose another result or a longer period.",
    "web.list.pages": "Parts of the list",
    "web.list.next": "Older",
    "web.list.first": "To the newest",
    "web.list.download": "Download",
    "web.column.time": "When",
    "web.column.id": "Id",
    "web.column.name": "Name",
    "web.column.source": "Source",
    "web.column.result": "Result",
    "web.column.reason": "Reason",
    "web.column.meaning": "In words",
    "web.column.attempts": "Attempts",
    "web.column.total": "Total",
    "web.column.currency": "Currency",
    "web.column.shop_status": "Shop's status",
    "web.column.esputnik_status": "eSputnik's status",
    "web.source.contacts.registration": "Registered",
    "web.source.contacts.order": "From an order",
    "web.source.orders.registration": "Customer",
    "web.source.orders.order": "Guest",
    # ---------------------------------------------------------------- what cannot be shown
    "web.not_found": "Not found",
    "web.no_page": "There is no page at this address.",
    "web.no_shop": "The ledger knows no such shop.",
    "web.no_order": "The ledger knows no order {id}.",
    "web.no_contact": "The ledger knows no contact {id}.",
    "web.no_run": "The ledger knows no run {id}.",
    "web.nothing_found": "The ledger knows no order, contact, email or phone like this.",
    "web.no_ledger": "Nothing to show yet",
    "web.problem": "The ledger cannot be shown now",
    "web.back": "To the overview",
    "web.again": "Try again",
}

PAGE.update(RECORDS)


def say(name: str, /, **values: object) -> str:
    """A sentence of the page, in the language that is spoken."""
    return str(said_of(PAGE[name], values))
