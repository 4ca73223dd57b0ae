"""At the loudest level of the log, by Meltano and without: no secret and no customer where they need not be."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from pipe_driver import BIN, LONG_AGO, MeltanoPipe, ProcessPipe
from tls_server import Recorder

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Program

CANARY = "c4nary"
PHONE = "380509990011"
LOUD = {"LOGLEVEL": "DEBUG", "TAP_HOROSHOP_LOGLEVEL": "DEBUG", "TARGET_ESPUTNIK_LOGLEVEL": "DEBUG"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a shop with one customer and orders of two buyers, all of them canaries."""
    with Sandbox(customers=0, orders=0) as shop:
        shop.register(title=f"{CANARY} Іван", email=f"{CANARY}@example.com", phone=f"+{PHONE}", note=CANARY)
        shop.place_order(delivery_name=CANARY, delivery_email=f"{CANARY}.b@example.com", delivery_phone=f"+{PHONE}")
        shop.place_order(delivery_name=CANARY, delivery_email="", delivery_phone=f"+{PHONE[:-1]}7", comment=CANARY)
        yield shop


def nobody_is_told(text: str, sandbox: Sandbox) -> bool:
    tokens = {r["body"].get("token") for r in sandbox.requests("shop") if isinstance(r["body"], dict)} - {None}
    secrets = {sandbox.password, sandbox.api_key, *(token for token in tokens if token != "[secure]")}
    return not any(secret in text for secret in (*secrets, CANARY, PHONE[:-1]))


def test_at_debug_both_processes_tell_no_secret_and_nobody(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGLEVEL", "DEBUG")
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    loud = pipe.run()
    assert loud.codes == (0, 0)
    assert sandbox.counts()["sent_contacts"] == 3, "there was somebody to tell of"
    assert loud.log.count("| DEBUG") > 5
    assert nobody_is_told(loud.log, sandbox)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "garbage"},
        {"kind": "status", "status": 500, "body": f"{CANARY} {PHONE}"},
        {"kind": "status", "status": 418, "body": f"{CANARY} {PHONE}"},
        {"kind": "status", "status": 400, "body": f'{{"message":"{CANARY} {PHONE}"}}'},
        {"kind": "truncate"},
        {"kind": "drop_after"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_whatever_esputnik_answers_the_loudest_log_tells_nobody(
    fault: dict[str, Any], sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGLEVEL", "DEBUG")
    sandbox.fail(api="esputnik", path="/v1/contact/subscribe", times=3, **fault)
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    loud = pipe.run()
    assert sandbox.faults()[0]["done"] > 0
    assert "| DEBUG" in loud.log
    assert nobody_is_told(loud.log, sandbox)


def test_headers_that_cannot_be_read_are_not_quoted_in_a_warning(program: Program) -> None:
    odd = f"HTTP/1.1 404 Not Found\r\nX-One: 1\r\n{CANARY} {PHONE}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    with Recorder(answer=odd) as server:
        ended = program.run(server.url, environment={"LOGLEVEL": "DEBUG"}, request_timeout=2)
    assert server.seen != b""
    assert CANARY not in ended.said
    assert PHONE not in ended.said


# -------------------------------------------------------------------- what other users of the machine can see


def all_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def visible(processes: list[psutil.Process]) -> str:
    """What `ps` shows to anybody."""
    return " ".join(map(shown_of, processes))


def shown_of(process: psutil.Process) -> str:
    try:
        return " ".join([*process.cmdline(), process.name()])
    except psutil.Error:  # it is over
        return ""


def environment_of(process: psutil.Process) -> str:
    try:
        return str(process.environ())
    except psutil.Error:
        return ""


def test_the_process_list_shows_no_secret_and_no_process_hands_one_on(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fail(api="esputnik", path="/v1/account/info", kind="delay", seconds=1.5)
    pipe = ProcessPipe(sandbox, tmp_path, target={"live_since": LONG_AGO})
    pipe.start()
    try:
        seen, children, environments = "", 0, ""
        while pipe.processes[1].poll() is None:
            for process in pipe.processes:
                family = all_of(psutil.Process(process.pid)) if process.poll() is None else []
                seen += visible(family)
                children += len(family[1:])
                environments += " ".join(map(environment_of, family))
            time.sleep(0.05)
        assert pipe.wait().codes == (0, 0)
    finally:
        pipe.kill()
    assert "tap.json" in seen
    assert "target.json" in seen
    assert children == 0, "whoever has no children hands no environment on"
    assert nobody_is_told(seen + environments, sandbox)


@pytest.fixture(scope="module")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


@pytest.mark.parametrize("level", ["info", "debug"])
def test_by_meltano_no_secret_and_nobody_is_told_not_in_its_files_either(
    level: str, sandbox: Sandbox, project: IsolatedProject, tmp_path: Path
) -> None:
    pipe = MeltanoPipe(sandbox, tmp_path, project, live_since=LONG_AGO)
    loud = {"MELTANO_CLI_LOG_LEVEL": "debug", "SINGER_SDK_LOG_LEVEL": "DEBUG"} | LOUD if level == "debug" else {}
    arguments = (f"--log-level={level}", "run", pipe.suffix, "tap-horoshop", "target-esputnik")
    process = project.start(*arguments, settings=pipe.environment() | loud)
    text, seen = "", ""
    assert process.stderr is not None
    for line in process.stderr:
        text += line
        seen += visible(all_of(psutil.Process(process.pid)) if process.poll() is None else [])
    text += process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert sandbox.counts()["sent_contacts"] == 3
    for path in project.root.parent.rglob("*.log"):
        text += path.read_text(encoding="utf-8", errors="replace")
        path.unlink()
    assert ("DEBUG" in text.upper()) == (level == "debug")
    assert not any(secret in text for secret in (sandbox.password, sandbox.api_key))
    if level == "debug":  # Meltano repeats then what passes through its pipe, records too (docs/security.md)
        text = "".join(line for line in text.splitlines(keepends=True) if '{"type":"RECORD"' not in line)
    assert nobody_is_told(text, sandbox)
    assert "target-esputnik" in seen
    assert nobody_is_told(seen, sandbox)


def test_a_bug_of_ours_shows_where_it_is_and_nothing_of_what_it_met(sandbox: Sandbox, tmp_path: Path) -> None:
    """Something that nobody foresaw, in the middle of a record: the place is told, the words and values are not."""
    (tmp_path / "sitecustomize.py").write_text(
        "import target_esputnik.contacts as room\n"
        "def broken(*given, **named):\n"
        "    raise RuntimeError(f'{given} {named}')\n"
        "for name in [n for n in vars(room) if n.startswith(('contact_', 'mapped', 'payload', 'to_'))]:\n"
        "    setattr(room, name, broken)\n",
        encoding="utf-8",
    )
    config = {
        "api_key": sandbox.api_key,
        "api_url": sandbox.esputnik_url,
        "ledger_url": f"sqlite:///{tmp_path}/ledger/ledger.db",
        "live_since": LONG_AGO,
    }
    (tmp_path / "target.json").write_text(json.dumps(config), encoding="utf-8")
    record = {"id": 7, "email": f"{CANARY}@example.com", "registered_at": LONG_AGO, "first_name": CANARY}
    lines = [
        {"type": "SCHEMA", "stream": "contacts", "schema": {"properties": {}}, "key_properties": ["id"]},
        {"type": "RECORD", "stream": "contacts", "record": record},
    ]
    done = subprocess.run(
        [str(BIN / "target-esputnik"), "--config", str(tmp_path / "target.json")],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ
        | LOUD
        | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])},
    )
    assert done.returncode == 1
    assert "unexpected: RuntimeError at" in done.stderr
    assert "Traceback" not in done.stderr
    assert nobody_is_told(done.stdout + done.stderr, sandbox)
