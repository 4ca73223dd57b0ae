"""What was sent of one record, as a story: each send with its request and answer, and what changed since the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik.cli.shown import parsed, why_in_words
from target_esputnik.ledger.base import json_text
from target_esputnik.web.masks import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.ledger.people import Sent
    from target_esputnik.web.visit import Visit

LONGEST_VALUE: Final = 120
NEVER_TOLD: Final = frozenset({"dedupeOn", "formType", "groups"})


def story(visit: Visit, sends: Sequence[Sent]) -> list[dict[str, Any]]:
    """The sends, the newest first.

    Every payload is compared with the one before it that is still kept; without `--show-personal-data` the words of
    eSputnik's answers are left out: they may quote anything.
    """
    told = []
    before: dict[str, Any] | None = None
    for number, sent in enumerate(sends, start=1):
        payload = parsed(sent.payload)
        now = payload if isinstance(payload, dict) else None
        told.append(
            {
                "number": number,
                "at": sent.at,
                "run": sent.run,
                "href": visit.link(f"/run/{sent.run}"),
                "what": sent.what,
                "why": why_in_words(sent.why),
                "shop_status": sent.shop_status,
                "outcome": sent.outcome,
                "reason": sent.reason,
                "request": visit.shown(now) if now is not None else None,
                "answer": parsed(sent.answer) if visit.house.personal else None,
                "answer_hidden": sent.answer is not None and not visit.house.personal,
                "changes": changes(visit, before, now) if before is not None and now is not None else None,
            }
        )
        before = now or before
    return told[::-1]


def changes(visit: Visit, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """The fields in which two payloads differ, each with both values as they may be shown."""
    old, new = _flat(before), _flat(after)
    told = []
    for name in sorted({*old, *new} - NEVER_TOLD):
        if old.get(name) == new.get(name):
            continue
        field = name.rpartition(".")[2] if not name.startswith("items") else "items"
        was, is_now = (_short(visit, values.get(name), field) for values in (old, new))
        told.append({"field": name, "before": was, "after": is_now})
    return told


def _flat(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload by field; objects inside of it by their fields, lists whole."""
    flat: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": value[inner] for inner in value}
        else:
            flat[name] = value
    return flat


def _short(visit: Visit, value: Any, field: str) -> str:
    shown = value if visit.house.personal else masked(value, field)
    if shown is None:
        return "—"
    if field == "items" and isinstance(shown, list):
        lines = [line for line in shown if isinstance(line, dict)]
        text = ", ".join(f"{line.get('name') or line.get('externalItemId')} × {line.get('quantity')}" for line in lines)
    else:
        text = shown if isinstance(shown, str) else json_text(shown)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
