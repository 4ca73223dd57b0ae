"""Check the dependencies: what is imported is declared, what is declared is used, explained and locked.

Nothing here asks a network. Licences are held against a list by `licences.py`; whether a locked version has a known
weakness is asked by `audit.py`.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions, packages_distributions, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lock import PACKAGES, declarations, pins

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "docs" / "decisions" / "0001-dependencies.md"
# Used without an import of ours, each for the reason given there.
NEVER_IMPORTED = {"msgspec", "psycopg", "python-multipart", "tzdata"}
# Part of the wheels of those that import it (singer-airbyte/into_wheels.py), and no dependency of theirs.
BUILT_IN = {"tap-horoshop": {"singer-airbyte"}, "target-esputnik": {"singer-airbyte"}}


def module_folder(package: str) -> Path:
    """Return the folder of a package's importable module."""
    return ROOT / PACKAGES[package] / package.replace("-", "_")


def imports(folder: Path) -> set[str]:
    """Return the top-level modules that the Python files below a folder import."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {folder.name, "__future__"}


def names(requirements: list[str]) -> set[str]:
    """Return the normal names of requirements."""
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def providers(module: str) -> set[str]:
    """Return the distributions that an imported module can come from."""
    own = {package.replace("-", "_"): package for package in PACKAGES}  # editable: their files are not in the venv
    return {canonicalize_name(name) for name in modules_installed().get(module, own.get(module, "").split())}


@cache
def modules_installed() -> dict[str, list[str]]:
    """Return which distributions hold which top-level module (reading them all takes a while, so once)."""
    return dict(packages_distributions())


def undeclared_or_unused() -> Iterator[str]:
    """Yield a sentence for each import without its declaration, and each declaration without an import."""
    for package, folder in PACKAGES.items():
        declared = declarations()[folder]
        allowed = names(declared["run"]) | {name for extra in declared["extras"].values() for name in names(extra)}
        used: set[str] = set()
        for module in sorted(imports(module_folder(package))):
            if providers(module) & BUILT_IN.get(package, set()):
                continue
            if not (found := providers(module) & allowed):
                yield f"{package}: imports {module}, which its pyproject.toml does not declare"
            used |= found
        for name in sorted(allowed - used - NEVER_IMPORTED):
            yield f"{package}: declares {name}, which it never imports"


def unexplained() -> Iterator[str]:
    """Yield a sentence for each direct dependency without a reason, and each reason without its dependency."""
    explained = set(re.findall(r"^\| `([\w.-]+)`", REASONS.read_text(encoding="utf-8"), re.MULTILINE))
    direct: set[str] = set()
    for declared in declarations().values():
        lists = [declared["run"], declared["build"], *declared["extras"].values(), *declared["groups"].values()]
        direct |= {name for line in lists for name in names(line)}
    direct -= set(PACKAGES)
    yield from (f"{REASONS.name}: says nothing of {name}" for name in sorted(direct - explained))
    yield from (f"{REASONS.name}: explains {name}, which nothing declares" for name in sorted(explained - direct))


def not_as_locked() -> Iterator[str]:
    """Yield a sentence for each locked package that is missing here, or here in another version."""
    here = {canonicalize_name(found.name): found.version for found in distributions()}
    for pin, _ in pins("dev.txt"):
        if pin.marker and not pin.marker.evaluate():
            continue
        name = canonicalize_name(pin.name)
        if here.get(name) not in {spec.version for spec in pin.specifier}:
            yield f".venv: {name} is {here.get(name, 'missing')}, locked {pin.specifier}; run `make setup`"


def conflicting() -> Iterator[str]:
    """Yield what uv says when installed packages contradict each other's requirements."""
    command = [sys.executable, "-m", "uv", "pip", "check", "--quiet", "--python", sys.executable]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if ended.returncode:
        yield f"uv pip check: {ended.stdout}{ended.stderr}".strip()


def same_version() -> Iterator[str]:
    """Yield a sentence if the packages, which are released together, differ in version."""
    versions = {package: version(package) for package in PACKAGES}
    if len(set(versions.values())) > 1:
        yield f"versions differ: {versions}"


def main() -> None:
    """Print what is found and exit 1, or say that all is well."""
    checks = (undeclared_or_unused, unexplained, not_as_locked, conflicting, same_version)
    found = [sentence for check in checks for sentence in check()]
    print("\n".join(found) if found else "dependencies: declared, used, explained, as locked")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
