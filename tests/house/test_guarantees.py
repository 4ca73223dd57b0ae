"""Every test that docs/guarantees.md and docs/security.md name as a proof exists, and every promise names one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("guarantees.md", "security.md")
PAGES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMES}
HEADS = {"promise", "threat"}
pages = pytest.mark.parametrize("page", PAGES.values(), ids=NAMES)


@pages
def test_every_proof_that_is_named_exists(page: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"\bdef (test_\w+)\(", sources))
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 20
    assert named - existing == set()
    assert [path for path in re.findall(r"`(tests/[\w/.]+)`", page) if not (ROOT / path).exists()] == []


@pages
def test_every_promise_names_a_proof(page: str) -> None:
    by_hand = re.sub(r"<!-- ([\w:-]+) -->\n.*?<!-- /\1 -->", "", page, flags=re.DOTALL)
    rows = re.findall(r"^\| (.+?) \| (.*) \|$", by_hand.split("## Where ")[0], re.MULTILINE)
    promises = [(promise, proofs) for promise, proofs in rows if promise not in HEADS]
    assert len(promises) > 20
    assert [promise for promise, proofs in promises if "`test" not in proofs] == []
