"""What every command is asked with: settings, account, and the form of its answer."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_esputnik.environment import config_from_environment
from target_esputnik.errors import ConfigProblem, LedgerUnusable
from target_esputnik.ledger.reports import KnownScope, scopes_of
from target_esputnik.ledger.store import Ledger
from target_esputnik.settings import Settings
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_esputnik.cli.sheet import Sheet

ENVIRONMENT = "ENV"


@dataclass(frozen=True)
class Asked:
    """One call of a command.

    Attributes:
        config: the settings as given.
        as_json: show JSON.
        account: an account's id, where the ledger knows several.
    """

    config: dict[str, Any]
    as_json: bool
    account: str | None

    @property
    def settings(self) -> Settings:
        """The settings, checked. Raises ConfigProblem."""
        return Settings.from_config(self.config)

    def show(self, sheet: Sheet) -> None:
        """Write a result to stdout, as it was asked for."""
        sheet.show(as_json=self.as_json)

    @contextmanager
    def ledger_to_read(self) -> Iterator[Ledger]:
        """The ledger, read-only, for the account that it knows for the shop; needs no network.

        Raises:
            LedgerUnusable: there is none, or it knows no such account and shop.
        """
        settings = self.settings
        with Ledger.open(settings.ledger_url, create=False, writable=False) as ledger:
            scope = the_scope(ledger, settings, self.account)
            ledger.enter_scope(scope.account, scope.account_name, scope.shop, create=False)
            yield ledger

    @contextmanager
    def whole_ledger_to_read(self) -> Iterator[Ledger]:
        """The ledger of all shops, read-only and in no scope; of the settings it needs the ledger's place alone.

        Raises:
            LedgerUnusable: there is none.
        """
        place = self.config.get("ledger_url") or CONFIG_JSONSCHEMA["properties"]["ledger_url"]["default"]
        with Ledger.open(str(place), create=False, writable=False) as ledger:
            yield ledger


def config_from(files: Sequence[str]) -> dict[str, Any]:
    """The settings of some files, later ones outranking earlier ones; see the words `help` for the environment.

    The rules are the target's own, so that one command line serves both.

    Raises:
        ConfigProblem: a file holds something else than settings.
        OSError, json.JSONDecodeError: read by `run_console`.
    """
    config: dict[str, Any] = {}
    for name in files:
        if name != ENVIRONMENT:
            config |= _read(Path(name))
    return config if files and ENVIRONMENT not in files else config | config_from_environment()


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        value = None
    if not isinstance(value, dict):
        raise ConfigProblem("config_form")
    return value


def the_scope(ledger: Ledger, settings: Settings, account: str | None) -> KnownScope:
    """The one account that is meant.

    Raises:
        LedgerUnusable: there is none, or several and `account` names none of them.
    """
    known = scopes_of(ledger, settings.shop, settings.account_prefix)
    named = [scope for scope in known if account in (None, scope.account, shown_account(scope))]
    if len(named) == 1:
        return named[0]
    accounts = ", ".join(f"{shown_account(scope)} ({scope.account_name})" for scope in known)
    if not known:
        raise LedgerUnusable("shop_absent", shop=settings.shop)
    if account is None:
        raise LedgerUnusable("several_accounts", shop=settings.shop, accounts=accounts)
    raise LedgerUnusable("account_unknown", shop=settings.shop, accounts=accounts)


def shown_account(scope: KnownScope) -> str:
    """An account's id as eSputnik has it."""
    return scope.account.removeprefix("loopback:")
