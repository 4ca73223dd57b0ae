"""`check`: everything that can be checked before a run. Writes nothing, here or in eSputnik."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.run_record import failed_outside, known_to_meltano
from target_esputnik.cli.sheet import Sheet, clean, local
from target_esputnik.cli.shop_statuses import Mapped
from target_esputnik.cli.verdicts import DONE, FAILED, PERSON, as_facts, current_verdict
from target_esputnik.cli.words import say
from target_esputnik.errors import LedgerUnusable, NeedsPerson, TargetError
from target_esputnik.ledger import reports
from target_esputnik.ledger.connection import shown
from target_esputnik.ledger.moments import now, text_of
from target_esputnik.ledger.store import Ledger

if TYPE_CHECKING:
    from target_esputnik.answers import Account
    from target_esputnik.cli.asked import Asked
    from target_esputnik.settings import Settings

OK: Final = "ok"
NOTICE: Final = "notice"
PROBLEM: Final = "problem"


@dataclass
class Findings:
    """What was found, in order; `code` is the exit code that it asks for."""

    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    code: int = DONE

    def add(self, state: str, name: str, /, **values: object) -> None:
        """Note a finding; `name` is that of its words."""
        self.lines.append((state, name.removeprefix("check."), say(name, **values)))
        if state == PROBLEM:
            self.code = PERSON

    def failed(self, error: TargetError) -> None:
        """Note an error; one that heals by itself asks for 1 unless a person must act anyway."""
        self.lines.append((PROBLEM, error.code, error.in_words()))
        self.code = PERSON if isinstance(error, NeedsPerson) else self.code or FAILED


@ledger_command("check", example="", asks_esputnik=True)
def check(asked: Asked) -> int:
    """Check settings, key, ledger, status mapping, segments and additional fields."""
    settings = asked.settings
    findings = Findings()
    findings.add(OK, "check.settings")
    _check_contradictions(findings, settings)
    account = _check_account(findings, settings)
    _check_ledger(findings, settings, account)
    asked.show(_sheet(findings))
    return findings.code


def _sheet(findings: Findings) -> Sheet:
    sheet = Sheet(
        {
            "ok": findings.code == DONE,
            "exit_code": findings.code,
            **findings.facts,
            "findings": [{"state": state, "code": code, "sentence": text} for state, code, text in findings.lines],
        }
    )
    sheet.table("", ("state", "what"), [(say(f"state.{state}"), text) for state, _, text in findings.lines])
    problems = sum(state == PROBLEM for state, _, _ in findings.lines)
    sheet.say("check.verdict_problem" if problems else "check.verdict_ok", count=problems)
    return sheet


# -------------------------------------------------------------------- settings


def _check_contradictions(findings: Findings, settings: Settings) -> None:
    """Settings that are valid one by one and make no sense together."""
    contacts_off = not settings.receive_contacts
    if contacts_off and not settings.receive_orders:
        findings.add(PROBLEM, "check.both_off")
    if shown(settings.ledger_url) == ":memory:":
        findings.add(PROBLEM, "check.memory")
    future = settings.live_since is not None and settings.live_since > now()
    doubtful = {
        "check.dry_run": settings.dry_run,
        "check.future": future,
        "check.no_email": "email" not in settings.contact_fields,
        "check.newsletter_off": contacts_off and settings.email_confirmation == "newsletter",
        "check.identity_only": contacts_off and bool(settings.custom_fields),
        "check.no_payloads": not settings.store_payloads,
    }
    for name, found in doubtful.items():
        if found:
            findings.add(NOTICE, name)


# -------------------------------------------------------------------- eSputnik


def _check_account(findings: Findings, settings: Settings) -> Account | None:
    """Ask eSputnik whose the key is, and whether segments and additional fields are there."""
    from target_esputnik.client import EsputnikClient  # noqa: PLC0415 - reports that need no network start faster

    try:
        with closing(EsputnikClient(settings)) as client:
            account = client.account()
            findings.facts["account"] = {"id": account.id, "name": account.name}
            findings.add(OK, "check.account", id=account.id, name=clean(account.name))
            if settings.account_prefix:
                findings.add(NOTICE, "check.sandbox")
            for place, name in enumerate(settings.groups, start=1):
                there = client.has_group(name)
                findings.add(OK if there else NOTICE, "check.group" if there else "check.no_group", place=place)
            fields = client.additional_fields() if settings.custom_fields else {}
            for _, number in settings.custom_fields:
                there = number in fields
                findings.add(OK if there else PROBLEM, "check.field" if there else "check.no_field", id=number)
            return account
    except TargetError as error:
        findings.failed(error)
        return None


# -------------------------------------------------------------------- the ledger


def _check_ledger(findings: Findings, settings: Settings, account: Account | None) -> None:
    where = shown(settings.ledger_url)
    findings.facts["ledger"] = ledger_facts = {"where": where, "exists": False}
    try:
        with Ledger.open(settings.ledger_url, create=False, writable=False) as ledger:
            version = reports.version(ledger)
            ledger_facts |= {"exists": True, "version": version, "id": ledger.id}
            findings.add(OK, "check.ledger", where=where, version=version)
            _check_scope(findings, settings, ledger, account)
    except LedgerUnusable as error:
        if not error.absent:
            findings.failed(error)
            return
        findings.add(OK, "check.no_ledger", where=where)
        findings.add(NOTICE, "check.statuses_unknown")
    except TargetError as error:
        findings.failed(error)


def _check_scope(findings: Findings, settings: Settings, ledger: Ledger, account: Account | None) -> None:
    """Find this account and shop in the ledger; without an account, the only one that it knows for the shop."""
    known = reports.scopes_of(ledger, settings.shop, settings.account_prefix)
    wanted = None if account is None else settings.account_prefix + account.id
    mine = [scope for scope in known if wanted in (None, scope.account)]
    if len(mine) != 1:
        findings.add(NOTICE, "check.no_scope", shop=settings.shop)
        if account is not None and known:
            findings.add(NOTICE, "check.other_account", shop=settings.shop, count=len(known))
        findings.add(NOTICE, "check.statuses_unknown")
        return
    scope = mine[0]
    live_since = text_of(settings.live_since) if settings.live_since else scope.live_since
    findings.facts["ledger"] |= {"shop": scope.shop, "since": scope.created_at, "live_since": live_since}
    since = local(scope.created_at)
    findings.add(OK, "check.scope", shop=scope.shop, since=since, live_since=local(live_since))
    ledger.enter_scope(scope.account, scope.account_name, scope.shop, create=False)
    _check_last_run(findings, ledger)
    _check_statuses(findings, settings, Mapped(ledger, settings.status_map))


def _check_last_run(findings: Findings, ledger: Ledger) -> None:
    run = reports.last_run(ledger)
    if run is None:
        findings.add(OK, "check.no_run")
        return
    outside = failed_outside(run, known_to_meltano([run]))
    verdict = current_verdict(ledger, run, failed_outside=outside)
    findings.facts["last_run"] = as_facts(run, verdict)
    state = OK if verdict.code == DONE or verdict.state == "running" else NOTICE
    findings.add(state, "check.last_run", number=run.number, verdict=verdict.sentence)


def _check_statuses(findings: Findings, settings: Settings, mapped: Mapped) -> None:
    findings.facts["unmapped_statuses"] = [
        {"id": status.id, "title": status.title, "orders": mapped.orders[status.id]} for status in mapped.unmapped
    ]
    for status in mapped.unmapped:
        orders = mapped.orders[status.id]
        findings.add(NOTICE, "check.unmapped", id=status.id, title=clean(status.title or ""), orders=orders)
    if not mapped.all:
        findings.add(NOTICE, "check.statuses_unknown")
    elif not mapped.unmapped:
        findings.add(OK, "check.statuses")
    if not any(status.listed for status in mapped.all):
        return  # the tap did not bring the shop's list: nothing to compare the setting with
    known_ids = {status.id for status in mapped.all}
    for number in sorted(set(settings.status_map.by_id) - known_ids):
        findings.add(NOTICE, "check.id_unknown", id=number)
    for place, title in enumerate(settings.status_map.by_title, start=1):
        if not mapped.is_title(title):
            findings.add(NOTICE, "check.title_unknown", place=place)
