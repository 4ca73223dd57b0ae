"""Pure: given names that are common in Ukraine, so that a surname can be told from them."""

from __future__ import annotations

import re
from importlib import resources

CYRILLIC_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "h", "д": "d", "е": "e", "ё": "e", "є": "e", "ж": "zh", "з": "z",
    "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ь": "", "ю": "u",
    "я": "a", "ы": "i", "э": "e", "ъ": "", "'": "",
}  # fmt: skip

# The many ways in which people spell the same sound in Latin letters, brought to one.
LATIN_SPELLINGS = (
    ("shch", "sch"), ("kh", "h"), ("g", "h"), ("x", "ks"), ("w", "v"), ("ju", "u"), ("yu", "u"), ("iu", "u"),
    ("ja", "a"), ("ya", "a"), ("ia", "a"), ("je", "e"), ("ye", "e"), ("ie", "e"), ("y", "i"), ("j", "i"), ("ii", "i"),
)  # fmt: skip

APOSTROPHES = re.compile(r"[’ʼ`´ʹ‘′\"*]")


def plain(word: str) -> str:
    """Return a word in lower case with one kind of apostrophe."""
    return APOSTROPHES.sub("'", word).lower()


def sound(word: str) -> str:
    """Return a spelling that a name and its transliterations share; only for words in Latin letters or known names."""
    latin = "".join(CYRILLIC_TO_LATIN.get(letter, letter) for letter in plain(word))
    for spelling, one in LATIN_SPELLINGS:
        latin = latin.replace(spelling, one)
    return latin


def _listed() -> list[str]:
    lines = resources.files("tap_horoshop").joinpath("given_names.txt").read_text(encoding="utf-8").splitlines()
    return [name for line in lines if not line.startswith("#") for name in line.split()]


GIVEN = frozenset(_listed())
GIVEN_SOUNDS = frozenset(sound(name) for name in GIVEN)


def is_given(word: str) -> bool:
    """Tell whether a word is a known given name; a double one is when each half is."""
    return all(_is_given_part(part) for part in word.split("-") if part)


def _is_given_part(part: str) -> bool:
    if part.isascii():
        return sound(part) in GIVEN_SOUNDS
    return plain(part) in GIVEN
