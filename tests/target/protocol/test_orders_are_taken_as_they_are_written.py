"""Orders go into the ledger as the tap wrote them; what has to be looked at twice is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from target_driver import order, schema

if TYPE_CHECKING:
    from target_driver import Driver


def _record(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "orders", "record": record}


def _kept(target: Driver) -> Any:
    return json.loads(target.rows("SELECT record FROM orders")[0][0])


def test_what_no_schema_names_is_kept(target: Driver) -> None:
    bought = order(1, extra={"manager_id": 7}, of_this_shop_only=[{"a": None}])
    bought["products"][0]["extra"] = {"colour": "синій"}
    assert target(orders=[bought]).ended("orders") == {"accepted": 1}
    assert _kept(target) == bought


def test_an_order_that_cannot_be_judged_is_kept_whole_too(target: Driver) -> None:
    bought = order(1, status_id=None, of_this_shop_only=1)
    assert target(orders=[bought]).ended("orders") == {"rejected:invalid": 1}
    assert _kept(target) == bought


def test_a_refused_order_is_known_again_whatever_the_order_of_its_fields(target: Driver) -> None:
    bought = order(1, currency=None)
    assert target(orders=[bought]).ended("orders") == {"rejected:refused": 1}
    asked = len(target.paths())
    assert target(orders=[dict(reversed(bought.items()))]).ended("orders") == {"rejected:refused": 1}
    assert "POST /v1/orders" not in target.paths()[asked:]


def test_what_the_sdk_adds_is_not_kept(target: Driver) -> None:
    bought = order(1)
    target.messages([schema("orders"), _record(bought | {"_sdc_extracted_at": "2026-11-28T00:00:00Z"})])
    assert _kept(target) == bought


def test_a_number_without_end_does_not_make_a_record_that_nobody_can_read(target: Driver) -> None:
    assert target(orders=[order(1, of_this_shop_only=[1])]).ended("orders") == {"accepted": 1}
    lines = [schema("orders"), _record(order(2, of_this_shop_only=int("9" * 4200)))]
    assert target.messages(lines).ended("orders") == {"accepted": 1}
    assert all(json.loads(record) for (record,) in target.rows("SELECT record FROM orders"))
