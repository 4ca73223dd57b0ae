"""The probe in the ledger: a run entry of the kind `probe` with its requests, where there is a ledger."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from target_esputnik.delivery.run import settings_hash
from target_esputnik.errors import LedgerUnusable
from target_esputnik.ledger.shop_facts import ShopFacts, shop_facts
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from target_esputnik.answers import Account
    from target_esputnik.errors import TargetError
    from target_esputnik.settings import Settings
    from target_esputnik.tries import Exchange

KIND = "probe"


class Notebook:
    """Writes the probe down. Use it as a context; without a ledger it does nothing.

    Attributes:
        run_number: as the ledger has it; None without a ledger.
    """

    run_number: int | None = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ledger: Ledger | None = None
        self._open = ExitStack()

    def __enter__(self) -> Notebook:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def begin(self, account: Account) -> None:
        """Open the ledger, if it is there and knows this account and shop, and keep other runs off it meanwhile.

        Raises:
            LedgerBusy: a run is at work.
            LedgerUnusable: it is there and cannot be used.
        """
        settings = self._settings
        try:
            ledger = self._open.enter_context(Ledger.open(settings.ledger_url, create=False))
        except LedgerUnusable as error:
            if error.absent:
                return
            raise
        try:
            ledger.enter_scope(settings.account_prefix + account.id, account.name, settings.shop, create=False)
        except LedgerUnusable:  # it knows other accounts or shops: there is nothing to be written here
            return
        ledger.lock()
        ledger.begin_run(kind=KIND, settings_hash=settings_hash(settings), meltano_run_id=None)
        self._ledger, self.run_number = ledger, ledger.run.number

    def shop_facts(self) -> ShopFacts | None:
        """What the ledger's records tell of the shop; None without a ledger."""
        return None if self._ledger is None else shop_facts(self._ledger)

    def end(self, code: int, error: TargetError | None, exchanges: list[Exchange]) -> None:
        """Write down the requests and the verdict."""
        if self._ledger is None:
            return
        self._ledger.note_exchanges(exchanges)
        self._ledger.end_run(
            exit_code=code, error=error.code if error else None, sentence=error.sentence if error else None
        )
