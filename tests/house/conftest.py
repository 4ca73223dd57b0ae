"""What the tests of the house share: a clean machine, a copy of the repository, and the wheels built from it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from isolated_project import scrubbed
from traces import tracked_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def uv() -> list[str]:
    """The command that runs the locked uv."""
    return [sys.executable, "-m", "uv"]


@pytest.fixture
def clean_environment(uv: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment as on a machine where nothing is set up; only uv's cache is kept, to spare the network."""
    cache = subprocess.run([*uv, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    left_out = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHON", "MAKEFLAGS", "MAKELEVEL"}
    kept = {name: value for name, value in scrubbed(os.environ).items() if name not in left_out}
    return kept | {"HOME": str(tmp_path_factory.mktemp("home")), "UV_CACHE_DIR": cache, "NO_COLOR": "1"}


def copy_of_repository(folder: Path) -> Path:
    """Copy what a clone would hold if everything were committed."""
    for path in tracked_files():
        if path.is_file():
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what a fresh clone holds."""
    return copy_of_repository(tmp_path / "clone")


@pytest.fixture(scope="session")
def wheels(uv: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of all packages."""
    sources = copy_of_repository(tmp_path_factory.mktemp("sources"))
    folder = tmp_path_factory.mktemp("wheels")
    for package in ("singer-airbyte", "tap-horoshop", "target-esputnik", "fleet", "sandbox"):
        command = [*uv, "build", "--quiet", "--wheel", "--build-constraints", "requirements/build.txt"]
        subprocess.run([*command, "--out-dir", str(folder), package], cwd=sources, check=True)
    return folder
