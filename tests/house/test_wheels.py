"""Each package is a wheel that installs and runs alone, on every Python that it says it runs on.

Alone: with what it declares, of which nothing is a wheel of this repository; but for the fleet, which asks tap and
target for their settings.
"""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PROBES = {
    "singer_airbyte": [["python", "-c", "import singer_airbyte"]],
    "tap_horoshop": [["tap-horoshop", "--about", "--format=json"], ["source-horoshop", "spec"]],
    "target_esputnik": [
        ["target-esputnik", "--about", "--format=json"],
        ["destination-esputnik", "spec"],
        ["esputnik-ledger", "--help"],
    ],
    "horoshop_esputnik_fleet": [["horoshop-shops", "--help"]],
    "horoshop_esputnik_sandbox": [["horoshop-esputnik-sandbox", "--help"]],
}

NEEDS = {"horoshop_esputnik_fleet": ("tap_horoshop", "target_esputnik")}
"""Wheels of this repository that a wheel of it needs."""


def wheel_of(module: str, wheels: Path) -> Path:
    (found,) = wheels.glob(f"{module}-*.whl")
    return found


def interpreter(version: str, environment: dict[str, str]) -> str:
    """The path of a Python of this version; skips the test on a machine that has none."""
    # pyenv's shims are on PATH for all versions, and run only the one that is chosen: here, by its variable.
    asked = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    try:
        found = subprocess.run(asked, env=environment | {"PYENV_VERSION": version}, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip(f"this machine has no Python {version}")
    return found.stdout.decode().strip()


def empty_venv_with(wheel: Path, python: str, folder: Path, uv: list[str]) -> Path:
    """Make an empty venv, install one wheel with what it declares, and return the folder of its commands."""
    subprocess.run([*uv, "venv", "--quiet", "--python", python, str(folder)], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
    needed = [str(wheel_of(name, wheel.parent)) for name in NEEDS.get(wheel.name.split("-")[0], ())]
    subprocess.run([*install, "--constraints", str(ROOT / "requirements" / "dev.txt"), str(wheel), *needed], check=True)
    return folder / "bin"


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("module", list(PROBES))
def test_a_wheel_installs_and_runs_alone(
    module: str, version: str, wheels: Path, uv: list[str], clean_environment: dict[str, str], tmp_path: Path
) -> None:
    python = interpreter(version, clean_environment)
    commands = empty_venv_with(wheel_of(module, wheels), python, tmp_path / "venv", uv)
    for name, *arguments in PROBES[module]:
        ended = subprocess.run(
            [str(commands / name), *arguments],
            cwd=tmp_path,
            env=clean_environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr
        if "--format=json" in arguments:
            assert json.loads(ended.stdout)["name"] == name
        if arguments == ["spec"]:
            assert json.loads(ended.stdout)["type"] == "SPEC"


def test_the_adapter_is_built_into_both_plugins_and_imports_itself_there(wheels: Path) -> None:
    adapter = {path.name for path in (ROOT / "singer-airbyte" / "singer_airbyte").iterdir() if path.is_file()}
    for module in ("tap_horoshop", "target_esputnik"):
        with zipfile.ZipFile(wheel_of(module, wheels)) as wheel:
            names = wheel.namelist()
            code = [wheel.read(name).decode() for name in names if name.endswith(".py")]
            (metadata,) = (wheel.read(name).decode() for name in names if name.endswith("/METADATA"))
        folder = f"{module}/singer_airbyte/"
        assert {name.removeprefix(folder) for name in names if name.startswith(folder)} == adapter
        assert len(set(names)) == len(names)
        assert not [text for text in code if "from singer_airbyte" in text or "import singer_airbyte" in text]
        assert "Requires-Dist: singer-airbyte" not in metadata


@pytest.mark.parametrize("module", list(PROBES))
def test_a_wheel_is_typed_licensed_and_holds_its_package_only(module: str, wheels: Path) -> None:
    with zipfile.ZipFile(wheel_of(module, wheels)) as wheel:
        names = wheel.namelist()
        licences = [wheel.read(name) for name in names if name.endswith("/LICENSE")]
    assert f"{module}/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {module}
    assert licences == [(ROOT / "LICENSE").read_bytes()]


@pytest.mark.parametrize("module", ["tap_horoshop", "target_esputnik"])
def test_a_wheel_brings_its_ukrainian_compiled(module: str, wheels: Path) -> None:
    inside = f"{module}/locale/uk/LC_MESSAGES/{module}.mo"
    with zipfile.ZipFile(wheel_of(module, wheels)) as wheel:
        assert wheel.read(inside) == (ROOT / module.replace("_", "-") / inside).read_bytes()


def test_the_target_brings_its_migrations(wheels: Path) -> None:
    in_repository = {path.name for path in (ROOT / "target-esputnik").rglob("migrations/versions/*.py")}
    with zipfile.ZipFile(wheel_of("target_esputnik", wheels)) as wheel:
        in_wheel = {Path(name).name for name in wheel.namelist() if "/migrations/versions/" in name}
    assert in_repository
    assert in_wheel >= in_repository
