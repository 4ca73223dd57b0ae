"""Several shops in one Meltano project: sandboxes, some of which share an eSputnik account, and one shops.yml."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from pipe_driver import LONG_AGO
from ruamel.yaml import YAML

from horoshop_esputnik_fleet.cli import main
from horoshop_esputnik_fleet.names import TAP, job_of, key_variable, variable_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from horoshop_esputnik_sandbox import Sandbox

    from isolated_project import IsolatedProject

Row = dict[str, Any]
ACCOUNT_OF = {"tea": "agency", "coffee": "agency", "mate": "agency", "roses": "flowers", "tulips": "flowers"}
SHARED = "olena.bondar@example.com"
"""Somebody who has an account in the three shops of the agency."""


@dataclass
class Ended:
    """What `horoshop-shops` said."""

    code: int
    out: str
    err: str


def horoshop_shops(folder: Path, *arguments: str, environment: Mapping[str, str | None] | None = None) -> Ended:
    """Run a command of `horoshop-shops` on a project, in this process."""
    command, *options = arguments
    result = CliRunner().invoke(main, [command, "--project", str(folder), *options], env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def write_yaml(path: Path, content: Row) -> None:
    """Write a file as a person would."""
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)


@dataclass
class Fleet:
    """Shops by name, and the accounts that they belong to.

    Attributes:
        project: the Meltano project, installed.
        shops: the sandbox whose shop it is.
        accounts: the sandbox whose eSputnik account it is.
        account_of: the account of each shop.
        settings: variables for every command of Meltano.
    """

    project: IsolatedProject
    shops: dict[str, Sandbox]
    accounts: dict[str, Sandbox]
    account_of: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)

    def content(self) -> Row:
        """What shops.yml holds."""
        return {
            "every_shop": {
                "tap": {"max_requests_per_second": 100, "contacts_reread_hours": 0},
                "target": {"live_since": LONG_AGO, "max_requests_per_second": 200},
            },
            "accounts": {
                name: {"target": {"api_url": sandbox.esputnik_url}} for name, sandbox in self.accounts.items()
            },
            "shops": {
                name: {
                    "account": self.account_of[name],
                    "tap": {"site_url": sandbox.shop_url},
                    "target": {"external_id_prefix": f"{name}-", "store_id": name},
                }
                for name, sandbox in self.shops.items()
            },
        }

    def secrets(self) -> dict[str, str]:
        """The variables that the shops need."""
        keys = {key_variable(name): sandbox.api_key for name, sandbox in self.accounts.items()}
        for name, sandbox in self.shops.items():
            keys[variable_of(TAP, name, "username")] = sandbox.username
            keys[variable_of(TAP, name, "password")] = sandbox.password
        return keys

    def generate(self) -> None:
        """Write shops.yml, and make the Meltano file from it."""
        write_yaml(self.project.root / "shops.yml", self.content())
        ended = horoshop_shops(self.project.root, "generate", environment=self.secrets())
        assert (ended.code, "Not set yet" in ended.err) == (0, False), ended

    def run(self, shop: str, **more: str) -> tuple[int, str]:
        """Run a shop's job; give its exit code and log."""
        return self.meltano("run", job_of(shop), **more)

    def meltano(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run a command of Meltano to its end; give its exit code, stdout and stderr together."""
        process = self.project.start(*arguments, settings=self.secrets() | self.settings | more)
        out, err = process.communicate(timeout=200)
        return process.returncode, out + err

    def run_all(self, variable: str = "", value: str = "") -> dict[str, int]:
        """Run the jobs of all shops at once, with one variable set otherwise; give their exit codes."""
        settings = self.secrets() | self.settings | ({variable: value} if variable else {})
        begun = {shop: self.project.start("run", job_of(shop), settings=settings) for shop in self.shops}
        for process in begun.values():
            process.communicate(timeout=250)
        return {shop: process.returncode for shop, process in begun.items()}

    def command(self, plugin: str, command: str, *options: str) -> Row:
        """Run a command of `esputnik-ledger` as a loader has it; give its JSON."""
        settings = self.secrets() | self.settings
        process = self.project.start("invoke", f"{plugin}:{command}", "--json", *options, settings=settings)
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
        found: Row = json.loads(out)
        return found

    def arrived(self, shop: str) -> dict[str, int]:
        """What is in a shop's account of it, by the sandboxes' own counts; fails where anything is there twice."""
        account = self.accounts[self.account_of[shop]]
        orders = [one for one in account.sent_orders() if one["externalOrderId"].startswith(f"{shop}-")]
        assert len({one["externalOrderId"] for one in orders}) == len(orders)
        assert {one["storeId"] for one in orders} <= {shop}
        emails = [address for one in account.sent_contacts() for address in addresses(one)]
        assert len(set(emails)) == len(emails)
        of_shop = {customer["email"] for customer in self.shops[shop].customers()}
        return {"contacts": len(of_shop & set(emails)), "orders": len(orders)}

    def there_is(self, shop: str) -> dict[str, int]:
        """What a shop has."""
        return {"contacts": len(self.shops[shop].customers()), "orders": len(self.shops[shop].orders())}

    def writes(self) -> int:
        """How often anything was written to either account."""
        accounts = self.accounts.values()
        return sum(one["method"] != "GET" for account in accounts for one in account.requests("esputnik"))


def addresses(contact: Row) -> list[str]:
    """The email addresses of a contact of eSputnik."""
    return [channel["value"] for channel in contact["channels"] if channel["type"] == "email"]
