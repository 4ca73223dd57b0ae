"""The options that choose records, and the moments and spans that people type."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from target_esputnik.cli.words import say
from target_esputnik.fates import REASONS
from target_esputnik.ledger.moments import now, text_of
from target_esputnik.ledger.reports import Period
from target_esputnik.ledger.selection import BOTH, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPAN: Final = re.compile(r"(\d{1,6})([dhm])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


def moment(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """A date or a date-time that was typed, as ledger text; one without an offset is in this machine's zone."""
    if text is None:
        return None
    try:
        return text_of(datetime.fromisoformat(text.strip().replace("Z", "+00:00")).astimezone())
    except (ValueError, OverflowError):
        raise click.BadParameter(say("error.moment", text=text)) from None


def end_moment(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """The same; a date alone means the end of that day."""
    begin = moment(context, option, text)
    if begin is None or text is None or not _is_date(text.strip()):
        return begin
    # Through the calendar, not by 24 hours: on the nights of a clock change a day has 23 or 25.
    return text_of((datetime.fromisoformat(text.strip()) + timedelta(days=1)).astimezone())


def _is_date(text: str) -> bool:
    """Whether it is a date alone, in any form that `moment` takes."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def span(_: click.Context, __: click.Parameter, text: str | None) -> timedelta | None:
    """A span of time that was typed: 7d, 24h, 90m."""
    found = _SPAN.fullmatch(text.strip()) if text is not None else None
    if text is not None and found is None:
        raise click.BadParameter(say("error.span", text=text))
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def selecting(fates: Sequence[str], *, streams: bool = True, by_creation: bool = False) -> Callable[..., Any]:
    """The options --stream, --reason, --from, --to and --id, for records with these fates.

    The function gets them as one `selection`.
    """
    reasons = [reason for reason, (fate, _, _) in REASONS.items() if fate in fates]
    words = "created_" if by_creation else ""

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def command(*args: Any, **options: Any) -> int:
            stream = options.pop("stream", None)
            selection = Selection(
                fates=tuple(fates),
                streams=(stream,) if stream else BOTH if streams else ("orders",),
                reasons=options.pop("reason"),
                ids=options.pop("ids"),
                period=Period(options.pop("begin"), options.pop("end")),
                by_creation=by_creation,
            )
            return function(*args, selection=selection, **options)

        wrapped: Callable[..., int] = command
        for option in reversed(
            [
                *([click.option("--stream", type=click.Choice(BOTH), help=say("option.stream"))] if streams else []),
                click.option("--reason", multiple=True, type=click.Choice(reasons), help=say("option.reason")),
                click.option("--from", "begin", callback=moment, metavar="MOMENT", help=say(f"option.{words}from")),
                click.option("--to", "end", callback=end_moment, metavar="MOMENT", help=say(f"option.{words}to")),
                click.option("--id", "ids", multiple=True, metavar="ID", help=say("option.id")),
            ]
        ):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def period_of(begin: str | None, end: str | None, last: timedelta | None) -> Period:
    """The period that --from, --to and --last mean together. Raises click.UsageError where they contradict."""
    if last is None:
        return Period(begin, end)
    if begin is not None or end is not None:
        raise click.UsageError(say("error.last_and_from"))
    try:
        return Period(text_of(now() - last))
    except OverflowError:
        return Period()
