from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from target_driver import contact, schema

if TYPE_CHECKING:
    from target_driver import Driver

OURS = {"target-esputnik", "singer_sdk.metrics"}


@pytest.mark.parametrize("ledger", ["made", "there"])
def test_no_library_tells_an_owner_how_it_sets_itself_up(target: Driver, tmp_path: Path, ledger: str) -> None:
    if ledger == "there":
        target()
    config = tmp_path / "config.json"
    config.write_text(json.dumps(target.config()), encoding="utf-8")
    record = {"type": "RECORD", "stream": "contacts", "record": contact(7)}
    done = subprocess.run(  # a process of its own: a library that was imported before says nothing any more
        [str(Path(sys.executable).parent / "target-esputnik"), "--config", str(config)],
        input="".join(json.dumps(line) + "\n" for line in (schema("contacts"), record)),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(("TARGET_", "MELTANO_"))},
    )
    lines = [line.split("|") for line in done.stderr.splitlines()]
    assert {parts[2].strip() for parts in lines if len(parts) > 2} == OURS, done.stderr
