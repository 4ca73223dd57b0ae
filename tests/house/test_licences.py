"""A package whose licence is not on the list fails the check, whatever way it says it."""

from importlib.metadata import distributions
from pathlib import Path

import pytest

import licences


def installed(folder: Path, name: str, *lines: str, text: str = "") -> Path:
    """Put a package's metadata into a folder, as an installer does."""
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir(parents=True)
    metadata = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines]
    (place / "METADATA").write_text("\n".join(metadata) + "\n", encoding="utf-8")
    if text:
        (place / "LICENSE").write_text(text, encoding="utf-8")
    (place / "RECORD").write_text(f"{place.name}/LICENSE,,\n" if text else "", encoding="utf-8")
    return folder


def found(folder: Path, name: str = "stray") -> list[str]:
    return list(licences.problems(distributions(path=[str(folder)]), {name}))


def test_every_locked_package_that_is_installed_is_on_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        licences.main()
    assert ended.value.code is False, capsys.readouterr().out
    assert "none in .venv," not in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: GPL-3.0-only",
        "License-Expression: AGPL-3.0-or-later",
        "License-Expression: MIT AND GPL-2.0-only",
        "License-Expression: (MIT OR GPL-2.0-only) AND BSL-1.0",
        "License-Expression: LGPL-3.0-only",
        "License-Expression: Apache-2.0 WITH Commons-Clause",
        "License-Expression: BUSL-1.1",
        "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "Classifier: License :: Other/Proprietary License",
        "License: Proprietary, all rights reserved. Not MIT.",
        "License: LGPL with exceptions",
        "Summary: it says nothing",
    ],
)
def test_a_licence_that_is_not_on_the_list_fails_the_check(line: str, tmp_path: Path) -> None:
    assert len(found(installed(tmp_path, "stray", line))) == 1


def test_of_two_classifiers_both_count(tmp_path: Path) -> None:
    both = [f"Classifier: License :: OSI Approved :: {name}" for name in ("MIT License", "GNU Affero General Public")]
    assert len(found(installed(tmp_path, "stray", *both))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: MIT",
        "License-Expression: GPL-2.0-only OR MIT",
        "License-Expression: Apache-2.0 AND CNRI-Python",
        "Classifier: License :: OSI Approved :: MIT License",
        "License: BSD-3-Clause",
    ],
)
def test_one_that_is_on_it_passes(line: str, tmp_path: Path) -> None:
    assert found(installed(tmp_path, "stray", line)) == []


def test_a_text_alone_is_read(tmp_path: Path) -> None:
    assert found(installed(tmp_path, "stray", text="MIT License\n\nCopyright")) == []
    assert len(found(installed(tmp_path / "other", "stray", text="All rights reserved"))) == 1


def test_what_may_be_used_as_it_is_may_be_so_by_its_name_only(tmp_path: Path) -> None:
    assert found(installed(tmp_path, "psycopg", "License-Expression: LGPL-3.0-only"), "psycopg") == []


def test_what_is_not_locked_is_nobodys_business(tmp_path: Path) -> None:
    assert found(installed(tmp_path, "own-tool", "License-Expression: GPL-3.0-only")) == []
