"""Guards of mails: an order that is sent twice can mail a customer twice, and history mails nobody."""

from __future__ import annotations

from typing import Final

from guards.guard import Edit, Guard

ONCE: Final = "tests/target/orders/test_what_is_due_is_sent_once.py::"
TROUBLE: Final = "tests/target/orders/test_trouble_costs_no_neighbour_and_no_second_mail.py::"
LOST_ANSWER: Final = f"{TROUBLE}TestALostAnswer::"
GATEWAY: Final = f"{TROUBLE}TestAGatewayThatFailsAfterTheWork::"
IN_DOUBT: Final = "tests/target/orders/test_what_is_in_doubt_stays_so.py::"
MEANWHILE: Final = "tests/target/orders/test_the_next_orders_are_read_while_a_request_is_under_way.py::"
LOSS: Final = "tests/faults/test_a_ledger_that_is_lost_fires_nothing.py::TestAfterTheLoss::"
STATUSES: Final = "tests/target/pure/test_statuses_map_as_the_contract_says.py::"
AGAIN: Final = "tests/target/cli/test_what_is_sent_again_is_shown_first.py::"

LEFT_ONCE_MORE: Final = Edit(
    "target_esputnik/planning.py",
    'return (left if known.change_sent != "[]" else ()) or (known.esputnik_status,)',
    "return left or (known.esputnik_status,)",
)

GUARDS: Final = (
    # ---------------------------------------------------------------- a request whose answer was lost
    Guard(
        "an order is in doubt before its request leaves",
        "target_esputnik/delivery/orders.py",
        "                due.end(fates.HELD, fates.IN_DOUBT, now=now)\n",
        "                due.end(fates.HELD, fates.UNAVAILABLE, now=now)\n",
        (
            (
                "tests/end_to_end/test_faults_heal.py::"
                "test_a_target_that_is_killed_among_orders_sends_nothing_again_where_a_person_decides"
            ),
        ),
    ),
    Guard(
        "a request with orders that got no answer leaves them in doubt",
        "target_esputnik/delivery/order_requests.py",
        'wave.mark(batch, "in_doubt", answer=error.answer)',
        'wave.mark(batch, "not_sent")',
        (f"{LOST_ANSWER}test_what_stays_unknown_is_in_doubt_and_no_further_batch_is_risked",),
    ),
    Guard(
        "a request with orders that got no answer is repeated once at most",
        "target_esputnik/client.py",
        "self._order_repeats = Allowance(1)",
        "self._order_repeats = Allowance(9)",
        (f"{LOST_ANSWER}test_what_stays_unknown_is_in_doubt_and_no_further_batch_is_risked",),
    ),
    Guard(
        "after a batch in doubt no other is risked",
        "target_esputnik/delivery/orders.py",
        (
            "        if request.wave.trouble is not None:\n            self._put_back(more)\n"
            "            raise request.wave.trouble\n"
        ),
        "",
        (f"{LOST_ANSWER}test_what_stays_unknown_is_in_doubt_and_no_further_batch_is_risked",),
    ),
    Guard(
        "a 409 that echoes a lost answer counts as done",
        "target_esputnik/transport.py",
        "if is_echo:",
        "if False:",
        (
            f"{LOST_ANSWER}test_an_order_whose_answer_was_lost_is_repeated_once_and_the_echo_counts_as_done",
            f"{IN_DOUBT}test_the_echo_of_a_lost_answer_is_known_as_one_also_behind_too_many_requests",
        ),
    ),
    Guard(
        "a failure of the server after orders is not got over by trying at once",
        "target_esputnik/transport.py",
        "if careful and status >= 500:",
        "if False:",
        (f"{GATEWAY}test_an_order_goes_twice_at_the_most_and_is_then_in_doubt",),
    ),
    Guard(
        "a connection that broke may have done the work",
        "target_esputnik/transport.py",
        'raise tries.lost(NoAnswer("connection_broke")) from None',
        'raise TryAgain(ServiceUnavailable("unreachable")) from None',
        (f"{LOST_ANSWER}test_what_stays_unknown_is_in_doubt_and_no_further_batch_is_risked",),
    ),
    Guard(
        "a later answer does not tell what became of the try whose answer was lost",
        "target_esputnik/transport.py",
        "cause = tries.doubt or again.cause",
        "cause = again.cause",
        (f"{IN_DOUBT}test_the_answer_that_came_instead_does_not_tell_what_became_of_the_first_try",),
    ),
    Guard(
        "a key that is refused later does not tell what became of the try whose answer was lost",
        "target_esputnik/transport.py",
        "cause = tries.doubt or error",
        "cause = error",
        (f"{IN_DOUBT}test_the_answer_that_came_instead_does_not_tell_what_became_of_the_first_try",),
    ),
    Guard(
        "a refusal that names no order leaves its batch to a person",
        "target_esputnik/delivery/order_requests.py",
        'wave.mark(batch, "in_doubt", answer=json_text(refused)[:4000])',
        'wave.mark(batch, "not_sent")',
        (f"{LOST_ANSWER}test_a_refusal_that_names_no_order_puts_the_batch_in_doubt_for_a_person",),
    ),
    Guard(
        "what eSputnik answered but did not name waits for a person, also in the next run",
        "target_esputnik/delivery/run.py",
        "if row.reason == fates.IN_DOUBT and row.answer is not None:",
        "if False:",
        (f"{LOST_ANSWER}test_a_refusal_that_names_no_order_puts_the_batch_in_doubt_for_a_person",),
    ),
    Guard(
        "what is in doubt is sent again only if the owner says so",
        "target_esputnik/delivery/run.py",
        'if self._settings.in_doubt_orders == "resend":',
        "if True:",
        (f"{LOST_ANSWER}test_in_doubt_is_sent_again_by_the_next_run_or_held_as_the_owner_says",),
    ),
    Guard(
        "an order in doubt that is read again stays in doubt",
        "target_esputnik/planning.py",
        "known.reason in {fates.ERASED, fates.IN_DOUBT}:",
        "known.reason in {fates.ERASED}:",
        (
            f"{LOST_ANSWER}test_in_doubt_is_sent_again_by_the_next_run_or_held_as_the_owner_says",
            f"{GATEWAY}test_what_it_has_become_in_the_shop_is_kept_for_the_person_who_decides",
        ),
    ),
    Guard(
        "an order in doubt that could not be sent again is still in doubt",
        "target_esputnik/delivery/due.py",
        "self.end(fates.HELD, fates.IN_DOUBT if self.doubtful else reason)",
        "self.end(fates.HELD, reason)",
        (f"{IN_DOUBT}test_a_next_run_that_cannot_send_it_knows_no_more",),
    ),
    Guard(
        "a signal waits until what is in flight is settled",
        "target_esputnik/stopping.py",
        "before, self._idle = self._idle, False\n",
        "before = self._idle\n",
        (
            (
                "tests/target/protocol/test_one_room_knows_how_to_stop.py::"
                "test_who_is_idle_at_first_is_stopped_after_the_outermost_thing_in_flight"
            ),
            (
                "tests/target/protocol/test_a_signal_settles_what_is_in_flight.py::"
                "test_an_order_request_in_flight_is_settled_and_not_repeated"
            ),
        ),
    ),
    Guard(
        "a request begins when the one before it is settled",
        "target_esputnik/delivery/orders.py",
        "            if before is not None:\n                self._write_outcomes(before)\n",
        "",
        (f"{MEANWHILE}test_a_request_begins_when_the_one_before_it_is_settled",),
    ),
    Guard(
        "after a request in trouble none begins",
        "target_esputnik/delivery/orders.py",
        "            if self._has_trouble():\n",
        "            if False:\n",
        (f"{MEANWHILE}test_what_was_planned_meanwhile_waits_when_no_answer_comes_and_goes_by_itself_later",),
    ),
    Guard(
        "what was answered is written though the next intents cannot be",
        "target_esputnik/delivery/orders.py",
        "                self._write_outcomes(before)\n",
        "                self._under_way = None\n                self._write_outcomes(before)\n",
        (f"{MEANWHILE}test_what_was_answered_is_written_though_the_next_intents_cannot_be",),
    ),
    Guard(
        "an answer is not waited for in a transaction, which keeps others out of the ledger",
        "target_esputnik/delivery/orders.py",
        (
            "        request.answer.result()  # not in the transaction: others may share the ledger\n"
            "        with self._room.transaction():\n"
        ),
        "        with self._room.transaction():\n            request.answer.result()\n",
        (f"{MEANWHILE}test_others_can_write_into_a_ledger_that_they_share_while_an_answer_is_waited_for",),
    ),
    Guard(
        "nothing is asked of eSputnik while orders are under way",
        "target_esputnik/delivery/orders.py",
        "BuyerDelivery(room, contacts, self.settle)",
        "BuyerDelivery(room, contacts)",
        (f"{MEANWHILE}test_nothing_else_is_asked_of_esputnik_before_the_answer",),
    ),
    Guard(
        "an order that is under way is settled before its next version is planned",
        "target_esputnik/delivery/run.py",
        "if self._orders.has_under_way(filter(schemas.can_be_key, ids)):",
        "if False:",
        (f"{MEANWHILE}test_a_newer_version_of_an_order_that_is_under_way_is_sent_after_it",),
    ),
    Guard(
        "what is under way when a run ends early is settled",
        "target_esputnik/target.py",
        "                self._run.settle_orders()\n",
        "                pass\n",
        (
            f"{MEANWHILE}test_what_is_under_way_is_settled_though_the_tap_writes_nonsense",
            (
                "tests/target/protocol/test_a_signal_settles_what_is_in_flight.py::"
                "test_what_is_under_way_while_the_tap_is_waited_for_is_settled_and_not_repeated"
            ),
        ),
    ),
    # ---------------------------------------------------------------- a customer is asked once
    Guard(
        "a subscribe without an answer is not repeated blindly",
        "target_esputnik/client.py",
        "allowance=Allowance(0),",
        "allowance=None,",
        (
            f"{GATEWAY}test_a_customer_is_looked_for_before_he_is_asked_again",
            f"{LOST_ANSWER}test_a_contact_whose_answer_was_lost_is_not_asked_twice",
        ),
    ),
    Guard(
        "who may have been asked is looked for before he is asked again",
        "target_esputnik/delivery/singles.py",
        "            if contact_id is not None:\n                return self._subscribed(pending, contact_id)\n",
        "",
        (f"{TROUBLE}TestADuplicate::test_after_a_5xx_a_customer_is_asked_again_only_if_he_is_not_there",),
    ),
    # ---------------------------------------------------------------- what is due goes once
    Guard(
        "an order whose status did not change is not due",
        "target_esputnik/planning.py",
        "if reading.status == known.shop_status and not _half_sent(known, reading):",
        "if False:",
        (f"{ONCE}test_settings_never_make_a_recorded_or_sent_order_due",),
    ),
    Guard(
        "a changed total sends nothing, unless the owner wants any update",
        "target_esputnik/planning.py",
        "if rules.any_update and known.ever_accepted",
        "if known.ever_accepted",
        (f"{ONCE}test_a_changed_status_is_sent_once_and_a_changed_total_is_not",),
    ),
    Guard(
        "turning any update on sends nothing that changed before",
        "target_esputnik/delivery/intake.py",
        "            known.content = reading.content\n",
        "            pass\n",
        (f"{ONCE}test_turning_any_update_on_fires_nothing_for_what_changed_before",),
    ),
    Guard(
        "a status that the order has already is skipped",
        "target_esputnik/statuses.py",
        "if status != current:",
        "if True:",
        (
            f"{ONCE}TestAListOfStatuses::test_a_status_that_the_order_has_already_is_skipped",
            f"{ONCE}test_nothing_left_to_send_for_a_new_status_is_recorded_as_unchanged",
        ),
    ),
    Guard(
        "a list of statuses that was cut off goes on behind what was sent",
        "target_esputnik/statuses.py",
        "for status in once_each[behind:]:",
        "for status in once_each:",
        (f"{STATUSES}test_a_plan_cut_off_anywhere_is_finished_and_repeats_nothing",),
    ),
    Guard(
        "what was sent of a list of statuses is read from the ledger",
        "target_esputnik/planning.py",
        "return tuple(json.loads(known.change_sent)) if known.change_status == status else ()",
        "return ()",
        (f"{ONCE}TestAListOfStatuses::test_no_member_of_a_longer_list_is_sent_twice",),
    ),
    Guard(
        "what was sent of a list of statuses is written down",
        "target_esputnik/delivery/orders.py",
        "                row.change_sent = json_text([*json.loads(row.change_sent), send.what])\n",
        "",
        (f"{ONCE}TestAListOfStatuses::test_no_member_of_a_longer_list_is_sent_twice",),
    ),
    Guard(
        "a held status that is mapped to what was sent last sends nothing",
        "target_esputnik/delivery/run.py",
        "due.to_send = left_once_more(due.reading, row)",
        "due.to_send = due.reading.planned",
        (f"{ONCE}test_a_held_status_that_is_mapped_to_what_was_sent_last_fires_nothing_again",),
    ),
    Guard(
        "a status without a mapping is never guessed",
        "target_esputnik/statuses.py",
        "return DEFAULT_STATUS_MAP.get(status_id)\n",
        "return DEFAULT_STATUS_MAP.get(status_id, (IN_PROGRESS,))\n",
        (f"{ONCE}TestAStatusWithoutAMapping::test_it_is_held_and_never_guessed",),
    ),
    Guard(
        "what was held for long without a mapping does not go by itself",
        "target_esputnik/delivery/run.py",
        "self._send_carried({fates.UNMAPPED_STATUS}, since=days_ago(DAYS_MAPPED_AGAIN))",
        "self._send_carried({fates.UNMAPPED_STATUS})",
        (f"{ONCE}TestAStatusWithoutAMapping::test_held_for_more_than_three_days_it_waits_for_a_person",),
    ),
    Guard(
        "New means nothing but INITIALIZED",
        "target_esputnik/statuses.py",
        "if planned != DEFAULT_STATUS_MAP[NEW_STATUS_ID]:",
        "if False:",
        (f"{STATUSES}test_any_other_mapping_of_new_is_refused",),
    ),
    # ---------------------------------------------------------------- history mails nobody
    Guard(
        "an order from before live_since is recorded, not sent",
        "target_esputnik/planning.py",
        "if reading.created_at < rules.live_since:",
        "if False:",
        (f"{ONCE}test_a_first_run_mails_nobody_about_history",),
    ),
    Guard(
        "after a lost ledger no order that it does not know is sent",
        "target_esputnik/planning.py",
        "if rules.ledger_lost or (",
        "if (",
        (f"{ONCE}TestALedgerThatIsLost::test_fires_nothing_whatever_live_since_says",),
    ),
    Guard(
        "after a lost ledger later runs do not send what is from before the loss, either",
        "target_esputnik/planning.py",
        "(rules.baseline_before is not None and reading.created_at < rules.baseline_before)",
        "False",
        (f"{ONCE}TestALedgerThatIsLost::test_still_fires_nothing_for_orders_that_only_a_later_run_reads",),
    ),
    Guard(
        "after an older copy of the ledger a status that it does not have is not sent",
        "target_esputnik/planning.py",
        "if rules.is_from_older_copy(known) and reading.status != known.shop_status:",
        "if False:",
        (f"{LOSS}test_of_the_newest_part_an_order_that_moved_on_in_it_is_not_sent_again",),
    ),
    Guard(
        "after an older copy of the ledger any update sends nothing that may have been sent",
        "target_esputnik/planning.py",
        "    if rules.is_from_older_copy(known):\n        return UNCHANGED",
        "    if False:\n        return UNCHANGED",
        (f"{ONCE}test_after_an_older_copy_of_the_ledger_any_update_fires_nothing_for_what_may_have_been_sent",),
    ),
    Guard(
        "what waits in an older copy of the ledger is not sent by itself",
        "target_esputnik/ledger/store.py",
        "o.fate == fates.HELD, o.reason != fates.ERASED],",
        "sa.false()],",
        (f"{LOSS}test_of_the_newest_part_what_waits_in_the_copy_is_not_sent_by_itself",),
    ),
    Guard(
        "a ledger that the tap's state was not written with is noticed",
        "target_esputnik/delivery/run.py",
        'if marker.get("id") == self._ledger.scope.uid and self._ledger.wrote_state(marker.get("run")):',
        "if True:",
        (f"{ONCE}TestALedgerThatIsLost::test_fires_nothing_whatever_live_since_says",),
    ),
    Guard(
        "an older copy of the ledger is noticed by the number of the run",
        "target_esputnik/delivery/run.py",
        'self._ledger.scope.uid and self._ledger.wrote_state(marker.get("run")):',
        "self._ledger.scope.uid:",
        (f"{ONCE}TestALedgerThatIsLost::test_an_older_copy_counts_as_lost",),
    ),
    Guard(
        "an older copy of the ledger is noticed though its numbers were used again",
        "target_esputnik/ledger/store.py",
        "columns.number == number, columns.wrote_state.is_not(sa.false())",
        "columns.number == number",
        (f"{LOSS}test_of_the_newest_part_is_noticed_though_its_numbers_were_used_again_since",),
    ),
    Guard(
        "what waits is not sent before the tap has said with which ledger it wrote its state",
        "target_esputnik/delivery/run.py",
        'if self._resumed or self._kind != "run" or not (self._buffered or self._seen_state):',
        'if self._resumed or self._kind != "run":',
        (f"{ONCE}test_a_tap_that_says_nothing_sets_nothing_off_that_waits",),
    ),
    Guard(
        "after a lost ledger no customer from before the loss is asked",
        "target_esputnik/delivery/run.py",
        "self.room.live_since = max(self.room.live_since, self._ledger.run.started_at)",
        "pass",
        (
            (
                "tests/target/consent/test_nobody_is_confirmed_by_accident.py::"
                "test_after_a_lost_ledger_who_was_deleted_at_esputnik_sets_off_no_mail"
            ),
        ),
    ),
    # ---------------------------------------------------------------- who else might send
    Guard(
        "two runs do not send for one shop at a time",
        "target_esputnik/ledger/store.py",
        "self._lock.acquire(timeout=PATIENCE, poll_interval=PATIENCE / 20)",
        "pass",
        (
            (
                "tests/target/ledger/test_accounts_and_shops_are_apart.py::TestTwoShops::"
                "test_a_second_run_of_the_same_shop_stops_and_sends_nothing"
            ),
            (
                "tests/target/ledger/test_accounts_and_shops_are_apart.py::TestTheLock::"
                "test_is_one_per_account_and_shop_and_free_after_close"
            ),
        ),
    ),
    Guard(
        "another prefix makes nobody a second time",
        "target_esputnik/delivery/run.py",
        "if not ledger.keep_prefix(settings.external_id_prefix):",
        "if False:",
        (
            (
                "tests/target/consent/test_nobody_is_confirmed_by_accident.py::"
                "test_another_prefix_makes_nobody_a_second_time"
            ),
        ),
    ),
    Guard(
        "a dry run sends nothing",
        "target_esputnik/target.py",
        "        if settings.dry_run:\n            planning = ",
        "        if False:\n            planning = ",
        (
            (
                "tests/target/protocol/test_a_dry_run_changes_nothing.py::"
                "test_it_tells_what_would_happen_and_leaves_no_trace"
            ),
        ),
    ),
    Guard(
        "resend sends the last status alone",
        "target_esputnik/delivery/again.py",
        "due.to_send = (row.esputnik_status,)",
        "due.to_send = planned",
        (
            f"{AGAIN}TestResend::test_an_accepted_order_goes_with_its_last_status_only",
            f"{AGAIN}TestResend::test_cut_off_it_goes_on_with_that_status_only",
        ),
    ),
    Guard(
        "any update that is cut off goes on with the last status alone",
        "target_esputnik/planning.py",
        LEFT_ONCE_MORE.line,
        LEFT_ONCE_MORE.broken,
        (f"{ONCE}TestAListOfStatuses::test_an_update_that_is_cut_off_goes_on_with_the_last_status_alone",),
    ),
    Guard(
        "a resend that is cut off goes on with that status alone",
        "target_esputnik/delivery/again.py",
        "before = planned[: planned.index(row.esputnik_status)] if row.esputnik_status in planned else ()",
        "before = ()",
        (f"{AGAIN}TestResend::test_cut_off_it_goes_on_with_that_status_only",),
        also=(LEFT_ONCE_MORE,),
    ),
)
