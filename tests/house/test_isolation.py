"""Demo and tests cannot reach another machine, nor see an owner's settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from isolated_project import ROOT, IsolatedProject, refuse_foreign_addresses, scrubbed

TOOLS = ROOT / "tools"


def run_locked_in(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that was locked in."""
    whole = f"import sys; sys.path.insert(0, {str(TOOLS)!r})\nimport loopback_only; loopback_only.lock_in()\n{code}"
    return subprocess.run([sys.executable, "-c", whole], check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 443), timeout=1)",
        "import socket; socket.create_connection(('2001:db8::1', 443), timeout=1)",
        "import socket; socket.getaddrinfo('shop.example.com', 443)",
        "import socket; socket.gethostbyname('shop.example.com')",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import socket; socket.create_connection(('10.0.0.1', 80), timeout=1)",
        "import requests; requests.get('https://esputnik.com/api/v1/version', timeout=1)",
    ],
)
def test_a_locked_in_process_reaches_no_other_machine(attempt: str) -> None:
    ended = run_locked_in(attempt)
    assert ended.returncode == 1
    assert "only this machine may be reached here" in ended.stderr


def test_a_locked_in_process_still_reaches_this_machine() -> None:
    ended = run_locked_in(
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(('localhost', server.getsockname()[1]), timeout=5)\n"
        "print('reached')"
    )
    assert ended.stdout == "reached\n", ended.stderr


@pytest.mark.parametrize(
    "address",
    [
        "https://esputnik.com/api",
        "http://10.0.0.1",
        "postgresql+psycopg://owner@db.example.com/ledger",
        "https://127.0.0.1.example.com",
    ],
)
def test_a_setting_that_names_another_machine_is_refused_without_its_value(address: str) -> None:
    with pytest.raises(ValueError, match="TARGET_ESPUTNIK_API_URL") as refused:
        refuse_foreign_addresses({"TARGET_ESPUTNIK_API_URL": address})
    assert address not in str(refused.value)


def test_settings_of_this_machine_are_taken() -> None:
    refuse_foreign_addresses(
        {
            "A": "http://127.0.0.1:8000",
            "B": "http://localhost/api",
            "C": "http://[::1]:1",
            "D": "sqlite:///.esputnik/x.db",
        }
    )


def test_the_environment_is_scrubbed_of_settings() -> None:
    owners = {"TAP_HOROSHOP_SITE_URL": "x", "TARGET_ESPUTNIK_API_KEY": "x", "MELTANO_ENVIRONMENT": "x", "tap_x": "x"}
    assert scrubbed(owners | {"PATH": "kept", "TAPE": "kept"}) == {"PATH": "kept", "TAPE": "kept"}


def test_the_copy_holds_no_owners_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners = tmp_path / "owners"
    for name in ("singer-airbyte", "tap-horoshop", "target-esputnik", "requirements"):
        (owners / name).mkdir(parents=True)
        (owners / name / ".env").write_text("TAP_HOROSHOP_PASSWORD=secret", encoding="utf-8")
    (owners / ".env").write_text("TAP_HOROSHOP_PASSWORD=secret", encoding="utf-8")
    (owners / ".meltano").mkdir()
    (owners / "meltano.yml").write_text("{}", encoding="utf-8")
    monkeypatch.setattr("isolated_project.ROOT", owners)
    with IsolatedProject({}) as project:
        assert sorted(path.name for path in project.root.rglob("*")) == [
            "meltano.yml",
            "requirements",
            "singer-airbyte",
            "tap-horoshop",
            "target-esputnik",
        ]
    assert not project.root.exists()
