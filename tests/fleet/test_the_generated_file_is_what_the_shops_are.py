"""The generated file: made once and for all the same, shown before it is written, and apart from what people wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fleet_driver import horoshop_shops, write_yaml
from ruamel.yaml import YAML

from horoshop_esputnik_fleet.generated import MARK

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """# mine
include_paths:
- ./shops.meltano.yml
plugins:
  extractors:
  - name: tap-horoshop
  loaders:
  - name: target-esputnik
"""
KEYS = {
    "ESPUTNIK_AGENCY_API_KEY": "canary-key",
    "TAP_HOROSHOP__TEA_PASSWORD": "canary-password",
    "TAP_HOROSHOP__COFFEE_PASSWORD": "canary-password",
}


def shops(*names: str) -> dict[str, Any]:
    """The shops of an agency."""
    return {
        "every_shop": {"schedule": "7 * * * *", "tap": {"username": "api", "page_size": 50}},
        "accounts": {"agency": {"target": {"groups": ["all", "agency"], "live_since": "2026-01-31T00:00:00+02:00"}}},
        "shops": {
            name: {
                "account": "agency",
                "tap": {"site_url": f"{name}.example.com"},
                "target": {"external_id_prefix": f"{name}-"},
            }
            for name in names
        },
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a project of two shops."""
    (tmp_path / "meltano.yml").write_text(PROJECT, encoding="utf-8")
    write_yaml(tmp_path / "shops.yml", shops("tea", "coffee"))
    return tmp_path


def test_a_second_time_nothing_changes_and_check_never_writes(folder: Path) -> None:
    made = folder / "shops.meltano.yml"
    ended = horoshop_shops(folder, "generate", "--check", environment=KEYS)
    assert (ended.code, made.exists()) == (1, False)
    assert "+  - name: tap-horoshop--tea\n" in ended.out

    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, ended.err) == (0, "shops.meltano.yml: written, 2 shops\n")
    assert "+  - name: tap-horoshop--tea\n" in ended.out
    text, moment = made.read_text(encoding="utf-8"), made.stat().st_mtime_ns
    assert text.startswith(MARK)
    assert "canary" not in text + ended.out + ended.err

    for option in ((), ("--check",)):
        ended = horoshop_shops(folder, "generate", *option, environment=KEYS)
        assert (ended.code, ended.out, ended.err) == (0, "", "shops.meltano.yml: up to date, 2 shops\n")
        assert made.stat().st_mtime_ns == moment
    assert sorted(path.name for path in folder.iterdir()) == ["meltano.yml", "shops.meltano.yml", "shops.yml"]
    assert (folder / "meltano.yml").read_text(encoding="utf-8") == PROJECT


def test_what_is_nearer_outranks_what_is_farther_and_secrets_are_variables(folder: Path) -> None:
    content = shops("tea", "coffee")
    content["shops"]["coffee"] |= {"schedule": "@daily"}
    content["shops"]["coffee"]["tap"]["page_size"] = 20
    content["shops"]["coffee"]["target"]["groups"] = ["coffee"]
    write_yaml(folder / "shops.yml", content)
    assert horoshop_shops(folder, "generate", environment=KEYS).code == 0
    made = YAML(typ="safe").load((folder / "shops.meltano.yml").read_text(encoding="utf-8"))
    tea, coffee = made["plugins"]["extractors"]
    assert tea == {
        "name": "tap-horoshop--tea",
        "inherit_from": "tap-horoshop",
        "config": {
            "username": "api",
            "password": "$TAP_HOROSHOP__TEA_PASSWORD",
            "page_size": 50,
            "site_url": "tea.example.com",
        },
    }
    assert coffee["config"]["page_size"] == 20
    tea, coffee = made["plugins"]["loaders"]
    assert tea["config"] == {
        "api_key": "$ESPUTNIK_AGENCY_API_KEY",
        "shop": "tea",
        "external_id_prefix": "tea-",
        "groups": ["all", "agency"],
        "live_since": "2026-01-31T00:00:00+02:00",
    }
    assert coffee["config"]["groups"] == ["coffee"]
    assert made["jobs"][0] == {"name": "shop-tea", "tasks": ["tap-horoshop--tea target-esputnik--tea"]}
    assert [one["interval"] for one in made["schedules"]] == ["7 * * * *", "@daily"]


def test_a_shop_more_changes_its_own_part_only(folder: Path) -> None:
    assert horoshop_shops(folder, "generate", environment=KEYS).code == 0
    write_yaml(folder / "shops.yml", shops("tea", "mate", "coffee"))
    changes = horoshop_shops(folder, "generate", "--check", environment=KEYS).out.splitlines()
    assert [line for line in changes if line.startswith("-") and not line.startswith("---")] == []
    added = [line for line in changes if line.startswith("+") and "- name:" in line]
    assert all("mate" in line for line in added)
    assert len(added) == 4


def test_what_a_person_wrote_is_never_touched(folder: Path) -> None:
    made = folder / "shops.meltano.yml"
    made.write_text("jobs: []\n", encoding="utf-8")
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, made.read_text(encoding="utf-8")) == (2, "jobs: []\n")
    assert "was not made by this command" in ended.err
    assert horoshop_shops(folder, "generate", "--output", "others.meltano.yml", environment=KEYS).code == 2
    assert (folder / "others.meltano.yml").exists()
    assert made.read_text(encoding="utf-8") == "jobs: []\n"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("jobs:\n- name: shop-tea\n", "jobs"),
        ("schedules:\n- name: shop-tea\n", "schedules"),
        ("plugins:\n  loaders:\n  - name: target-esputnik--tea\n", "loaders"),
    ],
)
@pytest.mark.parametrize("where", ["meltano.yml", "own.meltano.yml"])
def test_a_name_that_is_taken_stops_it_since_meltano_would_refuse_the_whole_project(
    folder: Path, written: str, name: str, where: str
) -> None:
    project = PROJECT.replace("- ./shops.meltano.yml\n", "- ./*.meltano.yml\n")
    if where == "meltano.yml" and name == "loaders":
        project = project.replace("- name: target-esputnik", "- name: target-esputnik\n  - name: target-esputnik--tea")
    elif where == "meltano.yml":
        project += written
    else:
        (folder / where).write_text(written, encoding="utf-8")
    (folder / "meltano.yml").write_text(project, encoding="utf-8")
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, (folder / "shops.meltano.yml").exists()) == (2, False)
    assert f"{where}: has " in ended.err
    assert f"among its {name}; the shop tea needs that name" in ended.err


def test_what_the_project_lacks_is_said(folder: Path) -> None:
    (folder / "meltano.yml").write_text("plugins:\n  extractors:\n  - name: tap-horoshop\n", encoding="utf-8")
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, "no plugin target-esputnik to inherit from" in ended.err) == (2, True)

    (folder / "meltano.yml").write_text(PROJECT.replace("- ./shops.meltano.yml\n", "- ./o.yml\n"), encoding="utf-8")
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, (folder / "shops.meltano.yml").exists()) == (2, True)
    assert "include_paths:\n- ./shops.meltano.yml" in ended.err

    (folder / "meltano.yml").unlink()
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, "meltano.yml: there is no such file" in ended.err) == (2, True)


def test_a_file_that_cannot_be_written_stays_as_it_was(folder: Path) -> None:
    assert horoshop_shops(folder, "generate", environment=KEYS).code == 0
    before = (folder / "shops.meltano.yml").read_text(encoding="utf-8")
    write_yaml(folder / "shops.yml", shops("tea"))
    (folder / ".shops.meltano.yml.part").mkdir()  # where the draft would be
    ended = horoshop_shops(folder, "generate", environment=KEYS)
    assert (ended.code, "it cannot be written (IsADirectoryError)" in ended.err) == (2, True)
    assert (folder / "shops.meltano.yml").read_text(encoding="utf-8") == before


# ---------------------------------------------------------------- variables


def test_missing_variables_are_named_and_no_value_is_shown(folder: Path) -> None:
    (folder / ".env").write_text('TAP_HOROSHOP__TEA_PASSWORD="canary-password"\n', encoding="utf-8")
    environment = {"ESPUTNIK_AGENCY_API_KEY": "canary-key", "TAP_HOROSHOP__COFFEE_PASSWORD": ""}
    ended = horoshop_shops(folder, "variables", environment=environment)
    assert ended.code == 2
    assert ended.out.splitlines() == [
        "set      TAP_HOROSHOP__TEA_PASSWORD  (tap-horoshop password: tea)",
        "set      ESPUTNIK_AGENCY_API_KEY  (target-esputnik api_key: tea, coffee)",
        "MISSING  TAP_HOROSHOP__COFFEE_PASSWORD  (tap-horoshop password: coffee)",
    ]
    generated = horoshop_shops(folder, "generate", environment=environment)
    assert generated.err.endswith("Not set yet, in the environment or in .env: TAP_HOROSHOP__COFFEE_PASSWORD\n")
    as_json = horoshop_shops(folder, "variables", "--json", environment=environment)
    assert [one["is_set"] for one in json.loads(as_json.out)] == [True, True, False]
    assert "canary" not in f"{ended}{generated}{as_json}"
    assert horoshop_shops(folder, "variables", environment=KEYS).code == 0


def test_what_would_make_something_else_of_the_shops_is_warned_of(folder: Path) -> None:
    content = shops("tea", "coffee")
    content["accounts"]["other"] = None
    content["shops"]["coffee"]["account"] = "other"
    write_yaml(folder / "shops.yml", content)
    more = {"ESPUTNIK_OTHER_API_KEY": "canary-key", "TARGET_ESPUTNIK__TEA_EXTERNAL_ID_PREFIX": "canary-prefix"}
    ended = horoshop_shops(folder, "variables", environment=KEYS | more)
    first, second = ended.err.splitlines()
    assert first == (
        "TARGET_ESPUTNIK__TEA_EXTERNAL_ID_PREFIX is set, and outranks what the file says of target-esputnik "
        "external_id_prefix"
    )
    assert second.startswith("ESPUTNIK_AGENCY_API_KEY and ESPUTNIK_OTHER_API_KEY are the same key")
    assert "canary" not in f"{ended}"


def test_a_scheduler_gets_the_jobs(folder: Path) -> None:
    assert horoshop_shops(folder, "list").out == "shop-tea\nshop-coffee\n"
    assert horoshop_shops(folder, "list", "--account", "nobody").out == ""
    assert json.loads(horoshop_shops(folder, "list", "--json").out)[0] == {
        "shop": "tea",
        "account": "agency",
        "job": "shop-tea",
        "interval": "7 * * * *",
        "tap": "tap-horoshop--tea",
        "target": "target-esputnik--tea",
    }
