"""Every guard is needed: with its line broken, a test that is named beside it fails."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from guards.copies import FAILED, PASSED, break_copy, compiled_of, copy_packages, run_tests
from guards.every_guard import EVERY_GUARD, ROOMS
from guards.guard import HOMES, ROOT, Guard, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

each = pytest.mark.parametrize("guard", EVERY_GUARD, ids=lambda guard: guard.name)
LEAST = 60


def test_there_are_guards_of_everything_that_must_not_happen() -> None:
    assert all(ROOMS.values())
    assert len(EVERY_GUARD) >= LEAST
    names = [guard.name for guard in EVERY_GUARD]
    assert len(set(names)) == len(names)


@each
def test_its_line_stands_where_it_says_and_breaks_into_another_program(guard: Guard) -> None:
    for edit in guard.edits:
        assert path_of(edit.file).read_text(encoding="utf-8").count(edit.line) == 1, f"not exactly once in {edit.file}"
        assert edit.broken != edit.line
    for file in guard.files:
        compile(guard.broken_text(file), file, "exec")
        assert _program(guard.broken_text(file)) != _program(path_of(file).read_text(encoding="utf-8"))


def _program(text: str) -> str:
    """What a file says to Python: no comments, no spaces."""
    return ast.dump(ast.parse(text))


@each
def test_the_tests_beside_it_exist(guard: Guard) -> None:
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("[")[0].partition("::")
        assert name in set(_tests_in(ROOT / file)), f"no such test: {test}"


def _tests_in(file: Path) -> Iterator[str]:
    """The tests of a file, those of classes with the class before them."""
    for one in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(one, ast.FunctionDef):
            yield one.name
        elif isinstance(one, ast.ClassDef):
            yield from (f"{one.name}::{inner.name}" for inner in one.body if isinstance(inner, ast.FunctionDef))


@pytest.mark.faults_full
@pytest.mark.timeout(300)
@each
def test_without_it_a_test_beside_it_fails(guard: Guard, tmp_path: Path) -> None:
    copies, work = tmp_path / "copies", tmp_path / "work"
    work.mkdir()
    copy_packages(copies, guard.packages)
    break_copy(copies, guard)
    ran = run_tests(copies, guard.tests, work)
    print(ran.said)  # why it is missed: `-rP` shows it
    not_loaded = [file for file in guard.files if not compiled_of(copies, file)]
    assert not_loaded == [], f"the broken file was not imported:\n{ran.said}"
    assert ran.code == FAILED, f"pytest ended with {ran.code}:\n{ran.said}"


@pytest.mark.faults_full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("room", ROOMS)
def test_with_nothing_broken_all_of_them_pass_on_a_copy_too(room: str, tmp_path: Path) -> None:
    """Else a guard could be missed for no better reason than that its package is a copy."""
    work = tmp_path / "work"
    work.mkdir()
    copy_packages(tmp_path / "copies", HOMES)
    tests = sorted({test for guard in ROOMS[room] for test in guard.tests})
    ran = run_tests(tmp_path / "copies", tests, work, seconds=800)
    assert ran.code == PASSED, ran.said
    assert re.search(r"\b\d+ passed", ran.said)
