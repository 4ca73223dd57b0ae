"""Guards of consent: nobody is confirmed, asked, brought back or taken for another by accident."""

from __future__ import annotations

from typing import Final

from guards.guard import Edit, Guard

CONSENT: Final = "tests/target/consent"
BY_ACCIDENT: Final = f"{CONSENT}/test_nobody_is_confirmed_by_accident.py::"
BOX: Final = f"{CONSENT}/test_newsletter_box_decides.py::"
BUYERS: Final = f"{CONSENT}/test_buyers_are_tied_to_the_right_contact.py::"
PLACE: Final = f"{CONSENT}/test_nobody_takes_the_place_of_another.py::"
TROUBLE: Final = "tests/target/orders/test_trouble_costs_no_neighbour_and_no_second_mail.py::"
ERASED: Final = "tests/target/cli/test_an_erased_person_stays_erased.py::TestNeverAgain::"
UPDATE: Final = "tests/target/pure/test_an_update_of_a_contact_loses_nothing.py::"

GUARDS: Final = (
    # ---------------------------------------------------------------- the buyer goes before his order
    Guard(
        "an order waits until its buyer is delivered",
        "target_esputnik/delivery/orders.py",
        "or not due.buyer.delivered",
        "or False",
        (f"{TROUBLE}test_a_refused_buyer_holds_his_order_alone_and_it_goes_once_he_is_delivered",),
    ),
    Guard(
        "an order waits while eSputnik does not say whether its buyer is there",
        "target_esputnik/delivery/orders.py",
        "                due.buyer_unsure\n",
        "                False\n",
        (f"{PLACE}test_a_buyer_whom_esputnik_cannot_show_holds_his_own_orders_alone",),
    ),
    Guard(
        "an order of a buyer who was deleted in eSputnik is held",
        "target_esputnik/delivery/orders.py",
        "or (due.buyer.fate, due.buyer.reason) == (fates.HELD, fates.DELETED_THERE)",
        "or False",
        (
            f"{BY_ACCIDENT}test_an_order_brings_nobody_back_who_was_deleted_since",
            f"{BY_ACCIDENT}test_an_order_of_a_contact_deleted_at_esputnik_does_not_bring_him_back",
        ),
    ),
    Guard(
        "a buyer who was deleted in eSputnik meanwhile is noticed",
        "target_esputnik/delivery/buyers.py",
        "if not there:",
        "if False:",
        (f"{BY_ACCIDENT}test_an_order_brings_nobody_back_who_was_deleted_since",),
    ),
    Guard(
        "a contact counts as there only if eSputnik named him",
        "target_esputnik/delivery/singles.py",
        "contact_id = contact_id or self._id_there(pending)\n        if contact_id is None:",
        "contact_id = contact_id or self._id_there(pending)\n        if False:",
        (f"{TROUBLE}test_a_subscribe_that_names_no_contact_does_not_let_the_order_confirm_him",),
    ),
    Guard(
        "an import that is not over has delivered nobody",
        "target_esputnik/delivery/imports.py",
        'if status.status != "FINISHED":',
        "if False:",
        (f"{TROUBLE}test_the_contacts_of_an_import_that_was_given_up_go_once_more",),
    ),
    Guard(
        "a contact that an import passed over counts as not there",
        "target_esputnik/delivery/imports.py",
        "missing = contact_id is None and (",
        "missing = False and (",
        (
            f"{BY_ACCIDENT}test_a_confirmed_contact_deleted_at_esputnik_is_never_made_again",
            "tests/target/cli/test_every_fate_is_explained.py::TestContacts::test_that_an_import_passed_over",
        ),
    ),
    # ---------------------------------------------------------------- who is confirmed, who is asked
    Guard(
        "who was unconfirmed once is not confirmed by turning the switch",
        "target_esputnik/confirmation.py",
        "return self.mode == CONFIRMED and self.address != UNCONFIRMED",
        "return self.mode == CONFIRMED",
        (f"{BY_ACCIDENT}test_an_address_once_unconfirmed_is_not_confirmed_by_turning_the_switch",),
    ),
    Guard(
        "that an address went unconfirmed is remembered",
        "target_esputnik/confirmation.py",
        "return UNCONFIRMED if route == SUBSCRIBE else (facts.address or UNCONFIRMED)",
        "return facts.address",
        (f"{BY_ACCIDENT}test_an_address_once_unconfirmed_is_not_confirmed_by_turning_the_switch",),
    ),
    Guard(
        "only a tick in the newsletter box confirms",
        "target_esputnik/confirmation.py",
        "return self.registered and self.ticked is True",
        "return self.registered",
        (f"{BOX}test_exactly_those_who_ticked_are_confirmed",),
    ),
    Guard(
        "after a lost ledger the switch confirms nobody who may be unconfirmed",
        "target_esputnik/confirmation.py",
        "return self.mode == CONFIRMED and self.lost and self.address is None and not self.known",
        "return False",
        (f"{BY_ACCIDENT}test_after_a_lost_ledger_the_switch_confirms_nobody_who_may_be_unconfirmed",),
    ),
    Guard(
        "a new customer is asked, not confirmed",
        "target_esputnik/confirmation.py",
        "lambda _: True,\n        SUBSCRIBE,",
        "lambda _: True,\n        BULK,",
        (f"{BY_ACCIDENT}test_a_new_customer_becomes_unconfirmed_and_is_asked_exactly_once",),
    ),
    Guard(
        "a contact that eSputnik has already is neither asked nor confirmed",
        "target_esputnik/confirmation.py",
        "lambda f: f.there is True,\n        UPDATE,",
        "lambda f: f.there is True,\n        BULK,",
        (f"{BY_ACCIDENT}test_a_contact_that_esputnik_has_already_is_neither_asked_nor_confirmed",),
    ),
    Guard(
        "a known contact is neither asked again nor confirmed",
        "target_esputnik/confirmation.py",
        "lambda f: f.known,\n        UPDATE,",
        "lambda f: f.known,\n        BULK,",
        (
            f"{BY_ACCIDENT}test_a_known_contact_is_updated_without_being_asked_again_or_losing_what_is_there",
            f"{BY_ACCIDENT}test_a_contact_deleted_at_esputnik_is_never_made_again",
        ),
    ),
    Guard(
        "a new address of a known customer is asked, not confirmed",
        "target_esputnik/confirmation.py",
        "lambda f: f.known and f.email_is_new,\n        SUBSCRIBE,",
        "lambda f: f.known and f.email_is_new,\n        BULK,",
        (f"{BY_ACCIDENT}test_a_new_address_of_a_known_customer_must_be_confirmed_by_its_owner",),
    ),
    Guard(
        "a new address brings nobody back who was deleted in eSputnik",
        "target_esputnik/confirmation.py",
        "lambda f: f.known and f.there is False,",
        "lambda _: False,",
        (f"{BY_ACCIDENT}test_a_new_address_brings_nobody_back_who_was_deleted_at_esputnik",),
    ),
    Guard(
        "who may have been made unconfirmed by a request without an answer is not confirmed",
        "target_esputnik/delivery/routing.py",
        "if pending.row.key in doubtful and not pending.row.delivered and (key := pending.row.email_key):",
        "if False and (key := pending.row.email_key):",
        (
            (
                "tests/faults/test_nobody_is_asked_twice_or_confirmed_after_a_doubt.py::"
                "test_a_switch_that_is_turned_after_a_crash_confirms_nobody_who_may_have_been_asked"
            ),
        ),
    ),
    Guard(
        "nobody is confirmed because he goes along with a buyer",
        "target_esputnik/delivery/company.py",
        "if at_once and rule.route == BULK and not pending.unticked and group_of(pending) in groups",
        "if group_of(pending) in groups",
        (
            "tests/target/orders/test_buyers_bring_company.py::test_nobody_is_confirmed_for_company",
            "tests/target/orders/test_buyers_bring_company.py::test_no_order_waits_for_those_who_are_asked_one_by_one",
        ),
    ),
    Guard(
        "a customer from before the integration sets off no mail",
        "target_esputnik/delivery/singles.py",
        "form = settings.historical_form_type if pending.historical else settings.confirmation_form_type",
        "form = settings.confirmation_form_type",
        (f"{BY_ACCIDENT}test_a_customer_from_before_the_integration_sets_off_no_mail",),
    ),
    Guard(
        "an address is looked for before its owner is asked",
        "target_esputnik/confirmation.py",
        'lambda f: f.there is None,\n        LOOK_UP,\n        "Whether eSputnik has the address already',
        'lambda f: f.there is None,\n        SUBSCRIBE,\n        "Whether eSputnik has the address already',
        (f"{BY_ACCIDENT}test_a_contact_that_esputnik_has_already_is_neither_asked_nor_confirmed",),
    ),
    # ---------------------------------------------------------------- who wants no more mail
    Guard(
        "unticking the box stops bulk mail",
        "target_esputnik/delivery/singles.py",
        "if pending.unticked:",
        "if False:",
        (
            f"{BOX}test_unticking_stops_bulk_mail_and_ticking_again_resumes_it",
            f"{BOX}test_unticking_stops_bulk_mail_to_the_address_that_was_ticked_whatever_the_shop_has_now",
        ),
    ),
    Guard(
        "an opt-out of the person is not undone by a box that was always ticked",
        "target_esputnik/delivery/contacts.py",
        'and (known := addresses.get(p.row.email_key or "")) and known.unsubscribed',
        'and addresses.get(p.row.email_key or "")',
        (f"{BOX}test_an_opt_out_of_the_person_is_not_undone_by_a_box_that_was_always_ticked",),
    ),
    # ---------------------------------------------------------------- who was deleted stays deleted
    Guard(
        "a contact that was deleted in eSputnik stays held",
        "target_esputnik/delivery/contact_intake.py",
        "if row.fate == fates.HELD and row.reason == fates.DELETED_THERE:",
        "if False:",
        (f"{BY_ACCIDENT}test_who_was_deleted_at_esputnik_stays_held_when_the_shop_has_him_as_he_was_before",),
    ),
    Guard(
        "an import restores nobody whom somebody deleted in eSputnik",
        "target_esputnik/delivery/imports.py",
        '"restoreDeleted": all(p.restored for p in part),',
        '"restoreDeleted": True,',
        (f"{BY_ACCIDENT}test_a_confirmed_contact_deleted_at_esputnik_is_never_made_again",),
    ),
    Guard(
        "the contact of an erased person is held",
        "target_esputnik/delivery/contact_intake.py",
        "row = self._erased_contact(key, record, known) or self._contact(key, record, known)",
        "row = self._contact(key, record, known)",
        (f"{ERASED}test_his_contact_is_held_and_nothing_of_it_is_kept",),
    ),
    Guard(
        "the order of an erased person is held when it is read",
        "target_esputnik/delivery/intake.py",
        "            return\n        if self._is_by_erased(record):",
        "            return\n        if False:",
        (f"{ERASED}test_his_orders_are_held_and_nothing_of_them_is_kept", f"{ERASED}test_a_guest_is_never_made_again"),
    ),
    Guard(
        "the order of an erased person that waited is held",
        "target_esputnik/delivery/orders.py",
        "gone = [due for due in dues if erased.holds(due.identity)] if erased else []",
        "gone: list[Due] = []",
        (f"{ERASED}test_an_order_that_waited_under_his_new_address_is_held",),
        also=(
            Edit(
                "target_esputnik/delivery/orders.py",
                "elif due.buyer.fate == fates.HELD and due.buyer.reason == fates.ERASED:",
                "elif False:",
            ),
        ),
    ),
    Guard(
        "no command sends an erased person",
        "target_esputnik/delivery/again.py",
        "if row.reason == fates.ERASED:\n            return ERASED\n        if not self._settings.receive_contacts:",
        "if not self._settings.receive_contacts:",
        (
            f"{ERASED}test_no_command_sends_him",
            (
                "tests/target/cli/test_what_is_sent_again_is_shown_first.py::TestRelease::"
                "test_an_erased_person_is_never_released"
            ),
        ),
    ),
    # ---------------------------------------------------------------- who is who
    Guard(
        "a buyer is tied by phone only where one side has no email",
        "target_esputnik/identity.py",
        "if row.registered and (identity.email is None or row.email_key is None)",
        "if row.registered",
        (f"{BUYERS}test_a_buyer_is_tied_by_phone_only_where_one_side_has_no_email",),
    ),
    Guard(
        "who is remembered as a customer is looked up anew once a contact was written",
        "target_esputnik/identity.py",
        "if self._as_of != self._ledger.contact_writes or len(",
        "if len(",
        (f"{BUYERS}test_a_customer_who_comes_between_two_orders_is_seen_by_the_second",),
    ),
    Guard(
        "a search that finds more than it was asked for ties nobody",
        "target_esputnik/answers.py",
        "return [contact for contact in contacts if _channel_key(wanted) in channel_values(contact, kind)]",
        "return contacts",
        (f"{BY_ACCIDENT}test_a_search_that_finds_more_than_it_was_asked_for_ties_nobody",),
    ),
    Guard(
        "a guest whom eSputnik has already is not written to",
        "target_esputnik/confirmation.py",
        "lambda f: not f.registered and f.there is True,",
        "lambda _: False,",
        (f"{BUYERS}test_a_guest_whom_esputnik_has_already_is_recorded_and_not_written_to",),
    ),
    Guard(
        "the second account with one address does not overwrite the first one's contact",
        "target_esputnik/confirmation.py",
        "lambda f: f.twin,",
        "lambda _: False,",
        (f"{BUYERS}test_two_accounts_with_one_address_do_not_overwrite_each_other",),
    ),
    Guard(
        "a customer with a phone alone does not become the guest who typed it",
        "target_esputnik/confirmation.py",
        "lambda f: not f.has_email and not f.known and f.is_anothers,",
        "lambda _: False,",
        (f"{BY_ACCIDENT}test_a_customer_with_a_phone_alone_does_not_become_the_guest_who_typed_it",),
    ),
    Guard(
        "a phone that belongs to another contact is left out of a subscribe",
        "target_esputnik/delivery/lookups.py",
        "pending.draft = replace(pending.draft, phone=None)",
        "pass",
        (
            f"{BUYERS}test_a_phone_that_belongs_to_another_contact_is_left_out_of_the_guests_subscribe_and_order",
            f"{BUYERS}test_a_phone_of_somebody_else_is_left_out_of_the_first_order_with_the_default_fields",
        ),
    ),
    Guard(
        "a phone that belongs to another contact is left out of an order",
        "target_esputnik/delivery/buyers.py",
        "return False\n        if phone == buyer.phone_key:",
        "return True\n        if phone == buyer.phone_key:",
        (
            f"{BUYERS}test_a_mistyped_phone_of_a_later_order_moves_it_to_nobody_else",
            f"{BUYERS}test_a_phone_that_belongs_to_another_contact_is_left_out_of_the_guests_subscribe_and_order",
        ),
    ),
    Guard(
        "of those who arrive together with one address or phone the second is looked up after the first",
        "target_esputnik/delivery/lookups.py",
        "if len(round_) < CHUNK and not marks & seen:",
        "if len(round_) < CHUNK:",
        (f"{BUYERS}test_twins_and_families_that_arrive_together_do_not_become_one_contact",),
    ),
    Guard(
        "an external id that is another's is not taken over",
        "target_esputnik/delivery/singles.py",
        "draft = replace(draft, external_customer_id=None)  # it is another shop's",
        "pass  # it is another shop's",
        (f"{BUYERS}test_an_external_id_of_somebody_else_is_not_taken_over",),
    ),
    # ---------------------------------------------------------------- an update loses nothing
    Guard(
        "an update writes back the properties that were read",
        "target_esputnik/contact_update.py",
        "said.get(name) or existing.get(name) for name in KEPT_AS_READ",
        "said.get(name) for name in KEPT_AS_READ",
        (f"{UPDATE}test_an_empty_draft_writes_back_what_was_read",),
    ),
    Guard(
        "an update writes back the channels that were read",
        "target_esputnik/contact_update.py",
        'channels = _channels_with(draft, existing.get("channels"))',
        "channels = _channels_with(draft, None)",
        (f"{UPDATE}test_an_update_never_loses_a_channel_or_adds_an_email",),
    ),
    Guard(
        "an update writes back the fields that were read",
        "target_esputnik/contact_update.py",
        '"fields": _fields_with(draft, existing.get("fields")),',
        '"fields": _fields_with(draft, None),',
        (f"{UPDATE}test_an_update_keeps_what_is_there_and_lays_the_draft_over_it",),
    ),
    Guard(
        "what may be written back has to be readable",
        "target_esputnik/transport.py",
        'if request.method == "GET" and not answer.is_utf8:',
        "if False:",
        (
            (
                "tests/target/protocol/test_answers_are_read_whole_or_not_at_all.py::"
                "test_what_may_be_written_back_must_be_readable"
            ),
        ),
    ),
)
