"""Every setting of every program, of every kind that it is not, holding a canary: named, and never shown.

The SDK, jsonschema and click all print a value of the wrong kind, and it may be the key.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from settings_driver import ran

from singer_airbyte.form import secrets_in
from singer_airbyte.masking import MASK
from singer_airbyte.output import Output
from tap_horoshop.settings import CONFIG_JSONSCHEMA as TAP_SETTINGS
from tap_horoshop.tap import TapHoroshop
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA as TARGET_SETTINGS

CANARY = "c4nary-9d1"
KINDS: dict[str, list[Any]] = {
    "string": [{"nested": CANARY}, [CANARY]],
    "integer": [CANARY, {"nested": CANARY}, [CANARY]],
    "number": [CANARY, {"nested": CANARY}, [CANARY]],
    "boolean": [CANARY, {"nested": CANARY}, [CANARY]],
    "array": [CANARY, {"nested": CANARY}, [[CANARY]]],
    "object": [CANARY, [CANARY]],
}
TAP = {"site_url": "http://127.0.0.1:9", "username": "u5ername", "password": "pa55word"}
TARGET = {"api_key": "k3y-of-nobody", "api_url": "http://127.0.0.1:9/api", "ledger_url": "sqlite:////nowhere/at/all.db"}
PROGRAMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tap-horoshop": (TapHoroshop.config_jsonschema, TAP),
    "source-horoshop": (TapHoroshop.config_jsonschema, TAP),
    "target-esputnik": (TARGET_SETTINGS, TARGET),
    "esputnik-ledger": (TARGET_SETTINGS, TARGET),
    "destination-esputnik": (TARGET_SETTINGS, TARGET | {"allow_local_ledger": True}),
}


def kind_of(rule: dict[str, Any]) -> str:
    kinds = rule.get("type", "string")
    return str(kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null"))


def wrong(program: str) -> list[tuple[str, Any]]:
    """Every setting with every value that it must not have."""
    schema, _ = PROGRAMS[program]
    cases = [(name, value) for name, rule in schema["properties"].items() for value in KINDS[kind_of(rule)]]
    for name, rule in schema["properties"].items():
        fields = rule["items"].get("properties", {}) if isinstance(rule.get("items"), dict) else {}
        if fields:
            cases += [(name, [dict.fromkeys(fields, value)]) for value in ({"nested": CANARY}, [CANARY], [[CANARY]])]
    return cases


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_at_a_time_each_is_named_and_its_value_is_nowhere(program: str) -> None:
    _, good = PROGRAMS[program]
    cases = wrong(program)
    found = ran(program, [{"config": {**good, name: value}, "environment": {}} for name, value in cases])
    assert len(found) == len(cases) > 40
    is_airbyte = program in {"source-horoshop", "destination-esputnik"}
    for (name, value), ended in zip(cases, found, strict=True):
        case = f"{program} {name} {type(value).__name__}: {ended}"
        assert CANARY not in ended["said"], case
        assert "Traceback" not in ended["said"], case
        assert ended["code"] == (0 if is_airbyte else 2), case
        assert name in ended["said"], case


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_at_once_are_named_and_none_is_shown(program: str) -> None:
    schema, _ = PROGRAMS[program]
    config = {name: KINDS[kind_of(rule)][-1] for name, rule in schema["properties"].items()}
    [ended] = ran(program, [{"config": config, "environment": {}}])
    assert CANARY not in ended["said"]
    assert "Traceback" not in ended["said"]
    own = TAP_SETTINGS if "horoshop" in program else TARGET_SETTINGS
    assert [name for name in own["properties"] if name not in ended["said"]] == []


@pytest.mark.parametrize("program", ["tap-horoshop", "target-esputnik", "esputnik-ledger"])
def test_a_variable_of_the_environment_is_named_and_its_value_is_nowhere(program: str) -> None:
    _, good = PROGRAMS[program]
    prefix = "TAP_HOROSHOP_" if program == "tap-horoshop" else "TARGET_ESPUTNIK_"
    own = TAP_SETTINGS if program == "tap-horoshop" else TARGET_SETTINGS
    untyped = {"string", "boolean"} if program == "tap-horoshop" else {"string"}  # the SDK takes any word for a no
    names = [name for name, rule in own["properties"].items() if kind_of(rule) not in untyped]
    orders = [{"config": good, "environment": {prefix + name.upper(): f"[{CANARY}"}} for name in names]
    found = ran(program, orders)
    assert len(found) == len(names) > 4
    for name, ended in zip(names, found, strict=True):
        assert CANARY not in ended["said"], name
        assert "Traceback" not in ended["said"], name
        assert ended["code"] == 2, (name, ended)
        assert name in ended["said"], name


@pytest.mark.parametrize(
    "value", [CANARY, f'"{CANARY}\\', f"{CANARY} канарка", {"a": CANARY}, [{"b": [CANARY]}], 4718293]
)
def test_under_airbyte_a_secret_is_masked_whatever_it_is_given_as(value: Any) -> None:
    output = Output(io.BytesIO())
    try:
        output.mask(secrets_in({"properties": {"password": {"airbyte_secret": True}}}, {"password": value}))
        text = value if isinstance(value, str) else CANARY if isinstance(value, dict | list) else str(value)
        assert output.masked(f"<{text}>") == f"<{MASK}>"
        assert output.masked(f"<{json.dumps(text)[1:-1]}>") == f"<{MASK}>"
    finally:
        output.close()
