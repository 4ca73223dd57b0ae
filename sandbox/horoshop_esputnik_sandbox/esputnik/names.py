"""eSputnik's rules for first and last names, as documented (esputnik-api.md §3.6)."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 40
MOST_DIGITS = 3
SHORT_WORD = 3
MOST_WORDS = 3

_APOSTROPHES = "'’ʼ`"
# A word: letters and digits, joined inside by apostrophes and hyphens, with one dot at the end of a short one.
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}-][^\W_]+)*\.?")


def first_name_problem(name: str) -> str | None:
    """Return why eSputnik refuses a first name, or None if it takes it."""
    problem = last_name_problem(name)
    if problem is not None:
        return problem
    words = name.split()
    long_words = sum(1 for word in words if len(word.rstrip(".")) > SHORT_WORD)
    if long_words > MOST_WORDS or len(words) - long_words > MOST_WORDS:
        return "too many words"
    return None


def last_name_problem(name: str) -> str | None:
    """Return why eSputnik refuses a last name, or None if it takes it."""
    if len(name) > MOST_CHARACTERS:
        return "longer than 40 characters"
    if sum(sign.isdigit() for sign in name) > MOST_DIGITS:
        return "more than 3 digits"
    if not any(sign.isalpha() for sign in name):
        return "no letters"
    for word in name.split():
        if _WORD.fullmatch(_without_marks(word)) is None:
            return "special characters"
        if word.endswith(".") and len(word) - 1 > SHORT_WORD:
            return "a dot after a long word"
    return None


def _without_marks(word: str) -> str:
    """Return a word without combining marks, which belong to the letters of many alphabets."""
    return "".join(sign for sign in word if unicodedata.category(sign) not in {"Mn", "Mc"})
