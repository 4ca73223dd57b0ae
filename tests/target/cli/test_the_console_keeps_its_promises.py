from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from ledger_driver import SCRIPT
from target_driver import contact, order

from target_esputnik.cli import main
from target_esputnik.cli.words import ENGLISH
from target_esputnik.delivery.again import WHY_LEFT

if TYPE_CHECKING:
    from pathlib import Path

    from ledger_driver import LedgerDriver
    from target_driver import Driver

COMMANDS = sorted(main.commands)
PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}
MAPPED: dict[str, Any] = {"order_status_mapping": [{"status": 7, "send": "IN_PROGRESS"}]}

WHICH = {
    "resend": ("--id", "1"),
    "contacts": ("7",),
    "orders": ("1",),
    "explain": ("order", "1"),
    "erase": ("--id", "7"),
}
"""What a command that is about one record must be told."""

ASKING = {"check", "retry", "release", "resend", "probe"}
"""Commands that ask eSputnik; all others work from the ledger alone."""

STAYING = {"serve"}
"""Commands that go on until they are stopped, and so are tried in a room of their own: tests/target/web."""


def test_the_commands_are_those_of_the_contract_and_of_decision_14() -> None:
    assert set(COMMANDS) - {"shops"} == {
        "check", "statuses", "stats", "last-run", "requests", "contacts", "orders", "explain", "rejected", "held",
        "retry", "release", "resend", "erase", "prune", "probe", "serve",
    }  # fmt: skip
    assert "shops" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_help_with_an_example_that_works(ledger: LedgerDriver, target: Driver, command: str) -> None:
    said = ledger.bare(command, "--help")
    assert said.code == 0
    example = re.search(r"Example: esputnik-ledger ([^\0]+)$", said.out)
    assert example is not None
    words = example[1].split()
    assert words[:3] == [command, "--config", "target.json"]
    target(contacts=[contact(7)], orders=[order(1)])
    if command not in {"probe", *STAYING}:  # a probe writes to the account, and asks: tests/target/probe
        assert ledger(command, *words[3:]).code == 0


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"probe"} - STAYING))
def test_each_has_json_that_is_all_of_stdout(ledger: LedgerDriver, target: Driver, command: str) -> None:
    target(contacts=[contact(7)], orders=[order(1)])
    said = ledger(command, "--json", *WHICH.get(command, ()))
    assert (said.code, said.err) == (0, "")
    assert isinstance(said.facts, dict)


def test_every_word_is_there_and_none_is_idle() -> None:
    assert {f"left.{why}" for why in WHY_LEFT} <= set(ENGLISH)
    assert {f"{command}.{part}" for command in COMMANDS for part in ("short", "help")} <= set(ENGLISH)


class TestSettings:
    def test_they_come_from_the_environment_where_no_file_is_given(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        environment = {
            f"TARGET_ESPUTNIK_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in target.config(**MAPPED).items()
        }
        said = ledger.process("statuses", "--json", environment=environment)
        assert said.code == 0
        assert ledger.process("statuses", "--json").code == 2, "nothing in the environment, nothing given"

    def test_later_files_outrank_earlier_ones_and_env_outranks_files(
        self, target: Driver, ledger: LedgerDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target(orders=[order(1)], shop="first")
        target(orders=[order(1), order(2)], shop="second")
        other = tmp_path / "other.json"
        other.write_text(json.dumps({"shop": "second"}), encoding="utf-8")
        file = ledger.config(shop="first")

        def shop(*files: str) -> str:
            options = [word for name in files for word in ("--config", name)]
            return str(ledger.bare("stats", "--json", *options).facts["shop"])

        assert shop(file) == "first"
        assert shop(file, str(other)) == "second"
        assert shop(str(other), file) == "first"
        monkeypatch.setenv("TARGET_ESPUTNIK_SHOP", "second")
        assert shop(file) == "first", "a file alone is all there is"
        assert shop(file, "ENV") == "second"

    @pytest.mark.parametrize("content", ["", "[]", "{not json", "\udcff"])
    def test_a_file_that_holds_no_settings_is_one_line(
        self, ledger: LedgerDriver, tmp_path: Path, content: str
    ) -> None:
        file = tmp_path / "bad.json"
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
        said = ledger.bare("stats", "--config", str(file))
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)

    def test_a_file_that_is_not_there_is_one_line(self, ledger: LedgerDriver, tmp_path: Path) -> None:
        said = ledger.bare("stats", "--config", str(tmp_path / "none.json"))
        assert (said.code, len(said.err.splitlines())) == (2, 1)

    @pytest.mark.parametrize(
        "words",
        [
            ("orders", "9999"),
            ("explain", "contact", "nobody"),
            ("erase",),
            ("resend", "--yes"),
            ("stats", "--last", "1d", "--from", "2026-01-01"),
            ("held", "--config", "none.json"),
        ],
        ids=" ".join,
    )
    def test_an_error_is_json_too_where_json_was_asked_for(
        self, target: Driver, ledger: LedgerDriver, words: tuple[str, ...]
    ) -> None:
        target(orders=[order(1)])
        said = ledger(words[0], "--json", *words[1:])
        assert (said.code, len(said.err.splitlines())) == (2, 1)
        assert said.facts["error"]["exit_code"] == 2
        assert said.facts["error"]["sentence"] in said.err

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("orders",), 2),
            (("explain", "order"), 2),
            (("requests", "--run"), 0),
            (("requests", "--limit"), 0),
            (("held", "--limit"), 0),
            (("held", "--id"), 0),
            (("resend", "--id"), 0),
        ],
        ids=lambda words: " ".join(words) if isinstance(words, tuple) else None,
    )
    def test_a_number_that_no_database_has_is_of_nothing(
        self, target: Driver, ledger: LedgerDriver, words: tuple[str, ...], code: int
    ) -> None:
        target(orders=[order(1)])
        said = ledger(*words, str(10**30))
        assert (said.code, "unexpected" in said.err) == (code, False)

    def test_reports_need_no_network(self, target: Driver, ledger: LedgerDriver) -> None:
        target(contacts=[contact(7)], orders=[order(1)])
        asked = len(target.paths())
        for command in sorted(set(COMMANDS) - ASKING - STAYING):
            assert ledger(command, *WHICH.get(command, ()), api_url="http://127.0.0.1:9/api").code == 0
        assert len(target.paths()) == asked

    def test_of_several_accounts_one_must_be_named(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        target.change_ledger(
            "INSERT INTO scopes (uid, account, account_name, shop, live_since, created_at) "
            "SELECT 'x', 'loopback:999', 'Other', shop, live_since, created_at FROM scopes"
        )
        said = ledger("stats")
        assert said.code == 2
        assert "--account" in said.err
        assert "24001 (Sandbox Org), 999 (Other)" in said.err
        assert ledger.facts("stats", "--account", "24001")["account"] == "Sandbox Org"
        assert ledger.facts("stats", "--account", "999")["account"] == "Other"
        assert ledger("stats", "--account", "7").code == 2

    def test_rows_of_a_sandbox_are_none_of_a_real_account(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1)])
        said = ledger("stats", api_url="https://esputnik.com/api")
        assert said.code == 2
        assert "knows nothing of the shop default" in said.err

    def test_a_ledger_that_is_not_there_is_not_made(self, target: Driver, ledger: LedgerDriver) -> None:
        for command in sorted(set(COMMANDS) - ASKING - STAYING):
            said = ledger(command, *WHICH.get(command, ()))
            assert (said.code, said.err.split(":")[0]) == (2, "ledger_unusable")
        assert not target.place.exists()


class TestPaper:
    def test_piped_it_is_plain_columns(self, target: Driver, ledger: LedgerDriver) -> None:
        target(orders=[order(1, email=None)])
        said = ledger.process("rejected", "--config", ledger.config())
        rows = [[cell.strip() for cell in line.split("\t")] for line in said.out.splitlines()]
        assert ["stream", "id", "reason", "since", "shop's status"] in rows
        assert [row[:3] for row in rows if row[0] == "orders"][-1] == ["orders", "1", "no_identity"]
        assert "\x1b" not in said.out

    @pytest.mark.parametrize("no_color", ["", "1"])
    def test_on_a_terminal_tables_are_drawn_and_no_color_is_honoured(
        self, target: Driver, ledger: LedgerDriver, no_color: str
    ) -> None:
        target(orders=[order(1, email=None)])
        environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "CI"}}
        environment |= {"TERM": "xterm-256color", "COLUMNS": "200"} | ({"NO_COLOR": no_color} if no_color else {})
        ours, theirs = pty.openpty()
        with subprocess.Popen([SCRIPT, "rejected", "--config", ledger.config()], stdout=theirs, env=environment) as run:
            os.close(theirs)
            text = b""
            while chunk := _read(ours):
                text += chunk
        os.close(ours)
        assert run.returncode == 0
        assert "no_identity" in text.decode()
        assert "─" in text.decode()
        coloured = re.search(rb"\x1b\[[0-9;]*3[0-7]m", text) is not None
        assert coloured is not bool(no_color)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end of a terminal is closed
        return b""


class TestSecrets:
    def test_no_secret_and_no_personal_data_is_shown(self, target: Driver, ledger: LedgerDriver) -> None:
        canary = {
            "email": "canary@example.com",
            "phone": "+380501234567",
            "first_name": "Канарка",
            "last_name": "Жовта",
            "address": "вул. Кліткова, 7",
        }
        old = {"created_at": "2019-05-01T00:00:00+03:00"}
        target.sandbox.fail(
            api="esputnik", path="/v1/orders", times=1, kind="status", status=400, body="canary@example.com"
        )
        target(
            contacts=[contact(7, **canary), contact(8, **canary | {"email": "x", "phone": None})],
            orders=[
                order(1, **canary),
                order(2, **canary, **PACKED),
                order(3, **canary, **old),
                order(4, **canary | {"total": "much"}),
            ],
        )
        options: dict[str, list[str]] = {"resend": ["--reason", "before_live_since"]}
        said = [
            ledger(command, *options.get(command, []), *form, **MAPPED)
            for command in sorted(set(COMMANDS) - STAYING)
            for form in ([], ["--json"])
        ]
        said += [ledger(command, "--yes", **MAPPED) for command in ("retry", "release")]
        everything = "".join(one.out + one.err for one in said)
        for secret in (*canary.values(), "canary", "0501234567", target.sandbox.api_key):
            assert secret not in everything

    def test_the_password_of_the_ledger_is_not_shown(self, ledger: LedgerDriver) -> None:
        url = "postgresql+psycopg://someone:canary-password@127.0.0.1:9/ledger?password=canary-two"
        for command in ("check", "stats"):
            said = ledger(command, ledger_url=url)
            assert said.code == 1, "a server that does not answer may answer later"
            assert "canary" not in said.out + said.err


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_settles_what_is_in_flight_and_sends_nothing_more(
    target: Driver, ledger: LedgerDriver, sent: signal.Signals, code: int
) -> None:
    target(orders=[order(number, **PACKED) for number in range(1, 4)])
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="delay", seconds=2)
    command = [SCRIPT, "release", "--yes", "--config", ledger.config(order_batch_size=1, **MAPPED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(300):
            if "POST /v1/orders" in target.paths():
                break
            time.sleep(0.05)
        process.send_signal(sent)
        _, log = process.communicate(timeout=60)
    assert process.returncode == code
    assert log.splitlines() == ["Stopped by a signal; everything that was sent is settled."]
    assert target.rows("SELECT count(*) FROM sends WHERE outcome IN ('sending', 'in_doubt')") == [(0,)]
    assert ledger.facts("stats")["runs"][0]["exit_code"] == code
    target(orders=[], **MAPPED)
    assert target.events()["orderIN_PROGRESS"] == 3
