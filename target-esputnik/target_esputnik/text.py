"""What is text, and what only looks like it.

Pure, and the ground of all other cleaning: no blank, half character or control code gets past it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Made = TypeVar("_Made")

SHORT: Final = 200
"""A line no longer than this is remembered: titles, cities, ways to pay and to deliver come again and again."""

REMEMBERED: Final = 4096
"""So many values of one kind are remembered as they were cleaned last: lines, names, addresses, phones, prices."""

REMEMBERED_WHOLE: Final = 2048
"""The same for what takes a kilobyte each, such as a product with all that is said of it."""

_EMPTY: Final[tuple[Any, ...]] = ("", {}, [])
_CONTROL, _HALF_CHARACTER, _INVISIBLE = "Cc", "Cs", "Cf"


def remembered(make: Callable[..., _Made]) -> Callable[..., _Made]:
    """Let a pure function remember what it made of many values; of a list or an object it makes it anew."""
    known = lru_cache(maxsize=REMEMBERED_WHOLE, typed=True)(make)

    @wraps(make)
    def made(*values: Any) -> _Made:
        try:
            return known(*values)
        except TypeError:  # one of them has no hash: the shop has texts and numbers there
            return make(*values)

    return made


def clean_text(raw: object) -> str | None:
    """Text as it was typed, without control characters and outer spaces; None if nothing visible is left."""
    if not isinstance(raw, str):
        return None
    if raw.isprintable():  # nearly always: nothing in it is of a kind that is taken out below
        return raw.strip() or None
    kept = "".join(_printable(character) for character in raw).strip()
    return kept if without_invisible(kept).strip() else None


def without_invisible(text: str) -> str:
    """The text without zero-width marks, soft hyphens and the like, which pasted text brings along."""
    if text.isprintable():
        return text
    return "".join(character for character in text if unicodedata.category(character) != _INVISIBLE)


def for_the_eye(text: str) -> str:
    """Text for a terminal: line ends and tabs stay, what would steer it or hide in it does not."""
    return text if text.isprintable() else without_invisible("".join(map(_printable, text)))


def one_line(raw: object) -> str | None:
    """Like `clean_text`, with every run of spaces and line ends as one space."""
    if not isinstance(raw, str):
        return None
    return _one_line(raw) if len(raw) <= SHORT else _one_line.__wrapped__(raw)


@lru_cache(maxsize=REMEMBERED)
def _one_line(raw: str) -> str | None:
    cleaned = clean_text(raw)
    return " ".join(cleaned.split()) if cleaned else None


def without_blanks(value: Any) -> Any:
    """The JSON value without None, empty text, empty objects and empty lists at any depth."""
    if isinstance(value, Mapping):
        kept = {name: without_blanks(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if not is_blank(inner)}
    if isinstance(value, list | tuple):
        return [inner for inner in map(without_blanks, value) if not is_blank(inner)]
    return value


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are there; for such as were cleaned, where `without_blanks` would look through each text anew."""
    # Most are true in Python, too, and need no more than that.
    return {name: value for name, value in values.items() if value or (value is not None and value not in _EMPTY)}


def is_blank(value: Any) -> bool:
    """Whether a JSON value says nothing: absent, empty, or text that nobody can see."""
    if isinstance(value, str):
        return clean_text(value) is None
    return value is None or value in ({}, [])


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == _HALF_CHARACTER:  # JSON can carry half of a surrogate pair; UTF-8 cannot
        return "\N{REPLACEMENT CHARACTER}"
    if category == _CONTROL and character not in "\n\t":
        return " "
    return character
