"""What README tells a Meltano user to type works: in an empty project outside the clone, with the built wheels."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import refuse_foreign_addresses

ROOT = Path(__file__).resolve().parents[2]


class OwnProject:
    """An owner's project: what he types in its folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one line in a shell, which must end well."""
        ended = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}\n{ended.stderr}"
        return ended


def lines_of_readme() -> list[str]:
    """The commands of README's first block, without their comments."""
    block = re.search(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    return [line.split("  #")[0].strip() for line in block[1].splitlines()]


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with Sandbox(customers=20, orders=40, seed=3) as running:
        yield running


@pytest.fixture
def own_project(tmp_path: Path, wheels: Path, clean_environment: dict[str, str]) -> OwnProject:
    """An empty project, on a machine whose uv finds the wheels; no account is set up in it."""
    environment = clean_environment | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean_environment['PATH']}",
        "UV_FIND_LINKS": str(wheels),
        "UV_CONSTRAINT": str(ROOT / "requirements" / "plugins.txt"),
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    OwnProject(tmp_path, environment).types("meltano init shop --no-usage-stats")
    return OwnProject(tmp_path / "shop", environment)


def test_the_lines_of_readme_take_an_empty_project_to_a_scheduled_integration(
    own_project: OwnProject, shop: Sandbox
) -> None:
    own = {
        "tap-horoshop site_url": shop.shop_url,
        "tap-horoshop username": shop.username,
        "tap-horoshop password": shop.password,
        "target-esputnik api_key": shop.api_key,
        "target-esputnik api_url": shop.esputnik_url,
    }
    refuse_foreign_addresses(own)
    adds, (config_line, dry_run, *rest) = lines_of_readme()[:2], lines_of_readme()[2:]
    for line in adds:
        own_project.types(line.replace("plugins/", f"{ROOT}/plugins/"))
    assert config_line.startswith("meltano config set tap-horoshop site_url ")
    for name, value in own.items():
        own_project.types(f"meltano config set {name} '{value}'")

    planned = own_project.types(dry_run)
    assert "DRY_RUN=true" in dry_run
    assert [one for one in shop.requests("esputnik") if one["method"] != "GET"] == []
    assert shop.sent_contacts() == []
    assert re.search(r"contacts.* due", planned.stderr + planned.stdout)

    for line in rest:
        own_project.types(line)
    assert len(shop.sent_contacts()) > 10
    assert Counter(event["type"].startswith("order") for event in shop.events())[True] == 0

    assert "horoshop-to-esputnik" in own_project.types("meltano schedule list").stdout
    requests_before = len([one for one in shop.requests("esputnik") if one["method"] != "GET"])
    own_project.types("meltano schedule run hourly")
    assert len([one for one in shop.requests("esputnik") if one["method"] != "GET"]) == requests_before

    definition = YAML(typ="safe").load((own_project.folder / "meltano.yml").read_text(encoding="utf-8"))
    assert shop.password not in str(definition)
    assert shop.api_key not in str(definition)
