"""What docs/schedulers.md gives to copy works as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from horoshop_esputnik_fleet.names import TAP, variable_of

if TYPE_CHECKING:
    from fleet_driver import Fleet

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "schedulers.md").read_text(encoding="utf-8")


def block(kind: str, number: int = 0) -> str:
    """A block of the page."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[number]


def in_project(fleet: Fleet, line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in the project's folder, which has the commands."""
    commands = fleet.project.root / ".venv"
    if not commands.exists():
        commands.symlink_to(Path(sys.prefix))
    return subprocess.run(
        ["sh", "-c", line],
        cwd=fleet.project.root,
        env=fleet.project.environment() | fleet.secrets() | fleet.settings | more,
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.mark.parametrize("fleet", ["sqlite"], indirect=True)
def test_the_line_for_cron_runs_every_shop_though_one_fails(fleet: Fleet) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("7 * * * *")).removeprefix("7 * * * *")
    line = line.replace("/srv/shops", str(fleet.project.root)).replace("list --names", "list --names --account flowers")
    ended = in_project(fleet, line, **{variable_of(TAP, "roses", "password"): "wrong"})
    assert (ended.returncode, "shop roses: failed; a person must act" in ended.stderr) == (123, True), ended
    assert "shop tulips: done (exit code 0)" in ended.stderr
    assert fleet.arrived("tulips") == fleet.there_is("tulips")
    assert fleet.arrived("roses") == {"contacts": 0, "orders": 0}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_the_units_pass_systemds_own_check(tmp_path: Path) -> None:
    service = (
        block("ini", 0).replace("/srv/shops/.venv/bin/horoshop-shops", "/bin/true").replace("/srv/shops", str(tmp_path))
    )
    for kind, text, whole in (
        ("service", service, True),
        ("timer", block("ini", 1), True),
        ("service", service.replace("Type=oneshot", "Type=forking on"), False),
    ):
        (tmp_path / f"horoshop-shop@.{kind}").write_text(text, encoding="utf-8")
        command = ["systemd-analyze", "verify", f"./horoshop-shop@tea.{kind}"]
        ended = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert ((ended.returncode, ended.stderr) == (0, "")) is whole, ended
