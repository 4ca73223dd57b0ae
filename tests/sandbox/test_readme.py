"""The sandbox's README does not lie: its tables are the code's, its examples run."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from horoshop_esputnik_sandbox import SandboxClient, disturbances, faults, switches

README = Path(__file__).parents[2] / "sandbox" / "README.md"
SCRIPTS = Path(sys.executable).parent


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


TABLES = {
    "switches": switches.as_markdown(),
    "faults": faults.as_markdown(),
    "disturbances": disturbances.as_markdown(),
}


@pytest.mark.parametrize(("name", "table"), TABLES.items())
def test_tables_are_those_of_the_code(name: str, table: str) -> None:
    written = README.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    printed = [str(SCRIPTS / "horoshop-esputnik-sandbox"), "--list", name]
    assert written == subprocess.run(printed, capture_output=True, text=True, check=True).stdout == table + "\n"


def test_the_python_example_runs() -> None:
    exec(compile(examples("python")[0], "README", "exec"), {})  # noqa: S102 - the README is ours


def on_free_ports(example: str) -> str:
    for port in ("8101", "8102", "8103"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            example = example.replace(port, str(probe.getsockname()[1]))
    return example


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example is for people who have curl")
def test_the_shell_example_runs(tmp_path: Path) -> None:
    commands = f"PATH={SCRIPTS}:$PATH\nset -eum\n" + on_free_ports(examples("bash")[1])
    done = subprocess.run(
        ["bash", "-c", commands], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"order_id":10002' in done.stdout
    assert '"confirmed":false' in done.stdout
    assert "subscribeFromApi-shop" in done.stdout
    assert "error" not in done.stdout


def test_every_call_of_the_client_is_listed() -> None:
    listed = README.read_text(encoding="utf-8")
    calls = [name for name in vars(SandboxClient) if not name.startswith("_")]
    assert [name for name in calls if f"`{name}(" not in listed] == []
