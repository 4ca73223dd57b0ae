"""What the commands about single records and about forgetting say, by name; these rows join the table of `words.py`."""

from __future__ import annotations

from typing import Final

from target_esputnik.cli.words import ENGLISH

RECORDS: Final[dict[str, str | tuple[str, str]]] = {
    # ---------------------------------------------------------------- options
    "option.failed": "Only requests that were not answered as hoped.",
    "option.run": "Only requests of the run with this number.",
    "option.endpoint": "Only requests to this endpoint, as the list names it; may be repeated.",
    "option.outcome": "Only requests that ended so, as the list names it; may be repeated.",
    "option.requests_from": "Requests at this moment or later: 2026-01-31, or 2026-01-31T10:00+02:00.",
    "option.requests_to": "And before this moment; a date without a time means the end of that day.",
    "option.requests_last": "Requests of the last days, hours or minutes: 7d, 24h, 90m.",
    "option.requests_limit": "How many requests to list, the newest first.",
    "option.masked": "Hide what is personal: for a screen that others see.",
    "option.erase_email": "The person with this email address.",
    "option.erase_phone": "The person with this phone.",
    "option.erase_id": "The contact with this id in the shop, or with this key in the ledger (guest:…).",
    "option.remote": "Also delete the contact in eSputnik.",
    "option.erase_yes": "Erase. Without it only the preview is shown. It cannot be undone.",
    "option.before": "Also forget requests, sends and runs from before this moment: 2026-01-31, or "
    "2026-01-31T10:00+02:00.",
    "option.prune_yes": "Forget. Without it only the preview is shown.",
    # ---------------------------------------------------------------- commands
    "requests.short": "Requests to eSputnik one by one, and what failed.",
    "requests.help": "The requests to eSputnik one by one, the newest first: when, in which run, to which endpoint, "
    "how it ended, after how many tries. No request's content and nobody's address is shown.",
    "contacts.short": "Where a contact comes from, and all that was done about it.",
    "contacts.help": "One contact: whether it registered or came from an order, every send with its route and why "
    "it took it, when it was asked to confirm, how its address was delivered, and its orders. ID is the contact's id "
    "in the shop, or an email or a phone. Shows personal data; --masked hides it.",
    "orders.short": "What an order holds, and every status that was sent of it.",
    "orders.help": "One order: its products and prices, whether the sum that is sent is right, address, delivery, "
    "payment, the buyer, the shop's status and eSputnik's, every status that was sent and every answer. Shows "
    "personal data; --masked hides it.",
    "explain.short": "Why an order or a contact stands where it stands, step by step.",
    "explain.help": "One order or contact, step by step: the shop's record, what it was cleaned to, the rule that "
    "applied and why, what was sent, what eSputnik answered, and what the ledger holds. Shows personal data; "
    "--masked hides it.",
    "erase.short": "Erase a person's data (GDPR), here and, with --remote, in eSputnik.",
    "erase.help": "Erase a person: all content and personal data of his contacts and orders goes, here and, with "
    "--remote, his contact in eSputnik. Keyed hashes stay, so that no later run makes him again: his records are held "
    "as erased. Shows what would go; with --yes it goes for good. Backups of the ledger are not reached, and eSputnik "
    "keeps orders that it has.",
    "prune.short": "Forget old payloads, requests, sends and runs.",
    "prune.help": "Forget now the personal data of accepted records that is older than payload_retention_days; with "
    "--before also requests, sends and runs from before a moment. What keeps anything from being sent twice is never "
    "touched. Shows what would go; with --yes it goes.",
    # ---------------------------------------------------------------- columns
    "column.at": "when",
    "column.method": "method",
    "column.status": "status",
    "column.tries": "tries",
    "column.field": "field",
    "column.value": "value",
    "column.esputnik_status": "eSputnik's status",
    "column.article": "article",
    "column.quantity": "quantity",
    "column.price": "price",
    "column.line_total": "in all",
    # ---------------------------------------------------------------- requests
    "requests.none": "No such requests.",
    "requests.more": "The newest {shown} are shown; --limit shows more.",
    # ---------------------------------------------------------------- contacts, orders
    "records.content_gone": "Its content is not kept (any more).",
    "contacts.unknown": "The ledger knows no contact with this id, email or phone.",
    "contacts.title": "Contact {id}: {source}.",
    "contacts.registered": "registered in the shop, {when}",
    "contacts.from_order": "a guest, made from the order {order}",
    "contacts.guest": "a guest, made from an order",
    "contacts.esputnik_id": "id in eSputnik",
    "contacts.external_id": "externalCustomerId",
    "contacts.delivered_at": "last delivered",
    "contacts.confirmation": "address as delivered",
    "contacts.unsubscribed": "unsubscribed",
    "contacts.by_us": "yes, because the newsletter box was unticked",
    "contacts.asked_at": "asked to confirm",
    "contacts.route": "route",
    "contacts.why": "why",
    "contacts.sends": "What was sent",
    "contacts.orders": "Orders",
    "contacts.more_orders": "Shown are the newest {shown} of {count} orders.",
    "orders.unknown": "The ledger knows no order {id}.",
    "orders.title": "Order {id} of {when}.",
    "orders.status": "status",
    "orders.buyer": "buyer",
    "orders.products": "Products",
    "orders.adds_up": "The lines that are sent add up to the total: {total}.",
    "orders.differs": "The lines that are sent make {lines_in_all}, the total is {total}: a difference of "
    "{difference}.",
    "orders.sends": "Statuses that were sent",
    # ---------------------------------------------------------------- explain
    "explain.record": "1. What the shop says",
    "explain.normalised": "2. What it is cleaned to",
    "explain.rule": "3. The rule that applied",
    "explain.payload": "4. What was sent last",
    "explain.answer": "5. What eSputnik answered",
    "explain.ledger": "6. What the ledger holds",
    "explain.no_record": "The record is not kept (any more).",
    "explain.not_sent": "Nothing was sent.",
    "explain.no_answer": "Nothing was kept of an answer; it ended as {outcome}.",
    "explain.result": "result",
    "explain.meaning": "meaning",
    "explain.todo": "what to do",
    "explain.because": "because",
    "explain.again": "read again as it is",
    "explain.mapped": "status {status} is mapped to {sent}",
    "explain.not_mapped": "status {status} is mapped to nothing",
    "explain.created": "created {created}, live since {live}",
    "explain.nothing_left": "nothing is left to send for status {status}",
    "explain.buyer": "the buyer {buyer} is {fate}",
    "explain.no_buyer": "it has no usable email and no usable phone",
    "explain.invalid": "{problems}",
    "explain.switched_off": "{switch} is off",
    "explain.route": "route {route}: {why}",
    "explain.no_route": "its route is chosen when it is sent",
    # ---------------------------------------------------------------- erase
    "erase.whom": "erase needs one of --email, --phone and --id.",
    "erase.unusable": "This is no usable email address or phone.",
    "erase.unknown_id": "The ledger knows no contact with this id.",
    "erase.preview": "PREVIEW: nothing was written, here or in eSputnik.",
    "erase.nothing": "The ledger holds nothing of this person. With --yes the person is remembered as erased (as a "
    "keyed hash), so that no later run makes him.",
    "erase.contacts": "Contacts",
    "erase.counts": "What goes here",
    "erase.remote": "Contacts in eSputnik that are deleted",
    "erase.remote_none": "eSputnik has no contact of this person.",
    "erase.local_only": "eSputnik keeps its contact: --remote deletes it there, too.",
    "erase.hint": "Add --yes to erase. It cannot be undone.",
    "erase.done": "Erased; run {run} of the ledger says so. No later run makes this person again.",
    "erase.wal": "Another program reads the ledger: its log is cleared when that one ends. Repeat this command then.",
    "erase.what.contacts": "contacts",
    "erase.what.orders": "orders",
    "erase.what.sends": "sends",
    "erase.what.quotes": "answers about others that quote the person",
    # ---------------------------------------------------------------- prune
    "prune.preview": "PREVIEW: nothing was written.",
    "prune.nothing": "There is nothing to forget.",
    "prune.counts": "What goes",
    "prune.hint": "Add --yes to forget it.",
    "prune.done": "Done.",
    "prune.what.payloads": "payloads and answers older than {days} days",
    "prune.what.requests": "requests",
    "prune.what.sends": "sends",
    "prune.what.imports": "imports",
    "prune.what.runs": "runs",
}

ENGLISH.update(RECORDS)
