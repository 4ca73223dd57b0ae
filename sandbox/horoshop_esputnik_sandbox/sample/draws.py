"""Repeatable chance: the same key gives the same draws on every machine and Python."""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_WORDS = Struct("<32H")
WORD = 65_536


def draws(seed: bytes, kind: bytes, index: int) -> Callable[[], int]:
    """Return a function that gives 32 numbers below 65,536, one after another.

    A hash is far cheaper than seeding `random.Random` for each of a million rows.
    """
    digest = blake2b(b"%s %d" % (kind, index), key=seed, digest_size=64).digest()
    return iter(_WORDS.unpack(digest)).__next__


def pick(draw: Callable[[], int], choices: Sequence[T]) -> T:
    """Return one of the choices."""
    return choices[draw() % len(choices)]
