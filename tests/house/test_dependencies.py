"""Every dependency is declared where it is imported, used, explained and as locked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dependencies


@pytest.mark.parametrize(
    "check",
    [
        dependencies.undeclared_or_unused,
        dependencies.unexplained,
        dependencies.conflicting,
        dependencies.same_version,
    ],
)
def test_nothing_is_wrong_with_the_dependencies(check: Callable[[], Iterator[str]]) -> None:
    assert list(check()) == []


def test_an_import_that_is_not_declared_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stray.py").write_text("import hypothesis\nimport json\nfrom . import own\n", encoding="utf-8")
    monkeypatch.setattr(dependencies, "module_folder", lambda _: tmp_path)
    found = list(dependencies.undeclared_or_unused())
    assert "tap-horoshop: imports hypothesis, which its pyproject.toml does not declare" in found
    assert not [line for line in found if "json" in line.split() or "own" in line.split()]


def test_a_declaration_that_nothing_imports_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "module_folder", lambda _: tmp_path)
    assert "tap-horoshop: declares requests, which it never imports" in list(dependencies.undeclared_or_unused())


def test_a_dependency_without_a_reason_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = tmp_path / "reasons.md"
    reasons.write_text("| `left-over` | nobody | nothing |\n", encoding="utf-8")
    monkeypatch.setattr(dependencies, "REASONS", reasons)
    found = list(dependencies.unexplained())
    assert "reasons.md: says nothing of requests" in found
    assert "reasons.md: explains left-over, which nothing declares" in found
