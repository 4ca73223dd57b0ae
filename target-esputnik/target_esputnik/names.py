"""First and last names as eSputnik takes them (esputnik-api.md §3.6).

A bad name costs the whole contact, so the rules are read at their strictest wherever their text is open:
hyphenated parts count as words, a dot counts to the three characters of its word, and a letter is a letter (no
combining marks). The least of two characters is not documented; the vendor's own WooCommerce plugin demands it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from target_esputnik.text import REMEMBERED, one_line, without_invisible

LONGEST_INPUT = 500
LONGEST_ESCAPED = 10 * LONGEST_INPUT
LONGEST_NAME = 40
SHORTEST_NAME = 2
MOST_DIGITS = 3
SHORT_WORD = 3
MOST_WORDS_OF_A_KIND = 3
"""In a first name: so many words of up to three characters, and so many longer ones."""

_APOSTROPHES = re.compile("[’‘ʼʻ`´′ʹ＇‛]")
_HYPHENS = re.compile("[‐‑‒–—―−]")
_STRESS_MARKS = re.compile("[\u0300\u0301]")
_LETTER = r"[^\W\d_]"
# People type " or * where their keyboard hides the apostrophe: only before я, ю, є, ї does it mean one.
_STANDS_FOR_APOSTROPHE = re.compile(rf"(?<={_LETTER})[\"*“”](?=[яюєїЯЮЄЇ])")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}")
_BETWEEN_WORDS = re.compile(r"[,;/|\\_+&\s]+")
_LOOSE_HYPHEN = re.compile(r"[\s-]*-[\s-]*")
_INITIALS = re.compile(rf"(?:{_LETTER}\.)+(?:{_LETTER}+\.?)?")
_LINK = re.compile(r"@|//|www\.", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*\.?")


def clean_first_name(raw: object) -> str | None:
    """A first name that eSputnik takes; None if none can be made of `raw`."""
    return _cleaned(raw, first=True)


def clean_last_name(raw: object) -> str | None:
    """A last name that eSputnik takes (any number of words); None if none can be made of `raw`."""
    return _cleaned(raw, first=False)


def is_valid_first_name(name: str) -> bool:
    """Whether eSputnik takes it as a first name, under every reading of its rules."""
    return _is_valid(name) and _words_fit(_counted_words(name))


def is_valid_last_name(name: str) -> bool:
    """Whether eSputnik takes it as a last name, under every reading of its rules."""
    return _is_valid(name)


def _cleaned(raw: object, *, first: bool) -> str | None:
    return _name_in(raw, first) if isinstance(raw, str) and len(raw) <= LONGEST_ESCAPED else None


@lru_cache(maxsize=REMEMBERED)
def _name_in(raw: str, first: bool) -> str | None:
    is_valid = is_valid_first_name if first else is_valid_last_name
    # Whether the shop's API escapes HTML is not known (horoshop-api.md §6): both O'Neil and O&#039;Neil must survive.
    line = one_line(html.unescape(raw))
    if line is None or len(line) > LONGEST_INPUT:
        return None
    spelled = _spelled(line)
    if is_valid(spelled):  # what the shop has stays as it is wherever it can
        return spelled
    words = _plain_words(spelled)
    if words is None:
        return None
    name = _spelled(" ".join(_cut(words, first=first)))
    return name if is_valid(name) else None


def _spelled(name: str) -> str:
    """One spelling of letters, apostrophes and hyphens; no stress marks."""
    composed = unicodedata.normalize("NFKC", _APOSTROPHES.sub("'", without_invisible(name)))
    plain = _HYPHENS.sub("-", _APOSTROPHES.sub("'", _STRESS_MARKS.sub("", composed)))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def _plain_words(name: str) -> list[str] | None:
    """The words without what surrounds them; None if one is no word inside either (an address, a link, a symbol).

    Such a name is given up whole: what is left of "Win at example.com" would still be mailed in a greeting.
    """
    if _LINK.search(name):
        return None
    text = _BRACKETED.sub(" ", _STANDS_FOR_APOSTROPHE.sub("'", name))
    text = _LOOSE_HYPHEN.sub("-", re.sub("'+", "'", text))
    words: list[str] = []
    for token in _BETWEEN_WORDS.split(text):
        pieces = token.split(".") if _are_initials(token) else [token]
        words += [trimmed for piece in pieces if (trimmed := _trimmed(piece))]
    return words if all(_WORD.fullmatch(word) for word in words) else None


def _are_initials(token: str) -> bool:
    """Whether it is "О.В." or "О.В.Коваль", and not "vk.com"."""
    return bool(_INITIALS.fullmatch(token)) and all(piece[:1].isupper() for piece in token.split(".") if piece)


def _trimmed(token: str) -> str:
    """From the first letter of a token to its last."""
    letters = [place for place, character in enumerate(token) if character.isalpha()]
    return token[letters[0] : letters[-1] + 1] if letters else ""


def _cut(words: list[str], *, first: bool) -> list[str]:
    """As many words from the start as fit."""
    kept: list[str] = []
    for word in words:
        longer = [*kept, word]
        if first and not _words_fit(_counted_words(" ".join(longer))):
            continue
        if len(" ".join(longer)) > LONGEST_NAME:
            break
        kept = longer
    return kept


def _is_valid(name: str) -> bool:
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return False
    if not any(character.isalpha() for character in name):
        return False
    if sum(character.isdigit() for character in name) > MOST_DIGITS:
        return False
    return all(_is_word(word) for word in name.split(" "))


def _is_word(word: str) -> bool:
    if not _WORD.fullmatch(word):
        return False
    if not all(character.isalpha() or character in "0123456789'-." for character in word):
        return False
    return not word.endswith(".") or len(word) <= SHORT_WORD


def _counted_words(name: str) -> list[str]:
    return re.split("[ -]", name)


def _words_fit(words: list[str]) -> bool:
    short = sum(len(word) <= SHORT_WORD for word in words)
    return short <= MOST_WORDS_OF_A_KIND and len(words) - short <= MOST_WORDS_OF_A_KIND
