"""A shop that people edit while runs are killed at any moment: a state machine, and the model that it is held against.

The model is the oracle of calm runs. What a run that died had seen of an order is not known from outside, so each order
may have come to what any choice of the killed runs leads to; every calm run counts.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from comparison import There, contacts_that_differ, orders_that_differ
from crash_driver import RUNNER
from crash_points import BULK, POLL, SEND, SUBSCRIBE
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from oracle import Fate, Snapshot, email_of, fates_of_contacts, fates_of_orders
from patience import FIRST_POLL, without_waits
from pipe_driver import LONG_AGO, Pipe

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.tap import run as run_tap

BATCH = 3
NTH = st.integers(1, 6)
CALLS = [SUBSCRIBE, SUBSCRIBE, SEND, SEND, SEND, BULK, POLL, "PUT /v1/contact/", "GET /v1/contacts"]
STATEMENTS = ["INSERT INTO sends", "UPDATE sends", "INSERT INTO orders", "INSERT INTO contacts", "UPDATE contacts"]
STRIKES = st.one_of(
    st.fixed_dictionaries(
        {"request": st.sampled_from(CALLS), "moment": st.sampled_from(["before", "left", "answered"]), "nth": NTH}
    ),
    st.fixed_dictionaries(
        {"statement": st.sampled_from(STATEMENTS), "moment": st.sampled_from(["after", "commit"]), "nth": NTH}
    ),
    st.fixed_dictionaries({"state": st.just("half"), "nth": st.integers(1, 2)}),
)
STATUSES = st.sampled_from([1, 2, 3, 4, 6, 8])
WHICH = st.integers(0, 30)
SETTINGS = {"live_since": LONG_AGO, "order_batch_size": BATCH, "contact_batch_size": 3, "max_parallel_requests": 2}


class DyingRuns(RuleBasedStateMachine):
    """Edit the shop, run, be killed, run again; in the end all is as the model has it.

    Attributes:
        seen: the shop as each run met it, and whether the run went to its end.
        in_doubt: {(order, status): how often its request was cut off}.
        killed: over all examples, how many runs were.
    """

    killed = 0

    def __init__(self) -> None:
        super().__init__()
        self._end = contextlib.ExitStack()
        patch = self._end.enter_context(pytest.MonkeyPatch.context())
        self.sandbox = self._end.enter_context(
            Sandbox(customers=4, orders=8, switches={"rate_limit": "none", "search_rate_limit": "none"})
        )
        without_waits(patch, lambda: self.sandbox)
        self.folder = Path(self._end.enter_context(tempfile.TemporaryDirectory()))
        self.pipe = Pipe(self.sandbox, self.folder, tap={"order_lookback_days": 500}, target=SETTINGS)
        self.seen: list[tuple[Snapshot, bool]] = []
        self.in_doubt: Counter[tuple[str, str]] = Counter()
        self.numbers = itertools.count(1)

    # ---------------------------------------------------------------- the shop

    @rule(status=STATUSES)
    def an_order_comes_in(self, status: int) -> None:
        """A guest buys, or the buyer of before buys again."""
        who = next(self.numbers) // 2
        self.sandbox.place_order(
            delivery_name="Софія Мельник", delivery_email=f"guest{who}@example.com", stat_status=status
        )

    @rule(which=WHICH, status=STATUSES)
    def an_order_moves(self, which: int, status: int) -> None:
        """Any order, to any status."""
        orders = self.sandbox.orders()
        self.sandbox.set_status(orders[which % len(orders)]["order_id"], status)

    @rule()
    def somebody_registers(self) -> None:
        """A new customer."""
        self.sandbox.register(title="Тарас Бойко", email=f"new{next(self.numbers)}@example.com")

    @rule(which=WHICH, readdressed=st.booleans())
    def somebody_edits_his_account(self, which: int, readdressed: bool) -> None:
        """His name, or his address."""
        customers = [one for one in self.sandbox.customers() if email_of(one["email"])]
        number = customers[which % len(customers)]["id"]
        if readdressed:
            self.sandbox.edit_customer(number, email=f"moved{next(self.numbers)}@example.com")
        else:
            self.sandbox.edit_customer(number, title="Мар'яна Нечуй")

    # ---------------------------------------------------------------- runs

    @rule()
    def a_run(self) -> None:
        """A calm one."""
        self._met(calm=True)
        assert self.pipe.run().codes == (0, 0)

    @rule(strike=STRIKES)
    def a_run_is_killed(self, strike: dict[str, Any]) -> None:
        """Its target, at some moment; where that never comes, the run was calm."""
        self._met(calm=False)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            assert run_tap(self.pipe.tap_arguments()) == 0
        code = self._struck(strike | {"signal": signal.SIGKILL}, said.getvalue())
        assert code in {0, -signal.SIGKILL}
        event("killed" if code else "not met")
        if code == 0:
            self.seen[-1] = (self.seen[-1][0], True)
            return
        DyingRuns.killed += 1
        doubts = self._in_doubt()
        assert len(doubts) <= BATCH, f"more than one batch is in doubt: {doubts}"
        self.in_doubt.update(doubts)

    @rule(part=st.floats(0, 1), in_mid_line=st.booleans())
    def the_tap_dies(self, part: float, in_mid_line: bool) -> None:
        """The target reads what was written by then."""
        self._met(calm=False)

        def cut(said: str) -> str:
            text = said[: int(len(said) * part)]
            return text if in_mid_line else text[: text.rfind("\n") + 1]

        self.pipe.on_the_way = cut
        assert self.pipe.run().target in {0, 1}
        self.pipe.on_the_way = str

    def _met(self, *, calm: bool) -> None:
        self.seen.append((Snapshot.of(self.sandbox), calm))

    def _struck(self, strike: dict[str, Any], said: str) -> int:
        constants = {
            "target_esputnik.delivery.run:SECONDS_BETWEEN_STATES": 0,
            "target_esputnik.delivery.imports:FIRST_POLL": FIRST_POLL,
        }
        orders = json.dumps({"strike": strike, "constants": constants})
        done = subprocess.run(
            [sys.executable, str(RUNNER), orders, *self.pipe.target_arguments()],
            input=said,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        whole = [line for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
        self.pipe.keep_state("".join(whole))
        return done.returncode

    def _in_doubt(self) -> set[tuple[str, str]]:
        if not self.pipe.ledger.is_file() or not self.pipe.rows("SELECT 1 FROM sqlite_master WHERE name = 'sends'"):
            return set()
        query = "SELECT key, what FROM sends WHERE kind = 'order' AND outcome = 'sending'"
        return {(row["key"], row["what"]) for row in self.pipe.rows(query)}

    # ---------------------------------------------------------------- the end

    def teardown(self) -> None:
        """Let the schedule go on until nothing is left to send, and hold the end against the model."""
        try:
            for _ in range(4):
                self._met(calm=True)
                ran = self.pipe.run()
                assert ran.codes == (0, 0)
                if not ran.writes():
                    break
            else:
                pytest.fail("it does not come to rest")
            self._check_orders()
            self._check_people()
        finally:
            self._end.close()

    def _candidates(self) -> list[dict[int, Fate]]:
        """What the orders may have come to: for each choice of the runs that died."""
        live_since = datetime.fromisoformat(LONG_AGO)
        choices = itertools.product(*([True] if calm else [True, False] for _, calm in self.seen))
        chosen = ([shop for (shop, _), met in zip(self.seen, choice, strict=True) if met] for choice in choices)
        return [fates_of_orders(shops, live_since=live_since) for shops in chosen]

    def _check_orders(self) -> None:
        there, fates, candidates = There.of(self.sandbox), self.pipe.fates("orders"), self._candidates()
        assert fates.keys() == {str(number) for number in candidates[-1]}
        for number in candidates[-1]:
            key = str(number)
            mine = replace(there, orders={key: there.orders[key]} if key in there.orders else {})
            fired = self._without_repeats(key, there.statuses().get(key, []))
            found = [
                [fate.ledger, fate.sent, orders_that_differ(mine, {number: fate})]
                for fate in (candidate[number] for candidate in candidates if number in candidate)
            ]
            assert [fates[key], fired, []] in found, f"order {key}: {fates[key]}, {fired}; the model: {found}"

    def _without_repeats(self, key: str, fired: list[str]) -> list[str]:
        """The events without those that fired a second time because the order was in doubt."""
        left = Counter({status: times for (order, status), times in self.in_doubt.items() if order == key})
        kept: list[str] = []
        for status in fired:
            if kept[-1:] == [status] and left[status]:
                left[status] -= 1
            else:
                kept.append(status)
        return kept

    def _check_people(self) -> None:
        there, shop = There.of(self.sandbox), self.seen[-1][0]
        contacts = self.pipe.fates("contacts")
        assert fates_of_contacts(shop).items() <= contacts.items()
        assert contacts_that_differ(there, shop) == []
        assert there.confirmed() == set(), "somebody was confirmed"
        asked = there.asked()
        assert not [who for who, times in asked.items() if times > 1], "somebody was asked twice"
        addresses = {email_of(one["email"]) for one in shop.customers.values()} - {None}
        assert {(email, "horoshop") for email in addresses} <= asked.keys(), "somebody was not asked"
