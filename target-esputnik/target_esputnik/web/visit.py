"""One visit: who looks at what, in which language and zone, and the ledger that it is answered from."""

from __future__ import annotations

import os
import shlex
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from target_esputnik.errors import LedgerUnusable
from target_esputnik.language import LANGUAGES
from target_esputnik.ledger.run_history import NumberedScope, all_scopes
from target_esputnik.ledger.store import Ledger
from target_esputnik.web.masks import initials, masked, masked_email, masked_phone
from target_esputnik.web.periods import CUSTOM, Chosen, chosen
from target_esputnik.web.telling import Telling
from target_esputnik.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from target_esputnik.settings import Settings

LANG: Final = "lang"
SHOP: Final = "shop"
IN_MELTANO: Final = "MELTANO_PROJECT_ROOT"


class NotThere(Exception):  # noqa: N818 - no failure: the ledger knows no such thing
    """There is no page of this; `name` is the sentence that says so, `values` fill it in."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name = name
        self.values = values


@dataclass(frozen=True)
class House:
    """What all visits of one server share.

    Attributes:
        settings: of the target.
        zone: in which moments are told.
        personal: show personal data.
        account: of `--account`; None is any.
        language: for visitors whose browser asks for none of ours.
        files: of `--config`, as they were typed.
    """

    settings: Settings
    zone: ZoneInfo
    personal: bool
    account: str | None
    language: str
    files: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say nothing: settings hold secrets."""
        return "House(…)"

    def command(self, words: str, shop: str) -> str | None:
        """A command of `esputnik-ledger` for a shop as it is typed where the page was started.

        None where it is not known how: the settings here are another shop's, whose record of that number it would be.
        """
        name, _, rest = words.partition(" ")
        own = self.settings.shop
        if IN_MELTANO in os.environ:
            loader = os.environ.get("MELTANO_LOADER_NAME", "target-esputnik")
            if shop != own:
                if not loader.endswith(f"--{own}"):
                    return None
                loader = f"{loader.removesuffix(own)}{shop}"  # as `horoshop-shops` names them
            return f"meltano invoke {loader}:{name} {rest}".rstrip()
        if shop != own:
            return None
        config = "".join(f" --config {shlex.quote(file)}" for file in self.files)
        return f"esputnik-ledger {name}{config} {rest}".rstrip()


@dataclass(frozen=True)
class Visit:
    """One request, answered from one look into the ledger.

    Attributes:
        house: what all visits share.
        path: of the page.
        query: of the address, the last of each name.
        language: `en` or `uk`.
        ledger: open to be read, in the scope that is looked at.
        scopes: all accounts and shops that it knows.
        scope: the one that is looked at.
        now: the moment of the visit.
    """

    house: House
    path: str
    query: Mapping[str, str]
    language: str
    ledger: Ledger
    scopes: list[NumberedScope]
    scope: NumberedScope
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def tell(self) -> Telling:
        """How moments and numbers are written."""
        return Telling(self.language, self.house.zone, self.now)

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return self.now.astimezone(self.house.zone).date()

    @property
    def chosen(self) -> Chosen:
        """The period that is looked at."""
        return chosen(self.query, self.house.zone, self.today)

    @property
    def period_in_words(self) -> str:
        """The period that is looked at, for a heading."""
        period, tell = self.chosen, self.tell
        if period.first is None or period.last is None:
            return say("web.period.all")
        if period.name != CUSTOM:
            return say(f"web.period.{period.name}")
        if period.first == period.last:
            return tell.long_day(period.first)
        return f"{tell.long_day(period.first)} – {tell.long_day(period.last)}"

    @property
    def carried(self) -> dict[str, str]:
        """What every link keeps of the address: the language and the shop, where they were chosen."""
        return {name: self.query[name] for name in (LANG, SHOP) if self.query.get(name)}

    def link(self, path: str, **query: Any) -> str:
        """The address of a page here."""
        words = {name: str(value) for name, value in query.items() if value not in {None, ""}}
        return address(path, self.carried | words)

    def same_but(self, **query: Any) -> str:
        """The address of this page with some of its query changed; None takes a word out."""
        words = dict(self.query) | {name: str(value) for name, value in query.items() if value is not None}
        return address(self.path, {name: value for name, value in words.items() if query.get(name, "") is not None})

    # ---------------------------------------------------------------- what is personal

    def shown(self, value: Any, name: str = "") -> Any:
        """A JSON value of a record, as it may be shown here."""
        return value if self.house.personal else masked(value, name)

    def person_of(self, record: Mapping[str, Any] | None) -> str:
        """Who it is, in a list: the name, else the email, else the phone; "" where nothing is kept."""
        found = record or {}
        parts = [found.get("first_name"), found.get("last_name")]
        name = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
        if name:
            return name if self.house.personal else initials(name)
        for channel, mask in (("email", masked_email), ("phone", masked_phone)):
            value = found.get(channel)
            if isinstance(value, str) and value.strip():
                return value if self.house.personal else mask(value)
        return ""


def address(path: str, query: Mapping[str, str]) -> str:
    """The address of a page here, with its query."""
    asked = urlencode(query)
    return quote(path, safe="/:") + (f"?{asked}" if asked else "")


def language_asked(query: Mapping[str, str], accepted: str, otherwise: str) -> str:
    """The language of a visit: that of the link, else the first of ours that the browser accepts, else another."""
    if query.get(LANG) in LANGUAGES:
        return query[LANG]
    wanted = [word.split(";")[0].strip().lower()[:2] for word in accepted.split(",")]
    return next((word for word in wanted if word in LANGUAGES), otherwise)


@contextmanager
def opened(house: House, path: str, query: Mapping[str, str], language: str) -> Iterator[Visit]:
    """A visit with its ledger, which is opened for it alone: it may be made, moved or upgraded between two visits.

    Raises:
        TargetError: the ledger is absent, of another version, locked or away.
        NotThere: there is no such shop.
    """
    with Ledger.open(house.settings.ledger_url, create=False, writable=False) as ledger:
        scopes = all_scopes(ledger)
        scope = _scope(house, scopes, query.get(SHOP, ""))
        ledger.enter_scope(scope.scope.account, scope.scope.account_name, scope.scope.shop, create=False)
        yield Visit(house, path, query, language, ledger, scopes, scope)


def _scope(house: House, scopes: list[NumberedScope], asked: str) -> NumberedScope:
    """The shop that a link names, else the one of the settings, else the first."""
    if not scopes:
        raise LedgerUnusable("scope_absent")
    if asked:
        found = [one for one in scopes if str(one.id) == asked]
        if not found:
            raise NotThere("web.no_shop")
        return found[0]
    ours = [one for one in scopes if one.scope.shop == house.settings.shop]
    prefix = house.settings.account_prefix
    ours = [one for one in ours if one.scope.account.startswith("loopback:") == bool(prefix)] or ours
    named = [one for one in ours if house.account in (None, one.scope.account, one.scope.account.removeprefix(prefix))]
    return (named or ours or scopes)[0]
