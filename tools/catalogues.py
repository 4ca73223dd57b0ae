"""The tables of the documents that are decisions in the code: statuses, confirmation routes, errors, commands."""

import gettext
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tap_horoshop.catalogue
import target_esputnik.catalogue
from tap_horoshop.errors import HoroshopError
from target_esputnik.confirmation import ROUTES, RULES
from target_esputnik.errors import ContactGone, DuplicateRequest, Interrupted, RequestRefused, TargetError
from target_esputnik.fates import FATES, REASONS
from target_esputnik.language import Said
from target_esputnik.probe.question import SEEN_BY, Question
from target_esputnik.probe.questions import TABLE as QUESTIONS
from target_esputnik.statuses import DEFAULT_STATUS_MAP

from plugin_definitions import ledger_commands as commands_of_ledger
from plugin_settings import in_cell

# Met and dealt with during a run: nobody reads them as the end of one.
NEVER_END_A_RUN = (ContactGone, DuplicateRequest, Interrupted, RequestRefused)
NEVER = "—"
AnyError = type[HoroshopError] | type[TargetError]
ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"tap_horoshop": "tap-horoshop", "target_esputnik": "target-esputnik"}
ROOTS: dict[str, AnyError] = {"tap_horoshop": HoroshopError, "target_esputnik": TargetError}
CATALOGUES: dict[str, dict[str, Any]] = {
    "tap_horoshop": tap_horoshop.catalogue.CATALOGUE,
    "target_esputnik": target_esputnik.catalogue.CATALOGUE,
}
HEADERS = {
    "en": ["code", "exit", "case", "what happened", "what to do"],
    "uk": ["код", "вихід", "випадок", "що сталося", "що робити"],
}
HOROSHOP_TITLES = {1: "New", 2: "In progress", 3: "Delivered", 4: "Not delivered", 6: "Shipping"}
HOROSHOP_TITLES_IN_UKRAINIAN = {1: "Нове", 2: "В обробці", 3: "Доставлено", 4: "Не доставлено", 6: "Доставляється"}


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(in_cell(cell) for cell in line) + " |" for line in lines)


def order_statuses() -> str:
    """Return the built-in status map."""
    return status_map(["Horoshop's id", "status", "sent as"], HOROSHOP_TITLES)


def order_statuses_in_ukrainian() -> str:
    """Return the built-in status map for README.uk.md."""
    return status_map(["id у Хорошопі", "статус", "надсилається як"], HOROSHOP_TITLES_IN_UKRAINIAN)


def status_map(header: list[str], titles: Mapping[int, str]) -> str:
    """Return the built-in status map under a header and with titles of some language."""
    rows = [
        [str(status), titles[status], ", ".join(f"`{one}`" for one in sent)]
        for status, sent in sorted(DEFAULT_STATUS_MAP.items())
    ]
    return markdown(header, rows)


def kinds(error: AnyError) -> Iterator[AnyError]:
    """Yield an error and all below it, in the order of the file."""
    yield error
    for below in error.__subclasses__():
        yield from kinds(below)


def errors(package: str, language: str) -> str:
    """Return every error of a package in `en` or `uk`: code, exit code, case, what happened and what to do."""
    by = gettext.translation(package, ROOT / FOLDERS[package] / package / "locale", [language], fallback=True)
    rows: list[list[str]] = []
    for kind in kinds(ROOTS[package]):
        shown = NEVER if kind in NEVER_END_A_RUN else str(kind.exit_code)
        cases = [(case, entry) for case, entry in CATALOGUES[package].items() if entry.code == kind.code]
        rows += [
            [f"`{kind.code}`", shown, f"`{case}`", Said(entry.cause).told(by), Said(entry.action).told(by)]
            for case, entry in cases
        ]
    return markdown(HEADERS[language], rows)


def confirmation_rules() -> str:
    """Return the rules that choose a contact's route; the first that fits decides."""
    return markdown(["rule", "why", "route"], [[f"`{rule.name}`", rule.why, f"`{rule.route}`"] for rule in RULES])


def confirmation_routes() -> str:
    """Return the routes that a contact can take."""
    return markdown(["route", "call"], [[f"`{route}`", call] for route, call in ROUTES.items()])


def outcomes() -> str:
    """Return what a record can end in."""
    return markdown(["outcome", "meaning"], [[f"`{fate}`", meaning] for fate, meaning in FATES.items()])


def reasons() -> str:
    """Return the named reasons behind the outcomes."""
    rows = [[f"`{name}`", fate, meaning, follows] for name, (fate, meaning, follows) in REASONS.items()]
    return markdown(["reason", "outcome", "meaning", "what follows"], rows)


def ledger_commands() -> str:
    """Return the commands of esputnik-ledger."""
    rows = [
        [f"`esputnik-ledger {name}`", f"`meltano invoke target-esputnik:{name}`", str(command["description"])]
        for name, command in commands_of_ledger().items()
    ]
    return markdown(["command", "in Meltano", "does"], rows)


def probe_questions() -> str:
    """Return what the probe asks, how it is settled, and what each answer means."""
    rows = [
        [one.asks, SEEN_BY[one.seen_by], one.how, "<br>".join(_readings_of(one))]
        for one in sorted(QUESTIONS, key=lambda one: list(SEEN_BY).index(one.seen_by))
    ]
    return markdown(["question", "who sees it", "how", "answers, and what follows"], rows)


def _readings_of(question: Question) -> Iterator[str]:
    for name, reading in question.readings.items():
        setting = f" → {reading.setting}" if reading.setting else ""
        yield f"`{name}`: {reading.meaning}{setting}"
