"""What the probe asks about contacts and confirmation (esputnik-api.md §2, §3, §11b)."""

from __future__ import annotations

from typing import Final

from target_esputnik.probe.question import PERSON, Question, question

_CARD: Final = "Contacts → open the contact {email}: how is its email address shown?"
_CONFIRMED: Final = "as confirmed (active)"
_UNCONFIRMED: Final = "as unconfirmed (grey, it waits for confirmation)"
_AS_DOCUMENTED: Final = "As documented: nothing changes."
_NO_SETTING_NEEDED: Final = "Nothing changes: the target copes with it by itself."

CONFIRMATION: Final[tuple[Question, ...]] = (
    question(
        "subscribe_creates",
        "Does subscribe make a new address unconfirmed?",
        "A new variant of the test address is subscribed; the person looks at it.",
        PERSON,
        look=_CARD,
        sights={_CONFIRMED: "confirmed", _UNCONFIRMED: "unconfirmed"},
        unconfirmed=(_AS_DOCUMENTED, "email_confirmation: unconfirmed does what it says"),
        confirmed=(
            "Nobody can be made unconfirmed by the API of this account: whoever the target delivers may be mailed.",
            "receive_contacts: false until eSputnik's support has answered why",
        ),
    ),
    question(
        "confirmed_route_confirms",
        "Does the bulk call confirm an address that is there unconfirmed?",
        "A variant is subscribed, then imported by POST contacts; the person looks at it.",
        PERSON,
        look=_CARD,
        sights={_CONFIRMED: "yes", _UNCONFIRMED: "no"},
        yes=(
            "It does. The target sends no address by bulk that it delivered unconfirmed, except on a newsletter tick.",
            "email_confirmation: unconfirmed or newsletter stay right; never import the same people by other tools",
        ),
        no=(
            "It does not: a newsletter tick that comes later confirms nobody, he has to confirm by the mail.",
            "email_confirmation: newsletter confirms only new contacts",
        ),
    ),
    question(
        "order_confirms",
        "Does an order confirm the unconfirmed address that it carries?",
        "A variant is subscribed, then an order is sent for it; the person looks at it.",
        PERSON,
        look=_CARD,
        sights={_CONFIRMED: "yes", _UNCONFIRMED: "no"},
        yes=(
            "Orders confirm their buyers, whatever way the buyer was delivered.",
            "receive_orders: false, or accept it",
        ),
        no=(_NO_SETTING_NEEDED, "receive_orders: true is safe with email_confirmation: unconfirmed"),
    ),
    question(
        "put_adds_email",
        "What does an address become that PUT contact adds?",
        "PUT adds a second variant to a contact; the person looks at it.",
        PERSON,
        look=_CARD,
        sights={_CONFIRMED: "confirmed", _UNCONFIRMED: "unconfirmed"},
        unconfirmed=_NO_SETTING_NEEDED,
        confirmed="PUT confirms a new address silently. The target never adds one by PUT; it subscribes it.",
        not_added="PUT adds no address. The target never relies on that; it subscribes a new address.",
    ),
    question(
        "subscribe_on_confirmed",
        "Does subscribe take the confirmation of a confirmed address away?",
        "A confirmed variant is subscribed; the person looks at it.",
        PERSON,
        look=_CARD,
        sights={_CONFIRMED: "keeps", _UNCONFIRMED: "unconfirms"},
        keeps=_NO_SETTING_NEEDED,
        unconfirms="Who is subscribed again has to confirm again. The target subscribes only new addresses.",
    ),
    question(
        "subscribe_on_unsubscribed",
        "Does subscribe put an unsubscribed address back on bulk mail?",
        "A variant is put on the unsubscribed list, then subscribed; the person looks at the list.",
        PERSON,
        look="Contacts → open the contact {email}: is the address unsubscribed?",
        sights={"it is unsubscribed": "stays", "it is not": "resubscribes"},
        stays=_NO_SETTING_NEEDED,
        resubscribes="Who opted out gets bulk mail again when he is subscribed. The target looks a person up first and "
        "never subscribes an address that eSputnik has.",
    ),
    question(
        "event_caps",
        "How is subscribe's event spelled?",
        "The person looks at the event that the first subscribe fired.",
        PERSON,
        look="Automation → Event history, key or contact {email}: how does the event's name begin?",
        sights={"subscribeFromApi": "Api", "subscribeFromAPI": "API"},
        Api=("The double opt-in workflow starts on this name.", "start the workflow on subscribeFromApi-<formType>"),
        API=("The double opt-in workflow starts on this name.", "start the workflow on subscribeFromAPI-<formType>"),
    ),
)

SUBSCRIBE: Final[tuple[Question, ...]] = (
    question(
        "subscribe_on_deleted",
        "What does subscribe do with a contact that was deleted?",
        "A variant is added, deleted and subscribed; the ids are compared.",
        new="It makes a new one. The target holds such contacts as deleted_there; `release` makes them anew.",
        revives="It brings the old one back. The target holds such contacts as deleted_there; `release` revives them.",
        refused="It is refused: a contact that was deleted cannot come back by `release`. Restore it in eSputnik.",
    ),
    question(
        "subscribe_email",
        "Subscribe brings another address than the contact has: is it added, or the old one replaced?",
        "A contact is subscribed with a second variant; its channels are read.",
        add="A customer who changes his address keeps the old one at eSputnik, too. Remove it there if it must go.",
        replace="A customer who changes his address has only the new one, unconfirmed until he confirms it.",
        ignored=(
            "The new address never arrives: customers who change their address keep the old one at eSputnik.",
            "contact_fields: keep email, and change the addresses of such customers by hand",
        ),
    ),
    question(
        "subscribe_foreign_id",
        "Subscribe brings an address of a contact with another external id: whom does it mean?",
        "A second external id is subscribed with the first one's address; the ids are compared.",
        updates="The contact that has the address: two accounts with one address are one contact.",
        new="A second contact with the same address is made: two accounts of the shop may be mailed twice.",
    ),
    question(
        "phones",
        "Does eSputnik check phones?",
        "A contact is subscribed with a phone of 4 digits.",
        digits="A bad phone costs the contact. The target leaves out what is no phone; phone_region must be right.",
        any="Any phone is taken. The target leaves out what is no phone all the same.",
    ),
    question(
        "put_omitted",
        "What does PUT contact do to what its body leaves out?",
        "A contact is updated without its names, then read.",
        kept=_NO_SETTING_NEEDED,
        cleared="PUT clears what it does not name. The target reads first and writes all of it back.",
    ),
    question(
        "contact_groups",
        "Does POST contact put a contact into segments?",
        "A contact is added with a segment, then read.",
        ignored=(
            "Segments are joined by bulk and subscribe only, as the target does.",
            "groups: works by those two calls",
        ),
        usable=("It does. The target uses bulk and subscribe.", "groups: works by those two calls, too"),
    ),
)

IMPORT: Final[tuple[Question, ...]] = (
    question(
        "failed_contacts",
        "How does a bulk call name a contact that it refuses?",
        "One contact of the import has a name that the rules forbid.",
        contact="By the contact alone: `rejected` shows which, but no reason.",
        reason="By the contact and a reason: `rejected --show-answers` shows both.",
        id="By its id or address alone: `rejected` shows which, but no reason.",
        vanish="Not at all. The target looks up whom an import does not show, and rejects him as not_taken.",
        taken="It refuses none: this account's rules for names are milder than documented.",
    ),
    question(
        "bulk_problem",
        "How is a bad bulk call refused?",
        "A bulk call with an unknown dedupeOn is sent.",
        by_status={"400": "By HTTP 400; the target halves the batch to find the culprit."},
        message="By HTTP 200 with errorMessage; the target reads it.",
        taken="Not at all: what the API does not know, it ignores.",
    ),
    question(
        "import_polls",
        "How often must an import be asked for before it is over?",
        "An import of a few contacts is polled to its end, first after half a second, then ever more slowly.",
        number=(
            "So many polls came before the end. Due orders wait that long for their buyers' import.",
            "max_run_minutes: raise it if imports take minutes",
        ),
    ),
    question(
        "import_errors",
        "Do imports end in ERROR?",
        "An import that ends in ERROR is sent again, at most twice.",
        number="So many of the probe's did. The target sends such an import once more, then halves it.",
    ),
    question(
        "import_error_work",
        "Has an import that ends in ERROR done a part of its work?",
        "After an ERROR its first contact is looked up.",
        none="Nothing was written: sending it again is the first time.",
        half="A part was written: sending it again is harmless, contacts are found by their keys.",
    ),
    question(
        "import_mapping",
        "Does importstatus tell the contacts' ids?",
        "The import's last status is read.",
        returned="It does: no look-up is needed after an import.",
        absent="It does not: the target looks each contact up that it must know, and runs take longer.",
    ),
    question(
        "dedupe_unknown_id",
        "dedupeOn externalCustomerId, an unknown id, a known address: a new contact, or the one there is?",
        "Such a row is imported; the contact with the id is looked up.",
        new="A new one. The target uses this form only for contacts that it has delivered before.",
        address="The one with the address gets the id: nobody is doubled.",
    ),
    question(
        "dedupe_fallback",
        "dedupeOn email, with an external id that is unknown: is the email used?",
        "Such a row is imported; the contact with the id is looked up.",
        fallback="It is: the contact with the address gets the id.",
        ignored=(
            "It is not: a bulk call makes a second contact of a person who was at eSputnik before without an id.",
            "email_confirmation: unconfirmed, which looks everybody up first",
        ),
    ),
    question(
        "dedupe_field",
        "Is the field in dedupeOn itself updated?",
        "A contact is imported by its email with a second one; its channels are read.",
        kept="It is not. The target changes addresses by the external id.",
        updated="It is: a second address arrives by bulk, confirmed.",
    ),
)
