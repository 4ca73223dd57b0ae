"""Check that no tracked file names a folder of somebody's machine or the host of a package registry.

Such a line works for one person only, or says where he gets his packages from.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TRACES = {
    "a folder of somebody's machine": r"(?<![\w.~-])/(?:root|home|Users|work|tmp|private/var)/[\w.-]+",
    "the host of a package registry": r"(?i)\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian)\b",
    "an index address": r"(?m)^\s*--(?:extra-)?(?:index-url|find-links)\b",
}
BINARY = {".png", ".gif", ".ico", ".whl", ".gz", ".mo"}  # a .mo is made of a .po, which is looked at


def tracked_files() -> list[Path]:
    """Return the files under version control, and the new ones that would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def traces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that holds a trace, with what it is."""
    for what, pattern in TRACES.items():
        for found in re.finditer(pattern, text):
            yield text.count("\n", 0, found.start()) + 1, what


def problems() -> Iterator[str]:
    """Yield a sentence for every trace in a tracked file."""
    for path in tracked_files():
        if path.suffix in BINARY or not path.is_file():
            continue
        for line, what in traces(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(ROOT)}:{line}: {what}"


def main() -> None:
    """Print what is found and exit 1, or say that there is nothing."""
    found = list(problems())
    print("\n".join(found) if found else "traces of machines: none")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
