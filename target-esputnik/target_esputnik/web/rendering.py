"""Templates and the stylesheet: a view's values in, one page out that needs no other request."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from target_esputnik import fates
from target_esputnik.language import Said
from target_esputnik.ledger.base import json_text
from target_esputnik.web.words import say
from target_esputnik.words import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent
TEMPLATES: Final = FOLDER / "templates"
LONGEST_KEY: Final = 14


def stylesheet() -> str:
    """The one stylesheet, without what only its writers need."""
    text = re.sub(r"/\*.*?\*/", "", (FOLDER / "page.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{}:;,>]) ?", r"\1", text).replace(";}", "}").strip()


def environment(css: str) -> Environment:
    """Jinja2, with everything escaped that a template does not mark itself, and no name that is not there."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "css": Markup(css),  # noqa: S704 - a file of this package
        "say": say,
        "fate_name": lambda fate: say(f"web.fate.{fate}") if fate in fates.FATES else fate,
        "stream_name": lambda stream: name_of("stream", stream),
        "meaning_of": meaning_of,
        "follows_of": follows_of,
        "reason_name": reason_name,
        "short_key": short_key,
    }
    made.filters |= {"pretty": pretty, "coded": coded}
    return made


def compact(html: str) -> str:
    """A page without the spaces that indent its source; text that may be spaced stands in <pre> alone."""
    parts = re.split(r"(<pre\b.*?</pre>)", html, flags=re.DOTALL)
    squeezed = [part if place % 2 else re.sub(r"\s*\n\s*", "\n", part) for place, part in enumerate(parts)]
    return "".join(squeezed).strip() + "\n"


def render(templates: Environment, name: str, values: Mapping[str, Any]) -> str:
    """A page."""
    html = compact(templates.get_template(name).render(values))
    return html.encode("utf-8", "replace").decode()  # half a surrogate pair has no place in UTF-8


def meaning_of(fate: str, reason: str) -> str:
    """What a fate and reason mean, in words."""
    return str(Said(fates.REASONS[reason][1] if reason in fates.REASONS else fates.FATES.get(fate, "")))


def follows_of(reason: str) -> str:
    """What follows from a reason, in words; "" where nothing does."""
    return str(Said(fates.REASONS[reason][2])) if reason in fates.REASONS else ""


def reason_name(reason: str) -> str:
    """A reason in a few words; its name where we have none for it."""
    return say(f"web.reason.{reason}") if reason in fates.REASONS else reason


def short_key(key: str) -> str:
    """A key in a list: a guest's is a long hash, of which the beginning is enough to tell him from others."""
    return key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]}…"


def coded(text: str) -> Markup:
    """A sentence with what stands between backticks set as code; everything in it is escaped."""
    parts = [escape(part) for part in text.split("`")]
    if not len(parts) % 2:
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if place % 2 else part for place, part in enumerate(parts))


def pretty(value: Any) -> str:
    """A JSON value to be read; text as it is."""
    if isinstance(value, str):
        return value
    return json.dumps(json.loads(json_text(value)), ensure_ascii=False, indent=2)
