from __future__ import annotations

import json
import re
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from ledger_driver import SCRIPT, LedgerDriver
from probe_driver import GIVEN, Onlooker, living, remains
from target_driver import Driver, contact

from target_esputnik.probe.question import PERSON
from target_esputnik.probe.questions import BY_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox

EMAIL = ("--email", GIVEN)


@pytest.fixture
def target(account: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Driver:
    """Give a target with that account, and no ledger yet."""
    caplog.set_level("INFO")
    return Driver(account, tmp_path, caplog)


@pytest.fixture
def ledger(target: Driver, tmp_path: Path) -> LedgerDriver:
    """Give the commands."""
    return LedgerDriver(target, tmp_path)


class Typing:
    """A person at the keyboard: says yes to writes, and types what the account shows."""

    def __init__(self, onlooker: Onlooker, said: Any, *, permits: str = "y") -> None:
        self._onlooker = onlooker
        self._said = said
        self._permits = permits
        self.lines = 0

    def readline(self) -> str:
        """Answer what was asked last."""
        self.lines += 1
        said = self._said().rstrip()
        if said.endswith("[y/N]"):
            return f"{self._permits}\n"
        asked = said[said.rindex("Please look") :].splitlines()
        where = asked[0]
        name = next(
            question.name
            for question in BY_NAME.values()
            if question.look and question.look.split("{", maxsplit=1)[0] in where and self._is_meant(question, asked)
        )
        email = re.search(r"me\+test-probe-\S+@example\.com", where)
        key = re.search(r"probe-[0-9a-f]{6}-[a-z]+", where)
        found = self._onlooker.sight(name, email=email[0] if email else "", key=key[0] if key else "")
        return f"{found + 1}\n"

    @staticmethod
    def _is_meant(question: Any, asked: list[str]) -> bool:
        return all(any(line.strip().endswith(sight) for line in asked) for sight in question.sights)

    def isatty(self) -> bool:
        """Be no terminal, for nothing is drawn."""
        return False


def what_it_said() -> str:
    """Give stderr so far; the driver of the commands keeps it."""
    return str(sys.stderr.getvalue())  # type: ignore[attr-defined]


def facts_of(answer: Any) -> dict[str, dict[str, Any]]:
    """Give the questions of the JSON by name."""
    return {question["name"]: question for question in answer.facts["questions"]}


def test_without_a_ledger_it_settles_what_answers_show_and_makes_none(
    account: Sandbox, target: Driver, ledger: LedgerDriver
) -> None:
    said = ledger("probe", *EMAIL, "--yes", "--json", "--only", "put_omitted", "--only", "subscribe_email")
    assert said.code == 0, said
    questions = facts_of(said)
    assert questions["put_omitted"] | {"how": ""} == {
        "name": "put_omitted",
        "asks": BY_NAME["put_omitted"].asks,
        "how": "",
        "seen_by": "answers",
        "settled": True,
        "reading": "kept",
        "evidence": "",
        "meaning": BY_NAME["put_omitted"].readings["kept"].meaning,
        "setting": None,
    }
    assert questions["subscribe_email"]["reading"] == "add"
    assert questions["put_adds_email"]["code"] == "not_seen"
    assert questions["order_confirms"]["code"] == "not_asked"
    assert questions["newsletter"]["code"] == "no_ledger"
    assert said.facts["cleaned"] == {"contacts": 2, "orders": 0}
    assert said.facts["left"] == []
    assert not target.ledger_path.parent.exists()
    assert remains(account, []) == []


def test_what_will_fire_is_said_before_anything_is_asked(account: Sandbox, ledger: LedgerDriver) -> None:
    said = ledger("probe", *EMAIL, "--yes", "--only", "order_confirms")
    before, _, _ = said.err.partition("Subscribe the contact")
    assert "subscribe(Update)FromApi-probe: 1" in before
    assert "orderINITIALIZED: 1" in before
    assert account.counts()["events"] == {"subscribeFromApi-probe": 1, "orderINITIALIZED": 1}


@pytest.mark.parametrize("confirms", ["yes", "no"])
def test_a_person_who_looks_settles_what_no_call_shows(
    account: Sandbox, ledger: LedgerDriver, monkeypatch: pytest.MonkeyPatch, confirms: str
) -> None:
    account.switch(order_confirms=confirms, confirmed_route_confirms=confirms, put_adds_email="unconfirmed")
    person = Typing(Onlooker(account), what_it_said)
    monkeypatch.setattr("sys.stdin", person)
    asked = [question.name for question in BY_NAME.values() if question.seen_by == PERSON]
    said = ledger("probe", *EMAIL, "--json", *(word for name in asked for word in ("--only", name)))
    assert said.code == 0, said
    readings = {name: question.get("reading") for name, question in facts_of(said).items() if name in asked}
    assert readings == {
        "subscribe_creates": "unconfirmed",
        "confirmed_route_confirms": confirms,
        "order_confirms": confirms,
        "put_adds_email": "unconfirmed",
        "subscribe_on_confirmed": "keeps",
        "subscribe_on_unsubscribed": "stays",
        "event_caps": "Api",
        "order_event_repeat": "fires",
        "order_omitted": "cleared",
    }
    assert person.lines > len(asked)
    assert remains(account, []) == []


@pytest.mark.parametrize("typed", ["n", "", "what?"])
def test_anything_but_a_yes_is_a_no(
    account: Sandbox, ledger: LedgerDriver, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    person = Typing(Onlooker(account), what_it_said, permits=typed)
    monkeypatch.setattr("sys.stdin", person)
    said = ledger("probe", *EMAIL, "--json")
    assert said.code == 0
    assert facts_of(said)["put_omitted"]["code"] == "declined"
    assert all(one["method"] == "GET" for one in account.requests("esputnik"))


def test_the_end_of_the_input_is_a_no(account: Sandbox, ledger: LedgerDriver) -> None:
    done = subprocess.run(
        [SCRIPT, "probe", "--config", ledger.config(), *EMAIL, "--only", "put_omitted", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[y/N]" in done.stderr
    assert json.loads(done.stdout)["cleaned"] == {"contacts": 0, "orders": 0}
    assert all(one["method"] == "GET" for one in account.requests("esputnik"))


def test_tables_for_people_say_what_is_settled_and_what_is_open(ledger: LedgerDriver) -> None:
    said = ledger("probe", *EMAIL, "--yes", "--only", "currencies")
    assert said.code == 0
    assert re.search(r"Does eSputnik take other currencies.*\tany\s*\tIt does\.", said.out)
    assert "Open" in said.out
    assert "Does an order confirm" not in said.out, "what was not asked is not told either"
    assert "Cleaned up: contacts 1, orders 1" in said.out


def test_a_run_at_work_keeps_the_probe_off(account: Sandbox, target: Driver, ledger: LedgerDriver) -> None:
    from filelock import FileLock  # noqa: PLC0415 - as the ledger itself locks

    assert target(contacts=[contact(1)]).code == 0
    writes = len([one for one in account.requests("esputnik") if one["method"] != "GET"])
    with FileLock(f"{target.ledger_path}.1.lock"):
        said = ledger("probe", *EMAIL, "--yes")
    assert said.code == 1
    assert "ledger_busy" in said.err
    assert len([one for one in account.requests("esputnik") if one["method"] != "GET"]) == writes


def test_a_key_that_opens_nothing_is_named_and_a_person_must_act(account: Sandbox, ledger: LedgerDriver) -> None:
    account.switch(key_scope="disabled")
    said = ledger("probe", *EMAIL, "--yes")
    assert said.code == 2
    assert re.search(r"What may the key do\?.*disabled", said.out)
    assert "credentials" in said.err
    facts = ledger("probe", *EMAIL, "--yes", "--json").facts
    assert facts["error"]["code"] == "credentials"
    assert {one["name"] for one in facts["questions"] if one["settled"]} == {"key_scope"}


def test_a_failure_tells_what_was_settled_before_it(account: Sandbox, ledger: LedgerDriver) -> None:
    account.fail(api="esputnik", path="/v1/contact/subscribe", times=None, kind="redirect")
    said = ledger("probe", *EMAIL, "--yes", "--json", "--only", "put_omitted", "--only", "subscribe_email")
    assert said.code == 2
    assert facts_of(said)["put_omitted"]["reading"] == "kept"
    assert facts_of(said)["subscribe_email"]["code"] == "ended"
    assert said.facts["error"]["code"] == "not_esputnik"
    assert remains(account, []) == []


def test_an_address_that_esputnik_has_is_refused_in_one_line(account: Sandbox, ledger: LedgerDriver) -> None:
    account.create_contact(email=GIVEN)
    said = ledger("probe", *EMAIL, "--yes")
    assert said.code == 2
    assert "belongs to a contact of this eSputnik account" in said.err
    assert all(one["method"] == "GET" for one in account.requests("esputnik"))


def test_a_dry_run_shows_the_plan_and_sends_nothing(account: Sandbox, ledger: LedgerDriver) -> None:
    said = ledger("probe", *EMAIL, "--yes", dry_run=True)
    assert said.code == 0
    assert "orderINITIALIZED: 8" in said.err
    assert [one["path"] for one in account.requests("esputnik")] == ["/v1/account/info"]


def test_what_could_not_be_cleaned_is_named_and_asks_for_a_person(account: Sandbox, ledger: LedgerDriver) -> None:
    account.fail(api="esputnik", method="DELETE", times=None, kind="status", status=403)
    said = ledger("probe", *EMAIL, "--yes", "--json", "--only", "subscribe_creates")
    assert said.code == 2
    assert any("-asked" in line for line in said.facts["left"])


# -------------------------------------------------------------------- signals, with real processes


def started(ledger: LedgerDriver, *options: str) -> subprocess.Popen[str]:
    """Start the program as a process of its own."""
    return subprocess.Popen(
        [SCRIPT, "probe", "--config", ledger.config(), *EMAIL, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what it says until some words come."""
    assert process.stderr is not None
    said = ""
    while words not in said:
        ready, _, _ = select.select([process.stderr], [], [], 30)
        assert ready, said
        said += process.stderr.readline()
        assert said, "it ended"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_a_request_ends_with_everything_cleaned_up(
    account: Sandbox, ledger: LedgerDriver, number: signal.Signals, code: int
) -> None:
    account.fail(api="esputnik", path="/v1/orders", method="POST", kind="delay_after", seconds=2)
    with started(ledger, "--yes", "--only", "order_confirms") as process:
        while "orderINITIALIZED" not in account.counts()["events"]:  # its answer is still to come
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Stopped by a signal" in said
    assert remains(account, []) == []
    assert [event["type"] for event in account.events()] == ["subscribeFromApi-probe", "orderINITIALIZED"]


def test_a_signal_while_it_waits_for_an_answer_ends_it_at_once(account: Sandbox, ledger: LedgerDriver) -> None:
    with started(ledger, "--only", "put_omitted") as process:
        read_until(process, "— put")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert living(account) == []
