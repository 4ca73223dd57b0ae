"""The standard tests of the Singer SDK, and of singer-tools, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class

from horoshop_esputnik_sandbox import Sandbox
from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TAP = str(Path(sys.executable).parent / "tap-horoshop")

# The suite wants its settings when this file is imported; the shop is started for its tests, and fills them in.
CONFIG: dict[str, Any] = {
    "site_url": "http://127.0.0.1:9",
    "username": "u",
    "password": "p",
    "max_requests_per_second": 100,
}
_Suite = get_tap_test_class(TapHoroshop, config=CONFIG)


class TestStandardTap(_Suite):  # type: ignore[misc,valid-type]
    """All that the SDK asks of a tap."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _shop(cls) -> Iterator[None]:
        with Sandbox(customers=30, orders=60, switches={"b2b": "on"}) as shop:
            CONFIG.update(site_url=shop.shop_url, username=shop.username, password=shop.password)
            yield


@pytest.fixture(scope="session")
def singer_check_tap(request: pytest.FixtureRequest) -> Path:
    """Give singer-io's checker. It needs a jsonschema of 2017, so it lives apart from us."""
    home = Path(request.config.cache.mkdir("singer-check-tap"))  # type: ignore[union-attr]
    command = home / "bin" / "singer-check-tap"
    if not command.exists():
        venv.create(home, with_pip=True, clear=True)
        locked = Path(__file__).with_name("singer-check-tap.txt")
        subprocess.run(
            [home / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", locked], check=True
        )
    return command


def test_singer_check_tap_finds_the_output_valid(
    singer_check_tap: Path, sandbox: Sandbox, settings: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(sandbox)), encoding="utf-8")
    output = subprocess.run([TAP, "--config", str(tmp_path / "config.json")], capture_output=True, check=True).stdout

    checked = subprocess.run([singer_check_tap], input=output, capture_output=True, check=False)

    assert checked.returncode == 0, checked.stderr.decode()
    assert b"The output is valid." in checked.stdout
    assert b"156 record messages" in checked.stdout


def test_singer_check_tap_would_find_a_stamp_without_a_zone(singer_check_tap: Path) -> None:
    schema = (
        '{"type":"SCHEMA","stream":"s","key_properties":[],'
        '"schema":{"properties":{"at":{"type":"string","format":"date-time"}}}}'
    )
    record = '{"type":"RECORD","stream":"s","record":{"at":"2026-01-01 00:00:00"}}'

    checked = subprocess.run(
        [singer_check_tap], input=f"{schema}\n{record}\n".encode(), capture_output=True, check=False
    )

    assert checked.returncode != 0


@pytest.mark.parametrize("arguments", [["--about"], ["--about", "--format", "json"], ["--discover"], ["--version"]])
def test_the_tap_describes_itself_without_settings_and_without_a_network(arguments: list[str]) -> None:
    # Without a name server and without routes: a look-up or a connection would end it with another code.
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *arguments], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 10


NO_NETWORK = """
import socket, sys
def refuse(*a, **k): raise SystemExit("a network was asked for")
socket.getaddrinfo = socket.socket.connect = socket.create_connection = refuse
from tap_horoshop.console import main
sys.argv = ["tap-horoshop", *sys.argv[1:]]
main()
"""


def test_a_check_of_the_connection_is_one_call(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., dict[str, Any]]
) -> None:
    outcome = tap_process(settings(sandbox), "--test")

    assert outcome.exit_code == 0
    assert [request["path"] for request in sandbox.requests("shop")] == ["/auth"]
    assert "accepts the user name and password" in outcome.log
