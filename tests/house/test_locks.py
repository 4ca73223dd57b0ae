"""The locks are in step with the declarations, and a lock that is not is noticed without a network."""

from pathlib import Path

import pytest

import lock


@pytest.fixture
def copied(clone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository that the lock tool works on."""
    monkeypatch.setattr(lock, "ROOT", clone)
    return clone


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_locks_are_in_step() -> None:
    assert list(lock.problems()) == []


def test_a_requirement_that_no_pin_meets_is_noticed(copied: Path) -> None:
    edit(copied / "tap-horoshop" / "pyproject.toml", "requests>=2.32", "requests>=999")
    found = list(lock.problems())
    assert any("requests>=999" in line and "plugins.txt" in line for line in found)
    assert any("compiled from other declarations" in line for line in found)


def test_a_new_dependency_that_was_not_locked_is_noticed(copied: Path) -> None:
    edit(copied / "sandbox" / "pyproject.toml", '"starlette', '"not-locked-yet",\n    "starlette')
    assert any("'not-locked-yet'" in line for line in lock.problems())


def test_a_pin_without_a_hash_is_noticed(copied: Path) -> None:
    path = copied / "requirements" / "build.txt"
    path.write_text(path.read_text(encoding="utf-8") + "unhashed==1.0\n", encoding="utf-8")
    assert "requirements/build.txt: unhashed==1.0 has no hash" in list(lock.problems())


def test_a_plugin_version_that_the_tests_did_not_run_with_is_noticed(copied: Path) -> None:
    edit(copied / "requirements" / "plugins.txt", "\nrequests==2", "\nrequests==1")
    assert any("requests==1" in line and "not the version in dev.txt" in line for line in lock.problems())


def test_what_does_not_decide_the_locks_does_not_make_them_stale(copied: Path) -> None:
    edit(copied / "tap-horoshop" / "pyproject.toml", "description = ", "# a comment\ndescription = ")
    assert list(lock.problems()) == []
