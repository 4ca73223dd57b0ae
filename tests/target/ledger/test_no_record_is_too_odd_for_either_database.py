from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

if TYPE_CHECKING:
    from target_driver import Driver

ODD: dict[str, dict[str, Any]] = {
    "a zero byte": {"first_name": "Оле\x00на", "city": "\x00", "comment": "a\x00b"},
    "half a character": {"first_name": "Оле\ud800на", "comment": "\udfff"},
    "a very long text": {"first_name": "Ж" * 5000, "city": "м" * 5000, "comment": "ї" * 100_000},
    "signs of every kind": {"first_name": "🙂 ' \" \\ % %s :name $1 ?", "comment": "'; DROP TABLE orders; --"},
}


@pytest.mark.parametrize("fields", ODD.values(), ids=ODD.keys())
def test_an_odd_text_ends_in_one_fate_and_costs_no_neighbour(target: Driver, fields: dict[str, Any]) -> None:
    records = {
        "contacts": [contact(7, **fields), contact(8)],
        "orders": [order(1, **fields), order(2)],
        "order_statuses": [{"id": 1, "title": fields["comment"], "titles": {"ua": fields["comment"]}}],
    }
    result = target(**records)
    assert result.code == 0, result.log
    assert sum(result.ended("contacts").values()) == 2
    assert sum(result.ended("orders").values()) == 2
    assert target.rows("SELECT fate FROM orders WHERE order_id = 2") == [("accepted",)]
    assert target.rows("SELECT fate FROM contacts WHERE key = '8'") == [("accepted",)]


@pytest.mark.parametrize("number", [2**31, 2**63, 2**80, -(2**70)])
def test_an_odd_number_ends_in_one_fate_and_costs_no_neighbour(target: Driver, number: int) -> None:
    result = target(
        contacts=[contact(number), contact(8)],
        orders=[order(number, status_id=1), order(3, status_id=number), order(2)],
    )
    assert result.code == 0, result.log
    assert sum(result.ended("contacts").values()) == 2
    assert sum(result.ended("orders").values()) == 3
    assert target.rows("SELECT fate FROM orders WHERE order_id = 2") == [("accepted",)]
    assert target.rows("SELECT fate FROM contacts WHERE key = '8'") == [("accepted",)]


def test_an_odd_status_is_written_down_or_left_out(target: Driver) -> None:
    statuses = [{"id": 2**40, "title": "far"}, {"id": 1, "title": "Нове"}]
    assert target(order_statuses=statuses, orders=[order(2)]).code == 0
    assert (1, "Нове") in target.rows("SELECT id, title FROM shop_statuses")


def test_a_long_name_of_the_run_or_the_shop_is_no_trouble(target: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MELTANO_RUN_ID", "r" * 300)
    result = target(orders=[order(1)], shop="s" * 64)
    assert result.code == 0, result.log
