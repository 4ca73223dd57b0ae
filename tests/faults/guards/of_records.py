"""Guards of records: none is lost, and no bookmark or STATE runs ahead of what was read and settled."""

from __future__ import annotations

from typing import Final

from guards.guard import Edit, Guard

PAGING: Final = "tests/tap/test_paging.py::"
STATE: Final = "tests/tap/test_state.py::"
FOLLOWED: Final = "tests/tap/test_followed.py::"
TIME: Final = "tests/tap/test_shop_time.py::"
WINDOWS: Final = "tests/tap/test_windows.py::"
EARLY: Final = "tests/target/protocol/test_state_is_never_early.py::"
ONCE: Final = "tests/target/orders/test_what_is_due_is_sent_once.py::"
TROUBLE: Final = "tests/target/orders/test_trouble_costs_no_neighbour_and_no_second_mail.py::"
DRY_RUN: Final = "tests/target/protocol/test_a_dry_run_changes_nothing.py::"

GUARDS: Final = (
    # ---------------------------------------------------------------- the shop's pages are one list
    Guard(
        "a page that begins with rows nobody has seen shows that others were skipped",
        "tap_horoshop/paging.py",
        "if not known or not known[0] or known != sorted(known, reverse=True):",
        "if not known or known != sorted(known, reverse=True):",
        (f"{PAGING}test_rows_deleted_between_two_pages_skip_no_other",),
    ),
    Guard(
        "a new row among those that were seen shows another order",
        "tap_horoshop/paging.py",
        "if not known or not known[0] or known != sorted(known, reverse=True):",
        "if not known or not known[0]:",
        (f"{PAGING}test_a_new_row_among_those_that_were_seen_shows_another_order_though_the_count_is_right",),
    ),
    Guard(
        "as many different rows were seen as the list has places",
        "tap_horoshop/paging.py",
        "if len(self.seen) < len(self.places):",
        "if False:",
        (
            (
                f"{PAGING}test_rows_that_came_twice_show_that_others_were_skipped_though_each_page_begins_with_rows_"
                "that_were_seen"
            ),
        ),
    ),
    Guard(
        "an empty page is believed to be the end only behind a page that no cap has cut",
        "tap_horoshop/paging.py",
        "if len(page) < self._listing.largest_page:",
        "if True:",
        (f"{PAGING}test_a_row_deleted_between_a_full_page_and_its_empty_successor_hides_no_other",),
    ),
    Guard(
        "a second that cannot be paged through is an error",
        "tap_horoshop/paging.py",
        'raise PagingInconsistentError("offset_ignored", method=self._method)',
        "return",
        (f"{PAGING}test_a_shop_that_ignores_offset_within_one_second_is_an_error_and_no_endless_loop",),
    ),
    Guard(
        "an answer without the list does not say that there are no rows",
        "tap_horoshop/paging.py",
        "        if response:\n",
        "        if False:\n",
        (f"{PAGING}test_an_answer_without_the_list_is_no_proof_that_there_are_no_rows",),
    ),
    Guard(
        "an envelope without rows does not say that there are none",
        "tap_horoshop/answers.py",
        "if action is Action.ACCEPT and not isinstance(response, dict) and response != []:",
        "if False:",
        (
            "tests/tap/test_trying_again.py::test_an_answer_without_rows_moves_no_bookmark",
            "tests/tap/test_answers.py::test_an_answer_that_holds_nothing_readable_does_not_say_that_there_are_no_rows",
        ),
    ),
    Guard(
        "rows that were not asked for do not say that the asked ones are gone",
        "tap_horoshop/paging.py",
        "if not came and rows:",
        "if False:",
        (f"{PAGING}test_rows_that_were_not_asked_for_are_no_proof_that_the_asked_ones_are_gone",),
    ),
    Guard(
        "ids that a page had no room for are asked for again",
        "tap_horoshop/paging.py",
        "waiting = [key for key in waiting if key not in keys]",
        "waiting = []",
        (f"{PAGING}test_ids_are_asked_for_again_until_the_shop_brings_none",),
    ),
    Guard(
        "a window that is cut begins again where it began",
        "tap_horoshop/windows.py",
        "self._first = window.first\n        if crowd:",
        "self._first = window.half().last\n        if crowd:",
        (
            f"{PAGING}test_every_row_comes_exactly_once",
            f"{WINDOWS}test_every_second_is_in_exactly_one_window_and_they_come_in_order",
        ),
    ),
    # ---------------------------------------------------------------- the bookmark is true
    Guard(
        "a bookmark moves only past a window that was read whole",
        "tap_horoshop/windows.py",
        "yield Piece([row for identity, row in page.items() if identity not in left_already])",
        "yield Piece([row for identity, row in page.items() if identity not in left_already], course.window)",
        (f"{WINDOWS}test_when_a_window_is_told_to_be_whole_all_rows_up_to_its_end_have_come",),
    ),
    Guard(
        "a bookmark never goes back",
        "tap_horoshop/windowed.py",
        "value = max(filter(None, [bookmark, self.end_of(window)]))",
        "value = self.end_of(window)",
        (f"{STATE}test_a_bookmark_does_not_go_back_when_the_lookback_was_not_read_to_its_end",),
    ),
    Guard(
        "a bookmark of the future is taken as now",
        "tap_horoshop/windowed.py",
        "return min(moment, self.shop.started)",
        "return moment",
        (f"{STATE}test_a_bookmark_of_the_future_is_taken_as_now",),
    ),
    Guard(
        "no window and no bookmark reaches beyond the start of the run",
        "tap_horoshop/windowed.py",
        "return min(earliest_instant(window.last, self.shop.settings.zone), self.shop.started)",
        "return earliest_instant(window.last, self.shop.settings.zone)",
        (f"{STATE}test_an_end_date_in_the_future_does_not_move_the_bookmark_there",),
        also=(
            Edit(
                "tap_horoshop/shop.py",
                "until = min(filter(None, [self.started, end]))",
                "until = end or self.started",
            ),
        ),
    ),
    Guard(
        "the hour that comes twice in autumn is read again",
        "tap_horoshop/shop_time.py",
        "return wall - max(first - second, dt.timedelta())",
        "return wall",
        (f"{TIME}test_the_same_in_every_minute_of_the_nights_of_the_change",),
    ),
    Guard(
        "a bookmark in the hour that comes twice is the earlier one",
        "tap_horoshop/shop_time.py",
        "return min(readings)",
        "return max(readings)",
        (f"{TIME}test_a_window_that_ends_at_a_time_that_the_clock_never_shows_leaves_no_gap_either",),
    ),
    Guard(
        "an order that shows up a little late is still read",
        "tap_horoshop/streams.py",
        "bookmark - max(self.shop.settings.order_lookback, CLOCK_MARGIN)",
        "bookmark - self.shop.settings.order_lookback",
        (f"{STATE}test_an_order_that_shows_up_a_little_late_is_still_read",),
    ),
    Guard(
        "a customer who shows up a little late is still read",
        "tap_horoshop/streams.py",
        "since = bookmark and bookmark - CLOCK_MARGIN\n",
        "since = bookmark\n",
        (f"{STATE}test_a_customer_who_shows_up_a_little_late_is_still_read",),
    ),
    Guard(
        "orders within the lookback are read again",
        "tap_horoshop/streams.py",
        "bookmark - max(self.shop.settings.order_lookback, CLOCK_MARGIN)",
        "bookmark - CLOCK_MARGIN",
        (f"{FOLLOWED}test_a_status_that_changes_within_the_lookback_arrives",),
    ),
    Guard(
        "the whole list of customers is read again to see edits",
        "tap_horoshop/streams.py",
        "not bookmark or unfinished or is_due(read_at, self.shop.settings.contacts_reread, self.shop.started)",
        "not bookmark or unfinished",
        (f"{STATE}test_contacts_come_since_the_bookmark_and_whole_every_contacts_reread_hours",),
    ),
    Guard(
        "a reading of the whole list that was cut off goes on",
        "tap_horoshop/streams.py",
        'unfinished = self.stream_state.get("whole_list") if bookmark else None',
        "unfinished = None",
        (f"{STATE}test_a_reading_of_the_whole_list_that_was_cut_off_goes_on_where_it_was",),
    ),
    # ---------------------------------------------------------------- orders that are followed
    Guard(
        "orders beyond the lookback are asked for by id",
        "tap_horoshop/streams.py",
        "yield from self._read_followed(followed, followed.not_met())",
        "yield from ()",
        (f"{FOLLOWED}test_an_order_that_leaves_the_lookback_open_is_followed_by_id",),
    ),
    Guard(
        "an order that the shop does not know once is followed on",
        "tap_horoshop/followed.py",
        "TRIES = 3",
        "TRIES = 1",
        (f"{FOLLOWED}test_an_id_that_the_shop_no_longer_knows_is_dropped_after_three_tries_with_a_log_line",),
    ),
    Guard(
        "an order that is over is followed for some days more",
        "tap_horoshop/followed.py",
        "return moment is not None and self._now - moment >= STAYS_AFTER_END",
        "return True",
        (f"{FOLLOWED}test_an_order_that_is_over_is_followed_for_14_days_more",),
    ),
    Guard(
        "a state that follows no order yet makes up for it",
        "tap_horoshop/streams.py",
        "if since and followed.unknown_since:",
        "if False:",
        (f"{FOLLOWED}test_a_state_that_follows_no_order_yet_makes_up_for_it_once",),
    ),
    Guard(
        "an order that cannot be read today is followed on",
        "tap_horoshop/streams.py",
        "if record and self.shop.is_before_start(self.moment_of(record)):",
        "if True:",
        (f"{FOLLOWED}test_a_followed_order_that_cannot_be_emitted_today_is_followed_on",),
    ),
    Guard(
        "what is followed by new settings is looked for until a run has read it all",
        "tap_horoshop/followed.py",
        "known = self._complete_since is not None and self._wanted_since >= self._complete_since - SLACK",
        "known = self._complete_since is not None",
        (f"{FOLLOWED}test_orders_that_are_followed_only_by_the_settings_of_now_are_found",),
    ),
    # ---------------------------------------------------------------- STATE is true
    Guard(
        "STATE waits until all before it is settled",
        "target_esputnik/delivery/run.py",
        "        self._state, self._state_pending = value, True\n",
        "        self._state, self._state_pending = value, True\n        self._send_state()\n",
        (
            f"{EARLY}test_it_goes_out_when_all_before_it_is_settled_and_carries_the_ledger",
            f"{EARLY}test_a_run_that_fails_writes_only_the_state_of_what_is_settled",
        ),
    ),
    Guard(
        "a dry run writes no STATE",
        "target_esputnik/delivery/run.py",
        "if self._state is None or not self._state_pending or self._settings.dry_run:",
        "if self._state is None or not self._state_pending:",
        (f"{DRY_RUN}test_it_tells_what_would_happen_and_leaves_no_trace",),
    ),
    Guard(
        "a run whose records do not add up says so",
        "target_esputnik/delivery/run.py",
        "counted=True)\n        self._check_balance()\n",
        "counted=True)\n",
        (f"{EARLY}test_a_run_that_loses_count_of_a_record_ends_in_an_error_that_says_so",),
    ),
    Guard(
        "STATE does not leave past records that do not add up",
        "target_esputnik/delivery/run.py",
        "        self._check_balance()  # a record",
        "        pass  # a record",
        (f"{EARLY}test_a_run_that_loses_count_of_a_record_writes_no_state_past_it",),
    ),
    Guard(
        "the ledger reaches the disk before it counts as written",
        "target_esputnik/ledger/connection.py",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = OFF",
        (
            (
                "tests/target/ledger/test_a_ledger_is_opened_with_care.py::"
                "test_what_is_committed_to_the_file_is_on_the_disk"
            ),
        ),
    ),
    # ---------------------------------------------------------------- what waits goes on
    Guard(
        "the newest version of a record counts",
        "target_esputnik/delivery/contact_intake.py",
        "            del last[key]\n        last[key] = record\n",
        "        last.setdefault(key, record)\n",
        (f"{ONCE}test_a_newer_version_in_the_same_run_supersedes_the_older",),
    ),
    Guard(
        "orders that waited for eSputnik, or were cut off, go in the next run",
        "target_esputnik/delivery/run.py",
        "self._send_carried({fates.UNAVAILABLE, fates.UNFINISHED, fates.BUYER_NOT_DELIVERED})",
        "self._send_carried({fates.BUYER_NOT_DELIVERED})",
        (f"{TROUBLE}test_orders_that_could_not_be_sent_go_in_the_next_run_though_they_are_not_read_again",),
    ),
    Guard(
        "an order that waited for its buyer goes once he is delivered",
        "target_esputnik/delivery/run.py",
        "        self._send_carried({fates.BUYER_NOT_DELIVERED}, counted=True)\n",
        "",
        (f"{TROUBLE}test_a_refused_buyer_holds_his_order_alone_and_it_goes_once_he_is_delivered",),
        also=(),
    ),
    Guard(
        "a status that is mapped by now goes by itself",
        "target_esputnik/delivery/run.py",
        "        self._send_carried({fates.UNMAPPED_STATUS}, since=days_ago(DAYS_MAPPED_AGAIN))\n",
        "",
        (f"{ONCE}TestAStatusWithoutAMapping::test_once_mapped_it_goes_by_itself_even_if_it_is_not_read_again",),
    ),
    Guard(
        "contacts that waited for eSputnik go in the next run",
        "target_esputnik/delivery/run.py",
        "reasons={fates.BACKLOG, fates.UNAVAILABLE}",
        "reasons={fates.BACKLOG}",
        (f"{TROUBLE}test_the_contacts_of_an_import_that_was_given_up_go_once_more",),
    ),
    Guard(
        "the contacts of an import that was cut off go once more",
        "target_esputnik/delivery/contacts.py",
        "                row.reason, row.since = fates.UNAVAILABLE, now_text()\n",
        "                pass\n",
        (f"{TROUBLE}test_the_contacts_of_an_import_that_was_given_up_go_once_more",),
    ),
    Guard(
        "an update that may not have been done is put right",
        "target_esputnik/delivery/contact_intake.py",
        "and not tried and key not in self._doubtful:",
        "and not tried:",
        (
            (
                "tests/target/consent/test_nobody_is_confirmed_by_accident.py::"
                "test_an_update_that_may_have_been_done_is_put_right_when_the_shop_changed_it_back"
            ),
        ),
        also=(
            Edit(
                "target_esputnik/delivery/contact_intake.py",
                "tried = row.waits and row.reason != fates.BACKLOG",
                "tried = False",
            ),
        ),
    ),
    Guard(
        "an order that eSputnik always fails at holds up no other for ever",
        "target_esputnik/delivery/order_requests.py",
        "if doubtful and error.after_5xx:",
        "if False:",
        (
            (
                f"{TROUBLE}TestAGatewayThatFailsAfterTheWork::"
                "test_an_order_that_esputnik_always_fails_at_holds_up_no_other_for_longer_than_a_run"
            ),
        ),
    ),
    Guard(
        "a batch that is refused whole is halved",
        "target_esputnik/delivery/order_requests.py",
        "            if len(batch) == 1:\n                wave.mark(batch",
        "            if len(batch):\n                wave.mark(batch",
        (f"{TROUBLE}test_a_batch_that_is_refused_whole_is_halved_until_only_the_culprit_is_left",),
    ),
    # ---------------------------------------------------------------- no answer passes for a success
    Guard(
        "an error that came with HTTP 200 is one",
        "target_esputnik/transport.py",
        "if inside is None:",
        "if True:",
        (
            f"{TROUBLE}TestAnErrorInsideA200::test_a_refusal_is_one_and_costs_no_other",
            f"{TROUBLE}TestAnErrorInsideA200::test_a_failure_is_one_and_the_orders_are_in_doubt",
        ),
    ),
    Guard(
        "words alone are no success of orders",
        "target_esputnik/client.py",
        'if (message := answers.unclear(answer, "failedOrders")) is not None:',
        'if False and (message := answers.unclear(answer, "failedOrders")):',
        (f"{TROUBLE}TestAnErrorInsideA200::test_words_alone_are_no_success_and_a_person_decides",),
    ),
    Guard(
        "an order that eSputnik named as refused does not count as sent",
        "target_esputnik/delivery/order_requests.py",
        'wave.mark([by_key[str(key)]], "rejected", fates.REFUSED, json_text(element)[:4000])',
        "pass",
        (f"{TROUBLE}test_one_order_that_esputnik_refuses_costs_no_other",),
    ),
    Guard(
        "a contact that a bulk refused does not count as sent",
        "target_esputnik/delivery/imports.py",
        "outcomes[pending.row.key] = Outcome(fates.REJECTED, fates.REFUSED, answer=_text(element))",
        "pass",
        (f"{TROUBLE}test_a_contact_that_a_bulk_refused_does_not_count_as_there_when_the_import_is_over",),
    ),
    Guard(
        "an import that ended in ERROR has delivered nobody",
        "target_esputnik/delivery/imports.py",
        'if status.status == "ERROR":',
        "if False:",
        (f"{TROUBLE}test_an_import_that_ends_in_error_is_sent_once_more_then_bisected",),
    ),
    Guard(
        "a page for people in place of an answer is none",
        "target_esputnik/transport.py",
        'if answers.looks_like_html(answer.text, answer.headers.get("Content-Type", "")):',
        "if False:",
        (f"{TROUBLE}TestAnOutage::test_a_page_for_people_does_not_say_that_orders_were_taken",),
    ),
    Guard(
        "a signal leaves no half a record",
        "tap_horoshop/output.py",
        "        if not self._is_writing:\n            raise Stopped(signum)\n",
        "        raise Stopped(signum)\n",
        ("tests/tap/test_output.py::test_a_signal_in_the_middle_of_a_write_waits_for_its_end",),
    ),
)
