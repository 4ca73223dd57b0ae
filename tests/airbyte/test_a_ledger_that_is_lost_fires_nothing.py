"""A ledger that was lost, or put back from an older copy, is noticed though STATE carries no mark of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_driver import AirbytePipe, of_type
from ledger_places import SqliteFile
from pipe_driver import LONG_AGO

if TYPE_CHECKING:
    from pathlib import Path

    from ledger_places import LedgerPlace

    from horoshop_esputnik_sandbox import Sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerPlace:
    """Give a place for the ledger, of either kind."""
    if request.param == "postgresql":
        made: LedgerPlace = request.getfixturevalue("new_database")()
        return made
    return SqliteFile(tmp_path)


@pytest.fixture
def pipe(shop: Sandbox, place: LedgerPlace, tmp_path: Path) -> AirbytePipe:
    """Give both connectors; all of the shop's history is live, so a new ledger by itself would send it all."""
    target = {"live_since": LONG_AGO, "allow_local_ledger": True}
    return AirbytePipe(shop, tmp_path, place=place, tap={"page_size": 20}, target=target)


def fired(pipe: AirbytePipe) -> Counter[Any]:
    """Count the workflow events, by their kind and whose they are."""
    return Counter((event["type"], event["key"]) for event in pipe.sandbox.events())


def a_new_order(pipe: AirbytePipe) -> int:
    """Let a buyer who is not known yet place an order."""
    return pipe.sandbox.place_order(delivery_email="sofia@example.com", delivery_name="Софія Нова")


def warnings(pipe: AirbytePipe) -> str:
    """Give what the destination warned of in the last run."""
    return "\n".join(log["message"] for log in of_type(pipe.answered, "LOG") if log["level"] == "WARN")


def test_after_the_loss_nothing_fires_and_the_next_change_of_status_goes(pipe: AirbytePipe, place: LedgerPlace) -> None:
    assert pipe.run().codes == (0, 0)
    before = fired(pipe)
    place.lose()
    a_new_order(pipe)
    ran = pipe.run()
    assert ran.codes == (0, 0)
    assert fired(pipe) == before
    assert "The ledger is not the one" in warnings(pipe)
    assert set(pipe.fates("orders").values()) == {"baseline:ledger_lost"}

    order = a_new_order(pipe)
    assert pipe.run().codes == (0, 0)
    assert "The ledger is not the one" not in warnings(pipe)
    new = fired(pipe) - before
    assert {key for kind, key in new if kind.startswith("order")} == {str(order)}


def test_after_an_older_copy_was_put_back_nothing_fires_that_fired_since(pipe: AirbytePipe, place: LedgerPlace) -> None:
    assert pipe.run().codes == (0, 0)
    place.back_up()
    a_new_order(pipe)
    assert pipe.run().codes == (0, 0)
    before = fired(pipe)
    place.restore()
    assert pipe.run().codes == (0, 0)
    assert fired(pipe) == before
    assert "The ledger is not the one" in warnings(pipe)


def test_a_ledger_that_knows_the_reads_is_not_taken_for_another_after_a_run_that_failed(pipe: AirbytePipe) -> None:
    assert pipe.run().codes == (0, 0)
    orders = [a_new_order(pipe)]
    good = pipe.target_settings["api_key"]
    pipe.target_settings["api_key"] = "another key"
    assert pipe.run().codes == (0, 2)
    pipe.target_settings["api_key"] = good
    pipe.read()
    pipe.struck_write(strike={"request": "POST /v1/orders", "nth": 1, "signal": 9, "moment": "before"})
    orders.append(a_new_order(pipe))
    for _ in range(2):
        assert pipe.run().codes == (0, 0)
        assert "The ledger is not the one" not in warnings(pipe)
    assert {pipe.fates("orders")[str(number)] for number in orders} == {"accepted"}


def test_states_that_were_cleared_tell_nothing_of_the_ledger(pipe: AirbytePipe) -> None:
    assert pipe.run().codes == (0, 0)
    before = fired(pipe)
    pipe.states = {}
    order = a_new_order(pipe)
    assert pipe.run().codes == (0, 0)
    assert {key for kind, key in fired(pipe) - before if kind.startswith("order")} == {str(order)}
