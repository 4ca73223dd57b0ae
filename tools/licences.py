"""Hold the licence of every locked package that is installed here against a list: fail on one that is not on it.

A package says its licence in its metadata: as an SPDX expression, in classifiers, or in words. What it says in another
way than the tables here know is unknown, and fails, too.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from lock import pins

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = {"dev.txt": ".venv", "airbyte.txt": ".venv-airbyte", "airflow.txt": ".venv-airflow"}
"""Which environment holds what is locked where; `make test-airbyte` and `make demo-fleet` make the later ones."""

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "HPND", "ISC", "MIT",
    "MIT-0", "PSF-2.0", "Python-2.0", "Unicode-3.0", "Unlicense", "Zlib",
    "MPL-2.0",  # asks for the source of its own files only, of which we change none
}  # fmt: skip
"""SPDX names that go with Apache-2.0."""

ALLOWED_FOR = {
    "LGPL-3.0-only": {"psycopg", "psycopg-binary"},
    "GNU Library or Lesser General Public License (LGPL)": {"psycopg2-binary"},
    # Its classifiers are what one may choose among; the Artistic License is ours to choose.
    "Artistic License": {"text-unidecode"},
    "GNU General Public License (GPL)": {"text-unidecode"},
    "GNU General Public License v2 or later (GPLv2+)": {"text-unidecode"},
}
"""What goes with it where a package is imported as it is, and not part of ours: only for these."""

CLASSIFIERS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "CC0-1.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
SAY_NOTHING = {"OSI Approved", "DFSG approved"}


def licence_of(distribution: Distribution) -> str:
    """Return what a distribution says of its licence, as an SPDX expression; as it is, where the tables know it not."""
    said = distribution.metadata
    for expression in said.get_all("License-Expression", []):
        return str(expression)
    lines = [line.split(" :: ")[-1] for line in said.get_all("Classifier", []) if line.startswith("License ::")]
    if names := [line for line in lines if line not in SAY_NOTHING]:
        return " AND ".join(sorted(CLASSIFIERS.get(name, name) for name in names))
    for words in said.get_all("License", []):
        first = str(words).strip().partition("\n")[0]
        return CLASSIFIERS.get(first, first)
    texts = [file.read_text() for file in distribution.files or [] if file.name.startswith("LICENSE")]
    return "MIT" if any(text.lstrip().startswith("MIT License") for text in texts) else "none given"


def is_allowed(expression: str, name: str) -> bool:
    """Tell whether a package may be used by this licence: all sides of AND, one side of OR. Parentheses are unknown."""
    sides = re.split(r" AND ", expression)
    return all(any(_is_on_the_list(one.strip(), name) for one in side.split(" OR ")) for side in sides)


def _is_on_the_list(licence: str, name: str) -> bool:
    return licence in ALLOWED or canonicalize_name(name) in ALLOWED_FOR.get(licence, set())


def problems(installed: Iterable[Distribution], locked: set[str]) -> Iterator[str]:
    """Yield a sentence for each locked package whose licence is not on the list."""
    for distribution in installed:
        licence = licence_of(distribution)
        if canonicalize_name(distribution.name) in locked and not is_allowed(licence, distribution.name):
            yield f"{distribution.name}: its licence is not on the list of tools/licences.py: {licence[:80]!r}"


def main() -> None:
    """Print what is found and exit 1, or say how many were looked at, and where."""
    found: list[str] = []
    seen: list[str] = []
    for lock, folder in ENVIRONMENTS.items():
        locked: set[str] = {canonicalize_name(pin.name) for pin, _ in pins(lock)}
        places = [str(path) for path in (ROOT / folder).glob("lib/python*/site-packages")]
        installed = [one for one in distributions(path=places) if canonicalize_name(one.name) in locked]
        found += problems(installed, locked)
        seen.append(f"{len(installed)} in {folder}" if places else f"none in {folder}, which is not made")
    print("\n".join(found) if found else f"licences: all on the list ({', '.join(seen)})")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
