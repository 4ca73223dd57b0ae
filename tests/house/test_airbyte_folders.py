"""What Airbyte is told beside the code is in step with the code."""

import re
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

import lock

ROOT = Path(__file__).resolve().parents[2]
CONNECTORS = {"source-horoshop": "tap-horoshop", "destination-esputnik": "target-esputnik"}


@pytest.fixture(params=CONNECTORS)
def connector(request: pytest.FixtureRequest) -> str:
    """Each connector's name."""
    return str(request.param)


def read(connector: str, name: str) -> str:
    return (ROOT / "airbyte" / connector / name).read_text(encoding="utf-8")


def test_metadata_names_the_image_the_package_and_the_version_that_there_is(connector: str) -> None:
    about: dict[str, Any] = YAML(typ="safe").load(read(connector, "metadata.yaml"))["data"]
    package = CONNECTORS[connector]
    assert about["connectorType"] == connector.partition("-")[0]
    assert about["dockerRepository"].endswith(f"/{connector}")
    assert about["dockerImageTag"] == version(package)
    assert about["remoteRegistries"]["pypi"]["packageName"] == package
    assert (ROOT / "airbyte" / connector / about["icon"]).exists()
    scenarios = YAML(typ="safe").load(read(connector, "acceptance-test-config.yml"))
    assert scenarios["connector_image"] == f"{about['dockerRepository']}:{about['dockerImageTag']}"


def test_the_image_is_slim_runs_as_nobody_and_starts_the_script_of_the_same_version(connector: str) -> None:
    lines = read(connector, "Dockerfile")
    package = CONNECTORS[connector]
    assert re.search(r"^FROM python:3\.\d+-slim", lines, re.MULTILINE)
    assert re.findall(r"^USER (\w+)$", lines, re.MULTILINE) == ["airbyte"]
    assert f'ENTRYPOINT ["{connector}"]' in lines
    assert f'AIRBYTE_ENTRYPOINT="{connector}"' in lines
    assert re.search(rf"{package}(\[postgres\])?==([\d.]+)", lines)[2] == version(package)  # type: ignore[index]
    assert connector in {script.name for script in entry_points(group="console_scripts")}


def test_the_lines_of_the_image_turn_the_lock_into_constraints_that_pip_takes() -> None:
    """The image installs wheels of a folder, which have no hashes in the lock; so its hashes are left out."""
    pattern = r"grep -vE '(.*?)' /plugins.txt \| sed 's/(.*?)//'"
    [(left_out, cut)] = re.findall(pattern, read("source-horoshop", "Dockerfile"))
    text = (ROOT / "requirements" / "plugins.txt").read_text(encoding="utf-8")
    lines = [re.sub(cut, "", line) for line in text.splitlines() if not re.search(left_out, line)]
    assert [str(Requirement(line)) for line in lines] == [str(pin) for pin, _ in lock.pins("plugins.txt")]


def test_an_icon_is_a_picture_of_its_own(connector: str) -> None:
    root = ET.fromstring(read(connector, "icon.svg"))  # noqa: S314 - our own file
    assert root.tag.endswith("svg")
    assert not re.search(r"href|<script|<image", read(connector, "icon.svg"))
