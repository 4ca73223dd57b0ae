"""What the probe asks about orders (esputnik-api.md §4, §11b)."""

from __future__ import annotations

from typing import Final

from target_esputnik.probe.question import PERSON, Question, question

ORDERS: Final[tuple[Question, ...]] = (
    question(
        "failed_orders",
        "How does eSputnik name an order that it refuses?",
        "An order without any buyer is sent.",
        object="By its id, with more: the target rejects it alone and keeps the reason.",
        id="By its id alone: the target rejects it alone.",
        unmatched=(
            "By words that name no order: the whole batch is then in doubt, and a person must decide.",
            "order_batch_size: 1",
        ),
        not_listed=(
            "Not at all: refused orders vanish without a word.",
            "order_batch_size: 1; look at eSputnik's orders now and then",
        ),
    ),
    question(
        "malformed_order",
        "Does one order that cannot be read cost the whole request?",
        "An order with an impossible date is sent.",
        per_row="It costs itself alone.",
        whole_request="It does, by HTTP 400. The target halves the batch until only the culprit is left.",
        taken="It is taken: eSputnik reads dates more mildly than documented.",
    ),
    question(
        "oversize",
        "What does eSputnik answer to more orders than it takes at once?",
        "1001 orders without a buyer are sent, which are refused in any case.",
        by_status={
            "400": "HTTP 400. The target never sends so many.",
            "413": "HTTP 413. The target never sends so many.",
        },
        taken="It takes them: the documented limit is not enforced.",
    ),
    question(
        "order_answer",
        "What is answered when every order is taken?",
        "An order is sent; the answer is read.",
        empty="Nothing: an empty answer is success.",
        json="An empty list of failures.",
        full="An object with ids and an empty list of failures.",
    ),
    question(
        "order_event_repeat",
        "Does the same status, sent again, fire its event again?",
        "One order is sent twice; the person counts its events.",
        PERSON,
        look="Automation → Event history, event orderINITIALIZED with the key {key}: how many are there?",
        sights={"two": "fires", "one": "silent"},
        fires=(
            "It does: an order whose answer was lost, and which is sent again, may mail twice.",
            "in_doubt_orders: hold, if a second mail is worse than a late one",
        ),
        silent=("It does not: sending again is harmless.", "in_doubt_orders: resend"),
    ),
    question(
        "order_omitted",
        "What does an order's update do to what it leaves out?",
        "An order is sent again without its delivery address; the person looks at it.",
        PERSON,
        look="Automation → Orders → {key}: does it still show the delivery address `probe street`?",
        sights={"it does": "kept", "it shows none": "cleared"},
        cleared="It is cleared. The target always sends the whole order.",
        kept="It is kept: what the shop deletes from an order stays at eSputnik.",
    ),
    question(
        "order_match",
        "An order with the phone of one contact and the email of another: whose is it?",
        "Such an order is sent with a new external id; the contact that got the id is looked up.",
        phone_first="The phone's. The target leaves a phone out that belongs to somebody else.",
        email_first="The email's.",
    ),
    question(
        "order_foreign_id",
        "An order with a new external id and the address of a contact that has another one: whose is it?",
        "Such an order is sent; the contact with the new id is looked up.",
        matches="That contact's. The target sends the id that the contact has.",
        new="A new contact is made, confirmed. The target sends the id that the contact has, so it makes none.",
        takes_id="That contact's, and its external id is changed to the new one.",
    ),
    question(
        "order_names",
        "Do an order's names have to obey the rules for names?",
        "An order with a forbidden name is sent.",
        checked="They do: a bad name costs the order. The target cleans names, and leaves out what it cannot clean.",
        unchecked="They do not. The target cleans them all the same.",
    ),
    question(
        "currencies",
        "Does eSputnik take other currencies than UAH, USD and EUR?",
        "An order in PLN is sent.",
        any="It does.",
        documented="It does not: orders in other currencies are rejected as refused; nothing can be set.",
    ),
)
