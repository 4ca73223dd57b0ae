"""The definitions in plugins/ and meltano.yml are of the form that Meltano's own schema asks for."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((files("meltano.schemas") / "meltano.schema.json").read_text(encoding="utf-8"))
KINDS = {"tap-horoshop": "extractors", "target-esputnik": "loaders"}
OF_THE_HUB = {"keywords", "maintenance_status", "quality", "supported_python_versions"}
"""What the Hub's own schema has beside Meltano's; that one is in no package (docs/decisions/0014-many-shops.md)."""


def content(path: str) -> Any:
    return YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))


def problems(project: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(project)]


def test_the_project_is_one_to_meltano() -> None:
    assert problems(content("meltano.yml")) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_definition_is_one_to_meltano(name: str) -> None:
    definition = content(f"plugins/{name}.meltano.yml")
    asked_for = {"name", "namespace", "variant", "label", "pip_url", "settings", "capabilities"}
    assert asked_for | OF_THE_HUB <= set(definition)
    own = {key: value for key, value in definition.items() if key not in OF_THE_HUB}
    assert problems({"plugins": {KINDS[name]: [own]}}) == []
    assert problems({"plugins": {KINDS[name]: [own | {"settings": [{"label": "without a name"}]}]}}) != []
