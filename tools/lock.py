"""Compile requirements/*.txt from the pyproject.toml files, or check that they are in step.

`requirements/dev.txt` is everything in .venv, `plugins.txt` what Meltano puts into the plugins' own environments (the
same versions), `build.txt` what builds the packages, `airbyte.txt` and `airflow.txt` what is in the environments of
these names, `bench-*.txt` those that `make bench` measures us against. Each begins with a fingerprint of the
declarations that it was compiled from, so that `--check` needs neither a network nor a warm cache.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "singer-airbyte": "singer-airbyte",
    "tap-horoshop": "tap-horoshop",
    "target-esputnik": "target-esputnik",
    "horoshop-esputnik-fleet": "fleet",
    "horoshop-esputnik-sandbox": "sandbox",
}
RUN_BY_MELTANO = ("singer-airbyte", "tap-horoshop", "target-esputnik")
APART = ("airbyte", "airflow")
"""The dependency groups that get an environment and a lock of their own each."""

MARK = "# compiled by `make lock` from declarations sha256:"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def pyproject(folder: str = ".") -> dict[str, Any]:
    """Return the parsed pyproject.toml of a folder of the workspace."""
    return tomli.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))


def declarations() -> dict[str, dict[str, Any]]:
    """Return all that decides what gets locked: per pyproject.toml, its requirements of every kind."""
    found = {}
    for folder in (".", *PACKAGES.values()):
        parsed = pyproject(folder)
        found[folder] = {
            "python": parsed["project"]["requires-python"],
            "run": parsed["project"]["dependencies"],
            "extras": parsed["project"].get("optional-dependencies", {}),
            "groups": {name: group for name, group in parsed.get("dependency-groups", {}).items() if not _peer(name)},
            "build": parsed.get("build-system", {}).get("requires", []),
        }
    return found


def peers() -> dict[str, list[str]]:
    """Return what is asked for by each that `make bench` measures us against, by the name of its group."""
    return {name: group for name, group in pyproject()["dependency-groups"].items() if _peer(name)}


def _peer(group: str) -> bool:
    return group.startswith("bench-")


def fingerprint(lock: str) -> str:
    """Return the SHA-256 of the declarations that a lock is compiled from."""
    declared = peers().get(Path(lock).stem) or declarations()
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def build_requirements() -> list[str]:
    """Return what the packages' build systems ask for."""
    return sorted({line for declared in declarations().values() for line in declared["build"]})


def groups_of_dev() -> dict[str, list[str]]:
    """Return the dependency groups that are in .venv."""
    return {name: lines for name, lines in declarations()["."]["groups"].items() if name not in APART}


def compile_arguments(lock: str) -> list[str]:
    """Return the uv arguments that say what goes into one lock."""
    if Path(lock).stem in APART:
        return ["--group", Path(lock).stem]
    if lock == "dev.txt":
        groups = [word for group in groups_of_dev() for word in ("--group", group)]
        own = [word for name in PACKAGES for word in ("--no-emit-package", name)]
        return ["pyproject.toml", *groups, *own]
    if lock == "plugins.txt":
        sources = [f"{folder}/pyproject.toml" for folder in RUN_BY_MELTANO]
        own = ["--no-emit-package", "singer-airbyte"]
        return [*sources, *own, "--all-extras", "--constraints", "requirements/dev.txt"]
    if lock == "build.txt":
        return ["-"]
    return ["--group", Path(lock).stem]


def locks() -> list[str]:
    """Return the names of all locks."""
    return ["dev.txt", "plugins.txt", "build.txt", *(f"{one}.txt" for one in (*APART, *peers()))]


def compile_lock(lock: str, *, upgrade: bool) -> None:
    """Write one lock, keeping the versions that it has unless asked to upgrade.

    Raises:
        subprocess.CalledProcessError: uv found no set of versions, or no package index.
    """
    path = ROOT / "requirements" / lock
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    # uv would note an index address or a find-links folder of this machine: they are nobody else's business.
    command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--python-version", PYTHONS[0]]
    command += [*compile_arguments(lock), "--output-file", str(path.relative_to(ROOT)), *["--upgrade"] * upgrade]
    subprocess.run(command, cwd=ROOT, check=True, text=True, input="\n".join(build_requirements()))
    path.write_text(f"{MARK}{fingerprint(lock)}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def pins(lock: str) -> list[tuple[Requirement, int]]:
    """Return the pinned requirements of a lock, each with the number of its hashes."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [(Requirement(line.split(" --hash", 1)[0].strip()), line.count("--hash=sha256:")) for line in lines]


def wanted(lock: str) -> Iterator[str]:
    """Yield the requirements that a lock has to satisfy directly."""
    declared = declarations()
    if lock == "build.txt":
        yield from build_requirements()
        return
    if Path(lock).stem in APART:
        yield from declared["."]["groups"][Path(lock).stem]
        return
    if Path(lock).stem in peers():
        yield from peers()[Path(lock).stem]
        return
    for folder in RUN_BY_MELTANO:
        yield from declared[folder]["run"]
        yield from (line for extra in declared[folder]["extras"].values() for line in extra)
    if lock == "dev.txt":
        yield from declared["fleet"]["run"]
        yield from declared["sandbox"]["run"]
        yield from declared["."]["run"]
        yield from (line for group in groups_of_dev().values() for line in group)


def environment_of(python: str) -> dict[str, str]:
    """Return what markers see on this machine under another Python."""
    here = {name: str(value) for name, value in default_environment().items()}
    return here | {"python_version": python, "python_full_version": f"{python}.0"}


def unsatisfied(lock: str) -> Iterator[str]:
    """Yield a sentence for each declared requirement that the lock's pin does not meet, on any supported Python."""
    pinned = [requirement for requirement, _ in pins(lock)]
    for line in dict.fromkeys(wanted(lock)):
        need = Requirement(line)
        name = canonicalize_name(need.name)
        for python in PYTHONS:
            here = environment_of(python)
            if name in PACKAGES or (need.marker and not need.marker.evaluate(here)):
                continue
            found = [
                Version(next(iter(pin.specifier)).version)
                for pin in pinned
                if canonicalize_name(pin.name) == name and (not pin.marker or pin.marker.evaluate(here))
            ]
            if not any(need.specifier.contains(version, prereleases=True) for version in found):
                yield f"requirements/{lock}: no pin meets {line!r} on Python {python}; run `make lock`"


def problems() -> Iterator[str]:
    """Yield a sentence for everything in which the locks are out of step with the declarations or with each other."""
    chosen = {str(requirement) for requirement, _ in pins("dev.txt")}
    versions = {re.split(r"[ ;]", line)[0] for line in chosen}
    for lock in locks():
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        if not text.startswith(f"{MARK}{fingerprint(lock)}\n"):
            yield f"requirements/{lock}: compiled from other declarations than pyproject.toml has now; run `make lock`"
        yield from unsatisfied(lock)
        yield from (f"requirements/{lock}: {pin} has no hash" for pin, hashes in pins(lock) if not hashes)
    for pin, _ in pins("plugins.txt"):
        if f"{pin.name}{pin.specifier}" not in versions:
            yield f"requirements/plugins.txt: {pin} is not the version in dev.txt, which the tests ran with"


def main() -> None:
    """Compile, or with --check tell what is out of step and exit 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a lock is out of step")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")
    arguments = parser.parse_args()
    if not arguments.check:
        for lock in locks():
            compile_lock(lock, upgrade=arguments.upgrade)
    found = list(problems())
    print("\n".join(found) if found else "locks: in step with pyproject.toml")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
