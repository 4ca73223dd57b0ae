"""What the ledger's records prove of Horoshop's API (horoshop-api.md §3, §4); the target calls no shop.

What only the tap can see (order of the rows, page size, wire forms) leaves no mark in a record, and is not asked.
"""

from __future__ import annotations

from typing import Final

from target_esputnik.probe.question import LEDGER, Question, question

SHOP: Final[tuple[Question, ...]] = (
    question(
        "newsletter",
        "Does the shop tell who ticked its newsletter box?",
        "Contacts in the ledger carry newsletter_subscribed, or none does.",
        LEDGER,
        returned=("It does.", "email_confirmation: newsletter can be used"),
        absent=("It does not: nobody counts as having ticked.", "email_confirmation: newsletter confirms nobody"),
    ),
    question(
        "shop_version",
        "Does the shop list its order statuses?",
        "Statuses in the ledger are more than the five that the tap knows by itself.",
        LEDGER,
        current="It does: statuses of the shop's own can be mapped by title.",
        old=(
            "Only the five built-in ones are known: the shop is older than v4.0, or has no statuses of its own.",
            "order_status_mapping: by id, for statuses of the shop's own",
        ),
    ),
    question(
        "guests",
        "Are guests in the list of customers, too?",
        "The numbers of orders' users are looked for among the contacts.",
        LEDGER,
        absent="They are not: a guest becomes a contact by his order, without an external id.",
        present="They are: each guest's order also makes a customer, who is delivered as one.",
    ),
    question(
        "comments",
        "Do orders carry the buyer's comment?",
        "Orders in the ledger carry a comment, or none does.",
        LEDGER,
        returned="They do; it is sent as additionalInfo.comment.",
        absent="None of those looked at did.",
    ),
)
