"""Pure: secrets out of a text, in every spelling in which they get into one.

A secret that stands inside another one, or overlaps with it, must not save a part of it: so all places are looked for
first, and masked together.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK: Final = "****"
SHORTEST_IN_BASE64: Final = 3
"""A shorter one would be found by chance in what is no secret at all."""

_IN_BASE64: Final = r"[A-Za-z0-9+_-]|\\?/|%2[BbFf]"  # PHP writes a slash in JSON with a backslash before it
_RUN_OF_BASE64: Final = re.compile(rf"(?:{_IN_BASE64}){{4,}}(?:=|%3[Dd])*")
_FOURS: Final = range(4)
Place = tuple[int, int]
"""From where in a text, and to where."""


class Mask:
    """Takes secrets out of texts: as they are, escaped as JSON, percent-encoded, as HTML, and inside of base64.

    Args:
        secrets: the values; blank ones are none. Of one that is a URL, the password in it is a secret too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        whole = {part for secret in secrets for part in _parts(secret)}
        self._spelled = [[_spellings(character) for character in secret] for secret in whole]
        as_bytes = (secret.encode("utf-8", "surrogatepass") for secret in whole)
        self._bytes = [secret for secret in as_bytes if len(secret) >= SHORTEST_IN_BASE64]

    def __call__(self, text: str) -> str:
        """The text without them. Places that touch or overlap become one mask."""
        masked, done = "", 0
        for begin, end in _joined(self._places(text)):
            masked += text[done:begin] + MASK
            done = end
        return masked + text[done:]

    def _places(self, text: str) -> Iterator[Place]:
        for spelled in self._spelled:
            for begin in range(len(text)):
                end = _end_of(spelled, text, begin)
                if end is not None:
                    yield begin, end
        for run in _RUN_OF_BASE64.finditer(text) if self._bytes else ():
            if any(secret in decoded for decoded in _decoded(run.group()) for secret in self._bytes):
                yield run.span()


def _parts(secret: str) -> Iterator[str]:
    """A secret, as it may have been trimmed, and the password of a URL, also without its percent-encoding."""
    password = None
    with suppress(ValueError):  # what looks like a URL and is none
        password = urlsplit(secret).password
    for part in (secret, secret.strip(), password, unquote(password or "")):
        if part and part.strip():
            yield part


def _spellings(character: str) -> tuple[str, ...]:
    """The ways in which a character gets into a text. The first one is the character."""
    found = {json.dumps(character)[1:-1], html.escape(character)}
    with suppress(UnicodeEncodeError):  # half a character has no bytes
        found.add(quote(character, safe=""))
        found.add("".join(f"%{byte:02X}" for byte in character.encode()))
    points = character.encode("utf-16-be", "surrogatepass")
    found.add("".join(f"\\u{points[at : at + 2].hex()}" for at in range(0, len(points), 2)))
    found.update({"/": ("\\/",), "'": ("\\'", "&#39;"), " ": ("+",)}.get(character, ()))
    # Digits beyond 9 are written small and large; `\u` is not.
    for spelling in tuple(found):
        found.add(re.sub("%..", lambda code: code.group().lower(), spelling))
        found.add(re.sub(r"(?<=\\u)....", lambda code: code.group().upper(), spelling))
    return (character, *sorted(found - {character}))


def _end_of(spelled: list[tuple[str, ...]], text: str, begin: int) -> int | None:
    """Where a secret ends that begins here; None if none does. All readings at once, so that it takes no longer."""
    ends = {begin}
    for spellings in spelled:
        ends = {end + len(one) for end in ends for one in spellings if text.startswith(one, end)}
        if not ends:
            return None
    return max(ends)


def _decoded(run: str) -> Iterator[bytes]:
    """What a run of base64 may say: where in it the first group of four begins is not known."""
    text = unquote(run).replace("\\", "").replace("-", "+").replace("_", "/").rstrip("=")
    for begin in _FOURS:
        piece = text[begin:]
        left = len(piece) % 4
        piece = piece[:-1] if left == 1 else piece  # one alone holds no whole byte
        with suppress(binascii.Error):
            yield base64.b64decode(piece + "=" * (-len(piece) % 4))


def _joined(places: Iterable[Place]) -> list[Place]:
    """The same places in order, those that touch or overlap as one."""
    joined: list[Place] = []
    for begin, end in sorted(places):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined
