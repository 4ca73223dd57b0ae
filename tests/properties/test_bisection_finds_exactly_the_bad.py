"""Whatever rows eSputnik cannot take, in whatever batch: exactly these are rejected, and all others arrive, once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from target_driver import contact, order

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from target_driver import Driver

MOST = 12
POISON = "poison"


def least_requests(rows: int, bad: int, batch: int) -> int:
    """So many requests are enough for anybody who halves: a bad row costs two for each halving of its batch."""
    batches = math.ceil(rows / batch)
    return batches + 2 * bad * math.ceil(math.log2(max(batch, 2)))


def test_of_any_orders_that_esputnik_refuses_with_their_batch_exactly_these_are_rejected(
    new_target: Callable[[], AbstractContextManager[Driver]],
) -> None:
    @examples(8)
    @given(rows=st.integers(1, MOST), batch=st.integers(1, MOST), data=st.data())
    def prove(rows: int, batch: int, data: st.DataObject) -> None:
        bad = data.draw(st.sets(st.integers(1, rows)))
        buyer = {"email": "buyer@example.com"}
        orders = [order(n, comment=POISON if n in bad else None, **buyer) for n in range(1, rows + 1)]
        with new_target() as target:
            target.sandbox.fail(
                api="esputnik", path="/v1/orders", method="POST", carrying=POISON, status=400, times=None
            )

            outcome = target(orders=orders, order_batch_size=batch, max_rejected_percent=100)

            assert outcome.code == 0
            rejected = {row[0] for row in target.rows("SELECT order_id FROM orders WHERE fate = 'rejected'")}
            assert rejected == bad
            assert set(target.rows("SELECT DISTINCT reason FROM orders WHERE fate = 'rejected'")) <= {("refused",)}
            fired = [event["key"] for event in target.sandbox.events() if event["type"].startswith("order")]
            assert sorted(fired) == sorted(str(number) for number in set(range(1, rows + 1)) - bad)
            asked = target.paths().count("POST /v1/orders")
            assert asked <= least_requests(rows, len(bad), batch)

    prove()


def test_of_any_contacts_at_which_an_import_fails_exactly_these_are_rejected(
    new_target: Callable[[], AbstractContextManager[Driver]],
) -> None:
    @examples(6)
    @given(rows=st.integers(1, MOST), batch=st.integers(1, MOST), refused=st.booleans(), data=st.data())
    def prove(rows: int, batch: int, refused: bool, data: st.DataObject) -> None:
        bad = data.draw(st.sets(st.integers(1, rows)))
        address = {n: f"{POISON if n in bad else 'good'}{n}@example.com" for n in range(1, rows + 1)}
        with new_target() as target:
            if refused:  # the call is refused whole at once; else its import ends in ERROR
                target.sandbox.fail(
                    api="esputnik", path="/v1/contacts", method="POST", carrying=POISON, status=400, times=None
                )
            target.sandbox.switch(import_error_mark="marked")

            outcome = target(
                contacts=[contact(n, email=email) for n, email in address.items()],
                contact_batch_size=batch,
                email_confirmation="confirmed",
                max_rejected_percent=100,
            )

            assert outcome.code == 0
            ended = dict(target.rows("SELECT key, fate FROM contacts"))
            assert ended == {str(n): "rejected" if n in bad else "accepted" for n in range(1, rows + 1)}
            there = [channel["value"] for one in target.sandbox.sent_contacts() for channel in one["channels"]]
            assert sorted(there) == sorted(address[n] for n in set(address) - bad)

    prove()
