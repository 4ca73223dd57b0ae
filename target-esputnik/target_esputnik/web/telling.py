"""Moments, numbers and money as people of a language write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import NumberFormatError, format_currency, format_decimal, format_percent

from target_esputnik.ledger.moments import moment_of
from target_esputnik.money import exact

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LOCALES: Final = {"en": "en_GB", "uk": "uk_UA"}
"""English as it is read in Europe: the day before the month, 24 hours."""

_A_MOMENT: Final = 60


@dataclass(frozen=True)
class Telling:
    """How things are written for one reader.

    Attributes:
        language: `en` or `uk`.
        zone: in which moments are told.
        now: the moment of the visit.
    """

    language: str
    zone: ZoneInfo
    now: datetime

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return Locale.parse(LOCALES[self.language])

    def number(self, count: int) -> str:
        """A whole number with its thousands apart."""
        return format_decimal(count, locale=self.locale)

    def moment(self, text: str | None) -> str:
        """Ledger text as day and time; of this year without the year."""
        if not text:
            return "—"
        when = self.local(text)
        skeleton = "MMMd" if when.year == self.now.astimezone(self.zone).year else "yMMMd"
        day = format_skeleton(skeleton, when, locale=self.locale)
        return f"{day}, {when:%H:%M}"

    def exactly(self, text: str | None) -> str:
        """Ledger text to the second, with its zone: for what is compared with other programs' logs."""
        return format_datetime(self.local(text), "yyyy-MM-dd HH:mm:ss ZZZZZ", locale=self.locale) if text else "—"

    def iso(self, text: str | None) -> str:
        """Ledger text as ISO 8601 in the zone, to the second."""
        return self.local(text).isoformat(timespec="seconds") if text else ""

    def clock(self, text: str) -> str:
        """Ledger text as the time of its day, to the second."""
        return f"{self.local(text):%H:%M:%S}"

    def local(self, text: str) -> datetime:
        """Ledger text as a moment in the zone."""
        return moment_of(text).astimezone(self.zone)

    def ago(self, text: str | None) -> str:
        """How long ago that was, in words."""
        if not text:
            return "—"
        gone = max((self.now - moment_of(text)).total_seconds(), 0)
        # A second that nobody can see the difference of would only make the page look unsteady.
        rounded = timedelta(seconds=gone if gone < _A_MOMENT else gone - gone % _A_MOMENT)
        return format_timedelta(-rounded, add_direction=True, locale=self.locale, threshold=1.2)

    def span(self, seconds: float | None) -> str:
        """How long something took, in words."""
        if seconds is None:
            return "—"
        if seconds < 10:  # noqa: PLR2004 - below, tenths are worth telling
            shown = format_decimal(Decimal(f"{max(seconds, 0):.1f}"), locale=self.locale)
            return f"{shown} {'с' if self.language == 'uk' else 's'}"
        return format_timedelta(timedelta(seconds=seconds), locale=self.locale, format="short", threshold=1.2)

    def day(self, day: date) -> str:
        """A day of the chart, short."""
        return format_skeleton("MMMd", day, locale=self.locale)

    def long_day(self, day: date) -> str:
        """A day with its weekday and year."""
        return format_date(day, "full", locale=self.locale)

    def money(self, amount: object, currency: object) -> str:
        """An amount in its currency; what is no amount is a dash."""
        number = exact(amount)
        if number is None:
            return "—"
        code = currency if isinstance(currency, str) and currency.isascii() and currency.isalpha() else "UAH"
        try:
            # In English Babel writes the code; the sign is known to whoever has a shop in Ukraine.
            return format_currency(number, code.upper(), locale=self.locale).replace("UAH", "₴")
        except NumberFormatError:
            return format_decimal(number, locale=self.locale)

    def percent(self, share: float) -> str:
        """A share of one."""
        return format_percent(share, locale=self.locale)
