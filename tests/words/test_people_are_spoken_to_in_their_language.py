"""Ukrainian or English, as the command line or the environment asks; programs always get English."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import tap_horoshop.words
import target_esputnik.cli
import target_esputnik.words
from target_esputnik.cli.click_words import CLICK
from target_esputnik.cli.words import ENGLISH
from target_esputnik.console import run_console
from target_esputnik.errors import LedgerUnusable, ServiceUnavailable, TooManyRejected, retold
from target_esputnik.language import Said, language_of, speak
from target_esputnik.statuses import StatusMap, StatusMapError
from target_esputnik.tally import Tally
from target_esputnik.web.words import PAGE
from target_esputnik.words import say

import translations

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FOLDERS = {"tap_horoshop": ROOT / "tap-horoshop", "target_esputnik": ROOT / "target-esputnik"}


@pytest.fixture(autouse=True)
def _english_again() -> Any:
    yield
    speak("en")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A console script as a process, in nobody's language but the one given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"} and not name.startswith(("TARGET_", "TAP_"))
    }
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        env=kept | {"PYTHONUTF8": "1"} | environment,
        input="",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


# -------------------------------------------------------------------- the catalogues


@pytest.mark.parametrize("package", list(FOLDERS))
def test_every_sentence_has_a_translation_with_the_same_placeholders(package: str) -> None:
    assert list(translations.problems(package)) == []


@pytest.mark.parametrize("package", list(FOLDERS))
def test_no_translation_is_stale_and_what_the_package_reads_is_compiled_from_it(package: str) -> None:
    for path, content in translations.files(package).items():
        assert path.read_bytes() == content, path.name


def test_a_sentence_without_translation_and_one_with_other_placeholders_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = translations.po_path("tap_horoshop").read_text(encoding="utf-8")
    broken = text.replace('msgstr "HTTP {status}"', 'msgstr "HTTP {state}"').replace('"Запуск зупинено."', '""')
    assert broken != text
    place = tmp_path / "tap_horoshop.po"
    place.write_text(broken, encoding="utf-8")
    monkeypatch.setattr(translations, "po_path", lambda _: place)

    told = list(translations.problems("tap_horoshop"))

    assert told == [
        "tap_horoshop: no translation of 'The run was stopped.'",
        "tap_horoshop: other placeholders in the translation of 'HTTP {status}'",
    ]


def test_both_packages_have_the_same_mechanism_to_the_letter() -> None:
    texts = {(FOLDERS[package] / package / "language.py").read_text(encoding="utf-8") for package in FOLDERS}

    assert len(texts) == 1


def test_click_really_says_what_is_translated_for_it() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    for sentence in CLICK:
        for words in (sentence,) if isinstance(sentence, str) else sentence:
            assert f'"{words}"' in source


# -------------------------------------------------------------------- the tables and the code


@pytest.mark.parametrize(
    ("folder", "table"),
    [
        (FOLDERS["tap_horoshop"] / "tap_horoshop", tap_horoshop.words.SENTENCES),
        (FOLDERS["target_esputnik"] / "target_esputnik", target_esputnik.words.SENTENCES | ENGLISH),
    ],
    ids=["tap", "target"],
)
def test_every_sentence_of_the_tables_is_said_somewhere(folder: Path, table: dict[str, Any]) -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if not path.name.startswith("words")
    )
    put_together = tuple(re.findall(r'f"([a-z-]+\.(?:[a-z]+\.)?)\{', source))  # f"verdict.{state}"
    by_kind = ("stream.", "fate.", "kind.", "probe.")  # `name_of`; the probe's are named after its questions
    ends = ("column.", "mapping.", "setting.")  # sheets, and what is wrong with settings, name the rest alone
    commands = {f"{name}.{part}" for name in target_esputnik.cli.main.commands for part in ("short", "help")}

    unsaid = [
        name
        for name in sorted(set(table) - commands)
        if not re.search(f"[\"']{re.escape(name)}[\"']", source)
        and not name.startswith((*put_together, *by_kind))
        and not (name.startswith(ends) and f'"{name.partition(".")[2]}"' in source)
    ]

    assert unsaid == []


def test_nothing_is_said_that_no_table_holds() -> None:
    table = target_esputnik.words.SENTENCES | ENGLISH | PAGE
    for path in sorted((FOLDERS["target_esputnik"] / "target_esputnik").rglob("*.py")):
        for name in re.findall(r"\b(?:say|said)\(\s*\"([\w.-]+)\"", path.read_text(encoding="utf-8")):
            assert name in table, f"{path.name}: {name}"


# -------------------------------------------------------------------- the choice


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "uk_UA.UTF-8"}, "uk"),
        ([], {"LANG": "uk_UA.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "de_DE", "LC_MESSAGES": "uk_UA"}, "uk"),
        ([], {"LC_ALL": "en_GB", "LC_MESSAGES": "uk_UA", "LANG": "uk_UA"}, "en"),
        ([], {"LC_ALL": "", "LANG": "uk"}, "uk"),
        (["--lang", "uk"], {"LC_ALL": "en_US"}, "uk"),
        (["stats", "--lang=en"], {"LANG": "uk_UA"}, "en"),
    ],
)
def test_the_command_line_decides_then_the_environment_as_in_posix(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert language_of(arguments, environment) == language


# -------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("count", "contacts", "requests"),
    [
        (0, "0 контактів", "0 запитів"),
        (1, "1 контакт", "1 запит"),
        (2, "2 контакти", "2 запити"),
        (5, "5 контактів", "5 запитів"),
        (11, "11 контактів", "11 запитів"),
        (21, "21 контакт", "21 запит"),
        (22, "22 контакти", "22 запити"),
        (112, "112 контактів", "112 запитів"),
    ],
)
def test_ukrainian_counts_as_ukrainians_do(count: int, contacts: str, requests: str) -> None:
    speak("uk")

    assert (say("count.contacts", count=count), say("count.requests", count=count)) == (contacts, requests)


def test_an_error_is_told_in_the_language_and_kept_in_english() -> None:
    error = ServiceUnavailable("trouble_there", status=503)
    speak("uk")

    assert error.line() == "unavailable: eSputnik відповідає HTTP 503. Наступний запуск продовжить звідси сам."
    assert (error.sentence, str(error)) == ("eSputnik answers HTTP 503.", "eSputnik answers HTTP 503.")
    assert error.facts() == {
        "code": "unavailable",
        "case": "trouble_there",
        "exit_code": 1,
        "sentence": "eSputnik answers HTTP 503.",
        "action": "The next run goes on from here by itself.",
    }
    assert TooManyRejected("too_many_rejected", rejected=3, attempts=20).line().startswith("too_many_rejected: Відхил")


def test_what_the_ledger_kept_in_english_is_told_again_in_the_language() -> None:
    speak("uk")

    assert retold("unavailable", "eSputnik answers HTTP 503.") == "eSputnik відповідає HTTP 503."
    assert retold("unavailable", "What an older version said.") == "What an older version said."
    assert retold(None, "") == ""


def test_a_problem_within_a_sentence_is_told_in_the_same_language() -> None:
    with pytest.raises(StatusMapError) as refused:
        StatusMap.from_setting([{"status": 8, "send": []}])
    speak("uk")

    assert (
        str(refused.value.said)
        == "пара 1, send: список порожній; без цієї пари замовлення з таким статусом утримуються"
    )
    assert str(refused.value).startswith("entry 1, send: the list is empty")


def test_the_balance_of_a_run_is_told_in_the_language() -> None:
    tally = Tally(1)
    tally.read["orders"] = 3
    tally.settled("orders", "accepted")
    tally.settled("orders", "accepted")
    tally.settled("orders", "held", "unmapped_status")
    english = tally.said()
    speak("uk")

    assert english == "orders: 3 read = 2 accepted + 1 held (unmapped_status)"
    assert tally.said() == "замовлення: прочитано 3 = 2 прийнято + 1 утримано (unmapped_status)"


def test_json_is_english_whatever_the_language_and_a_failure_is_json_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"api_key": "k", "ledger_url": f"sqlite:///{tmp_path}/none.db"}), encoding="utf-8")

    code = run_console(target_esputnik.cli.main, ["held", "--config", str(config), "--json", "--lang", "uk"])

    assert code == 2
    assert json.loads(capsys.readouterr().out) == {"error": LedgerUnusable("ledger_absent").facts()}


def test_help_is_in_the_language_click_s_words_and_ours() -> None:
    by_option, by_environment = (
        run("esputnik-ledger", "held", "--help", "--lang", "uk"),
        run("esputnik-ledger", "held", "--help", LANG="uk_UA.UTF-8"),
    )
    english = run("esputnik-ledger", "held", "--help", LANG="de_DE.UTF-8")

    assert by_option.stdout == by_environment.stdout
    assert by_option.stdout.startswith("Використання: esputnik-ledger held")
    assert "Контакти й замовлення, які чекають" in by_option.stdout
    assert "Приклад: esputnik-ledger held --config target.json" in by_option.stdout
    assert english.stdout.startswith("Usage: esputnik-ledger held")
    assert not re.search("[а-яіїєґ]", english.stdout)


def test_every_command_and_option_has_help_in_ukrainian() -> None:
    speak("uk")
    main = target_esputnik.cli.main
    for command in (main, *main.commands.values()):
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options), command.name
        for text in (command.help, command.short_help, *(option.help for option in options)):
            assert not text or re.search("[а-яіїєґ]", str(Said(text))), (command.name, text)


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (("esputnik-ledger", "held", "--lang", "uk"), "config: потрібно задати налаштування: api_key."),
        (("target-esputnik", "--lang", "uk"), "config: потрібно задати налаштування: api_key."),
        (("tap-horoshop", "--lang", "uk"), "settings_invalid: потрібно задати `password`; "),
    ],
)
def test_the_last_line_of_every_program_is_in_the_language_and_keeps_its_code(
    command: tuple[str, ...], begins: str
) -> None:
    said = run(*command)

    assert said.returncode == 2
    assert begins in said.stderr.splitlines()[-1]


def test_a_typing_mistake_is_told_in_the_language() -> None:
    said = run("esputnik-ledger", "hold", "--lang", "uk")

    assert (said.returncode, said.stderr.startswith("Помилка: Немає команди 'hold'.")) == (2, True)


def test_no_package_needs_the_tool_that_compiles_its_words() -> None:
    script = "import sys, tap_horoshop.tap, target_esputnik.target, target_esputnik.cli; print('babel' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "False"
