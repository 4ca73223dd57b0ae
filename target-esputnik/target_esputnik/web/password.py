"""The password of a page that others than this machine can reach: kept as an argon2 hash, asked for by HTTP Basic.

argon2 takes its time and memory on purpose, so who has given the password once is recognised by a keyed hash of it,
which lives as long as the process, and only one guess is looked at at a time.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

import argon2

from target_esputnik.errors import ConfigProblem

SHORTEST: Final = 12
LONGEST_HEADER: Final = 1024
# OWASP's smallest: a server that is to live in 80 MB cannot give 64 MiB to each guess.
HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SECONDS_AFTER_A_WRONG_ONE: Final = 0.5


def hash_of(password: str) -> str:
    """The hash of a password, to be kept in a file. Raises ConfigProblem where it is too short."""
    if len(password) < SHORTEST:
        raise ConfigProblem("page_password_short", count=SHORTEST)
    return HASHER.hash(password)


class Password:
    """A password that visitors must know.

    Args:
        hashed: argon2's hash of it. Raises ConfigProblem where it is none.
    """

    def __init__(self, hashed: str) -> None:
        try:
            argon2.extract_parameters(hashed)
        except argon2.exceptions.InvalidHashError:
            raise ConfigProblem("page_password_hash") from None
        self._hashed = hashed
        self._key = secrets.token_bytes(32)
        self._known = b""
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        """Say nothing."""
        return "Password(…)"

    async def is_given_by(self, header: str) -> bool:
        """Whether an Authorization header holds the password; the user's name does not matter."""
        typed = _typed(header)
        if typed is None:
            return False
        mark = hmac.new(self._key, typed, hashlib.sha256).digest()
        if self._known and hmac.compare_digest(mark, self._known):
            return True
        async with self._one_at_a_time:
            right = await asyncio.to_thread(self._is_right, typed)
            if right:
                self._known = mark
            else:
                await asyncio.sleep(SECONDS_AFTER_A_WRONG_ONE)
        return right

    def _is_right(self, typed: bytes) -> bool:
        try:
            return HASHER.verify(self._hashed, typed)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False


def _typed(header: str) -> bytes | None:
    """The password of an Authorization header, or None."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic" or len(header) > LONGEST_HEADER:
        return None
    try:
        _, colon, password = base64.b64decode(value.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return password if colon and password else None
