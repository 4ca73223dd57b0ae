"""The list behind any number: the same records that were counted, the youngest first, a page at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates
from target_esputnik.cli.shown import parsed
from target_esputnik.language import Said
from target_esputnik.ledger import people
from target_esputnik.ledger.listing import NOTHING, Listed, Place, page
from target_esputnik.ledger.standing import standing
from target_esputnik.web.front import ORDER
from target_esputnik.web.rendering import meaning_of
from target_esputnik.web.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard

    from target_esputnik.ledger.listing import Row
    from target_esputnik.web.visit import Visit

ROWS: Final = 50
SOURCES: Final = ("registration", "order")
AFTER: Final = "after"
_AFTER: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00)\.([^\x00]{1,200})")
_NAME: Final = re.compile(r"[a-z_]{1,32}|-")
_ORDER_KEY: Final = re.compile(r"\d{1,18}")


def orders(visit: Visit) -> Mapping[str, Any]:
    """Orders; the template is `list.html`."""
    return _view(visit, "orders")


def contacts(visit: Visit) -> Mapping[str, Any]:
    """Contacts; the template is `list.html`."""
    return _view(visit, "contacts")


def listed_in(visit: Visit, stream: str) -> Listed:
    """What the address asks for; words that name no fate or reason of ours find nothing, and break nothing."""
    fate, reason, source = (visit.query.get(name, "") for name in ("result", "reason", "source"))
    return Listed(
        stream,
        fate if _NAME.fullmatch(fate) else "",
        reason if _NAME.fullmatch(reason) else "",
        visit.chosen.span,
        source if stream == "contacts" and source in SOURCES else "",
    )


def _view(visit: Visit, stream: str) -> Mapping[str, Any]:
    listed = listed_in(visit, stream)
    after = _place(visit.query.get(AFTER, ""), stream)
    rows = page(visit.ledger, listed, after=after, limit=ROWS + 1)
    shown = rows[:ROWS]
    further = len(rows) > ROWS
    counted = standing(visit.ledger, [listed.span], streams=(stream,), source=listed.source)
    titles: dict[int, str | None] = {}
    for row in shown:
        if row.shop_status is not None and row.shop_status not in titles:
            titles[row.shop_status] = people.status_title(visit.ledger, row.shop_status)
    return {
        "stream": stream,
        "period": visit.chosen,
        "listed": listed,
        "total": sum(count for at, count in counted.items() if listed.takes(at.fate, at.reason)),
        "chips": _chips(visit, listed, {(at.fate, at.reason): count for at, count in counted.items()}),
        "rows": [row_told(visit, stream, row, titles.get(row.shop_status or 0)) for row in shown],
        "next": visit.same_but(after=f"{shown[-1].since}.{shown[-1].key}") if further else None,
        "first": visit.same_but(after=None) if after is not None else None,
        "downloads": {form: _download(visit, stream, form) for form in ("csv", "json")},
        "lead": _lead(listed),
    }


def _place(text: str, stream: str) -> Place | None:
    """Where a page begins; what was typed by hand and is no place begins at the top."""
    found = _AFTER.fullmatch(text)
    if found is None or (stream == "orders" and not _ORDER_KEY.fullmatch(found[2])):
        return None
    return Place(found[1], found[2])


def _download(visit: Visit, stream: str, form: str) -> str:
    words = {name: value for name, value in visit.query.items() if name != AFTER}
    return visit.link(f"/{stream}.{form}", **words)


def _lead(listed: Listed) -> str:
    """What the records that are listed have in common, and what follows, in plain words."""
    if not listed.fate:
        return ""
    reason = listed.reason if listed.reason != NOTHING else ""
    follows = fates.REASONS[reason][2] if reason in fates.REASONS else ""
    return " ".join(filter(None, (meaning_of(listed.fate, reason), str(Said(follows)))))


def _chips(visit: Visit, listed: Listed, counted: Mapping[tuple[str, str], int]) -> dict[str, list[dict[str, Any]]]:
    """The choices of result and reason, each with its number."""
    by_fate = [
        {
            "name": fate,
            "text": say(f"web.fate.{fate}") if fate else say("web.all"),
            "count": sum(n for (one, _), n in counted.items() if fate in {"", one}),
            "href": visit.same_but(result=fate or None, reason=None, after=None),
            "on": listed.fate == fate,
        }
        for fate in ("", *ORDER)
    ]
    reasons = sorted({reason for (fate, reason) in counted if fate == listed.fate}) if listed.fate else []
    by_reason = [
        {
            "name": reason,
            "text": say(f"web.reason.{reason}") if reason in fates.REASONS else reason or say("web.no_reason"),
            "count": counted[listed.fate, reason],
            "href": visit.same_but(reason=reason or NOTHING, after=None),
            "on": listed.reason == (reason or NOTHING),
        }
        for reason in reasons
    ]
    by_source = [
        {
            "name": source,
            "text": say(f"web.source.contacts.{source}") if source else say("web.all"),
            "href": visit.same_but(source=source or None, after=None),
            "on": listed.source == source,
        }
        for source in ("", *SOURCES)
    ]
    by_source = by_source if listed.stream == "contacts" else []
    return {"source": by_source, "result": by_fate, "reason": by_reason if len(by_reason) > 1 or listed.reason else []}


def row_told(visit: Visit, stream: str, row: Row, title: str | None = None) -> dict[str, Any]:
    """A record as a line of the list."""
    record = parsed(row.record)
    known = record if _is_object(record) else {}
    return {
        "key": row.key,
        "href": visit.link(f"/{'order' if stream == 'orders' else 'contact'}/{row.key}"),
        "since": row.since,
        "name": visit.person_of(known),
        "source": say(f"web.source.{stream}.{row.source}") if row.source else "",
        "fate": row.fate,
        "reason": row.reason,
        "meaning": meaning_of(row.fate, row.reason) if row.reason or row.fate == fates.REJECTED else "",
        "attempts": row.attempts,
        "total": known.get("total") if stream == "orders" else None,
        "currency": known.get("currency") if stream == "orders" else None,
        "shop_status": title or row.shop_status,
        "esputnik_status": row.esputnik_status,
    }


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
