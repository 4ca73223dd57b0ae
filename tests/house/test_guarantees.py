"""Every test that docs/guarantees.md names as a proof exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")


def test_every_proof_that_is_named_exists() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"\bdef (test_\w+)\(", sources))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 20
    assert named - existing == set()
    assert [path for path in re.findall(r"`(tests/[\w/.]+)`", PAGE) if not (ROOT / path).exists()] == []


def test_every_promise_names_a_proof() -> None:
    by_hand = re.sub(r"<!-- ([\w:-]+) -->\n.*?<!-- /\1 -->", "", PAGE, flags=re.DOTALL)
    rows = re.findall(r"^\| (.+?) \| (.*) \|$", by_hand.split("## Where an unknown")[0], re.MULTILINE)
    promises = [(promise, proofs) for promise, proofs in rows if promise != "promise"]
    assert len(promises) > 20
    assert [promise for promise, proofs in promises if "`test" not in proofs] == []
