"""A name that steers a terminal, starts a line of its own, or is SQL: shown as text, to people, programs and the log.

What it may do on the statistics page and in its downloads is tried in tests/target/web.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ledger_driver import SCRIPT, LedgerDriver
from target_driver import Driver, contact, order, schema

if TYPE_CHECKING:
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox

STEERS = {
    "colour": "\x1b[31mred",
    "title of the window": "\x1b]0;pwned\x07",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "link": "\x1b]8;;https://example.com\x1b\\click",
    "one byte for two": "\x9b31mred",
    "over what was there": "x\r\nERROR all is lost\b\b\b",
    "end of the line in unicode": "x\u2028ERROR\u2029\x85all is lost",
    "from right to left": "\u202egpj.exe\u2066\u2069",
    "delete": "a\x7fb",
}
OBEYED = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F))} | {
    chr(code) for code in range(0x2066, 0x206A)
}
COMMANDS = (
    ("contacts", "7"),
    ("contacts", "7", "--masked"),
    ("orders", "1"),
    ("explain", "contact", "7"),
    ("explain", "order", "1"),
    ("rejected", "--show-answers"),
    ("held",),
    ("statuses",),
    ("stats",),
    ("requests",),
)
SQL = "Роберт'); DROP TABLE contacts;--"


@pytest.fixture
def target(sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, impatient: None) -> Driver:
    """Give a target with an empty ledger."""
    caplog.set_level("DEBUG")
    return Driver(sandbox, tmp_path, caplog)


@pytest.fixture
def ledger(target: Driver, tmp_path: Path) -> LedgerDriver:
    """Give the commands."""
    return LedgerDriver(target, tmp_path)


def with_everything(typed: str) -> dict[str, Any]:
    """Give what a run reads where every text of a shopper, and of the shop, is this one."""
    person = {"first_name": typed, "last_name": typed, "city": typed, "address": typed, "note": typed}
    bought = {"article": typed, "title": typed, "price": 420, "quantity": 1, "total_price": 420}
    placed = person | {"comment": typed, "delivery_type": typed, "products": [bought], "coupon_code": typed}
    status = {"id": 9, "title": typed, "titles": {"ua": typed}, "is_successful": False}
    return {
        "contacts": [contact(7, **person), contact(8, email=typed, phone=None)],
        "orders": [order(1, email="customer7@example.com", **placed), order(2, status_id=9, status_title=typed)],
        "order_statuses": [status],
    }


@pytest.mark.parametrize("typed", STEERS.values(), ids=STEERS)
def test_no_command_lets_it_steer_a_terminal_or_begin_a_line(typed: str, target: Driver, ledger: LedgerDriver) -> None:
    assert target(**with_everything(typed)).code == 0
    for command in COMMANDS:
        said = ledger(*command)
        assert said.code in {0, 3}, said
        text = said.out + said.err
        assert {character for character in text if character in OBEYED} <= {"\n", "\t"}, command
        assert [line for line in text.splitlines() if line.startswith("ERROR")] == [], command


def texts_of(value: object) -> list[str]:
    """Give every text within a JSON value."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for one in inner for text in texts_of(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("typed", STEERS.values(), ids=STEERS)
def test_json_escapes_it_and_keeps_it_as_it_was(typed: str, target: Driver, ledger: LedgerDriver) -> None:
    target(**with_everything(typed))
    said = ledger("orders", "1", "--json")
    assert {character for character in said.out if character in OBEYED} <= {"\n"}
    assert typed in texts_of(said.facts)


def test_on_a_real_terminal_it_is_text_too(target: Driver, ledger: LedgerDriver) -> None:
    for typed in STEERS.values():
        target(**with_everything(typed))
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "200", "NO_COLOR": "1"}
    command = [SCRIPT, "contacts", "7", "--config", ledger.config()]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as run:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert run.returncode == 0
    text = shown.decode().replace("\r\n", "\n").replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[3m", "")
    assert "customer7@example.com" in text
    assert {character for character in text if character in OBEYED} <= {"\n", "\t"}


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end of a terminal is closed
        return b""


@pytest.mark.parametrize("typed", STEERS.values(), ids=STEERS)
def test_a_stream_of_any_name_begins_no_line_of_the_log(typed: str, target: Driver, tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text(json.dumps(target.config()), encoding="utf-8")
    lines = [schema("contacts") | {"stream": typed}, {"type": "RECORD", "stream": typed, "record": contact(7)}]
    done = subprocess.run(
        [SCRIPT.replace("esputnik-ledger", "target-esputnik"), "--config", str(tmp_path / "target.json")],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == 0
    assert "is ignored" in done.stderr
    assert {character for character in done.stderr if character in OBEYED} <= {"\n"}
    assert [line for line in done.stderr.splitlines() if not line.startswith("20")] == []


def test_sql_is_a_name_like_any_other(target: Driver, ledger: LedgerDriver) -> None:
    target(contacts=[contact(7, first_name=SQL, city=SQL)], orders=[order(1, email=f"'--{SQL}", phone=SQL)])
    assert target.rows("SELECT count(*) FROM contacts")[0][0] >= 1
    facts = ledger.facts("contacts", "7")
    assert SQL in texts_of(facts)
    for command in (("contacts", SQL), ("orders", SQL), ("explain", "order", SQL), ("held", "--reason", SQL)):
        assert ledger(*command).code in {0, 1, 2}
    for selector in ("--email", "--id", "--phone"):
        assert ledger("erase", selector, SQL).code in {0, 1, 2}
    assert target.rows("SELECT count(*) FROM contacts")[0][0] >= 1
