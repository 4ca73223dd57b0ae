"""The language that people are spoken to in: `--lang`, else LC_ALL, LC_MESSAGES or LANG; Ukrainian, or English.

Each package has this file, the same to the letter, and its own catalogue `locale/uk` (docs/decisions/0008).
"""

from __future__ import annotations

import gettext
import itertools
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LANGUAGES: Final = ("en", "uk")
LOCALES: Final = Path(__file__).parent / "locale"
DOMAIN: Final = __package__ or ""
ENGLISH: Final = gettext.NullTranslations()
_chosen: list[gettext.NullTranslations] = [ENGLISH]
_here: ContextVar[gettext.NullTranslations | None] = ContextVar("language", default=None)


class Said(NamedTuple):
    """A sentence and what fills it in; it is put into words, in some language, only where somebody reads it."""

    sentence: str
    values: Mapping[str, object] = {}
    plural: str = ""

    def __str__(self) -> str:
        return self.told()

    def told(self, language: gettext.NullTranslations | None = None) -> str:
        """The words, in the language that was chosen or in another; `values["count"]` chooses the plural."""
        by = language or _here.get() or _chosen[0]
        one, many, count = self.sentence, self.plural, self.values.get("count")
        text = by.ngettext(one, many, count) if many and isinstance(count, int) else by.gettext(one) if one else ""
        inner = {name: value.told(by) if isinstance(value, Said) else value for name, value in self.values.items()}
        return text.format(**inner) if inner else text


def together(said: Sequence[Said], between: str = "; ") -> Said:
    """Several sentences as one."""
    return Said(
        between.join(f"{{s{place}}}" for place in range(len(said))), {f"s{n}": one for n, one in enumerate(said)}
    )


def speak(language: str) -> None:
    """Speak this language from now on."""
    _chosen[0] = gettext.translation(DOMAIN, LOCALES, [language], fallback=True)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language within the block, and in this thread alone: a server speaks to several people at once."""
    before = _here.set(gettext.translation(DOMAIN, LOCALES, [language], fallback=True))
    try:
        yield
    finally:
        _here.reset(before)


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language that a command line and an environment ask for; the first that is set decides, as in POSIX."""
    asked = [word.partition("=")[2] for word in arguments if word.startswith("--lang=")]
    asked += [after for word, after in itertools.pairwise(arguments) if word == "--lang"]
    places = (*asked, *(environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")))
    return "uk" if next(filter(None, places), "").startswith("uk") else "en"
