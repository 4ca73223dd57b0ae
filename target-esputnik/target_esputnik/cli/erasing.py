"""`erase`: a person's data goes, here and in eSputnik, and no later run makes him again."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from target_esputnik import answers
from target_esputnik.cli import words_records  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.asked import the_scope
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet
from target_esputnik.cli.shown import fate_cell
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.hygiene import clean_email, clean_phone
from target_esputnik.ledger.base import json_text
from target_esputnik.ledger.persons import erase as erase_here
from target_esputnik.ledger.persons import person_meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_esputnik.cli.asked import Asked
    from target_esputnik.client import EsputnikClient
    from target_esputnik.ledger.persons import Person
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.settings import Settings
    from target_esputnik.tries import Exchange


@dataclass(frozen=True)
class Whom:
    """Who was named; email and phone are clean."""

    key: str | None
    email: str | None
    phone: str | None


@ledger_command("erase", example="--email customer7@example.com")
@click.option("--email", metavar="ADDRESS", help=say("option.erase_email"))
@click.option("--phone", metavar="PHONE", help=say("option.erase_phone"))
@click.option("--id", "key", metavar="ID", help=say("option.erase_id"))
@click.option("--remote", is_flag=True, help=say("option.remote"))
@click.option("--yes", is_flag=True, help=say("option.erase_yes"))
def erase(asked: Asked, *, email: str | None, phone: str | None, key: str | None, remote: bool, yes: bool) -> int:
    """Erase a person's data (GDPR), here and, with --remote, in eSputnik."""
    settings = asked.settings
    whom = _whom(settings, email, phone, key)
    for_good = yes and not settings.dry_run
    with _opened(asked, settings, remote=remote, for_good=for_good) as (ledger, client, exchanges):
        if for_good:
            ledger.lock()
        person = person_meant(ledger, key=whom.key, email=whom.email, phone=whom.phone, region=settings.phone_region)
        if whom.key is not None and not person.contacts:
            raise click.UsageError(say("erase.unknown_id"))
        before = [(row.key, fate_cell(row.fate, row.reason)) for row in person.contacts]
        there = _ids_there(client, person, whom, settings) if client else []
        clear = True
        if for_good:
            ledger.begin_run(kind="erase", settings_hash="", meltano_run_id=None)
            try:
                clear = _erase(ledger, client, person, there)
            finally:
                ledger.note_exchanges(exchanges)
        facts = _facts(ledger, person, there if client else None, erased=for_good) | {"log_cleared": clear}
    sheet = _sheet(facts, before, remote=remote)
    if settings.dry_run and yes:
        sheet.say("send.dry_run")
    asked.show(sheet)
    return DONE


def _whom(settings: Settings, email: str | None, phone: str | None, key: str | None) -> Whom:
    if not (email or phone or key):
        raise click.UsageError(say("erase.whom"))
    whom = Whom(key or None, clean_email(email), clean_phone(phone, settings.phone_region))
    if (email and whom.email is None) or (phone and whom.phone is None):
        raise click.UsageError(say("erase.unusable"))
    return whom


@contextmanager
def _opened(
    asked: Asked, settings: Settings, *, remote: bool, for_good: bool
) -> Iterator[tuple[Ledger, EsputnikClient | None, list[Exchange]]]:
    """The ledger in its scope, and with `remote` the account, which then says whose ledger it is."""
    from target_esputnik.client import EsputnikClient  # noqa: PLC0415 - a ledger alone needs none of what sends
    from target_esputnik.ledger.store import Ledger  # noqa: PLC0415

    exchanges: list[Exchange] = []
    with Ledger.open(settings.ledger_url, create=False, writable=for_good) as ledger:
        if not remote:
            scope = the_scope(ledger, settings, asked.account)
            ledger.enter_scope(scope.account, scope.account_name, scope.shop, create=False)
            yield ledger, None, exchanges
            return
        with closing(EsputnikClient(settings, on_exchange=exchanges.append)) as client:
            account = client.account()
            ledger.enter_scope(settings.account_prefix + account.id, account.name, settings.shop, create=False)
            yield ledger, client, exchanges


def _ids_there(client: EsputnikClient, person: Person, whom: Whom, settings: Settings) -> list[int]:
    """The ids of his contacts in eSputnik: those that the ledger knows, and those that carry his id or his email.

    By phone only where no email is known of him: families share phones, and each has a contact of his own.
    """
    ids = {row.esputnik_id for row in person.contacts}
    found: list[dict[str, Any]] = []
    for row in person.contacts:
        if row.registered:
            found += client.contacts_by_external_id(settings.external_id_prefix + row.key)
    emails = {quote for quote in person.quotes if "@" in quote} | ({whom.email} if whom.email else set())
    for email in sorted(emails):
        found += client.contacts_with(email=email)
    if not emails and not any(row.email_key for row in person.contacts):
        for digits in sorted(person.quotes):
            found += client.contacts_with(phone=f"+{digits}")
    ids |= {answers.contact_id(contact) for contact in found}
    return sorted(number for number in ids if number is not None)


def _erase(ledger: Ledger, client: EsputnikClient | None, person: Person, there: list[int]) -> bool:
    """Here first: from then on no run sends anything of him, whatever becomes of the calls to eSputnik.

    Returns whether the ledger's log is cleared, too.
    """
    counts, code = person.counts, 1
    try:
        erase_here(ledger, person)
        clear = ledger.compact()
        for number in there:
            client.delete_contact(number) if client else None
        if client is not None:
            for row in person.contacts:
                row.esputnik_id = None
            ledger.write_contacts(person.contacts)
        code = DONE
    finally:
        ledger.end_run(exit_code=code, counts=json_text({"erased": counts | {"contacts_in_esputnik": len(there)}}))
    return clear


def _facts(ledger: Ledger, person: Person, there: list[int] | None, *, erased: bool) -> dict[str, Any]:
    return {
        "erased": erased,
        "run": ledger.run.number if erased else None,
        "contacts": [row.key for row in person.contacts],
        "orders": person.orders,
        "counts": person.counts,
        "contacts_in_esputnik": there,
    }


def _sheet(facts: dict[str, Any], before: list[tuple[str, str]], *, remote: bool) -> Sheet:
    sheet = Sheet(facts)
    if not facts["erased"]:
        sheet.say("erase.preview")
    if not any(facts["counts"].values()) and not facts["erased"]:
        sheet.say("erase.nothing")
    sheet.table(say("erase.contacts"), ("id", "result"), before)
    counts = [(say(f"erase.what.{name}"), str(count)) for name, count in facts["counts"].items() if count]
    sheet.table(say("erase.counts"), ("what", "count"), counts)
    sheet.table(say("erase.remote"), ("id",), [(str(number),) for number in facts["contacts_in_esputnik"] or ()])
    if not remote:
        sheet.say("erase.local_only")
    elif not facts["contacts_in_esputnik"]:
        sheet.say("erase.remote_none")
    if facts["erased"]:
        sheet.say("erase.done", run=facts["run"])
        if not facts["log_cleared"]:
            sheet.say("erase.wal")
    else:
        sheet.say("erase.hint")
    return sheet
