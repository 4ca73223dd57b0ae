from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order, schema

from target_esputnik.settings import Settings

if TYPE_CHECKING:
    from target_driver import Driver

TARGET = str(Path(sys.executable).parent / "target-esputnik")
CANARY = "canary-7f3a"


def _process(target: Driver, tmp_path: Path, text: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(target.config(**settings)), encoding="utf-8")
    scrubbed = {name: value for name, value in os.environ.items() if not name.startswith(("TARGET_", "MELTANO_"))}
    return subprocess.run(
        [TARGET, "--config", str(file)],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=scrubbed,
    )


def _text(*lines: dict[str, Any]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"api_key": None}, "api_key"),
        ({"api_key": 5}, "api_key"),
        ({"api_url": f"http://{CANARY}.example.com/api"}, "api_url"),
        ({"api_url": f"https://user:{CANARY}@esputnik.com/api"}, "api_url"),
        ({"email_confirmation": CANARY}, "email_confirmation"),
        ({"live_since": CANARY}, "live_since"),
        ({"contact_fields": [CANARY]}, "contact_fields"),
        ({"contact_fields": ["first_name"]}, "contact_fields"),
        ({"custom_fields": [{"field": CANARY}]}, "custom_fields"),
        ({"order_status_mapping": [{"status": 1, "send": "DELIVERED"}]}, "order_status_mapping"),
        ({"order_status_mapping": [{"status": "New", "send": ["INITIALIZED", "IN_PROGRESS"]}]}, "order_status_mapping"),
        ({"order_status_mapping": [{"status": 8, "send": CANARY}]}, "order_status_mapping"),
        ({"max_run_minutes": 0.5}, "max_run_minutes"),
        ({"order_batch_size": 1001}, "order_batch_size"),
        ({"confirmation_form_type": f"{CANARY};"}, "confirmation_form_type"),
        ({"historical_form_type": "horoshop"}, "historical_form_type"),
        ({"stream_mapping": [{"stream": "a", "as": CANARY}]}, "stream_mapping"),
        ({"ledger_url": f"mysql://u:{CANARY}@host/db"}, "ledger_url"),
        ({"phone_region": CANARY}, "phone_region"),
        ({"shop": f"{CANARY} {CANARY}"}, "shop"),
    ],
)
def test_a_bad_setting_is_named_its_value_is_not_shown_and_nothing_is_sent(
    target: Driver, tmp_path: Path, settings: dict[str, Any], named: str
) -> None:
    done = _process(target, tmp_path, _text(schema("contacts")), **settings)
    assert done.returncode == 2
    assert named in done.stderr
    assert CANARY not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert [path for path in target.paths() if not path.startswith("GET")] == []


@pytest.mark.sqlite_only
def test_every_problem_of_a_configuration_is_said_at_once(target: Driver, tmp_path: Path) -> None:
    done = _process(target, tmp_path, "", api_key=None, shop="a b", order_updates="x")
    assert all(name in done.stderr for name in ("api_key", "shop", "order_updates"))


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "lines",
    [
        [{"type": "RECORD", "stream": "contacts", "record": contact(7, email=f"{CANARY}@example.com")}],
        [schema("contacts"), {"type": "RECORD", "stream": "contacts", "record": {"email": f"{CANARY}@example.com"}}],
        [schema("orders"), {"type": "RECORD", "stream": "orders", "record": {"email": f"{CANARY}@example.com"}}],
        [{"type": "RECORD", "record": {"email": f"{CANARY}@example.com"}}],
        [{"type": CANARY}],
        [schema("contacts"), {"type": "BATCH", "stream": "contacts", "encoding": {"format": "jsonl"}, "manifest": []}],
    ],
)
def test_what_is_not_singer_ends_with_one_line_and_exit_1(
    target: Driver, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    done = _process(target, tmp_path, _text(*lines))
    assert done.returncode == 1
    assert "protocol:" in done.stderr
    assert "Traceback" not in done.stderr
    assert CANARY not in done.stderr + done.stdout


@pytest.mark.sqlite_only
def test_a_line_that_is_no_json_is_not_shown(target: Driver, tmp_path: Path) -> None:
    done = _process(target, tmp_path, f'{{"type": "RECORD", "{CANARY}\n')
    assert (done.returncode, CANARY in done.stderr) == (1, False)


def test_bad_records_of_every_kind_are_rejected_and_lose_no_neighbour(target: Driver) -> None:
    bad: list[dict[str, Any]] = [
        {"created_at": "yesterday"},
        {"created_at": None},
        {"status_id": None},
        {"status_id": "one"},
        {"total": "many"},
        {"products": {"a": 1}},
        {"email": 5},
        {"email": "no", "phone": "12"},
        {"products": [{"quantity": "x"}]},
    ]
    orders = [order(number, **fields) for number, fields in enumerate(bad, start=100)] + [order(1), order(2)]
    result = target(orders=orders)
    assert result.ended("orders") == {"rejected:invalid": 8, "rejected:no_identity": 1, "accepted": 2}
    assert result.code == 0, "fewer than 20 attempts are not judged"


def test_too_many_rejected_records_end_the_run_with_3_and_everything_else_is_done(target: Driver) -> None:
    orders = [order(number) for number in range(1, 21)] + [order(number, total="x") for number in range(50, 60)]
    result = target(orders=orders)
    assert result.code == 3
    assert result.ended("orders") == {"accepted": 20, "rejected:invalid": 10}
    assert result.states
    assert target(orders=orders).code == 0, "rejected versions that are read again are no attempts"


def test_streams_of_other_names_are_ignored_with_one_warning_or_mapped(target: Driver) -> None:
    lines = [schema("contacts") | {"stream": "meltano_test_stream"}]
    lines += [{"type": "RECORD", "stream": "meltano_test_stream", "record": contact(n)} for n in (7, 8)]
    result = target.messages(lines)
    assert (result.code, result.log.count("is ignored")) == (0, 1)
    assert not target.there("customer7@example.com")
    mapped = target.messages(lines, stream_mapping=[{"stream": "meltano_test_stream", "as": "contacts"}])
    assert mapped.ended("contacts") == {"accepted": 2}


def test_nothing_of_a_person_and_no_secret_gets_into_the_log(target: Driver, tmp_path: Path) -> None:
    person = contact(7, email=f"{CANARY}@example.com", first_name=CANARY, phone="+380501234567", city=CANARY)
    buys = order(1, email=f"{CANARY}@example.com", comment=CANARY)
    bad = [contact(8, email=[CANARY]), contact(9, email=CANARY), order(2, total=CANARY), order(3, email=CANARY)]
    lines = [schema("contacts"), schema("orders")]
    lines += [{"type": "RECORD", "stream": "contacts", "record": r} for r in (person, bad[0], bad[1])]
    lines += [{"type": "RECORD", "stream": "orders", "record": r} for r in (buys, bad[2], bad[3])]
    for reading in ("per_row", "whole_request"):
        target.sandbox.switch(malformed_order=reading)
        done = _process(target, tmp_path, _text(*lines, {"type": "STATE", "value": {}}))
        assert done.returncode == 0
        assert CANARY not in done.stderr + done.stdout
        assert "380501234567" not in done.stderr
        assert target.sandbox.api_key not in done.stderr


def test_a_key_of_another_type_is_rejected_and_never_taken_for_the_key_that_it_resembles(target: Driver) -> None:
    orders = [order(1), order(5), *({**order(5, status_id=2), "order_id": key} for key in (True, "5", "1", [5], 2**70))]
    contacts = [contact(1), contact(5), *({**contact(5), "id": key, "email": None} for key in (True, "5", "1", {}))]
    for fate in ("accepted", "unchanged"):
        result = target(contacts=contacts, orders=orders)
        assert result.ended("orders") == {fate: 2, "rejected:invalid": 5}
        assert result.ended("contacts") == {fate: 2, "rejected:invalid": 4}
    assert target.events()["orderINITIALIZED"] == 2


def test_a_key_with_a_point_and_nothing_behind_it_is_the_same_key(target: Driver) -> None:
    for key in (5, 5.0):
        result = target(contacts=[{**contact(5), "id": key}], orders=[{**order(5), "order_id": key}])
    assert (result.ended("contacts"), result.ended("orders")) == ({"unchanged": 1}, {"unchanged": 1})
    assert target.events()["orderINITIALIZED"] == 1


@pytest.mark.sqlite_only
def test_a_number_that_python_refuses_to_read_costs_its_own_record_only(target: Driver, tmp_path: Path) -> None:
    lines = [{"type": "RECORD", "stream": "orders", "record": order(number)} for number in (1, 2, 3)]
    huge = _text(schema("orders"), *lines).replace('"total": 420', f'"total": {"9" * 5000}', 1)
    done = _process(target, tmp_path, huge.replace('"user_id": 100002', f'"user_id": {"9" * 5000}'))
    assert done.returncode == 0, done.stderr
    assert {one["externalOrderId"] for one in target.sandbox.sent_orders()} >= {"1", "3"}


@pytest.mark.sqlite_only
def test_a_record_that_nests_without_end_is_said_in_one_line(target: Driver, tmp_path: Path) -> None:
    text = _text(schema("orders"), {"type": "RECORD", "stream": "orders", "record": order(1, of_this_shop_only="deep")})
    done = _process(target, tmp_path, text.replace('"deep"', "[" * 5000 + "]" * 5000))
    assert done.returncode == 1
    assert "protocol: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [1],
        {"type": "RECORD", "stream": "orders", "record": False},
        {"type": "RECORD", "stream": [], "record": {}},
        {"type": "STATE", "value": None},
        {"type": "SCHEMA", "stream": "contacts", "schema": {"properties": []}, "key_properties": ["id"]},
        {"type": "ACTIVATE_VERSION", "stream": None, "version": 1},
        {"type": "ACTIVATE_VERSION", "stream": "contacts", "version": 1},
        {"type": "ACTIVATE_VERSION"},
    ],
)
def test_a_line_of_json_that_is_no_message_is_said_in_one_line(target: Driver, odd: Any) -> None:
    result = target.messages([schema("orders"), {"type": "RECORD", "stream": "orders", "record": order(1)}, odd])
    assert result.code == 1
    assert "protocol: " in result.log


@pytest.mark.sqlite_only
def test_the_repr_of_settings_shows_none_of_them(target: Driver) -> None:
    config = target.config(api_key=CANARY, store_id=CANARY)
    assert CANARY not in repr(Settings.from_config(config))
