"""What is made from the code is fresh, and is what Meltano can take."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import meltano.schemas
import pytest
from ruamel.yaml import YAML

import plugin_definitions
import render
from plugin_settings import KINDS, Setting, kind_of, settings_of

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = {"tap-horoshop": "extractors", "target-esputnik": "loaders"}
SETTINGS = {
    "tap-horoshop": plugin_definitions.TAP_SETTINGS,
    "target-esputnik": plugin_definitions.TARGET_SETTINGS,
}


def read(path: str) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))
    return content


def in_both_forms(name: str) -> list[dict[str, Any]]:
    """A plugin's definition in meltano.yml and in plugins/."""
    (in_project,) = read("meltano.yml")["plugins"][DEFINITIONS[name]]
    return [in_project, read(f"plugins/{name}.meltano.yml")]


def test_everything_that_is_made_from_the_code_is_fresh() -> None:
    assert [path.name for path, text in render.rendered() if path.read_text(encoding="utf-8") != text] == []


def test_a_stale_part_is_made_anew_and_what_is_around_it_stays() -> None:
    text = "above\n<!-- x -->\nold\nlines\n<!-- /x -->\nbelow\n"
    assert render.filled(text, "<!-- x -->", "<!-- /x -->", "new") == "above\n<!-- x -->\nnew\n<!-- /x -->\nbelow\n"


def test_a_document_that_asks_for_an_unknown_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("<!-- no-such-part -->\n<!-- /no-such-part -->\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no-such-part"):
        render.document(path)


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_every_setting_of_the_code_is_defined_with_its_kind_secret_default_and_options(name: str) -> None:
    for definition in in_both_forms(name):
        assert [one["name"] for one in definition["settings"]] == [one.name for one in SETTINGS[name]]
        for setting, one in zip(SETTINGS[name], definition["settings"], strict=True):
            assert one["kind"] in {*KINDS.values(), "options", "date_iso8601"}
            assert one.get("sensitive", False) is setting.secret
            assert one.get("value") == setting.default
            assert [option["value"] for option in one.get("options", [])] == list(setting.options)
            assert one["description"]
            assert one["label"]


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_credentials_are_secret(name: str) -> None:
    secret = {setting.name for setting in SETTINGS[name] if setting.secret}
    assert secret == {"tap-horoshop": {"password"}, "target-esputnik": {"api_key", "ledger_url"}}[name]


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_required_settings_are_what_meltano_asks_for(name: str) -> None:
    required = [setting.name for setting in SETTINGS[name] if setting.required]
    assert required
    assert [definition["settings_group_validation"] for definition in in_both_forms(name)] == [[required]] * 2


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_capabilities_are_those_that_the_plugin_tells_of_itself(name: str) -> None:
    about = subprocess.run(
        [str(Path(sys.executable).parent / name), "--about", "--format=json"],
        check=True,
        capture_output=True,
        text=True,
    )
    told = set(json.loads(about.stdout)["capabilities"])
    assert [set(definition["capabilities"]) for definition in in_both_forms(name)] == [told] * 2


def test_meltano_yml_is_of_the_form_that_meltano_documents() -> None:
    schema = json.loads((Path(meltano.schemas.__file__).parent / "meltano.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(read("meltano.yml"), schema)


@pytest.mark.parametrize("asked", [{"type": "number"}, {"type": ["number", "null"]}, {"type": ["string", "integer"]}])
def test_a_setting_that_meltano_cannot_take_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="setting pace: Meltano cannot take"):
        kind_of("pace", asked)


def test_kinds_are_told_from_the_schema() -> None:
    schema = {
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "description": "x"},
            "b": {"type": ["string", "null"], "format": "date-time", "description": "x"},
            "c": {"type": "string", "enum": ["u", "v"], "default": "u", "description": "x"},
            "d": {"type": ["array", "null"], "default": [], "description": "x"},
            "e": {"type": "string", "secret": True, "description": "x"},
        },
    }
    found = settings_of(schema)
    assert [one.kind for one in found] == ["string", "date_iso8601", "options", "array", "string"]
    assert [one.name for one in found if one.required] == ["a"]
    assert [one.name for one in found if one.secret] == ["e"]
    assert found[2].options == ("u", "v")


def test_a_cell_of_a_table_survives_what_markdown_would_take_apart() -> None:
    setting = Setting("x", "X", "options", "one | two\nthree", ["a|b"], required=False, secret=True, options=("a", "b"))
    row = setting.row()
    assert "\n" not in row
    assert row.replace("\\|", "").count("|") == 5
