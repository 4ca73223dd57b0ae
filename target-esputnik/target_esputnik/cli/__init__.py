"""`esputnik-ledger`: what was sent to eSputnik, what was not, and why; and the commands to act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_esputnik.cli.all_shops import shops
from target_esputnik.cli.check import check
from target_esputnik.cli.contact_record import contacts
from target_esputnik.cli.erasing import erase
from target_esputnik.cli.explain import explain
from target_esputnik.cli.group import HELP, PROGRAM, LedgerGroup, lang_option
from target_esputnik.cli.order_record import orders
from target_esputnik.cli.probe import probe
from target_esputnik.cli.pruning import prune
from target_esputnik.cli.sending import release, resend, retry
from target_esputnik.cli.serve import serve
from target_esputnik.cli.shop_statuses import statuses
from target_esputnik.cli.stats import last_run, stats
from target_esputnik.cli.traffic import requests
from target_esputnik.cli.waiting import held, rejected
from target_esputnik.cli.words import say

if TYPE_CHECKING:
    import click

__all__ = ["main"]

COMMANDS: tuple[click.Command, ...] = (
    check,
    statuses,
    shops,
    stats,
    last_run,
    requests,
    contacts,
    orders,
    explain,
    rejected,
    held,
    retry,
    release,
    resend,
    erase,
    prune,
    probe,
    serve,
)

main = LedgerGroup(
    PROGRAM,
    commands=COMMANDS,
    params=[lang_option()],
    help=say("help"),
    context_settings=HELP,
)
"""The console script, and the click group of its commands."""
