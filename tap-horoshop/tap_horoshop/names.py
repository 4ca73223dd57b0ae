"""Pure: a full name as people type it, into first name, last name and patronymic.

A shop has one field for the whole name, and people fill it in either order (`horoshop-api.md` §2.4). `auto` looks, in
this order, at the patronymic, at known given names, and at the endings of surnames. What is no person's name is not
split.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple

from tap_horoshop.given_names import is_given, plain

FIRST_LAST = "first_last"
LAST_FIRST = "last_first"
AUTO = "auto"

COMPANY = re.compile(
    r"(?:^|\s)(?:тов|тзов|пп|прат|пат|ат|тдв|ооо|оао|зао|ао|чп|llc|ltd|inc|gmbh|магазин|компанія|компания|фірма|фирма|"
    r"клініка|школа|аптека|салон|студія|кафе|ресторан|готель|фонд|осбб|громадська|підприємство)(?:$|[\s.,\"«])"
    r"|(?:^|\s)[\"«“„]",
)
TITLES = frozenset(["фоп", "спд", "флп", "пан", "пані", "п", "гр", "г-н", "г-жа", "mr", "mrs", "ms"])
SON_OR_DAUGHTER = frozenset(["огли", "оглу", "кизи", "кізі"])
PAIR = 2
INITIAL = re.compile(r"^(?:\w\.)+\w?\.?$|^\w$")

PATRONYMIC = re.compile(
    r"(?:івна|ївна|овна|евна|ёвна|ічна|їчна|инична|иничная|ична|"
    r"йович|ьович|ович|евич|ильич|ілліч|лукич|кузьмич|хомич|фомич|огли|оглу|кизи|кізі)$",
)
WOMANS_PATRONYMIC = re.compile(r"(?:івна|ївна|овна|евна|ёвна|лінічна|лінична|кінічна|кінична|инична)$")
LATIN_PATRONYMIC = re.compile(r"(?:ivna|yivna|iivna|ovna|evna|ovych|yovych|iovych|ovich|evich)$")

# Endings of surnames and how much each says; those that given names share say little.
SURNAME_ENDINGS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (3, re.compile(r"(?:енко|єнко|чук|щук|ський|ська|цький|цька|зький|зька|ский|ская|цкий|цкая|швілі|дзе|іані|єць)$")),
    (3, re.compile(r"(?:enko|ienko|chuk|skyi|skyy|skiy|skij|ska|skaya|tskyi|tska|shvili|dze|owski|owska)$")),
    (2, re.compile(r"(?:юк|ук|ейко|ійко|айко|ець|ник|няк|чак|щак|шин|чин|йчук|ишин|ів|їв|ова|єва|ева|ов|ев|єв|янц)$")),
    (2, re.compile(r"(?:iuk|yuk|uk|nyk|nik|ets|iv|yiv|ova|eva|ov|ev|ian|yan)$")),
    (1, re.compile(r"(?:ко|як|ак|ин|ін|іна|ина|ян|ха|га|ло|ура|ара|ар|ий|ій|а|ба|ля|ич|ун|аш|ош|ан|ень|іль|оль|уля)$")),
    (1, re.compile(r"(?:ko|ak|yn|in|yna|ina|ych|ich|sh|yi|ski)$")),
)


class Name(NamedTuple):
    """The parts of a name as they were typed; a part that is not known is None."""

    first: str | None = None
    last: str | None = None
    middle: str | None = None


@lru_cache(maxsize=2000)
def split_name(full_name: str | None, order: str = AUTO) -> Name:
    """Split a full name.

    Args:
        full_name: The name as the shop has it.
        order: `auto`, `first_last` or `last_first`; a patronymic is recognised in each.

    Returns:
        Its parts; all None for a company, and under `auto` for a name whose order cannot be told.
    """
    # Whether the shop's API escapes HTML is not known (`horoshop-api.md` §6): Лук'ян must be Лук'ян in both readings.
    text = html.unescape(full_name or "").strip()
    words = _words(text)
    if not words or COMPANY.search(text.lower()):
        return Name()
    if len(words) == 1:
        return _single(words[0])
    rest, middle = _without_patronymic(words)
    if order == FIRST_LAST:
        return Name(rest[0], " ".join(rest[1:]) or None, middle)
    if order == LAST_FIRST:
        return Name(" ".join(rest[1:]), rest[0], middle) if len(rest) > 1 else Name(rest[0], None, middle)
    return _by_patronymic(words, rest, middle) if middle else _by_signs(rest)


def _words(text: str) -> list[str]:
    """Return the words of a name without titles, initials and punctuation."""
    words = [word for word in (raw.strip(",;()") for raw in text.split()) if word and plain(word) not in TITLES]
    words = [bare for word in words if not INITIAL.match(word) and (bare := word.rstrip("."))]
    if len(words) > 1 and plain(words[-1]) in SON_OR_DAUGHTER:
        words[-2:] = [" ".join(words[-2:])]
    return words


def surname_weight(word: str) -> int:
    """Tell how much a word's ending speaks for a surname: 0 (not at all) to 3."""
    text = plain(word)
    return next((weight for weight, endings in SURNAME_ENDINGS if endings.search(text)), 0)


def is_patronymic(word: str) -> bool:
    """Tell whether a word has the form of a patronymic, which a few surnames have too."""
    text = plain(word)
    return bool(PATRONYMIC.search(text) or LATIN_PATRONYMIC.search(text))


def _single(word: str) -> Name:
    if not is_given(word) and surname_weight(word) > 1:
        return Name(last=word)
    return Name(first=word)


def _without_patronymic(words: list[str]) -> tuple[list[str], str | None]:
    """Take the patronymic out: the last of those that look like one, never the first word of a name."""
    for index in range(len(words) - 1, 0, -1):
        if not is_patronymic(words[index]):
            continue
        if len(words) == PAIR and not _is_surely_patronymic(words[0], words[index]):
            break
        return words[:index] + words[index + 1 :], words[index]
    return words, None


def _is_surely_patronymic(before: str, word: str) -> bool:
    """Beside one other word, a patronymic is a woman's, or a man's that is made from a known given name."""
    text = plain(word)
    if not is_given(before):
        return False
    if WOMANS_PATRONYMIC.search(text) or text.endswith(("ivna", "ovna", "evna")):
        return True
    stem = re.sub(r"(?:йович|ьович|ович|евич|ovych|yovych|ovich|evich)$", "", text)
    return any(is_given(stem + ending) for ending in ("", "о", "а", "ь", "й", "ій", "я", "o", "a", "ii"))


def _by_patronymic(words: list[str], rest: list[str], middle: str) -> Name:
    """A patronymic follows the first name: the word before it is that, whatever it looks like."""
    first = words[words.index(middle) - 1]
    others = [word for word in rest if word is not first]
    return Name(first, " ".join(others) or None, middle)


def _by_signs(words: list[str]) -> Name:
    """Decide by known given names, then by endings; of three words without a patronymic only what is known."""
    if len(words) == PAIR:
        one, other = words
        return Name(other, one) if _surname_comes_first(one, other) else Name(one, other)
    if is_given(words[0]) and not is_given(words[-1]):
        return Name(words[0], words[-1])
    if is_given(words[1]) and not is_given(words[0]):
        return Name(words[1], words[0])
    return Name()


def _surname_comes_first(one: str, other: str) -> bool:
    """Tell whether of two words the first is the surname. Nothing to go by: it is not."""
    if is_given(one) != is_given(other):
        return is_given(other)
    return surname_weight(one) > surname_weight(other)
